"""Asking questions and taking them back."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import policy
from accounts.models import User
from accounts.policy import STAFF
from disputes.choices import Asks, QuestionKind, QuestionStatus, RunState
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.labels import in_language
from disputes.lifecycle import Act
from disputes.models import BranchRun, Dispute, Question, QuestionTemplate
from disputes.services.common import allow, day_of, due, lock, moment_for, tell
from disputes.services.holding import members, stand_in, take_part
from disputes.services.nudging import moment_to_remind

MOST_CHOICES = 6


@transaction.atomic
def ask_question(
    *,
    dispute: Dispute,
    asked_of: User,
    kind: str,
    text: str,
    by: User | None,
    at: datetime,
    choices: Iterable[dict[str, Any]] = (),
    target_field: str = "",
    due_at: datetime | None = None,
    fallback: User | None = None,
    labels: Mapping[str, str] | None = None,
    urgent: str = "",
) -> Question:
    """Ask one person of the entity. An absent person's deputy is asked instead. `urgent` is the reason for going
    through their quiet hours.

    `choices`: `{"value", "label"}` each, with `labels` per language where they exist; `labels`: the text in every
    language. Raises FieldErrors for an empty text, too few choices, a deadline that is over, or a stranger.
    """
    dispute = lock(dispute.pk)
    allow(dispute, Act.ASK, by)
    options = _clean_choices(kind, choices)
    _check(dispute, kind, text, options, asked_of)
    _check_around(dispute, due_at, fallback, at)
    _check_urgent(urgent, by)
    at = moment_for(dispute, at)
    return create(
        Question(
            dispute=dispute,
            kind=kind,
            text=text.strip(),
            labels=dict(labels or {}),
            choices=options,
            target_field=target_field,
            asked_of=stand_in(asked_of, day_of(at, dispute.entity)),
            fallback=fallback or dispute.coordinator,
            asked_by=by,
            asked_at=at,
            due_at=due_at,
            urgent=urgent.strip(),
        )
    )


@transaction.atomic
def withdraw_question(*, question_id: int, by: User, at: datetime) -> Question:
    """Take an open question back. Withdrawing twice is harmless; an answered question stays answered."""
    question = Question.objects.select_related("dispute").get(pk=question_id)
    dispute = lock(question.dispute_id)
    question = Question.objects.select_for_update(of=("self",)).get(pk=question_id)
    if question.status == QuestionStatus.WITHDRAWN:
        return question
    allow(dispute, Act.WITHDRAW_QUESTION, by)
    if question.status == QuestionStatus.ANSWERED:
        raise IllegalAct(_("This question is already answered."), code="already_answered")
    if by.pk != question.asked_by_id and not policy.may(by, "dispute.decide", dispute.entity_id):
        raise RoleMayNot(_("Only who asked, or a credit manager, may take a question back."))
    end(question, at=at, by=by)
    return question


def ask_for_stage(
    dispute: Dispute, *, by: User | None, at: datetime, but: Iterable[str] = ()
) -> list[Question]:
    """Ask what the dispute's present stage asks on entry, `but` for these codes. The caller holds the lock."""
    templates = dispute.stage.questions.filter(branch=None).exclude(code__in=but)
    return [_ask_template(dispute, template, by, at, dispute) for template in templates]


def ask_for_branch(dispute: Dispute, run: BranchRun, *, at: datetime) -> list[Question]:
    """Ask what a branch asks when it begins; its holder is who has the branch. The caller holds the lock."""
    return [_ask_template(dispute, template, None, at, run) for template in run.branch.questions.all()]


def ask_again(dispute: Dispute, *, since: datetime, at: datetime) -> None:
    """Ask once more what the stage and its running branches asked and was taken back at `since` or later.

    The caller holds the lock. What was answered meanwhile, or belongs to a branch that is over, is not asked.
    """
    mine = dispute.questions.filter(template__stage=dispute.stage_id).select_related("template")
    latest = {question.template_id: question for question in mine.order_by("pk")}
    runs = {run.branch_id: run for run in BranchRun.objects.filter(dispute=dispute, state=RunState.OPEN)}
    for one in latest.values():
        template, ended = one.template, one.ended_at
        if template is None or one.status != QuestionStatus.WITHDRAWN or ended is None or ended < since:
            continue
        held = dispute if template.branch_id is None else runs.get(template.branch_id)
        if held is not None:
            _ask_template(dispute, template, None, at, held)


def withdraw_open(dispute: Dispute, *, by: User | None, at: datetime, all_of_them: bool) -> None:
    """Take back the open questions of the stage that is left, or all of them when the dispute ends."""
    questions = (
        dispute.questions.filter(status=QuestionStatus.OPEN).select_for_update(of=("self",)).order_by("pk")
    )
    for question in questions if all_of_them else questions.exclude(template=None):
        end(question, at=at, by=by)


