"""The panels of a dispute's card that are not its very core: one row each, in the order people see them.

A part of the room that has something to show adds its row to `PANELS`; what its `build` returns is `panel` in its
template, and nothing is shown when it returns None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts import policy
from accounts.models import User
from disputes import decisions, evidence_shown, selectors
from disputes.branches_shown import branches_shown
from disputes.guests import is_guest
from disputes.lifecycle import Act
from disputes.models import Dispute
from disputes.priority_words import explain
from disputes.told_shown import answers_of
from disputes.waits_shown import waits_panel

Build = Callable[[Dispute, User, datetime], Any]


@dataclass(frozen=True, slots=True)
class Panel:
    """A template, and what it shows."""

    template: str
    build: Build
    for_guests: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel with its content, for one person and one moment."""

    template: str
    panel: Any


def told(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """What the customer's system says about the invoices."""
    rows = answers_of(dispute)
    no_message = not policy.may(user, "ledger.read", dispute.entity_id)
    return {"rows": rows, "no_message": no_message} if rows else None


def case(dispute: Dispute, user: User, at: datetime) -> dict[str, Any]:
    """Why it is as urgent as it is, and where it belongs: its mass dispute, the dispute it came from or went into."""
    kin = {pk for pk in (dispute.merged_into_id, dispute.split_from_id) if pk}
    return {
        "priority": explain(dispute) if dispute.is_open else [],
        "sees_mass": dispute.entity_id in policy.scope(user).wide("dispute.read"),
        "sees": set(selectors.disputes_for(user).filter(pk__in=kin).values_list("pk", flat=True))
        if kin
        else set(),
    }


def running(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """The branches that run at the same time, or ran last: who has each, until when, what came out."""
    rows = branches_shown(dispute, user, at)
    if not rows:
        return None
    first = rows[0].run.branch.stage
    may_give = Act.ASSIGN in selectors.acts_for(dispute, user)
    return {"rows": rows, "dispute": dispute, "wait_for": first.wait_for, "may_give": may_give}


PANELS = (
    Panel("disputes/_branches_panel.html", running, for_guests=True),
    Panel("disputes/_approval_panel.html", decisions.approval_panel),
    Panel("disputes/_offers_panel.html", decisions.offers_panel),
    Panel("disputes/_credits_panel.html", decisions.credits_panel),
    Panel("disputes/_promises_panel.html", decisions.promises_panel),
    Panel("disputes/_told_panel.html", told),
    Panel("disputes/_evidence_panel.html", evidence_shown.panel, for_guests=True),
    Panel("disputes/_waits_panel.html", waits_panel),
    Panel("disputes/_case_panel.html", case),
)


def panels_of(dispute: Dispute, user: User, at: datetime) -> list[Shown]:
    """What the card of this dispute shows this person below its core."""
    guest = is_guest(user, dispute.entity_id)
    wanted = (one for one in PANELS if one.for_guests or not guest)
    built = ((one.template, one.build(dispute, user, at)) for one in wanted)
    return [Shown(template, content) for template, content in built if content is not None]
