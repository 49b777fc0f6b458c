-- Parts of payments, credit notes, write-offs and adjustments placed on invoices. One that is taken back has its counterpart.
-- @ company_code: code of the company
-- @ allocation_id: number of the allocation
-- @ invoice_id: the invoice it is placed on
-- @ kind: payment, credit note, write-off or adjustment
-- @ payment_id: the payment it is a part of
-- @ credit_note_id: the credit note it is a part of
-- @ currency: currency of the amount
-- @ amount: amount
-- @ allocated_on: the day it counts from
-- @ reverses_id: the allocation it takes back
-- @ recorded_at: when it was recorded
SELECT k.company_code, a.id AS allocation_id, a.invoice_id, a.kind, a.payment_id, a.credit_note_id, i.currency, a.amount,
    a.allocated_on, a.reverses_id, a.recorded_at
FROM reporting.companies k
JOIN public.ledger_invoice i ON i.entity_id = k.company_id
JOIN public.ledger_allocation a ON a.invoice_id = i.id
