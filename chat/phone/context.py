"""What somebody on the road needs beside a question: the last words, the lines in dispute, the photos."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from django.db.models import F, Q, Window, prefetch_related_objects
from django.db.models.functions import RowNumber
from django.urls import reverse

from accounts.models import User
from chat.audience import inner_entities
from chat.choices import MessageKind
from chat.models import Message
from chat.selectors import messages_visible_to
from disputes.models import DisputeLine, Question
from disputes.selectors import evidence_for
from lib import formats

WORDS, LINES, PHOTOS = 2, 3, 3
SAID = 160


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture among the evidence that the person may see."""

    name: str
    url: str
    page: str


@dataclass(slots=True)
class Context:
    """What a card shows below its question."""

    said: str = ""
    excerpt: list[str] = field(default_factory=list)
    words: list[Message] = field(default_factory=list)
    photos: list[Photo] = field(default_factory=list)


def contexts(user: User, questions: Sequence[Question]) -> dict[int, Context]:
    """The context of each question, by its key. So many queries, whatever the number of questions.

    A guest who is asked sees neither what the customer said nor what stands on the invoice.
    """
    disputes = {question.dispute_id: question.dispute for question in questions}
    prefetch_related_objects(list(disputes.values()), "lines__invoice_line", "lines__invoice")
    words, photos = _words(user, disputes), _photos(user, disputes)
    inner = inner_entities(user)
    found = {}
    for question in questions:
        dispute = question.dispute
        lines = list(dispute.lines.all())[:LINES] if dispute.entity_id in inner else []
        found[question.pk] = Context(
            said=_cut(dispute.statement) if dispute.entity_id in inner else "",
            excerpt=[_line(line, dispute.currency) for line in lines],
            words=words.get(dispute.pk, []),
            photos=photos.get(dispute.pk, []),
        )
    return found


def _line(line: DisputeLine, currency: str) -> str:
    """The disputed part of an invoice: its number, and what was invoiced at which price where that is known."""
    parts = [line.invoice.number]
    printed = line.invoice_line
    if printed is not None:
        parts.append(_cut(printed.description, 60))
        if printed.quantity is not None and printed.unit_price is not None:
            price = formats.money(printed.unit_price.quantize(Decimal("0.01")), currency)
            parts.append(f"{_plain(printed.quantity)} {printed.unit_shown} × {price}".replace("  ", " "))
    parts.append(formats.money(line.amount, currency))
    return " · ".join(part for part in parts if part)


def _plain(value: Decimal) -> str:
    places = max(0, -int(value.normalize().as_tuple().exponent))
    return formats.number(value, min(places, 3))


def _cut(text: str, most: int = SAID) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else f"{flat[: most - 1]}…"


def _words(user: User, disputes: Iterable[int]) -> dict[int, list[Message]]:
    """The last words of each dispute's room, oldest first."""
    # What was shared with a guest is said to them; to the team it is a line about it.
    said = Q(kind=MessageKind.TEXT) | (Q(kind=MessageKind.SHARED) & ~Q(room__entity__in=inner_entities(user)))
    rows = messages_visible_to(user).filter(said, room__dispute__in=list(disputes))
    newest = Window(RowNumber(), partition_by=F("room"), order_by=F("seq").desc())
    rows = rows.annotate(place=newest, about=F("room__dispute")).filter(place__lte=WORDS)
    shown = rows.select_related("author", "contact").prefetch_related("shared__author", "shared__contact")
    found: dict[int, list[Message]] = {}
    for message in shown.order_by("room", "seq"):
        found.setdefault(message.about, []).append(message)
    return found


def _photos(user: User, disputes: Iterable[int]) -> dict[int, list[Photo]]:
    """The newest pictures of each dispute."""
    newest = Window(RowNumber(), partition_by=F("dispute"), order_by=F("pk").desc())
    rows = evidence_for(user).filter(
        dispute__in=list(disputes), media_type__startswith="image/", redacted_at=None
    )
    found: dict[int, list[Photo]] = {}
    for one in rows.annotate(place=newest).filter(place__lte=PHOTOS).order_by("dispute", "-pk"):
        keys = [one.dispute_id, one.pk]
        photo = Photo(
            one.name,
            reverse("disputes:evidence_preview", args=keys),
            reverse("disputes:evidence_one", args=keys),
        )
        found.setdefault(one.dispute_id, []).append(photo)
    return found
