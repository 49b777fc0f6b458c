"""The check of segments: what counts for a customer is what a person has set, or what a rule in force says."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("segment", _("segment"), "ledger:customer")

PINNED = """
SELECT c.entity_id, 'segment', c.id, c.name, coalesce(e.segment, 'declared'), p.segment
FROM collections_app_segmentpin p JOIN ledger_customer c ON c.id = p.customer_id
LEFT JOIN collections_app_effectivesegment e ON e.customer_id = c.id
WHERE e.segment IS DISTINCT FROM p.segment OR e.rule_id IS NOT NULL
"""
RULED = """
SELECT c.entity_id, 'segment', c.id, c.name, coalesce(e.segment, 'declared'),
       CASE WHEN v.current AND v.entity_id = c.entity_id THEN coalesce(nullif(r.segment, ''), 'declared') ELSE '' END
FROM collections_app_effectivesegment e JOIN ledger_customer c ON c.id = e.customer_id
LEFT JOIN collections_app_segmentrule r ON r.id = e.rule_id
LEFT JOIN collections_app_segmentrules v ON v.id = r.version_id
LEFT JOIN collections_app_segmentpin p ON p.customer_id = c.id
WHERE p.customer_id IS NULL
  AND (r.id IS NULL OR NOT v.current OR v.entity_id <> c.entity_id OR nullif(r.segment, '') IS DISTINCT FROM e.segment)
"""


@books.check(
    "segment.source", _("A customer's segment is what a person has set, or what a rule in force says.")
)
def segment_source() -> Iterator[Difference]:
    """Each stored segment beside its pin or its rule."""
    for query in (PINNED, RULED):
        yield from books.differences(query)
