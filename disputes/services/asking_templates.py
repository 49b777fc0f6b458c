"""The questions people keep at hand for a reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Language
from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.choices import Asks, QuestionKind
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import AskTemplate, Reason
from disputes.services import catalogue
from disputes.services.asking import MOST_CHOICES
from disputes.services.common import write

LONGEST = 500
LONGEST_DEADLINE = 60 * 9 * 60  # sixty working days


@dataclass(frozen=True, slots=True)
class TemplateInput:
    """A question at hand as somebody wants it. `choices`: the words of each quick answer per language."""

    labels: Mapping[str, str]
    kind: str
    choices: Sequence[Mapping[str, str]] = field(default_factory=list)
    code: str = ""
    target_field: str = ""
    deadline_minutes: int | None = None
    asks: str = Asks.SALESPERSON
    active: bool = True


@transaction.atomic
def set_template(
    *, reason: Reason, wanted: TemplateInput, by: User, at: datetime, row: AskTemplate | None = None
) -> AskTemplate:
    """Add a question to those of a reason, or change one. Questions asked already stay as they were asked."""
    _may(reason, by)
    LegalEntity.objects.select_for_update(no_key=True).get(pk=reason.entity_id)
    labels, options = _words(wanted.labels), [_words(one) for one in wanted.choices]
    options = [one for one in options if one]
    code = slugify(wanted.code or next(iter(labels.values()), ""))[:40].strip("-")
    _check(reason, wanted, labels, options, code, row)
    target = AskTemplate.objects.get(pk=row.pk) if row else AskTemplate()
    target.entity_id, target.reason, target.code = reason.entity_id, reason, code
    target.labels, target.kind, target.active = labels, wanted.kind, wanted.active
    choice = wanted.kind == QuestionKind.CHOICE
    target.choices = [{"value": str(n), "labels": one} for n, one in enumerate(options, 1)] if choice else []
    target.target_field, target.deadline_minutes = wanted.target_field, wanted.deadline_minutes
    target.asks = wanted.asks
    write(target)
    _tell(target, "ask_template.set", by, at)
    return target


@transaction.atomic
def add_usual_questions(*, by: User, at: datetime) -> int:
    """Give the reasons that have no question the usual ones, wherever this person arranges them; how many came."""
    wanted = policy.scope(by).entities("question.template")
    made = [
        row
        for entity in LegalEntity.objects.select_for_update(no_key=True).filter(pk__in=wanted).order_by("pk")
        for row in catalogue.add_questions(entity)
    ]
    for row in made:
        _tell(row, "ask_template.set", by, at)
    return len(made)


@transaction.atomic
def drop_template(*, row: AskTemplate, by: User, at: datetime) -> None:
    """Take a question out of those at hand. What was asked with it stays."""
    _may(row.reason, by)
    _tell(row, "ask_template.dropped", by, at)
    row.delete()


def _words(given: Mapping[str, str]) -> dict[str, str]:
    """The words per language, without empty ones and without languages we do not speak."""
    clean = {code: str(given.get(code) or "").strip() for code in Language.values}
    return {code: words for code, words in clean.items() if words}


def _may(reason: Reason, by: User) -> None:
    if not policy.may(by, "question.template", reason.entity_id):
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")


def _check(
    reason: Reason,
    wanted: TemplateInput,
    labels: dict[str, str],
    options: list[dict[str, str]],
    code: str,
    row: AskTemplate | None,
) -> None:
    errors: dict[str, str] = {}
    if not labels:
        errors["labels"] = _("Write the question in at least one language.")
    elif max(map(len, labels.values())) > LONGEST:
        errors["labels"] = _("A question has at most 500 characters.")
    if wanted.kind not in QuestionKind.values:
        errors["kind"] = _("Choose what the answer looks like.")
    if wanted.asks not in Asks.values:
        errors["asks"] = _("Choose who is asked.")
    if wanted.kind == QuestionKind.CHOICE and not 2 <= len(options) <= MOST_CHOICES:
        errors["choices"] = _("Give two to six quick answers.")
    if any(len(words) > 80 for one in options for words in one.values()):
        errors["choices"] = _("A quick answer has at most 80 characters.")
    minutes = wanted.deadline_minutes
    if minutes is not None and not 0 < minutes <= LONGEST_DEADLINE:
        errors["deadline_minutes"] = _("A deadline lies within sixty working days.")
    if wanted.target_field and wanted.target_field != slugify(wanted.target_field).replace("-", "_"):
        errors["target_field"] = _("Use small letters, digits and underscores.")
    same = AskTemplate.objects.filter(reason=reason, code=code).exclude(pk=row.pk if row else 0)
    if code and same.exists():
        errors["code"] = _("This reason has a question with this code already.")
    if errors:
        raise FieldErrors(errors)


def _tell(row: AskTemplate, kind: str, by: User, at: datetime) -> None:
    data: dict[str, Any] = {"template": row.pk, "reason": row.reason.code, "code": row.code}
    data |= {"labels": row.labels, "kind": row.kind, "choices": row.choices, "active": row.active}
    entity = row.entity_id
    emit(stream="entity", object_id=entity, entity_id=entity, kind=kind, actor=by, at=at, data=data)
