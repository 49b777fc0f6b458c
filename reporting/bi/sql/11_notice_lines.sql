-- The invoices of reminders, with the decision about each.
-- @ company_code: code of the company
-- @ notice_id: the notice
-- @ invoice_id: the invoice
-- @ days_late: days past due on that day
-- @ open: what was open
-- @ disputed: what of it was in dispute
-- @ promised: what of it was promised
-- @ asked: what was asked for
-- @ why: why so much
SELECT k.company_code, l.notice_id, l.invoice_id, l.days_late, l.open, l.disputed, l.promised, l.asked, l.why
FROM reporting.companies k
JOIN public.collections_app_notice n ON n.entity_id = k.company_id
JOIN public.collections_app_noticeline l ON l.notice_id = n.id
