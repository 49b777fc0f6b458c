"""One append-only row per thing that happened.

An event is the timeline on the page, the audit trail (each row carries the hash of the one before it in its
stream), the outbox for listeners in the rooms above, and the source of every duration. Delivery is at least
once: right after commit, and again by a sweeper until every listener has succeeded.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Q
from django.dispatch import Signal

if TYPE_CHECKING:
    from accounts.models import User

log = logging.getLogger(__name__)

# The one signal of the house: the hook where rooms meet without knowing each other.
event_committed = Signal()
# The kinds that somebody listens to. An event of another kind needs no delivery: it is done when it is written.
HEARD: set[str] = set()
Listener = Callable[["Event"], None]
GENESIS = "0" * 64
# How many events are written together, and how many of them are announced right after commit.
PIECE, AT_ONCE = 1000, 100


# Writing what stands there already takes the row's lock and gives it back in the same statement.
HEAD = """
INSERT INTO accounts_stream AS head (kind, object_id, last_seq, last_hash) VALUES (%s, %s, 0, %s)
ON CONFLICT (kind, object_id) DO UPDATE SET last_seq = head.last_seq RETURNING id, last_seq, last_hash
"""


class Stream(models.Model):
    """The head of one stream of events; its row lock puts the stream in order."""

    kind = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    last_seq = models.PositiveIntegerField(default=0)
    last_hash = models.CharField(max_length=64, default=GENESIS)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "object_id"], name="stream_unique_per_object")]

    def __str__(self) -> str:
        return f"{self.kind}:{self.object_id}"


class Event(models.Model):
    """Something that happened, never changed afterwards."""

    stream = models.CharField(max_length=30)
    object_id = models.BigIntegerField()
    seq = models.PositiveIntegerField()
    entity = models.ForeignKey("accounts.LegalEntity", models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=50)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()
    data = models.JSONField(default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    dispatched_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ("stream", "object_id", "seq")
        constraints = [
            models.UniqueConstraint(
                fields=["stream", "object_id", "seq"], name="event_seq_unique_per_stream"
            ),
        ]
        indexes = [
            # The sweeper looks for what has not reached its listeners.
            models.Index(fields=["id"], condition=Q(dispatched_at=None), name="event_pending"),
            # The activity page and the reports read one entity's events of a kind by time.
            models.Index(fields=["entity", "kind", "at"], name="event_by_entity_kind_time"),
        ]

    def __str__(self) -> str:
        return f"{self.stream}:{self.object_id}#{self.seq} {self.kind}"

    def digest(self) -> str:
        """The hash of this row's facts and of the row before it (hex SHA-256 of canonical JSON)."""
        facts = [
            self.stream,
            self.object_id,
            self.seq,
            self.entity_id,
            self.kind,
            self.actor_id,
            self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            self.data,
            self.previous_hash,
        ]
        text = json.dumps(facts, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode()).hexdigest()

    def as_data(self) -> dict[str, Any]:
        """Everything its hash is made of, and the name of who did it: what a pack of evidence holds."""
        return {
            "stream": self.stream,
            "object_id": self.object_id,
            "seq": self.seq,
            "entity": self.entity_id,
            "kind": self.kind,
            "actor": self.actor_id,
            "actor_name": self.actor.name if self.actor else "",
            "at": self.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "data": self.data,
            "previous_hash": self.previous_hash,
            "hash": self.hash,
        }


def _head(stream: str, object_id: int) -> tuple[int, int, str]:
    """The head of a stream, made when it has none yet, its row locked: its key, and its last number and hash."""
    with connection.cursor() as cursor:
        cursor.execute(HEAD, [stream, object_id, GENESIS])
        head: tuple[int, int, str] = cursor.fetchone()
    return head


def emit(
    *,
    stream: str,
    object_id: int,
    entity_id: int | None,
    kind: str,
    actor: User | None,
    at: datetime,
    data: dict[str, Any] | None = None,
) -> Event:
    """Write the next row of a stream and announce it after commit. Call inside a transaction.

    `data` must be plain JSON (amounts as strings, dates in ISO form).
    """
    head, last_seq, last_hash = _head(stream, object_id)
    event = Event(
        stream=stream,
        object_id=object_id,
        seq=last_seq + 1,
        entity_id=entity_id,
        kind=kind,
        actor=actor,
        at=at,
        data=data or {},
        previous_hash=last_hash,
        dispatched_at=None if kind in HEARD else at,
    )
    event.hash = event.digest()
    event.save(force_insert=True)
    Stream.objects.filter(pk=head).update(last_seq=event.seq, last_hash=event.hash)
    if event.dispatched_at is not None:
        return event
    # A lambda, not a partial: a failing partial would break the request after its commit (Django 36487).
    transaction.on_commit(lambda: _announce(event.pk, at), robust=True)
    return event


