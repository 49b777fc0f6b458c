"""The branches of a stage that run at the same time: beginning, following and cancelling them.

While branches run, the dispute is with whoever has the one that is due first. The caller holds the dispute's lock.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import F, QuerySet

from accounts.models import User
from accounts.selectors import Offices
from disputes import clocks
from disputes.choices import HolderSide, RunState
from disputes.models import BranchRun, Dispute, Stage, StageBranch
from disputes.services import asking
from disputes.services.common import day_of, holder_facts, start_stay, tell
from disputes.services.holding import Holder, find_holder, give_to, take_part
from disputes.services.timing import office_of, set_due


@dataclass(frozen=True, slots=True)
class Planned:
    """A branch as it will run: who gets it, and until when."""

    branch: StageBranch
    holder: Holder
    due_at: datetime | None


def plan(dispute: Dispute, stage: Stage, at: datetime) -> list[Planned]:
    """The branches of a stage for this dispute, the one that is due first at the front."""
    on = day_of(at, dispute.entity)
    offices = Offices(dispute.entity)
    planned = []
    for branch in stage.branches.select_related("department", "person"):
        holder = find_holder(stage=branch, customer=dispute.customer, coordinator=dispute.coordinator, on=on)
        minutes = branch.deadline_minutes or stage.deadline_minutes
        planned.append(Planned(branch, holder, _due(dispute, holder, minutes, at, offices)))
    return sorted(planned, key=lambda one: (one.due_at is None, one.due_at or at, one.branch.position))


def _due(
    dispute: Dispute, holder: Holder, minutes: int | None, at: datetime, offices: Offices
) -> datetime | None:
    """When a branch is due, on the calendar of whoever has it."""
    if minutes is None:
        return None
    user, team = holder.user, holder.department
    office = office_of(
        offices,
        holder.side,
        user.pk if user else None,
        team.pk if team else None,
        dispute.customer.country,
    )
    return clocks.add_working(at, minutes, office)


def due_of_run(run: BranchRun, dispute: Dispute, offices: Offices) -> datetime | None:
    """When a running branch is due, on the calendar of whoever has it now."""
    holder = Holder(HolderSide(run.holder_side), run.holder_user, run.holder_department)
    minutes = run.branch.deadline_minutes or run.branch.stage.deadline_minutes
    return _due(dispute, holder, minutes, run.started_at, offices)


def place(dispute: Dispute, stage: Stage, at: datetime) -> None:
    """Write stage, status, holder and deadline on the dispute (not saved), before its stay begins."""
    dispute.stage, dispute.status = stage, stage.status
    first = next(iter(plan(dispute, stage, at)), None) if stage.wait_for else None
    if first is not None:
        give_to(dispute, first.holder)
        set_due(dispute, at)  # The alerts of the stage count from its own deadline.
        dispute.due_at = first.due_at
        return
    on = day_of(at, dispute.entity)
    give_to(
        dispute, find_holder(stage=stage, customer=dispute.customer, coordinator=dispute.coordinator, on=on)
    )
    set_due(dispute, at)


def begin(dispute: Dispute, at: datetime, *, done: Mapping[str, BranchRun] | None = None) -> list[BranchRun]:
    """Start the branches of the stage the dispute has just come to, and ask what each of them asks.

    `done`: what branches of these codes brought before, on another edition; they are not started again.
    """
    if not dispute.stage.wait_for:
        return []
    runs = []
    for one in plan(dispute, dispute.stage, at):
        if done and one.branch.code in done:
            runs.append(_as_before(done[one.branch.code], dispute, one.branch, at))
            continue
        run = BranchRun.objects.create(
            dispute=dispute,
            branch=one.branch,
            holder_side=one.holder.side,
            holder_user=one.holder.user,
            holder_department=one.holder.department,
            started_at=at,
            due_at=one.due_at,
        )
        take_part(dispute, [run.holder_user], at)
        tell(dispute, "branch.started", by=None, at=at, data=run_facts(run))
        asking.ask_for_branch(dispute, run, at=at)
        runs.append(run)
    return runs


def _as_before(old: BranchRun, dispute: Dispute, branch: StageBranch, at: datetime) -> BranchRun:
    """What a branch brought on another edition, written down for this one."""
    names = (
        "state",
        "holder_side",
        "holder_user",
        "holder_department",
        "due_at",
        "done_by",
        "result",
        "note",
    )
    kept = {name: getattr(old, name) for name in names}
    return BranchRun.objects.create(dispute=dispute, branch=branch, started_at=at, ended_at=at, **kept)


def open_runs(dispute: Dispute) -> QuerySet[BranchRun]:
    """The branches that still run, the one that is due first at the front."""
    rows = BranchRun.objects.filter(dispute=dispute, state=RunState.OPEN)
    rows = rows.select_related("branch", "holder_user", "holder_department")
    return rows.order_by(F("due_at").asc(nulls_last=True), "branch__position", "pk")


def cancel_open(dispute: Dispute, *, by: User | None, at: datetime) -> None:
    """End the branches that still run: the dispute leaves their stage. Their questions are taken back elsewhere."""
    for run in open_runs(dispute):
        run.state, run.ended_at = RunState.CANCELLED, max(at, run.started_at)
        run.save(update_fields=["state", "ended_at"])
        tell(dispute, "branch.cancelled", by=by, at=at, data=run_facts(run))


def follow(dispute: Dispute, at: datetime) -> None:
    """Give the dispute to whoever has the branch that is due first; a change of holder is a stay of its own."""
    first = open_runs(dispute).first()
    if first is None or dispute.status != dispute.stage.status:
        return
    before = (dispute.holder_side, dispute.holder_user_id, dispute.holder_department_id)
    after = (first.holder_side, first.holder_user_id, first.holder_department_id)
    dispute.holder_side, dispute.holder_user = first.holder_side, first.holder_user
    dispute.holder_department, dispute.due_at = first.holder_department, first.due_at
    dispute.save(update_fields=["holder_side", "holder_user", "holder_department", "due_at"])
    if before != after:
        start_stay(dispute, at)
        take_part(dispute, [dispute.holder_user], at)
        data = {"branch": first.branch.code, "coordinator": dispute.coordinator_id, **holder_facts(dispute)}
        tell(dispute, "dispute.assigned", by=None, at=at, data=data)


def run_facts(run: BranchRun) -> dict[str, object]:
    """A branch as events tell it."""
    return {
        "branch": run.branch.code,
        "labels": run.branch.labels,
        "result": run.result,
        "note": run.note,
        **{name: value for name, value in holder_facts(run).items() if name != "status"},
    }
