"""Moving a dispute along its route, and ending it there."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from disputes import lifecycle
from disputes.choices import Demand, Resolution, Verdict
from disputes.choices_outcome import Ended, Purpose
from disputes.errors import IllegalAct, RoleMayNot
from disputes.lifecycle import Act
from disputes.models import Approval, Dispute, Move, Question, Reason, Stage
from disputes.services import asking, branches
from disputes.services.approving import ask_approval
from disputes.services.carrying import carry_out
from disputes.services.common import (
    allow,
    day_of,
    holder_facts,
    lock,
    moment_for,
    stage_facts,
    start_stay,
    tell,
)
from disputes.services.demands import clean_demands
from disputes.services.ending import GIVES_UP, Ending, check_ending
from disputes.services.holding import take_part
from disputes.services.limits import needed
from disputes.services.sending import send_for_stage
from disputes.services.waiting import drop, pending, waits_already
from lib.money import ZERO


@transaction.atomic
def make_move(
    *,
    dispute: Dispute,
    move_code: str,
    by: User | None,
    at: datetime,
    fields: Mapping[str, Any] | None = None,
    question: Question | None = None,
) -> Dispute:
    """Make a move of the present stage. Safe when two people press at once: the second is told.

    `dispute` is as the caller saw it: when its stage is no longer the present one, the move is refused.
    `fields` holds what the move demands; `question` is the one whose answer makes the move, which gives the
    right to make it. Raises IllegalAct, RoleMayNot or FieldErrors.
    """
    seen_stage = dispute.stage_id
    dispute = lock(dispute.pk)
    lifecycle.check_status(dispute.status, Act.MOVE)
    if dispute.stage_id != seen_stage:
        raise IllegalAct(
            _("Somebody moved this dispute meanwhile: it is now in “%(stage)s”.")
            % {"stage": dispute.stage.label},
            code="moved_meanwhile",
        )
    if pending(dispute) is not None:
        raise waits_already()
    move = dispute.stage.moves.select_related("to_stage").filter(code=move_code).first()
    if move is None:
        raise IllegalAct(
            _("This is not possible in “%(stage)s”.") % {"stage": dispute.stage.label}, code="no_such_move"
        )
    if question is None:
        check_mover(dispute, move, by)
    given = clean_demands(dispute, move.demands, fields or {})
    at = moment_for(dispute, at)
    keep_given(dispute, given)
    if move.to_stage is None:
        finish(dispute, ending_of(dispute, move, given), by=by, at=at, move=move)
    else:
        lifecycle.check_step(dispute.status, move.to_stage.status)
        enter(dispute, move.to_stage, by=by, at=at, move=move, given=given, question=question)
    return dispute


def check_mover(dispute: Dispute, move: Move, by: User | None) -> None:
    """Whether the person's role may make this move; raises RoleMayNot. An administrator may make every one."""
    if by is None:
        return
    allow(dispute, Act.MOVE, by)
    roles = policy.scope(by).roles_in(dispute.entity_id)
    if not roles & {*move.roles, Role.ADMIN}:
        raise RoleMayNot(_("Your role does not allow this move."), code="role_may_not")


def keep_given(dispute: Dispute, given: dict[str, Any]) -> None:
    """Keep what was given with a move: the root cause in its column, the rest in the facts (not saved)."""
    root_cause = given.get(Demand.ROOT_CAUSE) or given.get(Demand.REASON)
    if root_cause:
        dispute.root_cause = Reason.objects.get(entity_id=dispute.entity_id, code=root_cause)
    facts = {
        name: str(value) for name, value in given.items() if name not in (Demand.NOTE, Demand.ROOT_CAUSE)
    }
    dispute.facts = {**dispute.facts, **facts}


def ending_of(dispute: Dispute, move: Move, given: dict[str, Any]) -> Ending:
    """The outcome a closing move stands for."""
    amount = given.get(Demand.CREDIT_AMOUNT)
    if amount is None:
        amount = dispute.amount if move.resolution in GIVES_UP else ZERO
    return Ending(
        status=move.ends_as,
        verdict=Verdict(move.verdict),
        resolution=Resolution(move.resolution),
        amount=amount,
        note=str(given.get(Demand.NOTE, "")),
        number=str(given.get(Demand.CREDIT_NOTE_NUMBER, "")),
    )


def enter(
    dispute: Dispute,
    stage: Stage,
    *,
    by: User | None,
    at: datetime,
    move: Move | None = None,
    given: dict[str, Any] | None = None,
    question: Question | None = None,
) -> None:
    """Put the dispute into `stage`: status, holder, deadline, stay, question. The caller holds its lock."""
    before, was = dispute.stage, holder_facts(dispute)
    drop(dispute, Ended.MOVED, by=by, at=at)
    branches.cancel_open(dispute, by=by, at=at)
    asking.withdraw_open(dispute, by=by, at=at, all_of_them=False)
    branches.place(dispute, stage, at)
    dispute.save()
    start_stay(dispute, at)
    take_part(dispute, [dispute.holder_user], at)
    tell(
        dispute,
        "dispute.moved",
        by=by,
        at=at,
        data={
            "move": move.code if move else "",
            "labels": move.labels if move else {},
            "from": stage_facts(before),
            "to": stage_facts(stage),
            "question": question.pk if question else None,
            "given": {name: str(value) for name, value in (given or {}).items()},
            "was": was,
            **holder_facts(dispute),
        },
    )
    begin_stage(dispute, at)


def begin_stage(dispute: Dispute, at: datetime) -> None:
    """What a stage does by itself once the dispute has come to it. The caller holds the dispute's lock."""
    branches.begin(dispute, at)
    asking.ask_for_stage(dispute, by=None, at=at)
    send_for_stage(dispute, at)


def finish(
    dispute: Dispute,
    ending: Ending,
    *,
    by: User | None,
    at: datetime,
    move: Move | None = None,
    waits: bool = False,
) -> Approval | None:
    """Close the dispute with its outcome, or ask first whoever must agree to what is given up.

    Every way to give something up comes through here. The caller holds the dispute's lock. With `waits` the
    dispute is not closed: billing is asked for the credit note, and its arrival closes it. Returns the request
    for approval when there is one; then the dispute waits, in the same stage, with the next approver.
    """
    check_ending(dispute, ending)
    if pending(dispute) is not None:
        if ending.gives_up or waits:
            raise waits_already()
        drop(dispute, Ended.CLOSED, by=by, at=at)
    wanted = needed(dispute, ending, by, day_of(at, dispute.entity))
    if wanted.steps:
        purpose = Purpose.REQUEST if waits else Purpose.CLOSE
        return ask_approval(dispute, ending, wanted, by=by, at=at, move=move, purpose=purpose)
    carry_out(dispute, ending, by=by, at=at, move=move, waits=waits)
    return None
