-- Payments received.
-- @ company_code: code of the company
-- @ payment_id: number of the payment, as in the API
-- @ customer_id: who paid
-- @ customer_code: code of the customer
-- @ received_on: date of receipt
-- @ currency: currency of its amounts
-- @ amount: amount
-- @ allocated: what of it is placed on invoices
-- @ returned: what of it was taken back
-- @ unplaced: what is left
-- @ method: how it was paid
-- @ reference: what the payer wrote
-- @ recorded_at: when it was recorded
SELECT k.company_code, p.id AS payment_id, p.customer_id, c.code AS customer_code, p.received_on, p.currency, p.amount,
    p.allocated, p.returned, p.amount - p.allocated - p.returned AS unplaced, p.method, p.reference, p.recorded_at
FROM reporting.companies k
JOIN public.ledger_payment p ON p.entity_id = k.company_id
JOIN public.ledger_customer c ON c.id = p.customer_id
