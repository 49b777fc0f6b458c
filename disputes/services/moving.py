"""Moving a dispute along its route, and ending it there."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from disputes import lifecycle
from disputes.choices import Demand, Resolution, Verdict
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.lifecycle import Act
from disputes.models import Dispute, Move, Outcome, Question, Reason, Stage
from disputes.services import asking
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
from disputes.services.holding import find_holder, give_to, take_part
from disputes.services.lines import close_lines, closings
from disputes.services.timing import set_due
from lib.money import ZERO

GIVES_UP = {Resolution.CREDIT, Resolution.WRITE_OFF}


@dataclass(frozen=True, slots=True)
class Ending:
    """How a dispute ends: its last status, the verdict, and what we gave up (credited or written off)."""

    status: str
    verdict: Verdict
    resolution: Resolution
    amount: Decimal = ZERO
    note: str = ""


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
    before = dispute.stage
    asking.withdraw_open(dispute, by=by, at=at, all_of_them=False)
    dispute.stage, dispute.status = stage, stage.status
    on = day_of(at, dispute.entity)
    give_to(
        dispute, find_holder(stage=stage, customer=dispute.customer, coordinator=dispute.coordinator, on=on)
    )
    set_due(dispute, at)
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
            **holder_facts(dispute),
        },
    )
    asking.ask_for_stage(dispute, by=None, at=at)


def finish(
    dispute: Dispute, ending: Ending, *, by: User | None, at: datetime, move: Move | None = None
) -> None:
    """Close the dispute with its outcome; its lines no longer count as disputed from this day on.

    The caller holds its lock. What is given up cannot exceed what is disputed.
    """
    if ending.amount > dispute.amount or ending.amount < 0:
        raise FieldErrors(
            {Demand.CREDIT_AMOUNT: _("The amount must lie between zero and the disputed amount.")}
        )
    asking.withdraw_open(dispute, by=by, at=at, all_of_them=True)
    on = max(day_of(at, dispute.entity), dispute.opened_on)
    dispute.stays.filter(ended_at=None).update(ended_at=at)
    dispute.status, dispute.closed_at, dispute.closed_on, dispute.due_at = ending.status, at, on, None
    dispute.save()
    close_lines(dispute.lines.filter(closed_on=None), on=on, at=at, closing=closings(dispute) + 1)
    outcome = Outcome(
        dispute=dispute,
        verdict=ending.verdict,
        resolution=ending.resolution,
        amount=ending.amount,
        note=ending.note,
        decided_by=by,
        decided_at=at,
    )
    outcome.full_clean(exclude=["dispute", "decided_by"])
    outcome.save()
    tell(
        dispute,
        "dispute.closed",
        by=by,
        at=at,
        data={
            "move": move.code if move else "",
            "labels": move.labels if move else {},
            "from": stage_facts(dispute.stage),
            "status": dispute.status,
            "verdict": ending.verdict,
            "resolution": ending.resolution,
            "amount": str(ending.amount),
            "disputed": str(dispute.amount),
            "currency": dispute.currency,
            "note": ending.note,
        },
    )
