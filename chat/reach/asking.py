"""Asked just before anything goes: is it still open and unread, may they still see it, may they be told now?"""

from __future__ import annotations

from datetime import datetime

from accounts.models import User
from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from accounts.reach.whereabouts import is_here
from chat import selectors
from chat.models import Message
from chat.reach.models import Notification
from disputes.choices import QuestionStatus, Status
from disputes.models import PutOff
from disputes.selectors import disputes_for
from disputes.services import may_answer
from ledger.models import Customer

# Told even to somebody who is in the app: they asked for it, or it is not in the app.
HELD = frozenset({ReachEvent.HANDOVER, ReachEvent.APPROVAL})
ALWAYS = frozenset({ReachEvent.DIGEST, ReachEvent.TRIAL})


def why_not(notification: Notification, at: datetime) -> Reason | None:
    """Why it must not go any more; None when it may."""
    user = notification.user
    if user is None:
        return None if notification.contact is not None else Reason.OVER
    if not user.is_active:
        return Reason.OVER
    if notification.event in ALWAYS:
        return None
    if notification.question is not None:
        reason = _why_not_asked(notification, user, at)
    elif notification.message is not None:
        reason = _why_not_told(notification.message, user)
    else:
        reason = _why_not_shown(notification, user)
    if reason is None and notification.channel != ReachChannel.SMS and is_here(user.pk):
        return Reason.HERE
    return reason


def _why_not_asked(notification: Notification, user: User, at: datetime) -> Reason | None:
    question = notification.question
    if question is None or question.status != QuestionStatus.OPEN:
        return Reason.OVER
    if not may_answer(question, question.dispute, user, at):
        return Reason.HIDDEN
    if PutOff.objects.filter(question=question, user=user, until__gt=at).exists():
        return Reason.SEEN
    seen = notification.event == ReachEvent.QUESTION and question.asked_of_id == user.pk and question.seen_at
    return Reason.SEEN if seen else None


def _why_not_told(message: Message, user: User) -> Reason | None:
    place = selectors.standing(user, message.room_id)
    if place is None or not selectors.messages_for(place).filter(pk=message.pk).exists():
        return Reason.HIDDEN
    return Reason.SEEN if selectors.read_up_to(user, message.room_id) >= message.seq else None


def _why_not_shown(notification: Notification, user: User) -> Reason | None:
    if notification.dispute_id is None:
        return _why_not_of_customer(notification, user)
    dispute = disputes_for(user).filter(pk=notification.dispute_id).first()
    if dispute is None:
        return Reason.HIDDEN
    if notification.event == ReachEvent.CLOSED:
        return None
    if not dispute.is_open:
        return Reason.OVER
    if notification.event == ReachEvent.APPROVAL and dispute.status != Status.TO_APPROVE:
        return Reason.OVER
    mine = dispute.holder_user_id in (user.pk, notification.instead_of_id)
    return Reason.OVER if notification.event in HELD and not mine else None


def _why_not_of_customer(notification: Notification, user: User) -> Reason | None:
    customer = notification.data.get("customer")
    if customer is None or Customer.objects.visible_to(user).filter(pk=customer).exists():
        return None
    return Reason.HIDDEN
