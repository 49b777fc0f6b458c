"""What changes rooms: coming and going, posting, reading."""

from chat.services.following import follow_dispute, follow_question
from chat.services.posting import post_from_contact, post_message, post_question, post_system_line
from chat.services.reading import mark_read
from chat.services.rooms import (
    bring_in,
    join,
    join_contact,
    leave,
    open_team,
    room_for_customer,
    room_for_dispute,
)

__all__ = [
    "bring_in",
    "follow_dispute",
    "follow_question",
    "join",
    "join_contact",
    "leave",
    "mark_read",
    "open_team",
    "post_from_contact",
    "post_message",
    "post_question",
    "post_system_line",
    "room_for_customer",
    "room_for_dispute",
]
