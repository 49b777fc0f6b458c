"""Answering a question: the answer fills its field and makes its move, in one transaction. The first one wins."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import Absence, User
from disputes.choices import QuestionKind, QuestionStatus, Via
from disputes.errors import AlreadyAnswered, FieldErrors, IllegalAct, RoleMayNot
from disputes.evidence.keeping import Vetted
from disputes.lifecycle import Act, check_status
from disputes.models import Answer, Dispute, Evidence, Question
from disputes.services.common import day_of, lock, moment_for, tell
from disputes.services.demands import Wrong, read_amount, read_date
from disputes.services.evidence import add_evidence
from disputes.services.finishing import finish_by_answer, go_on
from disputes.services.holding import take_part
from disputes.services.moving import make_move
from disputes.services.waiting import pending


@transaction.atomic
def answer_question(
    *,
    question_id: int,
    value: Any,
    by: User,
    at: datetime,
    note: str = "",
    via: str = Via.PAGE,
    document: Vetted | None = None,
) -> Answer:
    """Answer a question. Raises AlreadyAnswered (with who and when) when somebody was faster.

    The person asked, the fallback, a deputy of the person asked, or anybody who may decide disputes may answer.
    `value`: the value of a choice, "yes" / "no", an amount, an ISO date, a text, or the name of a file that is in the
    dispute already. `document`: a vetted file for a question that wants one; it is kept as evidence.
    """
    question = Question.objects.get(pk=question_id)
    dispute = lock(question.dispute_id)
    question = Question.objects.select_for_update(of=("self",)).select_related("template").get(pk=question_id)
    if question.status == QuestionStatus.ANSWERED:
        given = Answer.objects.select_related("answered_by").get(question=question)
        raise AlreadyAnswered(by=given.answered_by, at=given.answered_at)
    if not may_answer(question, dispute, by, at):
        raise RoleMayNot(_("This question is for %(name)s.") % {"name": question.asked_of.name})
    if question.status == QuestionStatus.WITHDRAWN:
        raise IllegalAct(_("This question no longer needs an answer."), code="question_withdrawn")
    check_status(dispute.status, Act.ANSWER)
    if document is not None and question.kind == QuestionKind.DOCUMENT:
        kept = add_evidence(dispute=dispute, file=document, name=document.name, by=by, at=at, via=via)
        value = kept.name
    clean = clean_value(question, value)
    at = moment_for(dispute, max(at, question.asked_at))
    answer = _record(question, clean, by=by, at=at, note=note.strip(), via=via)
    finish_by_answer(dispute, question, answer, at=at)
    move_code = move_of(question, clean)
    waits = pending(dispute) is not None
    if move_code and not waits and dispute.stage.moves.filter(code=move_code).exists():
        make_move(
            dispute=dispute,
            move_code=move_code,
            by=by,
            at=at,
            fields={"note": answer.note},
            question=question,
        )
    elif question.template and question.template.branch_id:
        go_on(dispute, at)
    return answer


def may_answer(question: Question, dispute: Dispute, user: User, at: datetime) -> bool:
    """Whether this person's answer counts."""
    if user.pk in (question.asked_of_id, question.fallback_id):
        return True
    if policy.may(user, "dispute.decide", dispute.entity_id):
        return True
    on = day_of(at, dispute.entity)
    return Absence.objects.filter(
        user_id=question.asked_of_id, deputy=user, starts_on__lte=on, ends_on__gte=on
    ).exists()


def move_of(question: Question, value: Any) -> str:
    """The code of the move that this answer makes; empty when it makes none."""
    for choice in question.choices:
        if choice["value"] == value:
            return str(choice.get("move") or "")
    return question.move


def said(question: Question, value: Any) -> str:
    """The words of the chosen answer, or the value typed."""
    return str(next((one["label"] for one in question.options if one["value"] == value), value))


def label_of(question: Question, value: Any) -> dict[str, str]:
    """The words of a quick answer in every language they exist in; nothing for what was typed."""
    for choice in question.choices:
        if choice["value"] == value:
            return dict(choice.get("labels") or ({"en": choice["label"]} if choice.get("label") else {}))
    return {}


def clean_value(question: Question, value: Any) -> str:
    """The answer in the form its kind is kept in (text); raises FieldErrors with the sentence for `value`."""
    try:
        return _typed(question, value)
    except Wrong as wrong:
        raise FieldErrors({"value": str(wrong)}) from None


def _typed(question: Question, value: Any) -> str:
    text = str(value if value is not None else "").strip()
    if question.kind in (QuestionKind.CHOICE, QuestionKind.YES_NO):
        if isinstance(value, bool):
            text = "yes" if value else "no"
        if text not in {option["value"] for option in question.options}:
            raise Wrong(_("Choose one of the answers."))
        return text
    if not text:
        asks_file = question.kind == QuestionKind.DOCUMENT
        raise Wrong(_("Choose a file.") if asks_file else _("Write an answer."))
    if question.kind in (QuestionKind.AMOUNT, QuestionKind.NUMBER):
        amount: Decimal = read_amount(text)
        if amount < 0:
            is_money = question.kind == QuestionKind.AMOUNT
            raise Wrong(
                _("The amount cannot be negative.") if is_money else _("The number cannot be negative.")
            )
        return f"{amount.normalize():f}"
    if question.kind == QuestionKind.DATE:
        return read_date(text).isoformat()
    if question.kind == QuestionKind.DOCUMENT:
        return _document(question, text)
    if len(text) > 1000:
        raise Wrong(_("An answer has at most 1000 characters."))
    return text


def _document(question: Question, name: str) -> str:
    """The name of a file of the dispute."""
    if not Evidence.objects.filter(dispute=question.dispute_id, name=name).exists():
        raise Wrong(_("Choose a file."))
    return name


def _record(question: Question, value: str, *, by: User, at: datetime, note: str, via: str) -> Answer:
    """Write the answer, end the question, fill the field, say so. The caller holds both locks."""
    dispute = question.dispute
    answer = Answer(question=question, value=value, note=note, answered_by=by, answered_at=at, via=via)
    answer.full_clean(exclude=["question", "answered_by"])
    answer.save(force_insert=True)
    question.status, question.ended_at = QuestionStatus.ANSWERED, at
    question.save(update_fields=["status", "ended_at"])
    if question.target_field:
        dispute.facts = {**dispute.facts, question.target_field: value}
        dispute.save(update_fields=["facts"])
    take_part(dispute, [by], at)
    tell(
        dispute,
        "question.answered",
        by=by,
        at=at,
        data={
            "question": question.pk,
            "asked_of": question.asked_of_id,
            "text": question.text,
            "labels": question.labels_told,
            "kind": question.kind,
            "currency": dispute.currency,
            "value": value,
            "answer": said(question, value),
            "answer_labels": label_of(question, value),
            "note": note,
            "field": question.target_field,
            "move": move_of(question, value),
            "via": via,
        },
    )
    return answer
