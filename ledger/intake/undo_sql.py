"""What an import brought, and the statements that take it away again. All in sets, in temporary tables."""

# What the batch made: documents, payments and what was placed of them, customers, contacts, files.
MADE = """
DROP TABLE IF EXISTS undo_invoice, undo_payment, undo_customer, undo_contact, undo_allocation;
CREATE TEMP TABLE undo_invoice ON COMMIT DROP AS SELECT id FROM ledger_invoice WHERE batch_id = %(batch)s;
CREATE TEMP TABLE undo_payment ON COMMIT DROP AS SELECT id FROM ledger_payment WHERE batch_id = %(batch)s;
CREATE TEMP TABLE undo_customer ON COMMIT DROP AS SELECT id FROM ledger_customer WHERE batch_id = %(batch)s;
-- A contact has no import of its own: it is the one that was noted, or the one that comes with a new customer.
CREATE TEMP TABLE undo_contact ON COMMIT DROP AS
SELECT k.id FROM ledger_contact k JOIN ledger_customer c ON c.id = k.customer_id
WHERE c.id IN (SELECT id FROM undo_customer) AND k.is_billing AND k.role = 'payables' AND k.phone = ''
  AND k.name = left(c.name, 150) AND k.email = c.email
UNION
SELECT k.id FROM ledger_importchange h JOIN ledger_contact k ON k.id::text = h.after
WHERE h.batch_id = %(batch)s AND h.field IN ('billing_contact', 'contact') AND k.customer_id = h.customer_id;
CREATE TEMP TABLE undo_allocation ON COMMIT DROP AS
SELECT a.id FROM ledger_allocation a JOIN ledger_payment p ON p.id = a.payment_id
WHERE p.batch_id = %(batch)s AND a.reverses_id IS NULL AND a.by_id IS NULL AND a.recorded_at = p.recorded_at;
ANALYZE undo_invoice; ANALYZE undo_payment; ANALYZE undo_customer; ANALYZE undo_allocation;
"""
# In the order of the house: invoices, then payments, by primary key; then the customers, so that nothing new can
# refer to any of them while we look.
LOCKS = (
    """
SELECT count(*) FROM (SELECT 1 FROM ledger_invoice WHERE batch_id = %(batch)s
    OR id IN (SELECT invoice_id FROM ledger_importchange WHERE batch_id = %(batch)s)
    OR id IN (SELECT a.invoice_id FROM ledger_allocation a JOIN ledger_payment p ON p.id = a.payment_id
              WHERE p.batch_id = %(batch)s) ORDER BY id FOR UPDATE) locked
""",
    """
SELECT count(*) FROM (SELECT 1 FROM ledger_payment WHERE batch_id = %(batch)s ORDER BY id FOR UPDATE) locked
""",
    """
SELECT count(*) FROM (SELECT 1 FROM ledger_customer WHERE batch_id = %(batch)s
    OR id IN (SELECT customer_id FROM ledger_importchange WHERE batch_id = %(batch)s) ORDER BY id FOR UPDATE) locked
""",
)
# A field that somebody has set to something else since the import is not put back over their heads.
CHANGED_SINCE = """
SELECT coalesce(i.number, c.name) FROM ledger_importchange h
LEFT JOIN ledger_invoice i ON i.id = h.invoice_id LEFT JOIN ledger_customer c ON c.id = h.customer_id
WHERE h.batch_id = %(batch)s AND h.field NOT IN ('billing_contact', 'contact')
  AND coalesce(CASE WHEN i.id IS NOT NULL THEN to_jsonb(i) ->> h.field ELSE to_jsonb(c) ->>
      CASE h.field WHEN 'salesperson' THEN 'salesperson_id' ELSE h.field END END, '') <> h.after
  AND h.id = (SELECT max(l.id) FROM ledger_importchange l WHERE l.batch_id = h.batch_id AND l.field = h.field
      AND (l.invoice_id, l.customer_id) IS NOT DISTINCT FROM (h.invoice_id, h.customer_id))
ORDER BY h.id
"""
# A contact that was noted and is gone, or is somebody else's now.
CONTACTS_CHANGED = """
SELECT c.name FROM ledger_importchange h JOIN ledger_customer c ON c.id = h.customer_id
LEFT JOIN ledger_contact k ON k.id::text = h.after AND k.customer_id = h.customer_id
WHERE h.batch_id = %(batch)s AND h.field IN ('billing_contact', 'contact') AND k.id IS NULL
ORDER BY h.id
"""
# A later import that found rows there may have found ours.
LATER = """
SELECT b.id, b.file_name FROM ledger_importbatch b
WHERE b.entity_id = %(entity)s AND b.id <> %(batch)s AND b.status IN ('done', 'partly')
  AND (b.finished_at, b.id) > (%(finished)s, %(batch)s) AND b.statements = '[]'::jsonb
  AND (b.unchanged > 0 OR EXISTS (
        SELECT 1 FROM ledger_importchange h LEFT JOIN ledger_invoice i ON i.id = h.invoice_id
        LEFT JOIN ledger_customer c ON c.id = h.customer_id
        WHERE h.batch_id = b.id AND (coalesce(i.batch_id, c.batch_id) = %(batch)s OR EXISTS (
            SELECT 1 FROM ledger_importchange o WHERE o.batch_id = %(batch)s AND o.field = h.field
              AND (o.invoice_id, o.customer_id) IS NOT DISTINCT FROM (h.invoice_id, h.customer_id)))))
ORDER BY b.finished_at DESC, b.id DESC LIMIT 1
"""
EVENTS = """
SELECT count(*), min(e.object_id) FROM accounts_event e
WHERE e.stream = %(stream)s AND e.object_id IN (SELECT id FROM {table})
"""
# First before of each field: what stood there when the import came.
BACK_INVOICE = """
UPDATE ledger_invoice i SET {column} = {value}
FROM (SELECT DISTINCT ON (invoice_id) invoice_id, before FROM ledger_importchange
      WHERE batch_id = %(batch)s AND field = %(field)s AND invoice_id IS NOT NULL ORDER BY invoice_id, id) h
WHERE i.id = h.invoice_id
"""
BACK_CUSTOMER = """
UPDATE ledger_customer c SET {column} = {value}
FROM (SELECT DISTINCT ON (customer_id) customer_id, before FROM ledger_importchange
      WHERE batch_id = %(batch)s AND field = %(field)s AND customer_id IS NOT NULL ORDER BY customer_id, id) h
WHERE c.id = h.customer_id AND c.batch_id IS DISTINCT FROM %(batch)s
"""
TEXT, NUMBER = "h.before", "nullif(h.before, '')::{}"
INVOICE_FIELDS = {"due_on": "h.before::date", "order_reference": TEXT, "contact_id": NUMBER.format("bigint")}
CUSTOMER_FIELDS = {
    **dict.fromkeys(
        (
            "name",
            "name_key",
            "tax_id",
            "endpoint",
            "country",
            "email",
            "address",
            "language",
            "segment",
        ),
        TEXT,
    ),
    "terms_days": NUMBER.format("smallint"),
    "credit_limit": NUMBER.format("numeric"),
    "salesperson": NUMBER.format("bigint"),
}
AWAY = (
    # What undone imports noted about rows that go now.
    """
DELETE FROM ledger_importchange WHERE invoice_id IN (SELECT id FROM undo_invoice)
    OR customer_id IN (SELECT id FROM undo_customer)
""",
    "DELETE FROM ledger_allocation WHERE id IN (SELECT id FROM undo_allocation)",
    "DELETE FROM ledger_payment WHERE id IN (SELECT id FROM undo_payment)",
    "DELETE FROM ledger_invoicefile WHERE batch_id = %(batch)s",
    "DELETE FROM ledger_invoiceline WHERE invoice_id IN (SELECT id FROM undo_invoice)",
    "DELETE FROM ledger_invoice WHERE id IN (SELECT id FROM undo_invoice)",
    "DELETE FROM ledger_contact WHERE id IN (SELECT id FROM undo_contact)",
    "DELETE FROM ledger_customer WHERE id IN (SELECT id FROM undo_customer)",
)
