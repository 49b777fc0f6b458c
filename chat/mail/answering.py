"""A question is answered by mail when the mail says nothing but one of its quick answers; otherwise it is talk."""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from disputes.choices import QuestionStatus, Via
from disputes.models import Answer, Nudge, Question
from disputes.services import answer_question
from lib.errors import DomainError
from lib.text import fold
from mailroom.models import InboundMail


def answer_by_mail(*, mail: InboundMail, writer: User, at: datetime) -> bool:
    """Give the answer that the mail is; False when it is none, or no longer wanted: then it is said in the room."""
    if mail.letter is None:
        return False
    nudge = Nudge.objects.filter(letter=mail.letter).select_related("question__template").first()
    value = _quick(nudge.question, mail.said) if nudge else None
    if nudge is None or value is None:
        return False
    if nudge.question.status != QuestionStatus.OPEN:  # perhaps by this very mail, when it is taken up again
        same = Answer.objects.filter(
            question=nudge.question, answered_by=writer, value=str(value), via=Via.MAIL
        )
        return same.exists()
    try:
        answer_question(question_id=nudge.question_id, value=value, by=writer, at=at, via=Via.MAIL)
    except DomainError:
        return False
    return True


def _quick(question: Question, said: str) -> object:
    """The value of the quick answer with these words, in any language it exists in; None when there is none."""
    words = fold(said).strip(" .!¡,;:")
    for choice in question.choices:
        labels = [choice.get("label"), *dict(choice.get("labels") or {}).values()]
        if words and words in {fold(str(label)).strip(" .!¡,;:") for label in labels if label}:
            return choice["value"]
    for option in question.options:
        if words and words == fold(str(option["label"])):
            return option["value"]
    return None