def create(question: Question) -> Question:
    """Write a question and say so. The fallback is somebody else than the person asked, or nobody."""
    if question.fallback_id == question.asked_of_id:
        question.fallback = None
    question.remind_at = moment_to_remind(question.asked_at, question.due_at, question.dispute.entity)
    question.full_clean(exclude=["dispute", "template", "asked_of", "fallback", "asked_by"])
    question.save()
    dispute = question.dispute
    take_part(dispute, [question.asked_of, question.fallback], question.asked_at)
    tell(
        dispute,
        "question.asked",
        by=question.asked_by,
        at=question.asked_at,
        data={
            "question": question.pk,
            "asked_of": question.asked_of_id,
            "asked_of_name": question.asked_of.name,
            "fallback": question.fallback_id,
            "kind": question.kind,
            "text": question.text,
            "labels": question.labels_told,
            "due_at": question.due_at.isoformat() if question.due_at else None,
            **({"urgent": question.urgent} if question.urgent else {}),
        },
    )
    return question


def end(question: Question, *, at: datetime, by: User | None) -> None:
    """Mark a question withdrawn and say so. The caller holds its lock."""
    question.status, question.ended_at = QuestionStatus.WITHDRAWN, max(at, question.asked_at)
    question.save(update_fields=["status", "ended_at"])
    data = {"question": question.pk, "asked_of": question.asked_of_id, "text": question.text}
    tell(question.dispute, "question.withdrawn", by=by, at=question.ended_at, data=data)


def _ask_template(
    dispute: Dispute, template: QuestionTemplate, by: User | None, at: datetime, held: Dispute | BranchRun
) -> Question:
    asked_of = _whom(dispute, template, day_of(at, dispute.entity), held)
    with override(asked_of.language):
        text = in_language(template.labels)
    return create(
        Question(
            dispute=dispute,
            template=template,
            kind=template.kind,
            text=text,
            choices=template.choices,
            move=template.move,
            target_field=template.target_field,
            asked_of=asked_of,
            fallback=dispute.coordinator,
            asked_by=by,
            asked_at=at,
            due_at=due(at, template.deadline_minutes, dispute.entity, asked_of),
        )
    )


def _whom(dispute: Dispute, template: QuestionTemplate, on: date, held: Dispute | BranchRun) -> User:
    """The person a question of a stage or branch (`held`) goes to; the coordinator when there is nobody better."""
    person: User | None = None
    if template.asks == Asks.SALESPERSON:
        person = dispute.customer.salesperson
    elif template.asks == Asks.HOLDER and held.holder_department:
        people = members(dispute.entity_id, on, department=held.holder_department)
        person = people[0] if people else None
    elif template.asks == Asks.HOLDER:
        person = held.holder_user
    if person is None or not person.is_active:
        person = dispute.coordinator
    return stand_in(person, on)


def _clean_choices(kind: str, choices: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The quick answers of a hand-made question, empty ones dropped; a missing value is its place in the list."""
    if kind != QuestionKind.CHOICE:
        return []
    return [
        {
            "value": str(choice.get("value") or n),
            "label": str(choice.get("label", "")).strip()[:80],
            **({"labels": dict(choice["labels"])} if choice.get("labels") else {}),
        }
        for n, choice in enumerate((one for one in choices if str(one.get("label", "")).strip()), 1)
    ]


def _check_around(dispute: Dispute, due_at: datetime | None, fallback: User | None, at: datetime) -> None:
    """The deadline lies ahead, and the fallback is somebody of the entity."""
    errors: dict[str, str] = {}
    if due_at is not None and due_at <= at:
        errors["due_at"] = _("The deadline has to lie ahead.")
    roles = policy.scope(fallback).roles_in(dispute.entity_id) if fallback else frozenset()
    if fallback is not None and not (fallback.is_active and roles & STAFF):
        errors["fallback"] = _("Choose a colleague of this legal entity.")
    if errors:
        raise FieldErrors(errors)


def _check_urgent(urgent: str, by: User | None) -> None:
    """Urgent means that somebody says why."""
    if urgent and not 5 <= len(urgent.strip()) <= 200:
        raise FieldErrors({"urgent": _("Say in a few words why it cannot wait.")})
    if urgent and by is None:
        raise FieldErrors({"urgent": _("Somebody answers for calling a question urgent.")})


def _check(dispute: Dispute, kind: str, text: str, options: list[dict[str, Any]], asked_of: User) -> None:
    errors: dict[str, str] = {}
    if not text.strip():
        errors["text"] = _("Write the question.")
    elif len(text.strip()) > 500:
        errors["text"] = _("A question has at most 500 characters.")
    if kind not in QuestionKind.values:
        errors["kind"] = _("Choose what the answer looks like.")
    if kind == QuestionKind.CHOICE and not 2 <= len(options) <= MOST_CHOICES:
        errors["choices"] = _("Give two to six quick answers.")
    if len({option["value"] for option in options}) < len(options):
        errors["choices"] = _("Two quick answers have the same value.")
    if not asked_of.is_active or not policy.scope(asked_of).roles_in(dispute.entity_id):
        errors["asked_of"] = _("Choose a person of this legal entity.")
    if errors:
        raise FieldErrors(errors)
