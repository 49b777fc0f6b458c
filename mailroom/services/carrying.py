"""Hands one letter to whoever carries its channel: a mail server, an SMS service, a printer, or the tray of our own."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.storage import default_storage

from mailroom.choices import Channel, LetterStatus
from mailroom.envelope import Enclosed, Envelope
from mailroom.models import Letter
from mailroom.paper.grid import as_xlsx
from mailroom.paper.press import press
from mailroom.paybox import CID
from mailroom.providers import Provider, ShortMessage, outgoing, send_sms
from mailroom.providers.post import HttpPost, Posting
from mailroom.qr import Transfer, as_png


def carry(letter: Letter, at: datetime, provider: Provider | None = None) -> LetterStatus:
    """Send it; how it then stands (sent, or in the tray). Raises Refused or Unreachable. No transaction is open.

    `provider` is the open connection of several e-mails; one that keeps nothing (`swallows`) takes every channel.
    """
    if provider is not None and getattr(provider, "swallows", False):
        return LetterStatus.SENT
    if letter.channel == Channel.PORTAL:
        # The page of its recipient shows it from this moment on.
        return LetterStatus.SENT
    if letter.channel == Channel.SMS:
        send_sms(_short(letter), at=at)
    elif letter.channel == Channel.POST:
        if not settings.POST_URL:
            return LetterStatus.TRAY
        HttpPost(settings.POST_URL).send(_posting(letter, at))
    elif provider is not None:
        provider.send(envelope_of(letter, at))
    else:
        with outgoing() as mine:
            mine.send(envelope_of(letter, at))
    return LetterStatus.SENT


def pdf_of(letter: Letter) -> bytes:
    """The letter on paper, as it was written: the same bytes every time."""
    return press([(letter.entity, letter.paper)], title=letter.subject, at=letter.created_at)


def with_pictures(letter: Letter) -> str:
    """The HTML of a letter with its pictures in it, for a frame that may load nothing."""
    found = next((file["transfer"] for file in letter.enclosed if file.get("transfer")), None)
    return framed_html(letter.body_html, Transfer.from_data(found) if found else None)


def framed_html(html: str, transfer: Transfer | None) -> str:
    """The same of a letter that was only written so far."""
    if transfer is None:
        return html
    code = base64.b64encode(as_png(transfer)).decode()
    return html.replace(f"cid:{CID}", f"data:image/png;base64,{code}")


def _short(letter: Letter) -> ShortMessage:
    return ShortMessage(
        key=letter.key,
        number=letter.to_address,
        text=letter.body_text.strip(),
        entity=letter.entity.code,
        language=letter.language,
    )


def _posting(letter: Letter, at: datetime) -> Posting:
    facts = {
        "key": letter.key,
        "entity": letter.entity.code,
        "sender": letter.from_name,
        "recipient": letter.postal.splitlines(),
        "language": letter.language,
        "subject": letter.subject,
        "reference": letter.paper.get("reference", ""),
        "registered": bool(letter.paper.get("registered")),
        "created_at": letter.created_at.isoformat(),
    }
    return Posting(letter.key, pdf_of(letter), facts)


def envelope_of(letter: Letter, at: datetime) -> Envelope:
    """The letter as an e-mail."""
    return Envelope(
        key=letter.key,
        message_id=letter.message_id,
        from_name=letter.from_name,
        from_address=letter.from_address,
        reply_to=letter.reply_to,
        to_name=letter.to_name,
        to_address=letter.to_address,
        subject=letter.subject,
        text=letter.body_text,
        html=letter.body_html,
        language=letter.language,
        entity=letter.entity.code,
        at=at,
        in_reply_to=letter.in_reply_to,
        references=letter.references,
        unsubscribe=letter.unsubscribe,
        one_click=letter.one_click,
        files=tuple(enclosed_in(letter)),
    )


def _made(made: dict[str, Any], letter: Letter) -> bytes:
    """A statement, drawn from the figures that were kept with the letter."""
    if "grid" in made:
        return as_xlsx(made["grid"])
    return press([(letter.entity, made["sheet"])], title=made["sheet"]["subject"], at=letter.created_at)


def enclosed_in(letter: Letter) -> Iterator[Enclosed]:
    """The files that go along, as they are now: what was redacted or erased meanwhile does not go."""
    for file in letter.enclosed:
        if file.get("transfer"):
            code = as_png(Transfer.from_data(file["transfer"]))
            yield Enclosed(file["name"], file["media_type"], code, file["cid"])
            continue
        if file.get("made"):
            yield Enclosed(file["name"], file["media_type"], _made(file["made"], letter))
            continue
        with suppress(OSError), default_storage.open(file["stored_as"], "rb") as stream:
            yield Enclosed(file["name"], file["media_type"], bytes(stream.read()))
