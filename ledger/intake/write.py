"""Decides for every staged document whether it is new, changed, the same or refused, and writes it. All in sets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.intake.changes import keep_invoice_changes

CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"
DEFAULT_TERMS = 30
PIECE = 5000

# The first row of a number stands; a later one says the same, or is refused.
REPEATED = """
UPDATE intake_document d SET
    verdict = CASE WHEN (d.customer_id, d.issued_on, d.amount, d.currency)
                      IS NOT DISTINCT FROM (f.customer_id, f.issued_on, f.amount, f.currency)
              THEN 'same_in_file' ELSE 'duplicate_in_file' END,
    detail = jsonb_build_object('number', d.number, 'first', f.line)
FROM (SELECT DISTINCT ON (kind, number) id, kind, number, line, customer_id, issued_on, amount, currency
      FROM intake_document ORDER BY kind, number, id) f
WHERE f.kind = d.kind AND f.number = d.number AND f.id <> d.id
"""
ANY_REPEATED = "SELECT 1 FROM intake_document GROUP BY kind, number HAVING count(*) > 1 LIMIT 1"
KNOWN = """
UPDATE intake_document d SET invoice_id = i.id,
    verdict = CASE WHEN (d.customer_id, d.issued_on, d.amount, d.currency)
                      IS DISTINCT FROM (i.customer_id, i.issued_on, i.amount, i.currency) THEN 'facts_differ'
                   WHEN (d.due_on IS NOT NULL AND d.due_on <> i.due_on)
                      OR (d.order_reference <> '' AND d.order_reference <> i.order_reference) THEN 'updated'
                   ELSE 'unchanged' END,
    detail = CASE
        WHEN d.amount <> i.amount THEN
            jsonb_build_object('field', 'amount', 'recorded', i.amount::text, 'value', d.amount::text)
        WHEN d.issued_on <> i.issued_on THEN
            jsonb_build_object('field', 'issued_on', 'recorded', i.issued_on, 'value', d.issued_on)
        WHEN d.currency <> i.currency THEN
            jsonb_build_object('field', 'currency', 'recorded', i.currency, 'value', d.currency)
        WHEN d.customer_id <> i.customer_id THEN
            jsonb_build_object('field', 'customer', 'recorded', i.customer_name, 'value', c.name)
        WHEN d.due_on <> i.due_on OR d.order_reference <> i.order_reference THEN
            jsonb_build_object('due_on', i.due_on, 'order_reference', i.order_reference)
        END || jsonb_build_object('number', d.number)
FROM (SELECT i.*, c.name AS customer_name FROM ledger_invoice i JOIN ledger_customer c ON c.id = i.customer_id
      WHERE i.entity_id = %(entity)s) i, ledger_customer c
WHERE d.verdict IS NULL AND i.kind = d.kind AND i.number = d.number AND c.id = d.customer_id
"""
INSERT = """
INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, net, tax, currency,
                            order_reference, note, allocated, batch_id, recorded_at)
SELECT %(entity)s, d.customer_id, d.kind, d.number, d.issued_on,
       coalesce(d.due_on, CASE WHEN d.kind = 'credit_note' THEN d.issued_on
                               ELSE d.issued_on + coalesce(c.terms_days, %(terms)s) END),
       d.amount, d.net, d.tax, d.currency, d.order_reference, '', 0, %(batch)s, %(at)s
FROM intake_document d JOIN ledger_customer c ON c.id = d.customer_id
WHERE d.verdict IS NULL ORDER BY d.id
"""
FIND_NEW = """
UPDATE intake_document d SET invoice_id = i.id FROM ledger_invoice i
WHERE d.invoice_id IS NULL AND i.entity_id = %(entity)s AND i.kind = d.kind AND i.number = d.number
  AND (d.has_lines OR d.corrects <> '' OR d.paid IS NOT NULL)
"""
LINES = """
INSERT INTO ledger_invoiceline (invoice_id, position, description, quantity, unit, unit_price, net, tax_rate)
SELECT d.invoice_id, l.position, coalesce(l.description, ''), l.quantity, coalesce(l.unit, ''), l.unit_price, l.net,
       l.tax_rate
FROM intake_line l JOIN intake_document d ON d.id = l.document_id WHERE d.verdict = 'created'
"""
CORRECTS = """
UPDATE ledger_invoice n SET corrects_id = i.id FROM intake_document d, ledger_invoice i
WHERE d.verdict = 'created' AND d.corrects <> '' AND n.id = d.invoice_id AND i.entity_id = %(entity)s
  AND i.kind = 'invoice' AND i.number = d.corrects AND i.customer_id = n.customer_id AND i.id <> n.id
"""
CHANGE = """
UPDATE ledger_invoice i SET due_on = coalesce(d.due_on, i.due_on),
    order_reference = coalesce(nullif(d.order_reference, ''), i.order_reference)
FROM intake_document d WHERE d.verdict = 'updated' AND i.id = d.invoice_id
"""
COUNTS = "SELECT verdict, count(*), min(line) FROM intake_document GROUP BY verdict"
TOTALS = "SELECT currency, sum(stated) FROM intake_document WHERE verdict = ANY(%(kept)s) GROUP BY currency ORDER BY 1"
REFUSED = """
SELECT line, verdict, detail::text, raw FROM intake_document WHERE verdict = ANY(%(codes)s) ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Target:
    """Where an import goes. `day` is the day it runs, in the entity's time zone."""

    entity_id: int
    batch_id: int
    terms: int
    at: datetime
    day: date

    @property
    def params(self) -> dict[str, Any]:
        """For the statements of this module."""
        return {
            "entity": self.entity_id,
            "batch": self.batch_id,
            "terms": self.terms,
            "at": self.at,
            "day": self.day,
        }


def lock_entity(entity_id: int) -> None:
    """One import at a time per legal entity; the lock ends with the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('ledger.intake'), %s)", [entity_id])


def write_documents(target: Target) -> int:
    """Give every staged document its verdict and write what is new or changed; how many got a due date from terms."""
    with connection.cursor() as cursor:
        cursor.execute(ANY_REPEATED)
        if cursor.fetchone():
            cursor.execute(REPEATED)
        cursor.execute(KNOWN, target.params)
        cursor.execute(
            "SELECT count(*) FROM intake_document WHERE verdict IS NULL AND due_on IS NULL AND kind = 'invoice'"
        )
        row = cursor.fetchone()
        cursor.execute(INSERT, target.params)
        cursor.execute("UPDATE intake_document SET verdict = 'created' WHERE verdict IS NULL")
        cursor.execute(FIND_NEW, target.params)
        cursor.execute(LINES)
        cursor.execute(CORRECTS, target.params)
        keep_invoice_changes(target.params)
        cursor.execute(CHANGE)
    return int(row[0]) if row else 0


def counts() -> dict[str, tuple[int, int]]:
    """Verdict -> how many documents, and the first line of them."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return {verdict: (number, line) for verdict, number, line in cursor.fetchall()}


def totals() -> dict[str, Any]:
    """Currency -> exact sum of what the accepted documents state."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"kept": [CREATED, UPDATED, UNCHANGED, "same_in_file"]})
        return dict(cursor.fetchall())


def refused() -> Iterator[tuple[int, str, dict[str, Any], str]]:
    """Line, code, params and raw text of the documents that the ledger refused."""
    for line, code, detail, raw in _streamed(REFUSED, {"codes": ["facts_differ", "duplicate_in_file"]}):
        yield line, code, json.loads(detail), raw


def _streamed(query: str, params: dict[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a bounded number of them in memory at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, params)
        while rows := cursor.fetchmany(PIECE):
            yield from rows
