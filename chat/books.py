"""The checks of the conversations: messages are numbered without a gap, and nobody has read what is not there."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("room", _("room"), "chat:room")

HEADS = """
SELECT r.entity_id, 'room', r.id, '', r.last_seq::text, coalesce(m.newest, 0) || ' of ' || coalesce(m.messages, 0)
FROM chat_room r LEFT JOIN (
    SELECT room_id, max(seq) AS newest, count(*) AS messages FROM chat_message GROUP BY room_id) m ON m.room_id = r.id
WHERE r.last_seq <> coalesce(m.newest, 0) OR coalesce(m.newest, 0) <> coalesce(m.messages, 0)
"""
MARKS = """
SELECT r.entity_id, 'room', r.id, u.email, k.seq::text, '<= ' || r.last_seq
FROM chat_readmark k JOIN chat_room r ON r.id = k.room_id JOIN accounts_user u ON u.id = k.user_id
WHERE k.seq > r.last_seq
UNION ALL
SELECT r.entity_id, 'room', r.id, coalesce(u.email, c.name), p.from_seq::text, '<= ' || r.last_seq
FROM chat_participant p JOIN chat_room r ON r.id = p.room_id
LEFT JOIN accounts_user u ON u.id = p.user_id LEFT JOIN ledger_contact c ON c.id = p.contact_id
WHERE p.from_seq > r.last_seq
"""


@books.check("room.head", _("A room's number is that of its newest message, and none is missing."))
def room_head() -> Iterator[Difference]:
    """Each room beside its messages."""
    return books.differences(HEADS)


@books.check("room.marks", _("Nobody has read further than a room goes."))
def room_marks() -> Iterator[Difference]:
    """What people have read, and from where guests may read."""
    return books.differences(MARKS)
