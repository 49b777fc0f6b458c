"""The checks of the disputes: amounts follow their lines, stays tile each life, numbers are counted."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.models import Event
from disputes.evidence import keeping
from disputes.models import Evidence
from lib import books
from lib.books import Difference

books.kind("dispute", _("dispute"), "disputes:detail")

# Open: the live lines. Closed: the lines that the last closing ended.
AMOUNTS = """
SELECT d.entity_id, 'dispute', d.id,
       'D-' || lpad(d.number::text, 6, '0'), d.amount::text, coalesce(s.total, 0)::numeric(20, 2)::text
FROM disputes_dispute d LEFT JOIN LATERAL (
    SELECT sum(l.amount) AS total FROM disputes_disputeline l WHERE l.dispute_id = d.id AND CASE
        WHEN d.closed_at IS NULL THEN l.closed_on IS NULL
        ELSE l.closing = (SELECT max(closing) FROM disputes_disputeline m WHERE m.dispute_id = d.id) END) s ON true
WHERE d.amount <> coalesce(s.total, 0)
"""
OVER = """
SELECT i.entity_id, 'invoice', i.id, i.number, s.total::text, '<= ' || i.amount
FROM (SELECT invoice_id, sum(amount) AS total FROM disputes_disputeline WHERE closed_on IS NULL GROUP BY invoice_id) s
JOIN ledger_invoice i ON i.id = s.invoice_id WHERE s.total > i.amount
"""
STAYS = """
SELECT d.entity_id, 'dispute', d.id,
       'D-' || lpad(d.number::text, 6, '0') || ' stay ' || s.seq, s.seq || ' from ' || s.started_at,
       s.place || ' from ' || s.expected
FROM (SELECT dispute_id, seq, started_at, row_number() OVER w AS place,
             lag(ended_at, 1, d.opened_at) OVER w AS expected
      FROM disputes_stay JOIN disputes_dispute d ON d.id = dispute_id
      WINDOW w AS (PARTITION BY dispute_id ORDER BY seq)) s JOIN disputes_dispute d ON d.id = s.dispute_id
WHERE s.seq <> s.place OR s.started_at IS DISTINCT FROM s.expected
"""
ENDS = """
SELECT d.entity_id, 'dispute', d.id,
       'D-' || lpad(d.number::text, 6, '0'), coalesce(d.closed_at::text, 'open'), coalesce(s.ended_at::text, 'open')
FROM disputes_dispute d LEFT JOIN (
    SELECT DISTINCT ON (dispute_id) * FROM disputes_stay ORDER BY dispute_id, seq DESC) s ON s.dispute_id = d.id
WHERE s.id IS NULL OR s.ended_at IS DISTINCT FROM d.closed_at
"""
HOLDERS = """
SELECT d.entity_id, 'dispute', d.id,
       'D-' || lpad(d.number::text, 6, '0'),
       concat_ws(' ', d.status, d.stage_id, d.holder_side, d.holder_user_id, d.holder_department_id),
       concat_ws(' ', s.status, s.stage_id, s.holder_side, s.holder_user_id, s.holder_department_id)
FROM disputes_dispute d JOIN disputes_stay s ON s.dispute_id = d.id AND s.ended_at IS NULL
WHERE (d.status, d.stage_id, d.holder_side, d.holder_user_id, d.holder_department_id)
      IS DISTINCT FROM (s.status, s.stage_id, s.holder_side, s.holder_user_id, s.holder_department_id)
"""
OUTCOMES = """
SELECT d.entity_id, 'dispute', d.id,
       'D-' || lpad(d.number::text, 6, '0'), CASE WHEN o.id IS NULL THEN 'no outcome' ELSE 'outcome' END, d.status
FROM disputes_dispute d LEFT JOIN disputes_outcome o ON o.dispute_id = d.id
WHERE (o.id IS NULL) <> (d.closed_at IS NULL)
"""
ANSWERS = """
SELECT d.entity_id, 'dispute', d.id,
       'D-' || lpad(d.number::text, 6, '0') || ' question ' || q.id, q.status,
       CASE WHEN a.id IS NULL THEN 'no answer' ELSE 'answered' END
FROM disputes_question q JOIN disputes_dispute d ON d.id = q.dispute_id
LEFT JOIN disputes_answer a ON a.question_id = q.id
WHERE (q.status = 'answered') <> (a.id IS NOT NULL)
"""
COUNTERS = """
SELECT e.id, 'entity', e.id, e.code, coalesce(c.last, 0)::text, coalesce(n.last, 0)::text
FROM accounts_legalentity e LEFT JOIN disputes_counter c ON c.entity_id = e.id
LEFT JOIN (SELECT entity_id, max(number) AS last FROM disputes_dispute GROUP BY entity_id) n ON n.entity_id = e.id
WHERE coalesce(c.last, 0) <> coalesce(n.last, 0)
"""


@books.check(
    "dispute.amount", _("A disputed amount is the sum of its lines, and no invoice is disputed twice.")
)
def dispute_amount() -> Iterator[Difference]:
    """Each dispute beside its lines; the live lines beside their invoices."""
    yield from books.differences(AMOUNTS)
    yield from books.differences(OVER)


@books.check("dispute.stays", _("The stays of a dispute tile its life, and the open one says who has it."))
def dispute_stays() -> Iterator[Difference]:
    """No gap, no overlap, an end only when closed."""
    for query in (STAYS, ENDS, HOLDERS):
        yield from books.differences(query)


@books.check(
    "dispute.outcome", _("A dispute has an outcome exactly when it is closed, a question its answer.")
)
def dispute_outcome() -> Iterator[Difference]:
    """Outcomes and answers."""
    yield from books.differences(OUTCOMES)
    yield from books.differences(ANSWERS)


@books.check("dispute.counter", _("The last number given is the highest there is."))
def dispute_counter() -> Iterator[Difference]:
    """The counter of each legal entity."""
    return books.differences(COUNTERS)


@books.check(
    "dispute.evidence",
    _("Every file of a dispute is stored with the bytes whose hash it has; what was redacted is gone."),
)
def dispute_evidence() -> Iterator[Difference]:
    """Each row beside what the storage has."""
    rows = Evidence.objects.select_related("dispute").order_by("pk")
    for one in rows.exclude(stored_as="").iterator(chunk_size=500):
        found = keeping.digest_of(one.stored_as)
        if found != (one.kept_sha256, one.kept_size):
            yield _file(
                one,
                f"{one.kept_sha256} ({one.kept_size})",
                f"{found[0]} ({found[1]})" if found else "no file",
            )
    gone = Event.objects.filter(stream="dispute", kind="evidence.redacted", dispatched_at__isnull=False)
    for event in gone.iterator(chunk_size=500):
        if keeping.exists(event.data["gone"]["key"]):
            one = rows.get(pk=event.data["evidence"])
            yield _file(one, "redacted", f"{event.data['gone']['sha256']} is still stored")


def _file(one: Evidence, stored: str, found: str) -> Difference:
    dispute = one.dispute
    return Difference(dispute.entity_id, "dispute", dispute.pk, f"{dispute.ref} {one.name}", stored, found)
