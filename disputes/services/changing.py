"""Changing one's own answer: for ten minutes, and only while nothing was built on it."""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import events
from accounts.models import User
from disputes.choices import QuestionKind, QuestionStatus, Via
from disputes.errors import IllegalAct, RoleMayNot
from disputes.lifecycle import Act, check_status
from disputes.models import Answer, Dispute, Question
from disputes.services.answering import clean_value, label_of, move_of, said
from disputes.services.common import STREAM, lock, moment_for, tell
from disputes.services.moving import make_move

CHANGE_FOR = timedelta(minutes=10)
# What may happen after an answer without anything resting on it.
HARMLESS = ("question.", "evidence.")
JOINED = "dispute.joined"


@transaction.atomic
def change_answer(
    *, question_id: int, value: Any, by: User, at: datetime, note: str | None = None, via: str = Via.PAGE
) -> Answer:
    """Say something else after all. Raises IllegalAct that says why not: too late, or something rests on it."""
    dispute = lock(Question.objects.values_list("dispute", flat=True).get(pk=question_id))
    question = Question.objects.select_related("template", "dispute").get(pk=question_id)
    if question.status != QuestionStatus.ANSWERED:
        raise IllegalAct(_("There is no answer to change."), code="not_answered")
    answer = Answer.objects.select_related("answered_by").get(question=question)
    if answer.answered_by_id != by.pk:
        raise RoleMayNot(_("Only %(name)s may change this answer.") % {"name": answer.answered_by.name})
    check_status(dispute.status, Act.ANSWER)
    why = why_final(answer, dispute, at)
    if why:
        raise IllegalAct(why, code="answer_final")
    clean = clean_value(question, value)
    _write(question, answer, clean, dispute, note, at, via)
    move = move_of(question, clean)
    if move and dispute.stage.moves.filter(code=move).exists():
        fields = {"note": answer.note}
        make_move(dispute=dispute, move_code=move, by=by, at=at, fields=fields, question=question)
    return answer


def why_final(answer: Answer, dispute: Dispute, at: datetime) -> str:
    """Why the answer stays as it is; nothing while it can still be changed."""
    if answer.question.kind == QuestionKind.DOCUMENT:
        return _("A file that was given stays. Add another one to the dispute's files.")
    if at > answer.answered_at + CHANGE_FOR:
        return _(
            "An answer can be changed for ten minutes. Ask the coordinator, or write in the conversation."
        )
    rows = events.timeline(STREAM, dispute.pk)
    given = rows.filter(kind="question.answered", data__question=answer.question_id).last()
    later = rows.filter(seq__gt=given.seq) if given else rows.none()
    built = next((one.kind for one in later if not one.kind.startswith(HARMLESS) and one.kind != JOINED), "")
    if built in ("dispute.moved", "dispute.closed"):
        stage = {"stage": dispute.stage.label}
        return _("The dispute went on because of this answer: it is now in “%(stage)s”.") % stage
    return _("Something was done since that rests on this answer.") if built else ""


def _write(
    question: Question,
    answer: Answer,
    value: str,
    dispute: Dispute,
    note: str | None,
    at: datetime,
    via: str,
) -> None:
    """The new value in the answer and in its field, and what it was before in the event. The locks are held."""
    before, before_labels = said(question, answer.value), label_of(question, answer.value)
    answer.value = value
    answer.note = answer.note if note is None else note.strip()
    answer.changed_at = at = moment_for(dispute, max(at, answer.answered_at))
    answer.save(update_fields=["value", "note", "changed_at"])
    if question.target_field:
        dispute.facts = {**dispute.facts, question.target_field: value}
        dispute.save(update_fields=["facts"])
    tell(
        dispute,
        "question.changed",
        by=answer.answered_by,
        at=at,
        data={
            "question": question.pk,
            "text": question.text,
            "labels": question.labels_told,
            "kind": question.kind,
            "currency": dispute.currency,
            "before": before,
            "before_labels": before_labels,
            "value": value,
            "answer": said(question, value),
            "answer_labels": label_of(question, value),
            "note": answer.note,
            "field": question.target_field,
            "via": via,
        },
    )
