"""What changes rooms: coming and going, posting, reading."""

from chat.services.following import follow_dispute, follow_question
from chat.services.inviting import Outsider, Seen, invite, invite_contact, invite_partner, remove
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
from chat.services.sharing import share_message, take_back

__all__ = [
    "Outsider",
    "Seen",
    "bring_in",
    "follow_dispute",
    "follow_question",
    "invite",
    "invite_contact",
    "invite_partner",
    "join",
    "join_contact",
    "leave",
    "mark_read",
    "open_team",
    "post_from_contact",
    "post_message",
    "post_question",
    "post_system_line",
    "remove",
    "room_for_customer",
    "room_for_dispute",
    "share_message",
    "take_back",
]
