-- Customers, with who looks after them. No contacts: they are people.
-- @ company_code: code of the company
-- @ customer_id: number of the customer, as in the API
-- @ customer_code: code of the customer
-- @ name: name
-- @ tax_id: tax number
-- @ country: country, ISO 3166
-- @ language: language of letters
-- @ segment: segment that counts
-- @ salesperson: name of the salesperson
-- @ collector: name of the collector
-- @ terms_days: agreed days to pay
-- @ credit_limit: credit limit
-- @ recorded_at: when it was recorded
SELECT k.company_code, c.id AS customer_id, c.code AS customer_code, c.name, c.tax_id, c.country, c.language,
    coalesce(e.segment, c.segment) AS segment,
    s.name AS salesperson, l.name AS collector, c.terms_days, c.credit_limit, c.recorded_at
FROM reporting.companies k
JOIN public.ledger_customer c ON c.entity_id = k.company_id
LEFT JOIN public.accounts_user s ON s.id = c.salesperson_id
LEFT JOIN public.collections_app_effectivesegment e ON e.customer_id = c.id
LEFT JOIN public.collections_app_portfolio p ON p.customer_id = c.id
LEFT JOIN public.accounts_user l ON l.id = p.collector_id
