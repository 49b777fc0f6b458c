"""A thread as a page shows it: rows ready to print, with day lines, the line before what is new, and folded changes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import groupby
from typing import Any

from django.utils import timezone

from accounts.models import User
from chat import lines
from chat.choices import MessageKind, Side
from chat.models import Message
from chat.talk.extras import Extra, body_html
from disputes.models import Question

# So many system lines in a row are shown; more are folded into one.
UNFOLDED = 2


@dataclass(frozen=True, slots=True)
class SystemLine:
    """What happened, in words."""

    seq: int
    icon: str
    words: str
    at: datetime
    # Of a share that lasts: its number, by which it can be taken back.
    live: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a thread. `kind`: day, new, system, message or card; the other fields as the kind needs."""

    kind: str
    on: date | None = None
    message: Message | None = None
    mine: bool = False
    question: Question | None = None
    lines: list[SystemLine] = field(default_factory=list)
    # Of a message shared with a guest: the line that shows it.
    line: Message | None = None
    # Whether the reader may show it to guests.
    share: bool = False
    html: str = ""
    extra: Extra = field(default_factory=Extra)

    @property
    def seq(self) -> int:
        """The number of the last message in the row; 0 for separators."""
        shown = self.line or self.message
        if shown is not None:
            return shown.seq
        return self.lines[-1].seq if self.lines else 0


def rows(
    messages: Iterable[Message],
    *,
    reader: User,
    questions: Mapping[int, Question],
    extras: Mapping[int, Extra],
    mark: int | None = None,
    after_day: date | None = None,
    team: bool = True,
    share: bool = False,
) -> list[Row]:
    """The rows of these messages, oldest first, in the active time zone.

    `mark`: the reader has read up to here, so the line "new" goes behind it. `after_day`: the day of the message
    before, whose day line is already on the page. `team`: what was shared with guests is a line about it; a guest
    reads the message itself. `share`: there are guests to show messages to.
    """
    shown: list[Row] = []
    day, fresh = after_day, mark is None
    for (on, _new, system), some in groupby(messages, key=lambda message: _group(message, mark, team)):
        batch = list(some)
        if on != day:
            shown.append(Row("day", on=on))
            day = on
        if not fresh and batch[0].seq > (mark or 0) and any(_by_others(message, reader) for message in batch):
            shown.append(Row("new"))
            fresh = True
        if system:
            shown.append(Row("system", lines=[_line(message) for message in batch]))
        else:
            shown += [_row(message, reader, questions, extras, share) for message in batch]
    return shown


def _group(message: Message, mark: int | None, team: bool) -> tuple[date, bool, bool]:
    on = timezone.localtime(message.created_at).date()
    system = message.kind == MessageKind.SYSTEM or (team and message.kind == MessageKind.SHARED)
    return on, message.seq > (mark or 0), system


def _by_others(message: Message, reader: User) -> bool:
    return message.kind != MessageKind.SYSTEM and message.author_id != reader.pk


def _row(
    message: Message,
    reader: User,
    questions: Mapping[int, Question],
    extras: Mapping[int, Extra],
    share: bool,
) -> Row:
    question = questions.get(message.question_id or 0)
    if question is not None:
        return Row("card", message=message, question=question)
    if message.shared is not None:
        html = body_html(message.shared, Extra(), reader.pk)
        return Row("message", message=message.shared, line=message, html=html)
    extra = extras.get(message.pk, Extra())
    return Row(
        "message",
        message=message,
        mine=message.author_id == reader.pk,
        share=share and message.kind == MessageKind.TEXT and message.deleted_at is None,
        html=body_html(message, extra, reader.pk),
        extra=extra,
    )


def _line(message: Message) -> SystemLine:
    facts: dict[str, Any] = message.data
    code, live = message.code, ""
    if message.kind == MessageKind.SHARED:
        code, facts = "message.shared", {**facts, "actor": str(message.author)}
        live = "" if message.side == Side.INTERNAL else str(message.seq)
    return SystemLine(message.seq, lines.icon(code), lines.words(code, facts), message.created_at, live)
