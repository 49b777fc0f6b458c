"""Rooms that a person does not want to be told of."""

from accounts.models import User
from chat.models import Mute


def mute_room(*, room_id: int, user: User, muted: bool) -> None:
    """Say nothing more of this room's messages, or speak again; harmless when repeated. The caller asked for access."""
    if muted:
        Mute.objects.bulk_create([Mute(room_id=room_id, user=user)], ignore_conflicts=True)
    else:
        Mute.objects.filter(room=room_id, user=user).delete()


def is_muted(*, room_id: int, user: User) -> bool:
    """Whether the person muted the room."""
    return Mute.objects.filter(room=room_id, user=user).exists()
