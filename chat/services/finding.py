"""People find a dispute by what was said about it: the words of a room, for whoever may read them."""

from __future__ import annotations

from chat.audience import Reader, stays_reading, visible_q
from chat.choices import MessageKind, Side
from chat.models import Message, Participant, Room, SaidText
from disputes import services as disputes
from lib.text import fold

LONGEST = 20_000


def source_of(message: Message) -> str:
    """The name of a message among the searchable texts."""
    return f"message:{message.pk}"


def make_findable(room: Room, message: Message, body: str) -> None:
    """The dispute is found by these words: by the team, and by the guests who may read the message now."""
    _make_sayings_findable(message, body)
    if not room.dispute_id or (not body and not message.deleted_at):
        return
    guests = None
    if message.side != Side.INTERNAL:
        reading = stays_reading(message.side, message.party_id, message.seq)
        here = Participant.objects.filter(reading, room=room, left_at=None, side=message.side)
        guests = list(here.filter(user__isnull=False).values_list("user_id", flat=True))
    disputes.index_text(
        dispute_id=room.dispute_id,
        source=source_of(message),
        text=body,
        side=message.side,
        guests=guests,
    )


def show_past(room: Room, stay: Participant) -> None:
    """A guest who came finds the dispute by what they may read of before."""
    if stay.user_id and room.dispute_id and stay.side != Side.INTERNAL and stay.from_seq < room.last_seq:
        reader = Reader(stay.side, stay.party_id)
        seen = Message.objects.filter(visible_q(reader), room=room, seq__gt=stay.from_seq)
        disputes.open_texts(room.dispute_id, (source_of(one) for one in seen.only("pk")), guest=stay.user_id)


def hide_past(room: Room, stay: Participant) -> None:
    """A guest who went finds the dispute by nothing that was said in the room."""
    if stay.user_id and room.dispute_id and stay.side != Side.INTERNAL:
        disputes.close_texts(room.dispute_id, "message:", guest=stay.user_id)


def _make_sayings_findable(message: Message, body: str) -> None:
    """The message itself is found by its words, which take the place of earlier ones."""
    folded = fold(body)[:LONGEST] if message.kind != MessageKind.SYSTEM else ""
    if not folded:
        SaidText.objects.filter(message=message).delete()
        return
    SaidText.objects.bulk_create(
        [SaidText(message=message, text=folded)],
        update_conflicts=True,
        unique_fields=["message"],
        update_fields=["text"],
    )
