"""What people here promised each other, and what became of it."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from zoneinfo import ZoneInfo

from disputes.models import InternalPromise
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame

KEEPERS = ("keeper", "department")


@dataclass(slots=True)
class Kept:
    """The promises of one keeper whose day lies in the period."""

    key: str
    label: str
    counts: Counter[str] = field(default_factory=Counter)


def kept_by(frame: Frame, period: Period, by: str) -> list[Kept]:
    """Kept by their day, broken, still running at the frame's day; by person or by department. One query.

    What was released by then is in no count.
    """
    rows = InternalPromise.objects.filter(
        dispute__customer__in=frame.customers, due_on__gte=period.first, due_on__lte=period.last
    ).exclude(**{by: None})
    zone = ZoneInfo(frame.entity.time_zone)
    found: dict[int, Kept] = {}
    for promise in rows.select_related("keeper", "department").order_by("pk"):
        if promise.made_at.astimezone(zone).date() > frame.as_of:
            continue
        if frame.known_at is not None and promise.made_at > frame.known_at:
            continue
        owner = promise.keeper if by == "keeper" else promise.department
        assert owner is not None
        kept = found.setdefault(owner.pk, Kept(str(owner.pk), str(owner)))
        kept.counts[_state(promise, frame.as_of, zone)] += 1
    return sorted(found.values(), key=lambda one: one.label)


def _state(promise: InternalPromise, as_of: date, zone: ZoneInfo) -> str:
    kept = promise.kept_at.astimezone(zone).date() if promise.kept_at else None
    ended = promise.ended_at.astimezone(zone).date() if promise.ended_at else None
    if promise.state == "released" and ended is not None and ended <= as_of:
        return "released"
    if kept is not None and kept <= min(promise.due_on, as_of):
        return "kept"
    return "broken" if promise.due_on < as_of else "running"
