"""Deadlines on the calendars of those who hold the dispute, kept right when anything they follow from changes."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from accounts.selectors import Offices
from disputes.alerts import Alert, moments, next_after
from disputes.choices import HolderSide, RunState
from disputes.clocks import Office
from disputes.models import AlertSent, Dispute, Stage
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


def falling(stays: list[Held], dispute: Dispute) -> list[tuple[datetime, Alert]]:
    """The alerts of its stage that fall into the present stay (the last of `stays`), and when.

    With those that fell in the stay before while nobody was told.
    """
    stage = dispute.stage
    if stage.clock_stops or stage.deadline_minutes is None:
        return []
    rows = stage.alerts.order_by("minutes", "pk").values_list("pk", "minutes", "to", "hand_over")
    alerts = [Alert(*row) for row in rows]
    if not alerts:
        return []
    before = AlertSent.objects.filter(stay__dispute=dispute.pk, stay__started_at__lt=stays[-1].start)
    told = set(before.values_list("alert", flat=True)) if dispute.pk and len(stays) > 1 else set()
    return moments(run_of(stays), stage.deadline_minutes, alerts, told)


def set_due(dispute: Dispute, at: datetime, offices: Offices | None = None) -> None:
    """Write deadline and next alert of a dispute that just got its stage and holder, before its stay begins.

    The row is not saved. While branches run, the deadline is that of the branch which is due first.
    """
    stage = dispute.stage
    if dispute.pk and dispute.branch_runs.filter(state=RunState.OPEN).exists():
        return
    dispute.due_at = dispute.alert_at = None
    if stage.clock_stops or stage.deadline_minutes is None:
        return
    offices = offices or Offices(dispute.entity)
    stays = held(dispute, offices) if dispute.pk else []
    if stays and stays[-1].end is None:
        stays[-1] = replace(stays[-1], end=at)
    stays.append(Held(stage.pk, dispute.status, False, at, None, holder_office(dispute, offices)))
    dispute.due_at = due_of(stage, stays)
    dispute.alert_at = next_after(falling(stays, dispute), ())
