"""The pages of the chat room: rooms, threads, posting, pop-ups."""

from chat.views.popups import later, popups
from chat.views.rooms import messages, post, read, room, room_for_customer, room_for_dispute, rooms

__all__ = [
    "later",
    "messages",
    "popups",
    "post",
    "read",
    "room",
    "room_for_customer",
    "room_for_dispute",
    "rooms",
]
