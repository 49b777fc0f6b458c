"""Putting a dispute aside until a moment. It comes back by itself, and at once when something happens to it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Event, LegalEntity, User
from disputes.choices import Nap
from disputes.errors import FieldErrors, IllegalAct
from disputes.lifecycle import Act
from disputes.models import Dispute
from disputes.services.common import STREAM, allow, day_of, due, lock, moment_for, tell

LONGEST = timedelta(days=366)
LATER = timedelta(hours=3)
NAPS = {Nap.TOMORROW: 1, Nap.THREE_DAYS: 3, Nap.WEEK: 7, Nap.MONTH: 30}


def refuse_stale(dispute: Dispute, seen: int | None, by: User | None) -> None:
    """Stop who acts on an old picture; the caller holds the dispute's lock.

    `seen` is the number of the newest event on the person's screen: what others did behind it they have not seen.
    """
    if seen is None:
        return
    behind = Event.objects.filter(stream=STREAM, object_id=dispute.pk, seq__gt=seen).select_related("actor")
    last = behind.exclude(actor=by).exclude(actor=None).order_by("-seq").first()
    if last is not None:
        raise IllegalAct(
            _("%(name)s changed this dispute meanwhile. Look again, then decide.") % {"name": last.actor},
            code="changed_meanwhile",
            seq=last.seq,
        )


@transaction.atomic
def snooze(*, dispute: Dispute, until: datetime, by: User, at: datetime, seen: int | None = None) -> Dispute:
    """Put the dispute aside until then: the views of work no longer show it, the view of the snoozed does."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.SNOOZE, by)
    refuse_stale(dispute, seen, by)
    at = moment_for(dispute, at)
    if until <= at:
        raise FieldErrors({"until": _("Choose a moment to come.")})
    if until > at + LONGEST:
        raise FieldErrors({"until": _("Choose a moment within a year.")})
    before, dispute.snoozed_until = dispute.snoozed_until, until
    dispute.save(update_fields=["snoozed_until"])
    data = {"until": until.isoformat(), "before": before.isoformat() if before else None}
    tell(dispute, "dispute.snoozed", by=by, at=at, data=data)
    return dispute


@transaction.atomic
def wake(
    *, dispute_id: int, by: User | None, at: datetime, why: str = "person", after: int | None = None
) -> bool:
    """Take a snoozed dispute up again; whether it slept. Harmless when it does not.

    `after` is the number of the event that wakes it: who put it aside later knew of it, and it sleeps on.
    """
    dispute = lock(dispute_id)
    if dispute.snoozed_until is None:
        return False
    if by is not None:
        allow(dispute, Act.SNOOZE, by)
    if after is not None and _put_aside_since(dispute_id, after):
        return False
    until, dispute.snoozed_until = dispute.snoozed_until, None
    dispute.save(update_fields=["snoozed_until"])
    data = {"why": why, "until": until.isoformat()}
    tell(dispute, "dispute.woken", by=by, at=moment_for(dispute, at), data=data)
    return True


def _put_aside_since(dispute_id: int, seq: int) -> bool:
    events = Event.objects.filter(stream=STREAM, object_id=dispute_id, kind="dispute.snoozed")
    return events.filter(seq__gt=seq).exists()


def wake_due(*, at: datetime, limit: int = 500) -> int:
    """Tell of those whose time has come (the views show them from that moment on, told or not); how many."""
    ids = Dispute.objects.filter(closed_at=None, snoozed_until__lte=at).order_by("snoozed_until", "pk")
    return sum(
        wake(dispute_id=pk, by=None, at=at, why="time") for pk in ids.values_list("pk", flat=True)[:limit]
    )


def end_of(nap: str, at: datetime, entity: LegalEntity) -> datetime:
    """When a nap ends: in three hours, or at the opening of the first working day after so many days."""
    days = NAPS.get(Nap(nap))
    if days is None:
        return at + LATER
    midnight = datetime.combine(
        day_of(at, entity) + timedelta(days=days), time(), ZoneInfo(entity.time_zone)
    ).astimezone(UTC)
    opening = due(midnight, 1, entity)
    assert opening is not None
    return opening - timedelta(minutes=1)
