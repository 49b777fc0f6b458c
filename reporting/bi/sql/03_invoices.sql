-- Invoices and credit notes as they stand now.
-- @ company_code: code of the company
-- @ invoice_id: number of the document, as in the API
-- @ kind: invoice or credit_note
-- @ number: its own number
-- @ customer_id: the customer
-- @ customer_code: code of the customer
-- @ issued_on: date of issue
-- @ due_on: due date
-- @ currency: currency of its amounts
-- @ amount: amount with tax
-- @ net: amount without tax, where known
-- @ tax: tax, where known
-- @ allocated: what is placed on it (of a credit note: what of it is placed)
-- @ open: what is left
-- @ order_reference: the customer's order
-- @ corrects_id: the document it corrects
-- @ recorded_at: when it was recorded
SELECT k.company_code, i.id AS invoice_id, i.kind, i.number, i.customer_id, c.code AS customer_code, i.issued_on, i.due_on,
    i.currency, i.amount, i.net, i.tax, i.allocated, i.amount - i.allocated AS open, i.order_reference, i.corrects_id,
    i.recorded_at
FROM reporting.companies k
JOIN public.ledger_invoice i ON i.entity_id = k.company_id
JOIN public.ledger_customer c ON c.id = i.customer_id
