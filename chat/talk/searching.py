"""Finding what was said: every word anywhere, without accents and case, in what the person may see."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from accounts.models import User
from chat.models import Message
from chat.selectors import messages_visible_to
from lib.text import fold

PAGE = 30
AROUND = 80
LEAST = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, with the words marked."""

    message: Message
    snippet: SafeString


def words_of(text: str) -> list[str]:
    """What is looked for; single letters find everything, so they are left out."""
    return [word for word in fold(text).split() if len(word) >= LEAST][:8]


def said(user: User, text: str, room_id: int | None = None) -> QuerySet[Message]:
    """The messages with all the words, newest first; nothing without words."""
    words = words_of(text)
    if not words:
        return Message.objects.none()
    found = messages_visible_to(user).filter(deleted_at=None)
    if room_id is not None:
        found = found.filter(room=room_id)
    for word in words:
        found = found.filter(said__text__contains=word)
    related = ("author", "contact", "room__dispute__customer", "room__customer")
    return found.select_related(*related).order_by("-pk")


def search(
    user: User, text: str, room_id: int | None = None, before: int | None = None, most: int = PAGE
) -> tuple[list[Hit], int | None]:
    """A page of hits, and the number behind which the next one begins."""
    found = said(user, text, room_id)
    page = list((found.filter(pk__lt=before) if before else found)[: most + 1])
    words = words_of(text)
    hits = [Hit(message, snippet(message.body, words)) for message in page[:most]]
    return hits, page[most - 1].pk if len(page) > most else None


def snippet(body: str, words: list[str]) -> SafeString:
    """The part of the text around the first of the words, with all of them marked."""
    text = " ".join(body.split())
    spans = _spans(text, words)
    start = max(0, spans[0][0] - AROUND) if spans else 0
    end = min(len(text), start + 3 * AROUND)
    made, at = ["…" if start else ""], start
    for begin, stop in spans:
        if begin < at or stop > end:
            continue
        made += [escape(text[at:begin]), "<mark>", escape(text[begin:stop]), "</mark>"]
        at = stop
    made += [escape(text[at:end]), "…" if end < len(text) else ""]
    return mark_safe("".join(made))  # every part is escaped above


def _spans(text: str, words: list[str]) -> list[tuple[int, int]]:
    """Where the folded words stand in the text as it was written."""
    folded, origin = "", []
    for place, sign in enumerate(text):
        plain = unicodedata.normalize("NFKD", sign.casefold())
        kept = "".join(c for c in plain if not unicodedata.combining(c))
        folded += kept
        origin += [place] * len(kept)
    spans = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            spans.append((origin[at], origin[at + len(word) - 1] + 1))
            at = folded.find(word, at + len(word))
    return sorted(spans)
