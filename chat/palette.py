"""What was said, for the palette: the newest messages with the words."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.palette import MOST, Group, Hit, add_finder
from chat.talk.searching import search

LEAST = 3


def find(user: User, text: str, at: datetime) -> list[Group]:
    """A few messages, and a way to all of them."""
    if len(text.strip()) < LEAST:
        return []
    hits, _more = search(user, text, most=MOST)
    rows = [
        Hit(
            f"{reverse('chat:room', args=[one.message.room_id])}?at={one.message.seq}",
            "message-square",
            " ".join(one.message.body.split())[:90],
            one.message.writer.name if one.message.writer else "",
        )
        for one in hits
    ]
    return [Group(_("Messages"), rows)]


add_finder(find, 4)
