"""The checks of late interest: documents are the sum of their lines, lines the sum of their explanations."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("debit_note", _("debit note"), "collections_app:debit_note")
books.kind("waiver", _("waiver"))

TOTALS = """
SELECT n.entity_id, 'debit_note', n.id, n.year || '/' || n.number, n.interest || ' + ' || n.fees || ' = ' || n.total,
       coalesce(l.interest, 0) || ' + ' || coalesce(l.fee, 0)
FROM collections_app_debitnote n LEFT JOIN (
    SELECT note_id, sum(interest) AS interest, sum(fee) AS fee FROM collections_app_debitnoteline GROUP BY note_id
) l ON l.note_id = n.id
WHERE n.interest IS DISTINCT FROM coalesce(l.interest, 0) OR n.fees IS DISTINCT FROM coalesce(l.fee, 0)
   OR n.total <> n.interest + n.fees
"""
EXPLAINED = """
SELECT n.entity_id, 'debit_note', n.id, i.number, l.interest::text,
       (collections_app_explained(l.explanation) - l.waived)::text
FROM collections_app_debitnoteline l JOIN collections_app_debitnote n ON n.id = l.note_id
JOIN ledger_invoice i ON i.id = l.invoice_id
WHERE l.interest <> collections_app_explained(l.explanation) - l.waived
"""
STANDING = """
SELECT n.entity_id, 'debit_note', n.id, i.number, CASE WHEN l.standing THEN 'claims' ELSE 'does not claim' END,
       CASE WHEN l.standing THEN 'does not claim' ELSE 'claims' END
FROM collections_app_debitnoteline l JOIN collections_app_debitnote n ON n.id = l.note_id
JOIN ledger_invoice i ON i.id = l.invoice_id
LEFT JOIN collections_app_debitnote c ON c.cancels_id = n.id
WHERE l.standing <> (n.kind = 'debit' AND c.id IS NULL)
"""
NUMBERS = """
SELECT entity_id, 'debit_note', max(id), kind || ' ' || year, max(number)::text, count(*)::text
FROM collections_app_debitnote GROUP BY entity_id, kind, year HAVING max(number) <> count(*)
"""
WAIVERS = """
SELECT w.entity_id, 'waiver', w.id, w.state, w.interest || ' + ' || w.fees,
       coalesce(l.interest, 0) || ' + ' || coalesce(l.fee, 0)
FROM collections_app_waiver w LEFT JOIN (
    SELECT waiver_id, sum(interest) AS interest, sum(fee) AS fee, bool_and(standing) AS standing
    FROM collections_app_waiverline GROUP BY waiver_id) l ON l.waiver_id = w.id
WHERE w.interest IS DISTINCT FROM coalesce(l.interest, 0) OR w.fees IS DISTINCT FROM coalesce(l.fee, 0)
   OR l.standing IS DISTINCT FROM (w.state = 'granted')
"""


@books.check("debit_note.total", _("A debit note claims what its lines explain, and numbers have no gap."))
def debit_note_total() -> Iterator[Difference]:
    """Documents beside their lines, lines beside their explanations, numbers beside their count."""
    for query in (TOTALS, EXPLAINED, STANDING, NUMBERS):
        yield from books.differences(query)


@books.check("waiver.total", _("A waiver gives up what its lines say, and stands once it is granted."))
def waiver_total() -> Iterator[Difference]:
    """Waivers beside their lines."""
    return books.differences(WAIVERS)
