"""What several services of the room share."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import models
from django.db.models import F

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from accounts.selectors import Offices
from disputes import clocks
from disputes.choices import RunState
from disputes.lifecycle import Act, check, check_status
from disputes.models import BranchRun, Dispute, Stage, Stay
from ledger.models import Invoice

STREAM = "dispute"


def day_of(at: datetime, entity: LegalEntity) -> date:
    """The calendar day it is at `at` where the legal entity is."""
    return at.astimezone(ZoneInfo(entity.time_zone)).date()


def due(at: datetime, minutes: int | None, entity: LegalEntity, user: User | None = None) -> datetime | None:
    """`minutes` of working time after `at`, by the person's calendar or the entity's; None without a deadline."""
    if minutes is None:
        return None
    return clocks.add_working(at, minutes, Offices(entity).ours(user.pk if user else None))


def write(row: models.Model) -> None:
    """Check what can be wrong with the row by itself, then save it; relations are the database's business."""
    relations = [field.name for field in row._meta.fields if field.is_relation]
    row.full_clean(exclude=relations, validate_unique=False)
    row.save()


def lock_invoices(ids: Iterable[int]) -> dict[int, Invoice]:
    """Lock invoices in the order of the house, before any dispute. Same mode as an allocation takes."""
    rows = Invoice.objects.filter(pk__in=set(ids)).order_by("pk").select_for_update(of=("self",), no_key=True)
    return {invoice.pk: invoice for invoice in rows.select_related("customer")}


def lock(dispute_id: int) -> Dispute:
    """Lock a dispute and read it as it is now.

    Two steps: a lock that waited rechecks only the locked row, so with a join to the stage a dispute that was
    moved meanwhile would not be found at all.
    """
    Dispute.objects.locked().get(pk=dispute_id)
    rows = Dispute.objects.select_related("entity", "customer__salesperson", "stage", "coordinator")
    dispute: Dispute = rows.get(pk=dispute_id)
    return dispute


def lock_disputes(ids: Iterable[int]) -> dict[int, Dispute]:
    """Lock several disputes in the order of the house, and read them as they are now."""
    wanted = sorted(set(ids))
    list(Dispute.objects.filter(pk__in=wanted).locked())
    rows = Dispute.objects.select_related("entity", "customer__salesperson", "stage", "coordinator", "reason")
    found: dict[int, Dispute] = rows.in_bulk(wanted)
    return found


def allow(dispute: Dispute, act: Act, by: User | None) -> None:
    """Ask the table of the lifecycle; the system itself (None) is only asked about the status."""
    if by is None:
        check_status(dispute.status, act)
    else:
        check(dispute.status, act, policy.scope(by).roles_in(dispute.entity_id))


def moment_for(dispute: Dispute, at: datetime) -> datetime:
    """`at`, but never before the present stay began: two clocks may differ by a little."""
    started: datetime | None = dispute.stays.order_by("-seq").values_list("started_at", flat=True).first()
    latest = max(filter(None, [started, dispute.closed_at]), default=at)
    return max(at, latest)


def tell(dispute: Dispute, kind: str, *, by: User | None, at: datetime, data: dict[str, Any]) -> None:
    """Write the next event of the dispute's stream."""
    emit(
        stream=STREAM,
        object_id=dispute.pk,
        entity_id=dispute.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data=data,
    )


def stage_facts(stage: Stage | None) -> dict[str, Any] | None:
    """A stage as events tell it: readable without looking anything up."""
    return None if stage is None else {"code": stage.code, "labels": stage.labels}


def holder_facts(dispute: Dispute | BranchRun) -> dict[str, Any]:
    """Who has the dispute, or a branch of it, as events tell it."""
    return {
        "status": dispute.status if isinstance(dispute, Dispute) else dispute.state,
        "holder_side": dispute.holder_side,
        "holder_user": dispute.holder_user_id,
        "holder_department": dispute.holder_department_id,
        "holder": "" if dispute.holder_side != "ours" else dispute.holder_name,
        "due_at": dispute.due_at.isoformat() if dispute.due_at else None,
    }


def start_stay(dispute: Dispute, at: datetime, *, status: str = "", side: str = "") -> Stay:
    """End the present stay and begin the next, both at `at`. With `side`, a stay nobody of ours holds."""
    newest = dispute.stays.order_by("-seq").first()
    if newest is not None and newest.ended_at is None:
        Stay.objects.filter(pk=newest.pk).update(ended_at=at)
    stay = Stay.objects.create(
        dispute=dispute,
        seq=newest.seq + 1 if newest else 1,
        stage=dispute.stage,
        status=status or dispute.status,
        holder_side=side or dispute.holder_side,
        holder_user=None if side else dispute.holder_user,
        holder_department=None if side else dispute.holder_department,
        started_at=at,
    )
    if dispute.stage.wait_for and not side and dispute.status == dispute.stage.status:
        _give_first_branch(dispute)
    return stay


def first_run(dispute: Dispute) -> BranchRun | None:
    """The running branch that is due first: who has it has the dispute."""
    running = BranchRun.objects.filter(dispute=dispute, state=RunState.OPEN)
    return running.order_by(F("due_at").asc(nulls_last=True), "branch__position", "pk").first()


def _give_first_branch(dispute: Dispute) -> None:
    """Whoever gets a dispute whose branches run gets the one that is due first."""
    first = first_run(dispute)
    if first is not None:
        first.holder_side, first.holder_user = dispute.holder_side, dispute.holder_user
        first.holder_department = dispute.holder_department
        first.save(update_fields=["holder_side", "holder_user", "holder_department"])
