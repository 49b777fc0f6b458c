"""Print batches: what waits in the tray becomes one PDF with a cover sheet; a person prints and posts it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from pypdf import PdfReader

from accounts.events import emit
from accounts.models import LegalEntity, User
from lib import formats
from mailroom.choices import LetterStatus
from mailroom.errors import NothingToPrint
from mailroom.models import Letter, PrintBatch
from mailroom.paper.press import press

MOST = 100
FOLDER = "print"
LOCK = 8_020_001  # the advisory lock of making batches; the second half is the entity
# Looks at the facts of a waiting letter again: the letter as it now is, or None when it is not to go.
Review = Callable[[Letter, datetime], Letter | None]
_reviews: dict[str, Review] = {}
# Streams of which letters that the outbox delivers by itself are looked at too.
_unreserved: set[str] = set()


def reviews(stream: str, *, unreserved: bool = False) -> Callable[[Review], Review]:
    """Register who looks again, before printing, at the letters about something: `@reviews("notice")`.

    Only reserved letters, or with `unreserved` all of the stream. It runs inside the transaction of the batch, and
    locks what it needs in the order of its own room.
    """

    def register(review: Review) -> Review:
        _reviews[stream] = review
        if unreserved:
            _unreserved.add(stream)
        return review

    return register


@transaction.atomic
def make_batch(*, entity: LegalEntity, by: User, at: datetime) -> PrintBatch:
    """Take what waits in the entity's tray, at most a hundred letters, into a new batch.

    Each letter is decided again first: what was paid meanwhile is not printed. Two at once take turns. Raises
    NothingToPrint.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCK, entity.pk])
    waiting = Letter.objects.filter(entity=entity, status=LetterStatus.TRAY).order_by("pk")
    letters = [fresh for letter in waiting[:MOST] if (fresh := _looked_at(letter, at)) is not None]
    if not letters:
        raise NothingToPrint(_("No letter waits to be printed."), code="nothing_to_print")
    last = PrintBatch.objects.filter(entity=entity).order_by("-number").values_list("number", flat=True)
    batch = PrintBatch.objects.create(
        entity=entity,
        number=(last.first() or 0) + 1,
        count=len(letters),
        sums=_sums(letters),
        checksum=_checksum(letters),
        made_by=by,
        made_at=at,
    )
    for letter in letters:
        mine = Letter.objects.filter(pk=letter.pk, status=LetterStatus.TRAY)
        if not mine.update(status=LetterStatus.SENT, sent_at=at, batch=batch):
            raise NothingToPrint(_("Somebody else is printing these letters."), code="printed_elsewhere")
        _tell(letter, "letter.sent", at, by, batch=str(batch.number), to=letter.postal)
    return batch


def _looked_at(letter: Letter, at: datetime) -> Letter | None:
    looked = letter.reserved or letter.about_stream in _unreserved
    review = _reviews.get(letter.about_stream) if looked else None
    fresh = review(letter, at) if review else letter
    return fresh if fresh is not None and fresh.status == LetterStatus.TRAY else None


def pdf_of_batch(*, batch: PrintBatch) -> bytes:
    """The batch's file: made at the first call, the same bytes ever after."""
    if batch.stored_as:
        with default_storage.open(batch.stored_as, "rb") as stream:
            return bytes(stream.read())
    letters = list(batch.letters.order_by("pk").select_related("entity"))
    with override(batch.entity.language):
        title = _("Print batch %(number)s") % {"number": batch.number}
        cover = _cover(batch, letters, title)
    sheets = [(letter.entity, letter.paper) for letter in letters]
    pdf = press(sheets, title=title, at=batch.made_at, cover=cover)
    key = default_storage.save(f"{FOLDER}/{batch.entity.code}-{batch.number:05d}.pdf", ContentFile(pdf))
    facts = {
        "stored_as": key,
        "sha256": hashlib.sha256(pdf).hexdigest(),
        "pages": len(PdfReader(BytesIO(pdf)).pages),
        "size": len(pdf),
    }
    if not PrintBatch.objects.filter(pk=batch.pk, stored_as="").update(**facts):
        # Somebody else was faster: theirs is the file.
        default_storage.delete(key)
    batch.refresh_from_db()
    return pdf


@transaction.atomic
def mark_posted(*, batch: PrintBatch, by: User, at: datetime) -> PrintBatch:
    """A person handed the batch to the post; saying it twice changes nothing."""
    batch = PrintBatch.objects.select_for_update(of=("self",)).select_related("entity").get(pk=batch.pk)
    if batch.posted_at:
        return batch
    if not batch.stored_as:
        raise NothingToPrint(_("Download the batch and print it first."), code="not_printed")
    batch.posted_at, batch.posted_by = at, by
    batch.save(update_fields=["posted_at", "posted_by"])
    for letter in batch.letters.order_by("pk"):
        _tell(letter, "letter.posted", at, by, batch=str(batch.number), to=letter.postal)
    return batch


def _sums(letters: list[Letter]) -> dict[str, str]:
    sums: dict[str, Decimal] = {}
    for letter in letters:
        if letter.paper.get("amount"):
            currency = letter.paper["currency"]
            sums[currency] = sums.get(currency, Decimal(0)) + Decimal(letter.paper["amount"])
    return {currency: str(amount) for currency, amount in sorted(sums.items())}


def _checksum(letters: list[Letter]) -> str:
    """Over everything the letters say, in their order."""
    said = [[letter.key, letter.paper] for letter in letters]
    return hashlib.sha256(json.dumps(said, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _cover(batch: PrintBatch, letters: list[Letter], title: str) -> dict[str, Any]:
    """The sheet on top: who, how many, how much, and the list to tick off."""
    asked = " · ".join(formats.money(Decimal(amount), currency) for currency, amount in batch.sums.items())
    facts = [
        [_("Company"), batch.entity.name],
        [_("Made"), f"{formats.moment(batch.made_at)} · {batch.made_by.name}"],
        [_("Letters"), str(batch.count)],
        *([[_("Asked for in all"), asked]] if asked else []),
        [_("Checksum"), batch.checksum_shown],
    ]
    rows = [
        [str(place), *_addressee(letter), _amount(letter)] for place, letter in enumerate(letters, start=1)
    ]
    return {
        "language": batch.entity.language,
        "title": title,
        "facts": facts,
        "pages": _("Pages"),
        "list": {
            "head": ["№", _("Recipient"), _("Place"), _("Reference"), _("Asked for")],
            "rows": rows,
            "right": [4, 5],
            "foot": [],
        },
        "note": _(
            "This sheet is not posted. Printing the file again changes nothing; each letter is in one batch only."
        ),
    }


def _addressee(letter: Letter) -> tuple[str, str, str]:
    lines = letter.postal.splitlines()
    return lines[0], lines[-1], str(letter.paper.get("reference", ""))


def _amount(letter: Letter) -> str:
    amount = letter.paper.get("amount")
    return formats.money(Decimal(amount), letter.paper["currency"]) if amount else ""


def _tell(letter: Letter, kind: str, at: datetime, by: User, **data: str) -> None:
    about = f"{letter.about_stream}:{letter.about_id}" if letter.about_stream else ""
    emit(
        stream="letter",
        object_id=letter.pk,
        entity_id=letter.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"key": letter.key, "about": about, "channel": letter.channel, **data},
    )
