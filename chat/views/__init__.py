"""The pages of the chat room: rooms, threads, posting, pop-ups."""

from chat.views.channels import (
    archive,
    channel,
    channels,
    discretion,
    invite,
    join,
    leave,
    read_all,
    rename,
    unread,
)
from chat.views.files import file, preview
from chat.views.keeping import draft, pin, pins, search
from chat.views.messages import delete, edit, message, quoted, react, rows
from chat.views.people import people, remove_person
from chat.views.popups import later, popups
from chat.views.rooms import messages, post, read, room, room_for_customer, room_for_dispute, rooms
from chat.views.sharing import share, take_back

__all__ = [
    "archive",
    "channel",
    "channels",
    "delete",
    "discretion",
    "draft",
    "edit",
    "file",
    "invite",
    "join",
    "later",
    "leave",
    "message",
    "messages",
    "people",
    "pin",
    "pins",
    "popups",
    "post",
    "preview",
    "quoted",
    "react",
    "read",
    "read_all",
    "remove_person",
    "rename",
    "room",
    "room_for_customer",
    "room_for_dispute",
    "rooms",
    "rows",
    "search",
    "share",
    "take_back",
    "unread",
]
