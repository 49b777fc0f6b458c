"""“Not me” and “later”: a question goes on to a colleague, or waits until its person has time."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from disputes.choices import Later, QuestionStatus
from disputes.errors import FieldErrors, IllegalAct, PastDeadline, RoleMayNot
from disputes.lifecycle import Act, check_status
from disputes.models import Dispute, PutOff, Question, QuestionPass
from disputes.services.answering import may_answer
from disputes.services.common import day_of, due, lock, moment_for, tell
from disputes.services.holding import stand_in, take_part

LONGEST_REASON = 500
MINUTES = {Later.HALF_HOUR: 30, Later.TWO_HOURS: 120}


@transaction.atomic
def forward_question(*, question_id: int, to: User, reason: str, by: User, at: datetime) -> Question:
    """Give an open question to a colleague, who sees its dispute from then on. The deadline stays.

    Whoever may answer may pass it on. Nobody gets it back who had it: a question does not go round in circles.
    Raises FieldErrors, RoleMayNot or IllegalAct.
    """
    question, dispute = _locked(question_id)
    _check_open(question, dispute, by, at)
    at = moment_for(dispute, max(at, question.asked_at))
    to = stand_in(to, day_of(at, dispute.entity)) if to.is_active else to
    _check_receiver(question, dispute, to, reason)
    former, question.asked_of = question.asked_of, to
    question.seen_at = None
    if question.fallback_id == to.pk:
        question.fallback = dispute.coordinator if dispute.coordinator_id != to.pk else None
    question.save(update_fields=["asked_of", "fallback", "seen_at"])
    reason = reason.strip()
    QuestionPass.objects.create(question=question, from_user=former, to_user=to, by=by, reason=reason, at=at)
    take_part(dispute, [to], at)
    tell(
        dispute,
        "question.forwarded",
        by=by,
        at=at,
        data={
            "question": question.pk,
            "from": former.pk,
            "from_name": former.name,
            "to": to.pk,
            "to_name": to.name,
            "reason": reason,
            "text": question.text,
            "labels": question.labels_told,
            "due_at": question.due_at.isoformat() if question.due_at else None,
        },
    )
    return question


@transaction.atomic
def put_off_question(
    *, question_id: int, later: str, by: User, at: datetime, past_deadline: bool = False
) -> PutOff:
    """Hide an open question from this person's inbox and pop-ups for a while of working time.

    Raises PastDeadline when the answer is wanted sooner, unless that is meant: then everybody is told.
    """
    question, dispute = _locked(question_id)
    _check_open(question, dispute, by, at)
    until = later_moment(later, at, dispute)
    if question.due_at is not None and until > question.due_at:
        if not past_deadline:
            raise PastDeadline(due_at=question.due_at, until=until)
        data = {
            "question": question.pk,
            "until": until.isoformat(),
            "text": question.text,
            "labels": question.labels_told,
            "due_at": question.due_at.isoformat(),
        }
        tell(dispute, "question.put_off", by=by, at=moment_for(dispute, at), data=data)
    row, _new = PutOff.objects.update_or_create(question=question, user=by, defaults={"until": until})
    return row


def later_moment(later: str, at: datetime, dispute: Dispute) -> datetime:
    """The moment meant: so many working minutes from now, or when the next working day begins."""
    if later not in Later.values:
        raise FieldErrors({"later": _("Choose how much later.")})
    entity = dispute.entity
    if later in MINUTES:
        moment = due(at, MINUTES[Later(later)], entity)
    else:
        tomorrow = day_of(at, entity) + timedelta(days=1)
        moment = due(datetime.combine(tomorrow, time(), ZoneInfo(entity.time_zone)), 0, entity)
    assert moment is not None  # There are minutes, so there is a moment.
    return moment


def _check_open(question: Question, dispute: Dispute, by: User, at: datetime) -> None:
    if not may_answer(question, dispute, by, at):
        raise RoleMayNot(_("This question is for %(name)s.") % {"name": question.asked_of.name})
    if question.status != QuestionStatus.OPEN:
        raise IllegalAct(_("This question no longer needs an answer."), code="question_over")
    check_status(dispute.status, Act.ANSWER)


def _check_receiver(question: Question, dispute: Dispute, to: User, reason: str) -> None:
    errors: dict[str, str] = {}
    if not reason.strip():
        errors["reason"] = _("Say why: it helps the next person.")
    elif len(reason.strip()) > LONGEST_REASON:
        errors["reason"] = _("A reason has at most 500 characters.")
    if not to.is_active or not policy.may(to, "dispute.move", dispute.entity_id):
        errors["to"] = _("Choose a person who works on disputes of this legal entity.")
    elif to.pk == question.asked_of_id:
        errors["to"] = _("This person is asked already.")
    elif question.passes.filter(from_user=to).exists():
        errors["to"] = _("%(name)s passed this question on already.") % {"name": to.name}
    if errors:
        raise FieldErrors(errors)


def _locked(question_id: int) -> tuple[Question, Dispute]:
    """The question and its dispute, as they are under their locks."""
    dispute = lock(Question.objects.values_list("dispute", flat=True).get(pk=question_id))
    rows = Question.objects.select_for_update(of=("self",)).select_related("asked_of", "template")
    question = rows.get(pk=question_id)
    question.dispute = dispute
    return question, dispute
