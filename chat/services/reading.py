"""How far people have read."""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from accounts.models import User
from chat import announce
from chat.models import Room
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
