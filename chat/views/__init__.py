"""The pages of the chat room: rooms, threads, posting, pop-ups."""

from chat.views.people import people, remove_person
from chat.views.popups import later, popups
from chat.views.rooms import messages, post, read, room, room_for_customer, room_for_dispute, rooms
from chat.views.sharing import share, take_back

__all__ = [
    "later",
    "messages",
    "people",
    "popups",
    "post",
    "read",
    "remove_person",
    "room",
    "room_for_customer",
    "room_for_dispute",
    "rooms",
    "share",
    "take_back",
]
