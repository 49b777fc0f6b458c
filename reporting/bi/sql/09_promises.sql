-- Promises of payment, one row for each invoice.
-- @ company_code: code of the company
-- @ promise_id: number of the promise
-- @ customer_id: who promised
-- @ invoice_id: what is to be paid
-- @ currency: currency of the amount
-- @ amount: amount promised
-- @ made_on: day of the promise
-- @ promised_on: day it is promised for
-- @ source: how it came
-- @ status: made, waiting, kept, broken...
-- @ settled_at: when it was kept or broken
SELECT k.company_code, p.id AS promise_id, p.customer_id, p.invoice_id, i.currency, p.amount, p.made_on, p.promised_on,
    p.source, p.status, p.settled_at
FROM reporting.companies k
JOIN public.collections_app_promise p ON p.entity_id = k.company_id
JOIN public.ledger_invoice i ON i.id = p.invoice_id
