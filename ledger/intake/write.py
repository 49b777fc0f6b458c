"""Decides for every staged document whether it is new, changed, the same or refused, and writes it. All in sets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from ledger.intake.changes import keep_invoice_changes
from ledger.intake.dealing import DEALT, find_dealing
from ledger.intake.first_load import first_load
from lib.plans import count_anew, plan_anew

REFUSALS = ["facts_differ", "duplicate_in_file"]
DEFAULT_TERMS = 30
PIECE = 5000

# The first row of a number stands; a later one says the same, or is refused.
TWICE = """
INSERT INTO intake_twice (kind, number)
SELECT kind, number FROM (SELECT kind, number COLLATE "C" AS number FROM intake_row) r GROUP BY 1, 2 HAVING count(*) > 1
"""
REPEATED = """
INSERT INTO intake_verdict (id, line, verdict, detail)
SELECT id, line, CASE WHEN (customer_id, issued_on, amount, currency)
                           IS NOT DISTINCT FROM (first_customer_id, first_issued_on, first_amount, first_currency)
                      THEN 'same_in_file' ELSE 'duplicate_in_file' END,
       jsonb_build_object('number', number, 'first', first_line)
FROM (SELECT d.id, d.line, d.number, p.customer_id, d.issued_on, d.amount, d.currency,
             first_value(d.id) OVER first AS first_id, first_value(d.line) OVER first AS first_line,
             first_value(p.customer_id) OVER first AS first_customer_id,
             first_value(d.issued_on) OVER first AS first_issued_on,
             first_value(d.amount) OVER first AS first_amount, first_value(d.currency) OVER first AS first_currency
      FROM intake_row d JOIN intake_twice USING (kind, number) JOIN intake_party p ON p.id = d.party_id
      WINDOW first AS (PARTITION BY d.kind, d.number ORDER BY d.id)) r
WHERE id <> first_id
"""
KNOWN = """
INSERT INTO intake_verdict (id, line, customer_id, invoice_id, verdict, detail)
SELECT d.id, d.line, i.customer_id, i.id,
    CASE WHEN (p.customer_id, d.issued_on, d.amount, d.currency)
              IS DISTINCT FROM (i.customer_id, i.issued_on, i.amount, i.currency) THEN 'facts_differ'
         WHEN (d.due_on IS NOT NULL AND d.due_on <> i.due_on)
              OR (d.order_reference <> '' AND d.order_reference <> i.order_reference) THEN 'updated'
         ELSE 'unchanged' END,
    CASE WHEN d.amount <> i.amount THEN jsonb_build_object(
             'number', d.number, 'field', 'amount', 'recorded', i.amount::text, 'value', d.amount::text)
         WHEN d.issued_on <> i.issued_on THEN jsonb_build_object(
             'number', d.number, 'field', 'issued_on', 'recorded', i.issued_on, 'value', d.issued_on)
         WHEN d.currency <> i.currency THEN jsonb_build_object(
             'number', d.number, 'field', 'currency', 'recorded', i.currency, 'value', d.currency)
         WHEN p.customer_id <> i.customer_id THEN jsonb_build_object(
             'number', d.number, 'field', 'customer',
             'recorded', (SELECT name FROM ledger_customer WHERE id = i.customer_id),
             'value', (SELECT name FROM ledger_customer WHERE id = p.customer_id)) END
FROM intake_row d JOIN intake_party p ON p.id = d.party_id
JOIN ledger_invoice i ON i.entity_id = %(entity)s AND i.kind = d.kind AND i.number = d.number
WHERE NOT EXISTS (SELECT 1 FROM intake_verdict v WHERE v.id = d.id)
"""
WITHOUT_DUE = """
SELECT count(*) FROM intake_row d
WHERE d.due_on IS NULL AND d.kind = 'invoice' AND NOT EXISTS (SELECT 1 FROM intake_verdict v WHERE v.id = d.id)
"""
INSERT = """
INSERT INTO ledger_invoice (entity_id, customer_id, kind, number, issued_on, due_on, amount, net, tax, currency,
                            order_reference, contact_id, note, allocated, batch_id, recorded_at)
SELECT %(entity)s, c.id, d.kind, d.number, d.issued_on,
       coalesce(d.due_on, CASE WHEN d.kind = 'credit_note' THEN d.issued_on
                               ELSE d.issued_on + coalesce(c.terms_days, %(terms)s) END),
       d.amount, d.net, d.tax, d.currency, d.order_reference, w.contact_id, '', 0, %(batch)s, %(at)s
