"""The checks of the accounts room: the streams of events are whole, and the guards of the database are on."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from accounts.events import GENESIS, Event
from lib import books
from lib.books import Difference

books.kind("event", _("event"))
books.kind("entity", _("legal entity"))
books.kind("guard", _("guard of the database"))

CHAIN = """
SELECT entity_id, 'event', id, stream || ':' || object_id || '#' || seq || ' ' || kind,
       seq || ' after ' || left(previous_hash, 12), place || ' after ' || left(expected, 12), stream, object_id
FROM (SELECT e.id, e.entity_id, e.stream, e.object_id, e.seq, e.kind, e.previous_hash,
             lag(e.hash, 1, %(genesis)s) OVER w AS expected, row_number() OVER w AS place
      FROM accounts_event e WINDOW w AS (PARTITION BY e.stream, e.object_id ORDER BY e.seq)) x
WHERE seq <> place OR previous_hash <> expected
"""
HEADS = """
SELECT e.entity_id, 'event', e.id, coalesce(s.kind || ':' || s.object_id, e.stream || ':' || e.object_id),
       coalesce(s.last_seq || ' ' || left(s.last_hash, 12), 'none'), coalesce(e.seq || ' ' || left(e.hash, 12), '0'),
       coalesce(s.kind, e.stream), coalesce(s.object_id, e.object_id)
FROM accounts_stream s FULL JOIN (
    SELECT DISTINCT ON (stream, object_id) id, entity_id, stream, object_id, seq, hash FROM accounts_event
    ORDER BY stream, object_id, seq DESC) e ON e.stream = s.kind AND e.object_id = s.object_id
WHERE (s.last_seq, s.last_hash) IS DISTINCT FROM (coalesce(e.seq, 0), coalesce(e.hash, %(genesis)s))
"""
# A guard that was switched off for a repair and forgotten. `conenforced` exists from PostgreSQL 18 on.
GUARDS = """
SELECT NULL::bigint, 'guard', NULL::bigint, c.relname || ': ' || t.tgname, 'off', 'on'
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema() AND t.tgenabled <> 'O'
UNION ALL
SELECT NULL, 'guard', NULL, c.relname || ': ' || k.conname, 'off', 'on'
FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = current_schema()
  AND (NOT k.convalidated OR coalesce((to_jsonb(k) ->> 'conenforced')::boolean, true) = false)
"""


@books.check("event.chain", _("Each event carries the hash of the one before it, without a gap."))
def event_chain() -> Iterator[Difference]:
    """No event was put in or taken out."""
    return books.differences(CHAIN, {"genesis": GENESIS})


@books.check("event.head", _("The head of each stream is its last event."))
def event_head() -> Iterator[Difference]:
    """No event was cut off at the end."""
    return books.differences(HEADS, {"genesis": GENESIS})


@books.check("event.hash", _("Each event's hash is that of its facts."))
def event_hash() -> Iterator[Difference]:
    """No event was changed. Reads every event, a piece at a time."""
    for event in Event.objects.order_by("pk").iterator(chunk_size=books.PIECE):
        computed = event.digest()
        if event.hash != computed:
            stored, expected = event.hash[:12], computed[:12]
            yield Difference(
                event.entity_id,
                "event",
                event.pk,
                str(event),
                stored,
                expected,
                event.stream,
                event.object_id,
            )


@books.check("guard.on", _("Every guard of the database is switched on."))
def guard_on() -> Iterator[Difference]:
    """No trigger is disabled, no constraint is left unchecked."""
    return books.differences(GUARDS)