@dataclass(frozen=True, slots=True)
class Said:
    """What is to be written at one object: see `emit`."""

    object_id: int
    kind: str
    data: dict[str, Any]


def emit_all(
    *, stream: str, said: Sequence[Said], entity_id: int, actor: User | None, at: datetime
) -> list[Event]:
    """As `emit`, for many objects at once, each named at most once. A handful of statements per thousand.

    The listeners hear of the first hundred right after commit, of the others by the sweeper.
    """
    events: list[Event] = []
    ordered = sorted(said, key=lambda one: one.object_id)
    for start in range(0, len(ordered), PIECE):
        events += _emit_piece(stream, ordered[start : start + PIECE], entity_id, actor, at)
    for event in [event for event in events if event.dispatched_at is None][:AT_ONCE]:
        transaction.on_commit(lambda pk=event.pk: _announce(pk, at), robust=True)  # type: ignore[misc]
    return events


def _emit_piece(
    stream: str, said: Sequence[Said], entity_id: int, actor: User | None, at: datetime
) -> list[Event]:
    ids = [one.object_id for one in said]
    Stream.objects.bulk_create([Stream(kind=stream, object_id=pk) for pk in ids], ignore_conflicts=True)
    # By object: whoever writes at several takes their streams in the same order.
    rows = Stream.objects.select_for_update().filter(kind=stream, object_id__in=ids).order_by("object_id")
    heads = {head.object_id: head for head in rows}
    events = []
    for one in said:
        head = heads[one.object_id]
        event = Event(
            stream=stream,
            object_id=one.object_id,
            seq=head.last_seq + 1,
            entity_id=entity_id,
            kind=one.kind,
            actor=actor,
            at=at,
            data=one.data,
            previous_hash=head.last_hash,
            dispatched_at=None if one.kind in HEARD else at,
        )
        event.hash = event.digest()
        head.last_seq, head.last_hash = event.seq, event.hash
        events.append(event)
    Event.objects.bulk_create(events)
    Stream.objects.bulk_update(heads.values(), ["last_seq", "last_hash"])
    return events


def listen(*kinds: str) -> Callable[[Listener], Listener]:
    """Register a listener for events of these kinds. It must be idempotent: delivery is at least once."""

    HEARD.update(kinds)

    def register(function: Listener) -> Listener:
        def receiver(sender: object, event: Event, **_: Any) -> None:
            if event.kind in kinds:
                with transaction.atomic():
                    function(event)

        name = f"{function.__module__}.{function.__qualname__}"
        event_committed.connect(receiver, weak=False, dispatch_uid=name)
        return function

    return register


def _announce(event_id: int, at: datetime) -> None:
    relay(event_id, at=at)


def relay(event_id: int, *, at: datetime) -> bool:
    """Deliver one event to its listeners; False when it is taken, done already, or a listener failed."""
    with transaction.atomic():
        event = (
            Event.objects.select_for_update(skip_locked=True).filter(pk=event_id, dispatched_at=None).first()
        )
        if event is None:
            return False
        answers = event_committed.send_robust(Event, event=event)
        failures = [answer for _, answer in answers if isinstance(answer, Exception)]
        for failure in failures:
            log.error("A listener failed on %s; the sweeper will retry.", event, exc_info=failure)
        if failures:
            return False
        Event.objects.filter(pk=event.pk).update(dispatched_at=at)
    return True


def sweep(*, at: datetime, older_than: timedelta = timedelta(seconds=30), limit: int = 500) -> int:
    """Deliver what is still pending from before `at - older_than`; the number delivered."""
    pending = Event.objects.filter(dispatched_at=None, at__lt=at - older_than).order_by("pk")
    ids = list(pending.values_list("pk", flat=True)[:limit])
    return sum(relay(pk, at=at) for pk in ids)


def timeline(stream: str, object_id: int) -> models.QuerySet[Event]:
    """The events of one object in order, with the people who caused them."""
    return Event.objects.filter(stream=stream, object_id=object_id).select_related("actor").order_by("seq")


def verify_chain(stream: str, object_id: int) -> bool:
    """Whether no row of the stream was changed, taken out or put in."""
    previous = GENESIS
    rows = Event.objects.filter(stream=stream, object_id=object_id).order_by("seq")
    for seq, event in enumerate(rows.iterator(), start=1):
        if event.seq != seq or event.previous_hash != previous or event.hash != event.digest():
            return False
        previous = event.hash
    return True
