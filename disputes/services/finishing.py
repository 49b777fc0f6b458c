"""Finishing branches, and going on when enough of them are done. One dispute's branches change one after the other."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import Absence, Department, User
from accounts.selectors import Offices
from disputes.choices import HolderSide, QuestionStatus, RunState, WaitFor
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.lifecycle import Act
from disputes.models import Answer, BranchRun, Dispute, Question
from disputes.services import asking
from disputes.services.branches import due_of_run, follow, open_runs, run_facts
from disputes.services.common import allow, day_of, lock, moment_for, tell
from disputes.services.holding import stand_in, take_part
from disputes.services.moving import make_move

LONGEST_RESULT, LONGEST_NOTE = 200, 4000


@transaction.atomic
def finish_branch(
    *, dispute: Dispute, branch: str, result: str, by: User, at: datetime, note: str = ""
) -> BranchRun:
    """Say what came out of a branch (its code). Whoever has it may, and whoever decides disputes.

    When all of the stage's branches are done, or any one where that is enough, the system makes the stage's move.
    Raises IllegalAct when somebody was faster.
    """
    dispute = lock(dispute.pk)
    allow(dispute, Act.FINISH_BRANCH, by)
    run = find_run(dispute, branch)
    if not may_finish(run, dispute, by, at):
        raise RoleMayNot(_("This branch is with %(name)s.") % {"name": run.holder_name}, code="not_yours")
    result, note = result.strip(), note.strip()
    if not result or len(result) > LONGEST_RESULT:
        raise FieldErrors({"result": _("Say what came out, in at most 200 characters.")})
    if len(note) > LONGEST_NOTE:
        raise FieldErrors({"note": _("A note has at most 4000 characters.")})
    at = moment_for(dispute, at)
    close_run(run, dispute, result=result, note=note, by=by, at=at)
    go_on(dispute, at)
    return run


@transaction.atomic
def give_branch(
    *,
    dispute: Dispute,
    branch: str,
    by: User,
    at: datetime,
    user: User | None = None,
    department: Department | None = None,
) -> BranchRun:
    """Give a running branch to another person or department of the entity."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.ASSIGN, by)
    run = find_run(dispute, branch)
    _check_taker(dispute, user, department)
    at = moment_for(dispute, at)
    before = run.holder_name
    run.holder_side = HolderSide.OURS
    run.holder_user = stand_in(user, day_of(at, dispute.entity)) if user else None
    run.holder_department = department
    run.due_at = due_of_run(run, dispute, Offices(dispute.entity))
    run.save(update_fields=["holder_side", "holder_user", "holder_department", "due_at"])
    take_part(dispute, [run.holder_user], at)
    follow(dispute, at)
    tell(dispute, "branch.given", by=by, at=at, data={"before": before, **run_facts(run)})
    return run


def may_finish(run: BranchRun, dispute: Dispute, user: User, at: datetime) -> bool:
    """Whether this branch is this person's to finish: theirs, their office's, or of somebody they stand in for."""
    mine = policy.scope(user)
    if (
        user.pk in (run.holder_user_id, dispute.coordinator_id)
        or run.holder_department_id in mine.departments
    ):
        return True
    if policy.may(user, "dispute.decide", dispute.entity_id):
        return True
    on = day_of(at, dispute.entity)
    away = Absence.objects.filter(user=run.holder_user_id, deputy=user, starts_on__lte=on, ends_on__gte=on)
    return run.holder_user_id is not None and away.exists()


def find_run(dispute: Dispute, branch: str) -> BranchRun:
    """The running branch of this code; raises IllegalAct saying who ended it, or that there is none."""
    run = open_runs(dispute).filter(branch__code=branch).first()
    if run is not None:
        return run
    done = BranchRun.objects.filter(
        dispute=dispute, branch__code=branch, branch__stage=dispute.stage_id, state=RunState.DONE
    )
    ended = done.select_related("done_by").order_by("-ended_at").first()
    if ended is not None and ended.done_by is not None:
        words = _("%(name)s has already finished this branch.") % {"name": ended.done_by.name}
        raise IllegalAct(words, code="branch_is_done")
    raise IllegalAct(_("This branch does not run any more."), code="branch_is_over")


def finish_by_answer(dispute: Dispute, question: Question, answer: Answer, *, at: datetime) -> None:
    """The answer to a branch's question ends that branch. The caller holds the dispute's lock and goes on."""
    template = question.template
    if template is None or template.branch is None:
        return
    run = open_runs(dispute).filter(branch=template.branch).first()
    if run is not None:
        result = answer.words[:LONGEST_RESULT]
        close_run(run, dispute, result=result, note=answer.note, by=answer.answered_by, at=at)


def close_run(
    run: BranchRun, dispute: Dispute, *, result: str, note: str, by: User | None, at: datetime
) -> None:
    """Mark a branch done, take its open questions back, say so. The caller goes on from there."""
    run.state, run.ended_at, run.done_by = RunState.DONE, max(at, run.started_at), by
    run.result, run.note = result, note
    run.save(update_fields=["state", "ended_at", "done_by", "result", "note"])
    asked = dispute.questions.filter(template__branch=run.branch_id, status=QuestionStatus.OPEN)
    for question in asked.select_for_update(of=("self",)).order_by("pk"):
        asking.end(question, at=at, by=by)
    take_part(dispute, [by], at)
    left = open_runs(dispute).count()
    tell(dispute, "branch.done", by=by, at=at, data={**run_facts(run), "left": left})


def go_on(dispute: Dispute, at: datetime) -> None:
    """Make the stage's move when all of its branches are done, or one where that is enough.

    Otherwise the dispute goes to whoever has the branch that is due first now.
    """
    stage = dispute.stage
    if not stage.wait_for or dispute.status != stage.status:
        return
    if stage.wait_for == WaitFor.ALL and open_runs(dispute).exists():
        follow(dispute, at)
        return
    make_move(dispute=dispute, move_code=stage.joins_by, by=None, at=at)


def _check_taker(dispute: Dispute, user: User | None, department: Department | None) -> None:
    errors: dict[str, str] = {}
    if (user is None) == (department is None):
        errors["user"] = _("Choose one person or one department.")
    if user and not (user.is_active and policy.may(user, "dispute.move", dispute.entity_id)):
        errors["user"] = _("Choose a person who works on disputes of this legal entity.")
    if department is not None and department.entity_id != dispute.entity_id:
        errors["department"] = _("Choose a department of this legal entity.")
    if errors:
        raise FieldErrors(errors)
