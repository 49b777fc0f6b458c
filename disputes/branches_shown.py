"""The branches of a dispute as its card and the API show them: those of the stage it went through last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from disputes.guests import is_guest, may_see_branch
from disputes.lifecycle import Act
from disputes.models import BranchRun, Dispute
from disputes.selectors import acts_for
from disputes.services import may_finish


@dataclass(frozen=True, slots=True)
class BranchRow:
    """A branch, and what this person sees of it: whether it is late, whether they may finish it."""

    run: BranchRun
    late: bool
    may_finish: bool


def last_runs(dispute: Dispute, user: User) -> list[BranchRun]:
    """The branches that run, or ran when it went through a stage with branches last. A guest sees their own."""
    rows = BranchRun.objects.filter(dispute=dispute).select_related(
        "branch__stage", "holder_user", "holder_department", "done_by"
    )
    runs = list(rows.order_by("-started_at", "branch__position"))
    last = [run for run in runs if run.started_at == runs[0].started_at]
    return [run for run in last if may_see_branch(user, run)] if is_guest(user, dispute.entity_id) else last


def branches_shown(dispute: Dispute, user: User, at: datetime) -> list[BranchRow]:
    """The rows of the panel, in the order of the route."""
    acts = Act.FINISH_BRANCH in acts_for(dispute, user)
    return [
        BranchRow(
            run=run,
            late=run.is_open and run.due_at is not None and run.due_at < at,
            may_finish=acts and run.is_open and may_finish(run, dispute, user, at),
        )
        for run in last_runs(dispute, user)
    ]
