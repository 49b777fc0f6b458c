"""How far people have read, and what they let others see of it."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from chat import announce, bus, selectors
from chat.models import Discretion, ReadMark, Room
from chat.reach import seeing

# The mark only moves forward, and never past the room's newest message.
ADVANCE = """
INSERT INTO chat_readmark (room_id, user_id, seq, read_at)
SELECT id, %(user)s, least(%(seq)s, last_seq), %(at)s FROM chat_room WHERE id = %(room)s
ON CONFLICT (room_id, user_id) DO UPDATE SET seq = excluded.seq, read_at = excluded.read_at
WHERE chat_readmark.seq < excluded.seq
RETURNING seq
"""


def advance(*, room: Room, user: User, seq: int, at: datetime) -> int | None:
    """Move the person's read mark forward; the new mark, or None when it was there already."""
    with connection.cursor() as cursor:
        cursor.execute(ADVANCE, {"room": room.pk, "user": user.pk, "seq": max(seq, 0), "at": at})
        row = cursor.fetchone()
    return row[0] if row else None


@transaction.atomic
def mark_read(*, room: Room, user: User, seq: int, at: datetime) -> bool:
    """The person has read up to `seq`; False when they already had. The caller knows that they may read it."""
    mark = advance(room=room, user=user, seq=seq, at=at)
    if mark is None:
        return False
    seeing.read_up_to(room_id=room.pk, user=user, seq=mark, at=at)
    transaction.on_commit(lambda: announce.read(room.pk, user, mark), robust=True)
    return True


@transaction.atomic
def mark_unread(*, room: Room, user: User, seq: int, at: datetime) -> None:
    """Message `seq` and what is behind it count as unread again, on every device."""
    mark = max(seq - 1, 0)
    marked = ReadMark.objects.filter(room=room, user=user, seq__gt=mark)
    if marked.update(seq=mark, read_at=at):
        transaction.on_commit(lambda: announce.unread_again(room.pk, user, mark), robust=True)


def mark_all_read(*, user: User, at: datetime) -> int:
    """Everything in the person's rooms is read; in how many something was not. Room by room: no lock for all."""
    waiting = selectors.my_rooms(user).filter(unread__gt=0).select_related(None).order_by("room")
    rooms = [stay.room_id for stay in waiting.only("room")]
    for room in Room.objects.filter(pk__in=rooms).only("pk", "last_seq"):
        mark_read(room=room, user=user, seq=room.last_seq, at=at)
    return len(rooms)


@transaction.atomic
def set_discretion(*, user: User, presence: bool, typing: bool, receipts: bool) -> Discretion:
    """What the person lets others see; open pages keep to it at once."""
    given = {"presence": presence, "typing": typing, "receipts": receipts}
    kept, _created = Discretion.objects.update_or_create(user=user, defaults=given)
    bus.revoke_after_commit(user.pk)
    return kept
