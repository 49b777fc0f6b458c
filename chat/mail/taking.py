"""Puts a mail that came in where it belongs: in the room, its files into the evidence; or before a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from chat.audience import TEAM
from chat.mail.about import about_of
from chat.mail.answering import answer_by_mail
from chat.mail.placing import Place, place_of
from chat.models import BODY_LIMIT
from chat.services import post_from_contact, post_message
from chat.services.said import Said
from chat.talk.quoted import token_of
from disputes import services as disputes
from disputes.choices import Via
from disputes.errors import ScannerAway
from disputes.services import Vetted
from lib.errors import DomainError
from mailroom import services as mailroom
from mailroom.choices import Doubt, InboundStatus
from mailroom.inbound.reading import Attached, UnreadableMail, read_eml
from mailroom.models import InboundMail

MORE = "\n\n[…]"
# Logos in signatures are no evidence of anything.
SMALLEST_PICTURE = 10 * 1024


def take_waiting(*, at: datetime, older_than: timedelta = timedelta(minutes=1), limit: int = 100) -> int:
    """Place the mails that nobody has placed: a worker died, or the broker was away. How many."""
    waiting = InboundMail.objects.filter(status=InboundStatus.NEW, received_at__lte=at - older_than)
    ids = list(waiting.order_by("pk").values_list("pk", flat=True)[:limit])
    for pk in ids:
        take_mail(mail_id=pk, at=at)
    return len(ids)


def take_mail(*, mail_id: int, at: datetime) -> InboundMail:
    """Place one mail; harmless however often. What is posted and kept comes first, that it is placed last."""
    related = ("token", "letter", "entity")
    mail = InboundMail.objects.select_related(*related).get(pk=mail_id)
    if mail.status != InboundStatus.NEW:
        return mail
    found = place_of(mail, at)
    doubt = _say(mail, found, at) if isinstance(found, Place) else found
    if doubt is not None:
        disputes.take_inbound(mail=mail, doubt=doubt, at=at)
    mail.refresh_from_db()
    return mail


def _say(mail: InboundMail, place: Place, at: datetime) -> Doubt | None:
    """Answer or post it with its files, and then say that it is placed; a doubt when they may not write there.

    A scanner that does not answer is another matter: the mail is taken up again.
    """
    files, refused = _vetted(mail)
    try:
        if isinstance(place.writer, User) and answer_by_mail(mail=mail, writer=place.writer, at=at):
            _keep_files(files, place, at)
        else:
            _post(mail, place, files, refused, at)
    except ScannerAway:
        raise
    except DomainError:
        return Doubt.MAY_NOT_WRITE
    stream, object_id = about_of(place.room)
    mailroom.place_mail(mail=mail, stream=stream, object_id=object_id, at=at)
    return None


def _vetted(mail: InboundMail) -> tuple[tuple[Vetted, ...], list[str]]:
    """The attachments that may come in, and for each of the others a sentence; those stay in the mail as it came."""
    files: dict[str, Vetted] = {}
    refused: list[str] = []
    for file in files_of(mail):
        try:
            vetted = disputes.vet(file.data, file.name)
        except ScannerAway:
            raise
        except DomainError as error:
            refused.append(f"{file.name}: {error}")
        else:
            files[vetted.sha256] = vetted
    return tuple(files.values()), refused


def _post(
    mail: InboundMail, place: Place, files: tuple[Vetted, ...], refused: list[str], at: datetime
) -> None:
    words: dict[str, Any] = {
        "room": place.room,
        "body": body_of(mail, refused),
        "client_token": token_of(mail.pk),
        "at": at,
        "said": Said(files=files, via=Via.MAIL),
    }
    if isinstance(place.writer, User):
        post_message(by=place.writer, side=place.reader.side, party=place.reader.party, **words)
    else:
        post_from_contact(contact=place.writer, **words)


def _keep_files(files: tuple[Vetted, ...], place: Place, at: datetime) -> None:
    """What came with an answer is evidence of the dispute, for the team to see."""
    if place.room.dispute is None:
        return
    inside = place.reader == TEAM and isinstance(place.writer, User)
    for file in files:
        disputes.add_evidence(
            dispute=place.room.dispute,
            file=file,
            name=file.name,
            by=place.writer if inside and isinstance(place.writer, User) else None,
            at=at,
            via=Via.MAIL,
            note="" if inside else place.writer.name,
        )


def body_of(mail: InboundMail, refused: Sequence[str] = ()) -> str:
    """What is new in the mail; the names of its files when it says nothing; and which files did not come in. Never
    longer than a message may be."""
    names = ", ".join(str(file["name"]) for file in mail.files)
    said = mail.said.replace("\x00", "").strip() or names or mail.subject or "…"
    more = "".join(f"\n[{sentence}]" for sentence in refused)[: BODY_LIMIT // 2]
    room = BODY_LIMIT - len(more)
    return (said if len(said) <= room else said[: room - len(MORE)] + MORE) + more


def files_of(mail: InboundMail) -> list[Attached]:
    """The attachments, without the small pictures of signatures."""
    raw = mailroom.raw_of(mail)
    if not raw:
        return []
    try:
        files = read_eml(raw, largest=len(raw)).files
    except UnreadableMail:
        return []
    return [file for file in files if not (file.inline and len(file.data) < SMALLEST_PICTURE)]
