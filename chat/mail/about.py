"""What letters and mails of a room say they are about."""

from __future__ import annotations

from chat.models import Room

DISPUTE, ROOM = "dispute", "room"


def about_of(room: Room) -> tuple[str, int]:
    """Its dispute, else the room itself."""
    return (DISPUTE, room.dispute_id) if room.dispute_id else (ROOM, room.pk)
