"""What would happen if a question came now, in words."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from accounts.reach.rules import Plan, Wishes, plan
from lib import formats


def explain(wishes: Wishes, at: datetime, *, event: ReachEvent = ReachEvent.QUESTION) -> list[str]:
    """One sentence for each channel, the earliest first."""
    return sentences(plan(event, wishes, at), at)


def sentences(planned: Plan, at: datetime) -> list[str]:
    """The plan in words."""
    found = []
    for step in planned.steps:
        when = _("at once") if step.at == at else formats.moment(step.at)
        words = {"channel": ReachChannel(step.channel).label, "when": when, "why": Reason(step.why).label}
        plain = step.why in (Reason.PLANNED, Reason.URGENT)
        found.append(
            _("%(channel)s: %(when)s") % words if plain else _("%(channel)s: %(when)s, %(why)s") % words
        )
    for channel, why in planned.left_out:
        words = {"channel": ReachChannel(channel).label, "why": Reason(why).label}
        found.append(_("%(channel)s: not, %(why)s") % words)
    return found
