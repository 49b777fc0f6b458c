"""Cuts an MT940 or MT942 file into messages and fields, with or without SWIFT blocks and end marks."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from ledger.bank.readers.common import MAX_ENTRIES
from ledger.bank.readers.records import text_lines
from ledger.intake.documents import Unreadable

TAG = re.compile(r"\s*:(13D?|20|21|25P?|28C?|34F|60[FM]|61|62[FM]|64|65|86|90[CD]|NS|94[02]):(.*)", re.DOTALL)
BLOCK = re.compile(r"^.*\{4:\s*")
END = re.compile(r"\s*(?:-\}.*|-X{0,3}|\$)\s*")


@dataclass(slots=True)
class Field:
    """One field of a message: its tag, its lines and the line of the file where it starts."""

    tag: str
    lines: list[str]
    line: int


@dataclass(slots=True)
class Message:
    """A message as it stands in the file. `closed` says that its end was seen."""

    line: int
    blocked: bool = False
    closed: bool = False
    fields: list[Field] = field(default_factory=list)

    def has(self, *tags: str) -> bool:
        """Whether one of the fields is there."""
        return any(each.tag in tags for each in self.fields)

    def first(self, *tags: str) -> Field | None:
        """The first field with one of the tags."""
        return next((each for each in self.fields if each.tag in tags), None)


def messages_of(path: Path) -> Iterator[Message]:
    """The messages of the file. One ends where its end is marked or the next one begins."""
    message = Message(0)
    blocked = False
    for number, line in text_lines(path):
        text = line
        if "{4:" in text:
            if text.lstrip().startswith("-}"):
                message.closed = True
            text, blocked = BLOCK.sub("", text), True
        if END.fullmatch(text):
            message.closed = True
            yield from _given(message)
            message, blocked = Message(number), "{4:" in line and not text
            continue
        match = TAG.fullmatch(text)
        if match is None:
            if message.fields and text.strip():
                message.fields[-1].lines.append(text)
            continue
        if _begins(message, match[1]):
            yield from _given(message)
            message = Message(number)
        message.blocked = message.blocked or blocked
        message.fields.append(Field(match[1], [match[2]], number))
        if len(message.fields) > 2 * MAX_ENTRIES:
            raise Unreadable("too_many_parts", number, 0, limit=MAX_ENTRIES)
    yield from _given(message)


def _given(message: Message) -> Iterator[Message]:
    if message.has("25", "25P", "60F", "60M", "61", "62F", "62M"):
        yield message


def _begins(message: Message, tag: str) -> bool:
    """Whether this field is the first of another message."""
    if tag in ("20", "940", "942"):
        return bool(message.fields)
    if tag in ("25", "25P"):
        return message.has("25", "25P")
    return tag in ("60F", "60M") and message.has("60F", "60M", "62F", "62M")
