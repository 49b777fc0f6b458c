"""One change as data: a step of a macro, or the act that is done to many disputes."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from accounts.models import Department, LegalEntity, User
from disputes.choices import Asks, Change, HolderSide, Nap, QuestionKind
from disputes.errors import FieldErrors
from disputes.models import Dispute, Reason
from disputes.services.asking import ask_question
from disputes.services.common import due
from disputes.services.managing import assign, classify
from disputes.services.moving import make_move
from disputes.services.snoozing import end_of, snooze

Step = Mapping[str, Any]
ME = "me"
MOST_STEPS = 10
TEXT_KINDS = (
    QuestionKind.TEXT,
    QuestionKind.YES_NO,
    QuestionKind.AMOUNT,
    QuestionKind.NUMBER,
    QuestionKind.DATE,
)


def apply_step(step: Step, dispute: Dispute, *, by: User, at: datetime) -> Dispute:
    """Make one change. `dispute` is as the caller saw it; the one returned is as it is now."""
    do: Callable[..., Dispute] = _DO[Change(step["do"])]
    return do(step, dispute, by, at)


def _classify(step: Step, dispute: Dispute, by: User, at: datetime) -> Dispute:
    reason = Reason.objects.filter(entity=dispute.entity_id, code=step["reason"], active=True).first()
    if reason is None:
        raise FieldErrors({"reason": _("Choose a reason from the list.")})
    return classify(dispute=dispute, reason=reason, by=by, at=at)


def _move(step: Step, dispute: Dispute, by: User, at: datetime) -> Dispute:
    return make_move(dispute=dispute, move_code=step["move"], by=by, at=at, fields=step.get("fields") or {})


def _assign(step: Step, dispute: Dispute, by: User, at: datetime) -> Dispute:
    if step.get("department"):
        team = Department.objects.filter(entity=dispute.entity_id, pk=step["department"]).first()
        if team is None:
            raise FieldErrors({"department": _("Choose a department of this legal entity.")})
        return assign(dispute=dispute, department=team, by=by, at=at)
    user = by if step["user"] == ME else User.objects.filter(pk=step["user"]).first()
    return assign(dispute=dispute, user=user, by=by, at=at)


def _ask(step: Step, dispute: Dispute, by: User, at: datetime) -> Dispute:
    people = {
        Asks.SALESPERSON: dispute.customer.salesperson,
        Asks.COORDINATOR: dispute.coordinator,
        Asks.HOLDER: dispute.holder_user if dispute.holder_side == HolderSide.OURS else None,
    }
    ask_question(
        dispute=dispute,
        asked_of=people[Asks(step["to"])] or dispute.coordinator,
        kind=step.get("kind") or QuestionKind.TEXT,
        text=step["text"],
        by=by,
        at=at,
        due_at=due(at, step.get("minutes"), dispute.entity),
    )
    return dispute


def _snooze(step: Step, dispute: Dispute, by: User, at: datetime) -> Dispute:
    until = parse_datetime(step["until"]) if step.get("until") else None
    return snooze(dispute=dispute, until=until or end_of(step["for"], at, dispute.entity), by=by, at=at)


_DO: dict[Change, Callable[..., Dispute]] = {
    Change.CLASSIFY: _classify,
    Change.MOVE: _move,
    Change.ASSIGN: _assign,
    Change.ASK: _ask,
    Change.SNOOZE: _snooze,
}


def clean_steps(entity: LegalEntity, steps: object) -> list[dict[str, Any]]:
    """The steps as they are stored; raises FieldErrors with a sentence for the first that makes no sense."""
    if not isinstance(steps, list) or not 0 < len(steps) <= MOST_STEPS:
        raise FieldErrors({"steps": _("Choose at least one change, at most ten.")})
    return [_clean(entity, step) for step in steps]


def _clean(entity: LegalEntity, step: object) -> dict[str, Any]:
    if not isinstance(step, dict) or step.get("do") not in Change.values:
        raise FieldErrors({"steps": _("This is no change a macro knows.")})
    known = {"do", *_KEYS[step["do"]]}
    given = {name: value for name, value in step.items() if name in known and value not in (None, "")}
    wrong = _CHECKS[Change(step["do"])](entity, given)
    if wrong:
        raise FieldErrors({"steps": wrong})
    return given


def _check_classify(entity: LegalEntity, step: Step) -> str:
    known = Reason.objects.filter(entity=entity, code=str(step.get("reason", "")), active=True).exists()
    return "" if known else _("Choose a reason from the list.")


def _check_move(entity: LegalEntity, step: Step) -> str:
    return "" if isinstance(step.get("move"), str) else _("Choose a move of a route.")


def _check_assign(entity: LegalEntity, step: Step) -> str:
    user, team = step.get("user"), step.get("department")
    if (user is None) == (team is None):
        return _("Choose one person or one department.")
    if team is not None:
        ours = isinstance(team, int) and Department.objects.filter(entity=entity, pk=team).exists()
        return "" if ours else _("Choose a department of this legal entity.")
    if user == ME:
        return ""
    people = User.objects.filter(is_active=True, memberships__entity=entity)
    known = isinstance(user, int) and people.filter(pk=user).exists()
    return "" if known else _("Choose a person who works on disputes of this legal entity.")


def _check_ask(entity: LegalEntity, step: Step) -> str:
    if step.get("to") not in Asks.values:
        return _("Choose who is asked.")
    if not str(step.get("text", "")).strip() or len(str(step["text"])) > 500:
        return _("Write the question, in at most 500 characters.")
    if step.get("kind", QuestionKind.TEXT) not in TEXT_KINDS:
        return _("A macro asks for a text, a yes or no, an amount or a date.")
    minutes = step.get("minutes", 0)
    return "" if isinstance(minutes, int) and 0 <= minutes <= 100_000 else _("Choose a deadline.")


def _check_snooze(entity: LegalEntity, step: Step) -> str:
    return "" if step.get("for") in Nap.values else _("Choose how long.")


_KEYS: dict[str, tuple[str, ...]] = {
    Change.CLASSIFY: ("reason",),
    Change.MOVE: ("move", "fields"),
    Change.ASSIGN: ("user", "department"),
    Change.ASK: ("to", "text", "kind", "minutes"),
    Change.SNOOZE: ("for",),
}
_CHECKS: dict[Change, Callable[[LegalEntity, Step], str]] = {
    Change.CLASSIFY: _check_classify,
    Change.MOVE: _check_move,
    Change.ASSIGN: _check_assign,
    Change.ASK: _check_ask,
    Change.SNOOZE: _check_snooze,
}
