"""Fills in what a file says about customers and the ledger did not know; never changes what it knows."""

# What the file's parties say about each customer, and who sells to it.
SAID = """
INSERT INTO intake_said (customer_id, tax_id, endpoint, country, email)
SELECT customer_id, max(tax_id) AS tax_id, max(endpoint) AS endpoint, max(country) AS country, max(email) AS email
FROM intake_party GROUP BY customer_id
"""
SELLS = """
INSERT INTO intake_sells (customer_id, user_id)
SELECT DISTINCT ON (p.customer_id) p.customer_id, u.id AS user_id
FROM intake_row d JOIN intake_party p ON p.id = d.party_id
JOIN accounts_user u ON lower(u.email) = d.salesperson
JOIN accounts_membership m ON m.user_id = u.id AND m.entity_id = %(entity)s
WHERE d.salesperson <> '' ORDER BY p.customer_id, d.id DESC
"""
# What is filled in on a customer that was there before is kept, so that it can be told and undone.
FILLED = """
INSERT INTO ledger_importchange (batch_id, customer_id, field, before, after)
SELECT %(batch)s, c.id, f.field, '', f.after
FROM intake_said p JOIN ledger_customer c ON c.id = p.customer_id
CROSS JOIN LATERAL (VALUES (1, 'tax_id', c.tax_id, p.tax_id), (2, 'endpoint', c.endpoint, p.endpoint),
    (3, 'country', c.country, p.country), (4, 'email', c.email, p.email)) f (place, field, before, after)
WHERE c.batch_id IS DISTINCT FROM %(batch)s AND f.before = '' AND f.after <> ''
ORDER BY c.id, f.place
"""
UNKNOWN = """
UPDATE ledger_customer c SET
    tax_id = CASE WHEN c.tax_id = '' THEN p.tax_id ELSE c.tax_id END,
    endpoint = CASE WHEN c.endpoint = '' THEN p.endpoint ELSE c.endpoint END,
    country = CASE WHEN c.country = '' THEN p.country ELSE c.country END,
    email = CASE WHEN c.email = '' THEN p.email ELSE c.email END
FROM intake_said p
WHERE c.id = p.customer_id
  AND ((c.tax_id = '' AND p.tax_id <> '') OR (c.endpoint = '' AND p.endpoint <> '')
       OR (c.country = '' AND p.country <> '') OR (c.email = '' AND p.email <> ''))
"""
CONTACTS = """
WITH added AS (
    INSERT INTO ledger_contact (customer_id, name, email, phone, role, language, is_billing)
    SELECT c.id, left(c.name, 150), c.email, '', 'payables', c.language, true
    FROM ledger_customer c
    WHERE c.id IN (SELECT customer_id FROM intake_party WHERE email <> '') AND c.email <> ''
      AND NOT EXISTS (SELECT 1 FROM ledger_contact k WHERE k.customer_id = c.id AND k.is_billing)
    ORDER BY c.id RETURNING id, customer_id)
INSERT INTO ledger_importchange (batch_id, customer_id, field, before, after)
SELECT %(batch)s, c.id, 'billing_contact', '', a.id::text
FROM added a JOIN ledger_customer c ON c.id = a.customer_id
WHERE c.batch_id IS DISTINCT FROM %(batch)s ORDER BY a.id
"""
SOLD = """
INSERT INTO ledger_importchange (batch_id, customer_id, field, before, after)
SELECT %(batch)s, c.id, 'salesperson', '', s.user_id::text
FROM intake_sells s JOIN ledger_customer c ON c.id = s.customer_id
WHERE c.salesperson_id IS NULL AND c.batch_id IS DISTINCT FROM %(batch)s ORDER BY c.id
"""
SALESPEOPLE = """
UPDATE ledger_customer c SET salesperson_id = s.user_id FROM intake_sells s
WHERE c.id = s.customer_id AND c.salesperson_id IS NULL
"""
FILL = (SAID, FILLED, UNKNOWN, CONTACTS, SELLS, SOLD, SALESPEOPLE)
