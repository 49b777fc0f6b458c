"""Deadlines on the calendars of those who hold the dispute, kept right when anything they follow from changes."""

from __future__ import annotations

from datetime import datetime

from accounts.selectors import Offices
from disputes.choices import HolderSide
from disputes.clocks import Office
from disputes.models import Dispute, Stage
from disputes.runs import Held, reached, run_of


def office_of(
    offices: Offices, side: str, user_id: int | None, department_id: int | None, country: str
) -> Office:
    """The working hours of a holder: the customer's on their side, the person's or department's on any other."""
    if side == HolderSide.CUSTOMER:
        return offices.customer(country)
    return offices.ours(user_id, department_id)


def holder_office(dispute: Dispute, offices: Offices) -> Office:
    """The working hours of who has the dispute now."""
    return office_of(
        offices,
        dispute.holder_side,
        dispute.holder_user_id,
        dispute.holder_department_id,
        dispute.customer.country,
    )


def held(dispute: Dispute, offices: Offices) -> list[Held]:
    """The stays of a dispute as the clock sees them, in order."""
    country = dispute.customer.country
    return [
        Held(
            stay.stage_id,
            stay.status,
            stay.stage.clock_stops,
            stay.started_at,
            stay.ended_at,
            office_of(offices, stay.holder_side, stay.holder_user_id, stay.holder_department_id, country),
        )
        for stay in dispute.stays.select_related("stage").order_by("seq")
    ]


def due_of(stage: Stage, stays: list[Held]) -> datetime | None:
    """When the time of the stage is used up; None without a deadline, or while the clock stands still."""
    if stage.clock_stops or stage.deadline_minutes is None:
        return None
    return reached(run_of(stays), stage.deadline_minutes)


def set_due(dispute: Dispute, at: datetime, offices: Offices | None = None) -> None:
    """Write the deadline of a dispute that just got its stage and holder (not saved), before its stay begins."""
    stage = dispute.stage
    if stage.clock_stops or stage.deadline_minutes is None:
        dispute.due_at = None
        return
    offices = offices or Offices(dispute.entity)
    before = held(dispute, offices) if dispute.pk else []
    if before and before[-1].end is None:
        last = before.pop()
        before.append(Held(last.stage, last.status, last.stops, last.start, at, last.office))
    now = Held(stage.pk, dispute.status, stage.clock_stops, at, None, holder_office(dispute, offices))
    dispute.due_at = due_of(stage, [*before, now])
