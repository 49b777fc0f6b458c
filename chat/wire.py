"""What travels: topics, frames, and the envelope in which the bus carries a frame.

A frame is encoded once, by whoever publishes it. The envelope's first line tells the hubs where it goes and,
for a message, its number and the number of the message before it for those readers, so that nobody has to parse the
frame to see a gap.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from chat.models import Message

Frame = dict[str, Any]
CONTROL = "control"


def user_topic(user_id: int) -> str:
    """Everything one person's tabs must hear: questions, unread counts."""
    return f"user:{user_id}"


def room_topic(room_id: int, key: str) -> str:
    """A room as the readers with one key hear it (`chat.audience`)."""
    return f"room:{room_id}:{key}"


def key_of(topic: str) -> str:
    """The reader key of a room topic."""
    return topic.split(":", 2)[2]


def entity_topic(entity_id: int) -> str:
    """The disputes of a legal entity, for those who may see all of them."""
    return f"entity:{entity_id}:disputes"


def room_of(topic: str) -> int | None:
    """The room of a room topic; None for the others."""
    return int(topic.split(":")[1]) if topic.startswith("room:") else None


def encode(frame: Frame) -> str:
    """A frame as it goes over the socket."""
    return json.dumps(frame, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Envelope:
    """A frame, where it goes, and for messages its place in the room (0, 0 otherwise).

    Sockets that follow the room `beside` do not get the frame: they hear the message itself. A frame `about` a
    message goes only to those who may see that far back.
    """

    topics: tuple[str, ...]
    text: str
    seq: int = 0
    prev: int = 0
    beside: int = 0
    about: int = 0

    def pack(self) -> str:
        """One string for the bus."""
        return f"{','.join(self.topics)} {self.seq} {self.prev} {self.beside} {self.about}\n{self.text}"

    @classmethod
    def unpack(cls, packed: str) -> Envelope:
        """The envelope in a string from the bus; ValueError for anything else."""
        head, mark, text = packed.partition("\n")
        topics, seq, prev, beside, about = head.split(" ")
        if not mark:
            raise ValueError("an envelope has two lines")
        return cls(tuple(topics.split(",")), text, int(seq), int(prev), int(beside), int(about))


def envelope(
    topics: Iterable[str], frame: Frame, *, seq: int = 0, prev: int = 0, beside: int = 0, about: int = 0
) -> Envelope:
    """`frame`, addressed to `topics`."""
    return Envelope(tuple(topics), encode(frame), seq, prev, beside, about)


def message_frame(message: Message, *, prev: int) -> Frame:
    """A message whole, with author, contact and deleter loaded. `prev` is the number before it that the reader sees."""
    author, contact = message.author, message.contact
    return {
        "type": "message",
        "room": message.room_id,
        "seq": message.seq,
        "prev": prev,
        "kind": message.kind,
        "side": message.side,
        "party": message.party_id,
        "author": {"id": author.pk, "name": str(author)} if author else None,
        "contact": {"id": contact.pk, "name": str(contact)} if contact else None,
        "body": message.body,
        "shared": _shared(message.shared) if message.shared else None,
        "question": message.question_id,
        "code": message.code,
        "data": message.data,
        "token": message.client_token,
        "at": message.created_at.isoformat(),
        "rev": message.rev,
        "version": message.version,
        "edited": message.edited_at.isoformat() if message.edited_at else None,
        "deleted": _deletion(message),
    }


def _shared(original: Message) -> Frame:
    """What a guest is shown of an earlier message."""
    return {
        "author": str(original.writer),
        "body": original.body,
        "at": original.created_at.isoformat(),
    }


def hidden_frame(room_id: int, seqs: list[int]) -> Frame:
    """Messages that were shared and taken back: pages let go of them."""
    return {"type": "hidden", "room": room_id, "seqs": seqs}


def _deletion(message: Message) -> Frame | None:
    if message.deleted_at is None or message.deleted_by is None:
        return None
    by = message.deleted_by
    return {"at": message.deleted_at.isoformat(), "by": {"id": by.pk, "name": str(by)}}


def error_frame(code: str, message: str, **facts: Any) -> Frame:
    """Something a client asked for and does not get, in words."""
    return {"type": "error", "code": code, "message": message, **facts}
