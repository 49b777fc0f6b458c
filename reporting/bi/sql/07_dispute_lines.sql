-- The parts of invoices that disputes are about.
-- @ company_code: code of the company
-- @ dispute_id: the dispute
-- @ invoice_id: the invoice
-- @ currency: currency of the amount
-- @ amount: disputed amount
-- @ opened_on: the day it counts from
-- @ closed_on: the day it counts no more
SELECT k.company_code, l.dispute_id, l.invoice_id, d.currency, l.amount, l.opened_on, l.closed_on
FROM reporting.companies k
JOIN public.disputes_dispute d ON d.entity_id = k.company_id
JOIN public.disputes_disputeline l ON l.dispute_id = d.id
