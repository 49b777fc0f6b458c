"""The checks of collecting: what was asked is what the stored decisions say, what was promised was open."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("notice", _("notice"), "collections_app:notice")
books.kind("promise", _("promise"))
books.kind("run", _("run"))

ASKED = """
SELECT n.entity_id, 'notice', n.id, n."on"::text, n.asked::text, coalesce(s.total, 0)::numeric(20, 2)::text
FROM collections_app_notice n LEFT JOIN (
    SELECT notice_id, sum(asked) AS total FROM collections_app_noticeline GROUP BY notice_id) s ON s.notice_id = n.id
WHERE n.status = 'sent' AND n.asked IS DISTINCT FROM coalesce(s.total, 0)
"""
LINES = """
SELECT n.entity_id, 'notice', n.id, i.number, l.asked::text,
       CASE l.why WHEN 'asked' THEN l.open - l.disputed - l.promised ELSE 0 END::numeric(20, 2)::text
FROM collections_app_noticeline l JOIN collections_app_notice n ON n.id = l.notice_id
JOIN ledger_invoice i ON i.id = l.invoice_id
WHERE l.asked <> CASE l.why WHEN 'asked' THEN l.open - l.disputed - l.promised ELSE 0 END
   OR i.entity_id <> n.entity_id
"""
COUNTED = """
SELECT n.entity_id, 'notice', n.id, n.status, 'counts', 'does not count'
FROM collections_app_notice n WHERE n.status IN ('withdrawn', 'failed')
  AND EXISTS (SELECT 1 FROM collections_app_noticeline l WHERE l.notice_id = n.id AND l.counts)
"""
RUNS = """
SELECT r.entity_id, 'run', r.id, r."on"::text, r.decided::text, coalesce(n.rows, 0)::text
FROM collections_app_run r LEFT JOIN (
    SELECT run_id, count(*) AS rows FROM collections_app_notice GROUP BY run_id) n ON n.run_id = r.id
WHERE r.decided <> coalesce(n.rows, 0)
"""
SENT = """
SELECT n.entity_id, 'notice', n.id, coalesce(l.key, ''), coalesce(l.status, 'no letter'), 'sent'
FROM collections_app_notice n LEFT JOIN mailroom_letter l ON l.id = n.letter_id
WHERE n.status = 'sent' AND n.call_id IS NULL AND l.status IS DISTINCT FROM 'sent'
"""
PROMISES = """
SELECT p.entity_id, 'promise', p.id, i.number, p.amount || ' of ' || p.open_before, '<= ' || i.amount, 'invoice', i.id
FROM collections_app_promise p JOIN ledger_invoice i ON i.id = p.invoice_id
WHERE p.amount > p.open_before OR p.open_before > i.amount OR i.entity_id <> p.entity_id
   OR i.customer_id <> p.customer_id OR (p.status = 'made') <> (p.settled_at IS NULL)
"""


@books.check("notice.asked", _("A notice asked for what its stored lines ask."))
def notice_asked() -> Iterator[Difference]:
    """Each sent notice beside its lines, each line beside its parts."""
    for query in (ASKED, LINES, COUNTED):
        yield from books.differences(query)


@books.check("notice.sent", _("A notice that was sent has its letter, sent."))
def notice_sent() -> Iterator[Difference]:
    """Notices beside the outbox."""
    return books.differences(SENT)


@books.check("run.decided", _("A run decided as many notices as it says."))
def run_decided() -> Iterator[Difference]:
    """Each run beside its notices."""
    return books.differences(RUNS)


@books.check("promise.amount", _("No more was promised than was open of the invoice."))
def promise_amount() -> Iterator[Difference]:
    """Each promise beside its invoice."""
    return books.differences(PROMISES)
