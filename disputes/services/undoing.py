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
from disputes.services.common import (
    STREAM,
    allow,
    holder_facts,
    lock,
    moment_for,
    stage_facts,
    start_stay,
    tell,
)
from disputes.services.managing import assign, classify
from disputes.services.snoozing import snooze, wake
from disputes.services.timing import set_due

# How long one's own act can be taken back.
WINDOW = timedelta(minutes=10)
MOST = 20
MOVED = "dispute.moved"
# What says in its event how it was before.
WITH_WAS = ("dispute.assigned", MOVED)


def undoable(*, dispute_id: int, by: User, at: datetime, since: int | None = None) -> list[Event]:
    """The events one may take back now, newest first: those behind number `since`, or the newest alone.

    Nothing when somebody else, or the system, did something meanwhile, or one of them cannot be taken back:
    `why_not` says it of a move.
    """
    events = Event.objects.filter(stream=STREAM, object_id=dispute_id).order_by("-seq")
    newest = list(events[:1]) if since is None else list(events.filter(seq__gt=since)[:MOST])
    if not all(_mine(event, by, at) for event in newest):
        return []
    return newest


def _mine(event: Event, by: User, at: datetime) -> bool:
    known = event.kind in UNDO and (event.kind not in WITH_WAS or "was" in event.data)
    free = event.kind != MOVED or not event.data["given"]
    return known and free and event.actor_id == by.pk and at - event.at <= WINDOW


def why_not(*, dispute_id: int, by: User, at: datetime) -> str:
    """Why the move that this person just made stays; nothing when they made none, or it can be taken back."""
    events = Event.objects.filter(stream=STREAM, object_id=dispute_id).order_by("seq")
    mine = events.filter(actor=by, kind__in=(MOVED, "dispute.closed"), at__gte=at - WINDOW)
    move = mine.order_by("-seq").first()
    if move is None or "undone" in move.data:
        return ""
    if move.kind != MOVED:
        return _("It is closed: open it again on its page.")
    if move.data["given"]:
        return _("What was filled in with the move stays.")
    if took_back(move):
        return _("The move took back a question or a branch.")
    later = events.filter(seq__gt=move.seq).first()
    if later is None:
        return ""
    if later.kind == "question.asked":
        return _("The move asked %(name)s something.") % {"name": later.data["asked_of_name"]}
    told = {
        "dispute.letter": _("A letter left with the move."),
        "branch.started": _("The move started several branches."),
    }
    return told.get(later.kind, _("Something was done since."))


def took_back(move: Event) -> bool:
    """Whether questions or branches ended with the move: they do not come back."""
    before = Event.objects.filter(stream=STREAM, object_id=move.object_id, seq__lt=move.seq, at=move.at)
    return before.filter(kind__in=("question.withdrawn", "branch.cancelled")).exists()


@transaction.atomic
def undo(*, dispute: Dispute, by: User, at: datetime, since: int | None = None) -> Dispute:
    """Take back what `undoable` says; raises IllegalAct when that is nothing (any more)."""
    dispute = lock(dispute.pk)
    events = undoable(dispute_id=dispute.pk, by=by, at=at, since=since)
    if not events:
        why = why_not(dispute_id=dispute.pk, by=by, at=at)
        raise IllegalAct(why or _("This cannot be undone any more."), code="cannot_undo")
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


def _undo_move(event: Event, dispute: Dispute, by: User, at: datetime) -> None:
    """Back to the stage and the holder it came from, with the deadline it had: nobody gains time by it."""
    stays = list(
        dispute.stays.select_related("stage", "holder_user", "holder_department").order_by("-seq")[:2]
    )
    if len(stays) < 2 or took_back(event):
        raise IllegalAct(_("The move took back a question or a branch."), code="cannot_undo")
    allow(dispute, Act.MOVE, by)
    at, left, former = moment_for(dispute, at), dispute.stage, stays[1]
    dispute.stage, dispute.status = former.stage, former.status
    dispute.holder_side, dispute.holder_user = former.holder_side, former.holder_user
    dispute.holder_department = former.holder_department
    set_due(dispute, at)
    due_at = parse_datetime(event.data["was"]["due_at"] or "")
    if due_at and dispute.due_at and dispute.alert_at:
        dispute.alert_at -= dispute.due_at - due_at
    dispute.due_at = due_at
    dispute.save()
    start_stay(dispute, at)
    facts = {"from": stage_facts(left), "to": stage_facts(former.stage), **holder_facts(dispute)}
    facts |= {"move": "", "labels": {}, "question": None, "given": {}, "undone": event.seq}
    tell(dispute, MOVED, by=by, at=at, data=facts)


UNDO: dict[str, Callable[[Event, Dispute, User, datetime], None]] = {
    "dispute.snoozed": _undo_snooze,
    "dispute.woken": _undo_wake,
    "dispute.assigned": _undo_assignment,
    "dispute.classified": _undo_reason,
    MOVED: _undo_move,
}
