-- What is owed today, in the company's currency, as the report `aging` says it: one row for each open invoice, and for each amount not yet placed.
-- @ company_code: code of the company
-- @ customer_id: the customer
-- @ customer_code: code of the customer
-- @ document_id: the invoice; of an unplaced amount the credit note, or nothing for a payment
-- @ as_of: the day: today where the company is
-- @ due_on: due date of the invoice
-- @ days_late: days past due
-- @ bucket: not_due, 1_30, 31_60, 61_90, over_90, unapplied
-- @ currency: currency of the document
-- @ own_currency: currency of the two amounts: the company's
-- @ open: what is open; of an unplaced amount negative; empty where there is no exchange rate of the last 31 days
-- @ disputed: what of it is in dispute
WITH k AS MATERIALIZED (SELECT * FROM reporting.companies),
rate AS (
    SELECT DISTINCT ON (k.company_id, r.currency) k.company_id, r.currency, r.per_euro
    FROM k JOIN public.ledger_exchangerate r ON r."on" <= k.today AND r."on" > k.today - 31
    ORDER BY k.company_id, r.currency, r."on" DESC
),
later AS (
    SELECT a.invoice_id, a.payment_id, a.credit_note_id, a.amount
    FROM public.ledger_allocation a JOIN public.ledger_invoice i ON i.id = a.invoice_id JOIN k ON k.company_id = i.entity_id
    WHERE a.allocated_on > k.today AND a.allocated_on > (now() AT TIME ZONE 'UTC')::date - 1
),
back AS (
    SELECT r.payment_id, sum(r.amount) AS amount
    FROM public.ledger_paymentreturn r JOIN public.ledger_payment p ON p.id = r.payment_id JOIN k ON k.company_id = p.entity_id
    WHERE r.returned_on > k.today GROUP BY 1
),
live AS (
    SELECT l.invoice_id AS id, sum(l.amount) AS amount
    FROM k JOIN public.disputes_dispute d ON d.entity_id = k.company_id JOIN public.disputes_disputeline l ON l.dispute_id = d.id
    WHERE l.opened_on <= k.today AND (l.closed_on IS NULL OR l.closed_on > k.today) GROUP BY 1
),
owed AS (
    SELECT i.entity_id, i.customer_id, i.id, i.due_on, i.currency, i.amount - i.allocated + coalesce(b.amount, 0) AS open,
        live.amount AS disputed, k.today - i.due_on AS late
    FROM k JOIN public.ledger_invoice i ON i.entity_id = k.company_id AND i.kind = 'invoice' AND i.issued_on <= k.today
    LEFT JOIN (SELECT invoice_id, sum(amount) AS amount FROM later GROUP BY 1) b ON b.invoice_id = i.id
    LEFT JOIN live ON live.id = i.id
    WHERE i.allocated <> i.amount OR b.amount IS NOT NULL
),
loose AS (
    SELECT p.entity_id, p.customer_id, NULL::bigint AS id, p.currency,
        p.amount - p.allocated - p.returned + coalesce(b.amount, 0) + coalesce(r.amount, 0) AS amount
    FROM k JOIN public.ledger_payment p ON p.entity_id = k.company_id AND p.received_on <= k.today
    LEFT JOIN (SELECT payment_id, sum(amount) AS amount FROM later GROUP BY 1) b ON b.payment_id = p.id
    LEFT JOIN back r ON r.payment_id = p.id
    WHERE p.allocated + p.returned <> p.amount OR b.amount IS NOT NULL OR r.amount IS NOT NULL
    UNION ALL
    SELECT n.entity_id, n.customer_id, n.id, n.currency, n.amount - n.allocated + coalesce(b.amount, 0)
    FROM k JOIN public.ledger_invoice n ON n.entity_id = k.company_id AND n.kind = 'credit_note' AND n.issued_on <= k.today
    LEFT JOIN (SELECT credit_note_id, sum(amount) AS amount FROM later GROUP BY 1) b ON b.credit_note_id = n.id
    WHERE n.allocated <> n.amount OR b.amount IS NOT NULL
),
item AS (
    SELECT entity_id, customer_id, id, due_on, late, currency, open, least(open, coalesce(disputed, 0)) AS disputed,
        CASE WHEN late <= 0 THEN 'not_due' WHEN late <= 30 THEN '1_30' WHEN late <= 60 THEN '31_60'
            WHEN late <= 90 THEN '61_90' ELSE 'over_90' END AS bucket
    FROM owed WHERE open > 0
    UNION ALL
    SELECT entity_id, customer_id, id, NULL, NULL, currency, -amount, 0, 'unapplied' FROM loose WHERE amount <> 0
),
worth AS (
    SELECT item.*, k.company_code, k.today, k.currency AS home, CASE WHEN item.currency = k.currency THEN 1 ELSE
        (CASE k.currency WHEN 'EUR' THEN 1 ELSE own.per_euro END)
        / (CASE item.currency WHEN 'EUR' THEN 1 ELSE other.per_euro END) END AS factor,
        CASE WHEN k.currency = ANY ({whole_currencies}) THEN 0 ELSE 2 END AS decimals
    FROM item JOIN k ON k.company_id = item.entity_id
    LEFT JOIN rate own ON own.company_id = k.company_id AND own.currency = k.currency
    LEFT JOIN rate other ON other.company_id = k.company_id AND other.currency = item.currency
)
SELECT w.company_code, w.customer_id, c.code AS customer_code, w.id AS document_id, w.today AS as_of, w.due_on,
    w.late AS days_late, w.bucket, w.currency, w.home AS own_currency, round(w.open * w.factor, w.decimals) AS open,
    round(w.disputed * w.factor, w.decimals) AS disputed
FROM worth w JOIN public.ledger_customer c ON c.id = w.customer_id
