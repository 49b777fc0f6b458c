"""Keeps what an import changed on rows that were there before: to be told, to be undone, to be proved."""

from typing import Any

from django.db import connection

# A due date, an order reference or a contact that the file says otherwise; taken before the invoices are changed.
OF_INVOICES = """
INSERT INTO ledger_importchange (batch_id, invoice_id, field, before, after)
SELECT %(batch)s, i.id, f.field, f.before, f.after
FROM intake_verdict v JOIN intake_row d ON d.id = v.id JOIN ledger_invoice i ON i.id = v.invoice_id
LEFT JOIN intake_deals w ON w.id = v.id
CROSS JOIN LATERAL (VALUES (1, 'due_on', i.due_on::text, d.due_on::text),
                           (2, 'order_reference', i.order_reference, d.order_reference),
                           (3, 'contact_id', coalesce(i.contact_id::text, ''), w.contact_id::text))
    f (place, field, before, after)
WHERE v.verdict = 'updated' AND f.after <> '' AND f.after <> f.before
ORDER BY d.id, f.place
"""
# The row's own words, in order; the event of the import carries the digest, and events are a chain of hashes.
DIGEST = """
SELECT count(invoice_id), count(customer_id),
       coalesce(encode(sha256(string_agg(sha256(convert_to(concat_ws(chr(31), coalesce(invoice_id, 0),
           coalesce(customer_id, 0), field, before, after), 'UTF8')), ''::bytea ORDER BY id)), 'hex'), '')
FROM ledger_importchange WHERE batch_id = %s
"""


def keep_invoice_changes(params: dict[str, Any]) -> None:
    """Keep what is about to change on known invoices."""
    with connection.cursor() as cursor:
        cursor.execute(OF_INVOICES, params)


def summary_of_changes(batch_id: int) -> dict[str, Any]:
    """How many changes the import kept, and their digest. The same words now and at any check later."""
    with connection.cursor() as cursor:
        cursor.execute(DIGEST, [batch_id])
        invoices, customers, digest = cursor.fetchone()
    return {"invoices": invoices, "customers": customers, "digest": digest}
