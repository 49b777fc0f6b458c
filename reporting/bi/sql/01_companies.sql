-- The companies the role reads; everything else hangs on them. `today` is the day it is there.
-- @ company_id: number of the company
-- @ company_code: code of the company (legal entity)
-- @ name: name
-- @ country: country, ISO 3166
-- @ currency: its own currency, ISO 4217
-- @ time_zone: its time zone
-- @ today: the day it is there now
SELECT e.id AS company_id, e.code AS company_code, e.name, e.country, e.currency, e.time_zone,
    (now() AT TIME ZONE e.time_zone)::date AS today
FROM public.accounts_legalentity e
WHERE e.id IN (SELECT r.entity_id FROM public.reporting_readerrole r WHERE r.role = current_user)