FROM intake_row d JOIN intake_party p ON p.id = d.party_id JOIN ledger_customer c ON c.id = p.customer_id
LEFT JOIN intake_deals w ON w.id = d.id
WHERE NOT EXISTS (SELECT 1 FROM intake_verdict v WHERE v.id = d.id) ORDER BY d.id
"""
# The new ones that something else speaks of.
SPOKEN_OF = """
INSERT INTO intake_verdict (id, line, customer_id, invoice_id, verdict)
SELECT d.id, d.line, i.customer_id, i.id, 'created'
FROM intake_row d JOIN ledger_invoice i ON i.entity_id = %(entity)s AND i.kind = d.kind AND i.number = d.number
WHERE NOT EXISTS (SELECT 1 FROM intake_verdict v WHERE v.id = d.id)
  AND (d.has_lines OR d.corrects <> '' OR d.paid IS NOT NULL)
"""
LINES = """
INSERT INTO ledger_invoiceline (invoice_id, position, description, quantity, unit, unit_price, net, tax_rate)
SELECT v.invoice_id, l.position, coalesce(l.description, ''), l.quantity, coalesce(l.unit, ''), l.unit_price, l.net,
       l.tax_rate
FROM intake_line l JOIN intake_verdict v ON v.id = l.document_id WHERE v.verdict = 'created'
"""
CORRECTS = """
UPDATE ledger_invoice n SET corrects_id = i.id
FROM intake_verdict v JOIN intake_row d ON d.id = v.id, ledger_invoice i
WHERE v.verdict = 'created' AND d.corrects <> '' AND n.id = v.invoice_id AND i.entity_id = %(entity)s
  AND i.kind = 'invoice' AND i.number = d.corrects AND i.customer_id = n.customer_id AND i.id <> n.id
"""
CHANGE = """
UPDATE ledger_invoice i SET due_on = coalesce(d.due_on, i.due_on),
    order_reference = coalesce(nullif(d.order_reference, ''), i.order_reference)
FROM intake_verdict v JOIN intake_row d ON d.id = v.id WHERE v.verdict = 'updated' AND i.id = v.invoice_id
"""
COUNTS = "SELECT verdict, count(*), min(line) FROM intake_verdict GROUP BY verdict"
# Everything that was read, less what the ledger refused: quicker than looking every row's verdict up.
TOTALS = """
SELECT currency, trim_scale(sum(stated)) FROM (
    SELECT currency, sum(stated) AS stated, count(*) AS number FROM intake_row GROUP BY currency
    UNION ALL
    SELECT d.currency, -sum(d.stated), -count(*) FROM intake_verdict v JOIN intake_row d ON d.id = v.id
    WHERE v.verdict = ANY(%(refused)s) GROUP BY d.currency) t
GROUP BY currency HAVING sum(number) > 0 ORDER BY 1
"""
REFUSED = """
SELECT v.line, v.verdict, v.detail::text, d.raw FROM intake_verdict v JOIN intake_row d ON d.id = v.id
WHERE v.verdict = ANY(%(refused)s) ORDER BY v.id
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


def write_documents(target: Target, staged: int, *, rehearsal: bool = False) -> tuple[int, int]:
    """Decide about every staged document and write what is new or changed: how many are new, and how many of those
    got a due date from terms."""
    with connection.cursor() as cursor:
        cursor.execute(TWICE)
        if cursor.rowcount:
            cursor.execute(REPEATED)
        cursor.execute(KNOWN, target.params)
        cursor.execute("ANALYZE intake_verdict")
        find_dealing(cursor, target.params)
        cursor.execute(WITHOUT_DUE)
        row = cursor.fetchone()
        with first_load(staged, allowed=not rehearsal):
            cursor.execute(INSERT, target.params)
            created = int(cursor.rowcount)
        cursor.execute(SPOKEN_OF, target.params)
        cursor.execute("ANALYZE intake_verdict")
        cursor.execute(LINES)
        cursor.execute(CORRECTS, target.params)
        keep_invoice_changes(target.params)
        cursor.execute(CHANGE)
        cursor.execute(DEALT)
        count_anew(cursor, created, "ledger_customer", "ledger_invoice")
        plan_anew(cursor)
    return created, int(row[0]) if row else 0


def counts() -> dict[str, tuple[int, int]]:
    """Verdict -> how many documents, and the first line of them."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTS)
        return {verdict: (number, line) for verdict, number, line in cursor.fetchall()}


def totals() -> dict[str, Any]:
    """Currency -> exact sum of what the accepted documents state."""
    with connection.cursor() as cursor:
        cursor.execute(TOTALS, {"refused": REFUSALS})
        return dict(cursor.fetchall())


def refused() -> Iterator[tuple[int, str, dict[str, Any], str]]:
    """Line, code, params and raw text of the documents that the ledger refused."""
    for line, code, detail, raw in _streamed(REFUSED, {"refused": REFUSALS}):
        yield line, code, json.loads(detail), raw


def _streamed(query: str, params: dict[str, Any] | None = None) -> Iterator[tuple[Any, ...]]:
    """The rows of a query, a bounded number of them in memory at a time."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(query, params)
        while rows := cursor.fetchmany(PIECE):
            yield from rows
