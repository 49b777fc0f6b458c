"""Questions that the person asked has had before them."""

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from disputes.choices import QuestionStatus
from disputes.models import Question


def see_questions(*, question_ids: Iterable[int], by: User, at: datetime) -> int:
    """The person has these before them in the app: nobody needs to write to them about it, or to their fallback.

    Only who was asked counts, and only the first time; how many were new to them.
    """
    mine = Question.objects.filter(pk__in=list(question_ids), asked_of=by, seen_at=None)
    return mine.filter(status=QuestionStatus.OPEN).update(seen_at=at)
