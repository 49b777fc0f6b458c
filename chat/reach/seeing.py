"""What was seen in the app is not told outside of it."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from accounts.models import User
from accounts.reach.choices import Reason
from chat.choices import MessageKind
from chat.models import Message, Notification
from chat.reach.telling import drop_waiting
from disputes import services as disputes
from disputes.choices import QuestionStatus


def read_up_to(*, room_id: int, user: User, seq: int, at: datetime) -> None:
    """The person has read a room up to `seq`, the questions in it too."""
    mine = Q(question__asked_of=user, question__seen_at=None, question__status=QuestionStatus.OPEN)
    cards = Message.objects.filter(mine, room=room_id, kind=MessageKind.QUESTION, seq__lte=seq)
    see(question_ids=list(cards.values_list("question", flat=True)), user=user, at=at)
    drop_waiting(why=Reason.SEEN, at=at, user=user, room=room_id, message__seq__lte=seq)
    told = Notification.objects.filter(user=user, room=room_id, seen_at=None, message__seq__lte=seq)
    told.update(seen_at=at)


def see(*, question_ids: list[int], user: User, at: datetime) -> None:
    """The person had these questions before them."""
    if question_ids and disputes.see_questions(question_ids=question_ids, by=user, at=at):
        drop_waiting(why=Reason.SEEN, at=at, user=user, question__in=question_ids, event="question")
