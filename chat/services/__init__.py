"""What changes rooms: coming and going, posting, reading."""

from chat.services.attaching import vet
from chat.services.changing import delete_message, edit_message, may_delete, may_edit, react
from chat.services.channels import (
    archive_team,
    invite_to_team,
    join_team,
    leave_team,
    rename_team,
)
from chat.services.following import follow_dispute, follow_question
from chat.services.inviting import Outsider, Seen, invite, invite_contact, invite_partner, remove
from chat.services.keeping import keep_draft, pin
from chat.services.posting import post_from_contact, post_message, post_question, post_system_line
from chat.services.reading import mark_all_read, mark_read, mark_unread, set_discretion
from chat.services.rooms import (
    bring_in,
    join,
    join_contact,
    leave,
    open_team,
    room_for_customer,
    room_for_dispute,
)
from chat.services.said import Said
from chat.services.sharing import share_message, take_back

__all__ = [
    "Outsider",
    "Said",
    "Seen",
    "archive_team",
    "bring_in",
    "delete_message",
    "edit_message",
    "follow_dispute",
    "follow_question",
    "invite",
    "invite_contact",
    "invite_partner",
    "invite_to_team",
    "join",
    "join_contact",
    "join_team",
    "keep_draft",
    "leave",
    "leave_team",
    "mark_all_read",
    "mark_read",
    "mark_unread",
    "may_delete",
    "may_edit",
    "open_team",
    "pin",
    "post_from_contact",
    "post_message",
    "post_question",
    "post_system_line",
    "react",
    "remove",
    "rename_team",
    "room_for_customer",
    "room_for_dispute",
    "set_discretion",
    "share_message",
    "take_back",
    "vet",
]
