-- Reminders: decided, sent or not, and why.
-- @ company_code: code of the company
-- @ notice_id: number of the notice
-- @ customer_id: to which customer
-- @ day: the day it is of
-- @ kind: which kind of letter its step sends
-- @ channel: by which channel
-- @ currency: currency of the amount
-- @ asked: amount asked for
-- @ status: to_approve, decided, queued, sending, sent, withdrawn, failed
-- @ reason: why it did not go
-- @ sent_at: when it left
-- @ delivered_at: when it arrived, where that is told
-- @ read_at: when it was read, where that is told
SELECT k.company_code, n.id AS notice_id, n.customer_id, n."on" AS day, step.kind, step.channel, n.currency, n.asked, n.status,
    n.reason, letter.sent_at, letter.delivered_at, letter.read_at
FROM reporting.companies k
JOIN public.collections_app_notice n ON n.entity_id = k.company_id
JOIN public.collections_app_step step ON step.id = n.step_id
LEFT JOIN public.mailroom_letter letter ON letter.id = n.letter_id
