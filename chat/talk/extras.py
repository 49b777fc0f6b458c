"""What hangs on messages, loaded for a page of them at once and cut to what the reader may know."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from django.utils.safestring import SafeString
from django.utils.text import Truncator

from chat.audience import TEAM, Reader
from chat.models import Mention, Message, Reaction, Revision
from chat.selectors import Standing, messages_for
from chat.talk import markup
from chat.talk.choices import Emoji
from chat.talk.files import Shown, files_of
from chat.talk.quoted import quoting

QUOTED = 140


@dataclass(frozen=True, slots=True)
class Reacted:
    """One sign under a message, and whose it is."""

    emoji: str
    people: tuple[tuple[int, str], ...]
    mine: bool = False

    @property
    def words(self) -> str:
        """What the sign means."""
        return str(Emoji(self.emoji).label)

    @property
    def names(self) -> str:
        """Who gave it."""
        return ", ".join(name for _pk, name in self.people)


@dataclass(slots=True)
class Extra:
    """What one message carries besides its words, as one reader may know it."""

    parent: Message | None = None
    reactions: list[Reacted] = field(default_factory=list)
    mentions: list[Mention] = field(default_factory=list)
    files: list[Shown] = field(default_factory=list)
    # It came by mail, and below the new words stood others.
    quoted: bool = False

    def names(self, reader_id: int | None) -> dict[str, bool]:
        """The labels that name somebody, and whether that is the reader."""
        found: dict[str, bool] = {}
        for one in self.mentions:
            found[one.label] = found.get(one.label, False) or one.user_id == reader_id
        return found

    @property
    def quote(self) -> str:
        """The beginning of what the message answers, on one line."""
        return Truncator(" ".join(self.parent.body.split())).chars(QUOTED) if self.parent else ""


def of_messages(
    messages: Sequence[Message], place: Standing, reader_id: int | None = None
) -> dict[int, Extra]:
    """What hangs on these messages, by their primary keys. At most one query of each kind, none when nothing can."""
    found = {message.pk: Extra() for message in messages}
    _parents(messages, place, found)
    changed = [message.pk for message in messages if message.rev and message.deleted_at is None]
    for pk, reacted in reactions_of(changed, place.reader, reader_id).items():
        found[pk].reactions = reacted
    carrying = [message.pk for message in messages if message.files and message.deleted_at is None]
    for pk, some in (files_of(carrying) if carrying else {}).items():
        found[pk].files = some
    for pk in quoting(messages):
        found[pk].quoted = True
    naming = [message.pk for message in messages if "@" in message.body]
    for one in Mention.objects.filter(message__in=naming).order_by("pk") if naming else ():
        found[one.message_id].mentions.append(one)
    return found


def body_html(message: Message, extra: Extra, reader_id: int | None) -> SafeString:
    """The words of a message for a page."""
    return markup.html(message.body, extra.names(reader_id))


def _parents(messages: Sequence[Message], place: Standing, found: dict[int, Extra]) -> None:
    """What messages answer, where the reader may see it."""
    wanted = {message.reply_to_id for message in messages if message.reply_to_id and not message.deleted_at}
    if not wanted:
        return
    seen = {parent.pk: parent for parent in messages_for(place).filter(pk__in=wanted)}
    for message in messages:
        found[message.pk].parent = seen.get(message.reply_to_id or 0)


def reactions_of(
    message_ids: Iterable[int], reader: Reader, reader_id: int | None = None
) -> dict[int, list[Reacted]]:
    """The signs under messages, in the order of the list; a guest sees those of the team and of their own side."""
    ids = list(message_ids)
    if not ids:
        return {}
    rows = Reaction.objects.filter(message__in=ids)
    if reader != TEAM:
        rows = rows.filter(reader__in=(TEAM.key, reader.key))
    given: dict[int, dict[str, list[tuple[int, str]]]] = {}
    for pk, emoji, user_id, name in rows.order_by("at", "pk").values_list(
        "message", "emoji", "user", "user__name"
    ):
        given.setdefault(pk, {}).setdefault(emoji, []).append((user_id, name))
    return {
        pk: [
            Reacted(emoji, tuple(signs[emoji]), any(pk == reader_id for pk, _name in signs[emoji]))
            for emoji in Emoji.values
            if emoji in signs
        ]
        for pk, signs in given.items()
    }


def versions_of(message: Message) -> list[Revision]:
    """The earlier words of a message, the oldest first; none when it was deleted."""
    return [] if message.deleted_at else list(message.revisions.order_by("number"))
