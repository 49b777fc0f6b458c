"""What is kept about a room: its pins, and what a person is writing there."""

from __future__ import annotations

from chat.models import Draft, Message
from chat.selectors import Standing, messages_for


def pins(place: Standing) -> list[Message]:
    """The pinned messages that the person may see, the last pinned first."""
    found = (
        messages_for(place)
        .filter(pin__isnull=False, deleted_at=None)
        .select_related("author", "contact", "pin__by")
    )
    return list(found.order_by("-pin__at", "-pk"))


def draft_of(user_id: int, room_id: int) -> Draft | None:
    """What the person is writing in the room."""
    return Draft.objects.filter(room=room_id, user=user_id).first()
