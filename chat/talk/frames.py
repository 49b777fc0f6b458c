"""What hangs on a message, as frames carry it to one side of a room."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from chat.audience import TEAM, Reader
from chat.models import Message
from chat.selectors import Standing
from chat.talk import extras
from chat.talk.extras import Extra
from chat.wire import Frame, message_frame


def frames(messages: Sequence[Message], reader: Reader, prev: int) -> list[tuple[Message, Frame]]:
    """Each message as a frame, author, contact and deleter loaded; the first follows number `prev` of this reader."""
    if not messages:
        return []
    found = extras.of_messages(messages, Standing(messages[0].room_id, reader, 0, 0))
    made = []
    for message in messages:
        made.append((message, message_frame(message, prev=prev) | _more(found[message.pk], reader)))
        prev = message.seq
    return made


def change_frame(message: Message, reader: Reader, prev: int) -> Frame:
    """A message that changed, whole. `prev` is the `rev` before it on this side."""
    return as_change(frames([message], reader, 0)[0][1], prev)


def as_change(frame: Frame, prev: int) -> Frame:
    """A message's frame, told as a change."""
    return frame | {"type": "changed", "prev": prev}


def _more(extra: Extra, reader: Reader) -> Frame:
    """Of guests nobody knows here how far back they may see, so what is answered is theirs to ask the API for."""
    inside = reader == TEAM
    return {
        "reply": extra.parent.seq if inside and extra.parent else None,
        "mentions": [one.user_id for one in extra.mentions] if inside else [],
        "reactions": [_reacted(one) for one in extra.reactions],
        "files": [
            {"id": one.pk, "name": one.name, "type": one.media_type, "size": one.size} for one in extra.files
        ],
    }


def _reacted(one: extras.Reacted) -> dict[str, Any]:
    return {"emoji": one.emoji, "people": [{"id": pk, "name": name} for pk, name in one.people]}
