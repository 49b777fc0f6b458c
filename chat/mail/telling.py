"""Who hears of a message by mail only: contacts of the customer, and partners who never sign in."""

from __future__ import annotations

from django.utils.translation import gettext as _

from accounts.reach.choices import ReachChannel, ReachEvent, Reason
from chat.choices import MessageKind, Side
from chat.models import Message, Room
from chat.reach.models import Notification
from chat.selectors import mail_readers


def tell_mail_readers(message: Message) -> int:
    """Plan the letters to those who may read the message and only have mail; how many. Harmless twice.

    In the transaction of the message: whoever has nothing but mail misses nothing that was said to them.
    """
    if message.kind not in (MessageKind.TEXT, MessageKind.SHARED) or message.side == Side.INTERNAL:
        return 0
    stays = [
        stay
        for stay in mail_readers(message)
        if stay.user_id != message.author_id or stay.contact_id != message.contact_id
    ]
    if not stays:
        return 0
    room = Room.objects.select_related("entity").get(pk=message.room_id)
    rows = [
        Notification(
            entity=room.entity,
            user=stay.user,
            contact=stay.contact,
            event=ReachEvent.MESSAGE,
            channel=ReachChannel.EMAIL,
            key=_key(message, stay.user_id, stay.contact_id),
            room=room,
            message=message,
            dispute_id=room.dispute_id,
            created_at=message.created_at,
            send_at=message.created_at,
            why=Reason.PLANNED,
            # A letter wakes nobody, and they hear of it in no other way: no quiet hours, and hardly a cap.
            urgent=_("has nothing but e-mail"),
        )
        for stay in stays
        if stay.person.email
    ]
    Notification.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _key(message: Message, user_id: int | None, contact_id: int | None) -> str:
    """The same as `tell` gives: one telling, whoever plans it."""
    return f"message:{message.pk}:{user_id or f'contact-{contact_id}'}:email"
