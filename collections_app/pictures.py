"""A plan as a line of steps from before the due date to the last one."""

from collections.abc import Container
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collections_app.models import Plan, PlanVersion
from collections_app.plan_words import conditions
from disputes.labels import in_language


@dataclass(frozen=True, slots=True)
class Stop:
    """One mark on the line."""

    name: str
    day: str
    due_today: bool
    origin: bool = False
    condition: str = ""


@dataclass(frozen=True, slots=True)
class PlanPicture:
    """A plan's name, whom it is for, and its marks with the due date among them."""

    name: str
    segments: list[str]
    version: int
    stops: list[Stop]


def drawn(plan: Plan, due: Container[int]) -> PlanPicture:
    """The picture of the version in force; the steps in `due` (by id) are marked."""
    return drawn_version(plan, plan.version, due)


def drawn_version(plan: Plan, version: PlanVersion, due: Container[int] = ()) -> PlanPicture:
    """The picture of any version of the plan."""
    currency = plan.entity.currency
    stops = [
        (step.days, Stop(step.name, when(step.days), step.pk in due, condition=conditions(step, currency)))
        for step in version.steps.all()
    ]
    stops.append((0, Stop(_("Due date"), "", False, origin=True)))
    ordered = [stop for _days, stop in sorted(stops, key=lambda pair: pair[0])]
    followers = [segment.get_code_display() for segment in plan.segments.all()]
    return PlanPicture(in_language(plan.labels) or plan.code, followers, version.number, ordered)


def when(days: int) -> str:
    """`5 days before`, `15 days after`."""
    if days < 0:
        return ngettext("%(n)d day before", "%(n)d days before", -days) % {"n": -days}
    return ngettext("%(n)d day after", "%(n)d days after", days) % {"n": days}
