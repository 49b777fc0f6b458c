"""Who at the customer deals with a document, as the file says by e-mail address. All in sets.

A contact that the customer does not have yet is made; it gets no reminders of the whole account by that. What a person
has chosen for a document stays, whatever a later file says.
"""

from typing import Any

from django.db import connection
from django.db.backends.utils import CursorWrapper

from lib.text import MAIL_ADDRESS

# Of known documents only where it is news. What goes in has no verdict yet.
NEWS = """
INSERT INTO intake_deals (id, invoice_id, customer_id, email)
SELECT d.id, v.invoice_id, p.customer_id, d.contact
FROM intake_row d JOIN intake_party p ON p.id = d.party_id LEFT JOIN intake_verdict v ON v.id = d.id
LEFT JOIN ledger_invoice i ON i.id = v.invoice_id LEFT JOIN ledger_contact k ON k.id = i.contact_id
WHERE d.contact ~ %(address)s AND (v.id IS NULL OR (
    v.verdict IN ('updated', 'unchanged') AND lower(k.email) IS DISTINCT FROM d.contact
    AND NOT EXISTS (SELECT 1 FROM accounts_event e WHERE e.stream = 'invoice' AND e.object_id = i.id
                    AND e.kind = 'invoice.contact_changed')))
"""
MADE = """
WITH added AS (
    INSERT INTO ledger_contact (customer_id, name, email, phone, role, language, is_billing)
    SELECT c.id, left(w.email, 150), w.email, '', 'payables', c.language, false
    FROM (SELECT DISTINCT customer_id, email FROM intake_deals) w JOIN ledger_customer c ON c.id = w.customer_id
    WHERE NOT EXISTS (SELECT 1 FROM ledger_contact k WHERE k.customer_id = c.id AND lower(k.email) = w.email)
    ORDER BY c.id, w.email RETURNING id, customer_id)
INSERT INTO ledger_importchange (batch_id, customer_id, field, before, after)
SELECT %(batch)s, customer_id, 'contact', '', id::text FROM added ORDER BY id
"""
FOUND = """
UPDATE intake_deals w SET contact_id = k.id FROM (
    SELECT DISTINCT ON (customer_id, lower(email)) customer_id, lower(email) AS email, id FROM ledger_contact
    WHERE customer_id IN (SELECT customer_id FROM intake_deals)
    ORDER BY customer_id, lower(email), is_billing DESC, id) k
WHERE k.customer_id = w.customer_id AND k.email = w.email
"""
TOUCHED = """
UPDATE intake_verdict v SET verdict = 'updated' FROM intake_deals w WHERE w.id = v.id AND v.verdict = 'unchanged'
"""
# Known documents; new ones are written with their contact.
DEALT = """
UPDATE ledger_invoice i SET contact_id = w.contact_id FROM intake_deals w WHERE i.id = w.invoice_id
"""
NO_ADDRESS = """
SELECT count(*), min(line) FROM intake_row WHERE contact <> '' AND NOT contact ~ %(address)s
"""


def find_dealing(cursor: CursorWrapper, params: dict[str, Any]) -> None:
    """Give every staged document that names a contact its contact; what changes by that is said to be updated.

    `params` are those of write.Target. The verdicts about known documents are there, and nothing is written yet.
    """
    cursor.execute(NEWS, {"address": MAIL_ADDRESS})
    if not cursor.rowcount:
        return
    cursor.execute("ANALYZE intake_deals")
    cursor.execute(MADE, params)
    cursor.execute(FOUND)
    cursor.execute(TOUCHED)


def without_address() -> tuple[int, int]:
    """How many staged rows name a contact by what is no e-mail address, and the first line of them."""
    with connection.cursor() as cursor:
        cursor.execute(NO_ADDRESS, {"address": MAIL_ADDRESS})
        count, line = cursor.fetchone()
    return int(count), int(line or 0)
