"""Taking back what one just did, as long as nobody built on it."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Department, Event, User
from disputes.choices import HolderSide
from disputes.errors import IllegalAct
from disputes.lifecycle import Act
from disputes.models import Dispute, Reason
from disputes.services.common import STREAM, allow, lock
from disputes.services.managing import assign, classify
from disputes.services.snoozing import snooze, wake

# How long one's own act can be taken back.
WINDOW = timedelta(minutes=10)
MOST = 20


def undoable(*, dispute_id: int, by: User, at: datetime, since: int | None = None) -> list[Event]:
    """The events one may take back now, newest first: those behind number `since`, or the newest alone.

    Nothing when somebody else, or the system, did something meanwhile, or one of them cannot be taken back:
    a move along the route has asked or told somebody.
    """
    events = Event.objects.filter(stream=STREAM, object_id=dispute_id).order_by("-seq")
    newest = list(events[:1]) if since is None else list(events.filter(seq__gt=since)[:MOST])
    if not all(_mine(event, by, at) for event in newest):
        return []
    return newest


def _mine(event: Event, by: User, at: datetime) -> bool:
    known = event.kind in UNDO and (event.kind != "dispute.assigned" or "was" in event.data)
    return known and event.actor_id == by.pk and at - event.at <= WINDOW


@transaction.atomic
def undo(*, dispute: Dispute, by: User, at: datetime, since: int | None = None) -> Dispute:
    """Take back what `undoable` says; raises IllegalAct when that is nothing (any more)."""
    dispute = lock(dispute.pk)
    events = undoable(dispute_id=dispute.pk, by=by, at=at, since=since)
    if not events:
        raise IllegalAct(_("This cannot be undone any more."), code="cannot_undo")
    for event in events:
        UNDO[event.kind](event, lock(dispute.pk), by, at)
    return lock(dispute.pk)


def _undo_snooze(event: Event, dispute: Dispute, by: User, at: datetime) -> None:
    before = parse_datetime(event.data["before"] or "")
    if before is not None and before > at:
        snooze(dispute=dispute, until=before, by=by, at=at)
    else:
        wake(dispute_id=dispute.pk, by=by, at=at, why="undo")


def _undo_wake(event: Event, dispute: Dispute, by: User, at: datetime) -> None:
    until = parse_datetime(event.data["until"])
    if until is None or until <= at:
        raise IllegalAct(_("This cannot be undone any more."), code="cannot_undo")
    snooze(dispute=dispute, until=until, by=by, at=at)


def _undo_assignment(event: Event, dispute: Dispute, by: User, at: datetime) -> None:
    """Back to the person or department that had it, and to the former coordinator."""
    was = event.data["was"]
    allow(dispute, Act.ASSIGN, by)
    if was["holder_side"] != HolderSide.OURS:
        raise IllegalAct(_("This cannot be undone any more."), code="cannot_undo")
    assign(
        dispute=dispute,
        user=User.objects.filter(pk=was["holder_user"]).first(),
        department=Department.objects.filter(pk=was["holder_department"]).first(),
        coordinator=User.objects.get(pk=was["coordinator"]),
        by=by,
        at=at,
    )


def _undo_reason(event: Event, dispute: Dispute, by: User, at: datetime) -> None:
    reason = Reason.objects.get(entity=dispute.entity_id, code=event.data["from"]["code"])
    classify(dispute=dispute, reason=reason, by=by, at=at)


UNDO: dict[str, Callable[[Event, Dispute, User, datetime], None]] = {
    "dispute.snoozed": _undo_snooze,
    "dispute.woken": _undo_wake,
    "dispute.assigned": _undo_assignment,
    "dispute.classified": _undo_reason,
}
