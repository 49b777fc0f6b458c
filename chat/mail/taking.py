"""Puts a mail that came in where it belongs: in the room, its files into the evidence; or before a person."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from chat.choices import Side
from chat.mail.about import about_of
from chat.mail.answering import answer_by_mail
from chat.mail.placing import Place, place_of
from chat.models import BODY_LIMIT
from chat.services import post_from_contact, post_message
from disputes import services as disputes
from disputes.choices import EvidenceSide, Via
from disputes.errors import ScannerAway
from lib.errors import DomainError
from mailroom import services as mailroom
from mailroom.choices import Doubt, InboundStatus
from mailroom.inbound.reading import Attached, UnreadableMail, read_eml
from mailroom.models import InboundMail

MORE = "\n\n[…]"
SIDES = {
    Side.INTERNAL.value: EvidenceSide.INTERNAL,
    Side.PARTNER.value: EvidenceSide.PARTNER,
    Side.CUSTOMER.value: EvidenceSide.CUSTOMER,
}
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
    """Answer or post it, keep its files, and then say that it is placed; a doubt when they may not write there."""
    try:
        if not (isinstance(place.writer, User) and answer_by_mail(mail=mail, writer=place.writer, at=at)):
            _post(mail, place, at)
    except DomainError:
        return Doubt.MAY_NOT_WRITE
    _keep_files(mail, place, at)
    stream, object_id = about_of(place.room)
    mailroom.place_mail(mail=mail, stream=stream, object_id=object_id, at=at)
    return None


def _post(mail: InboundMail, place: Place, at: datetime) -> None:
    words: dict[str, Any] = {
        "room": place.room,
        "body": body_of(mail),
        "client_token": f"mail:{mail.pk:08d}",
        "at": at,
    }
    if isinstance(place.writer, User):
        post_message(by=place.writer, side=place.reader.side, party=place.reader.party, **words)
    else:
        post_from_contact(contact=place.writer, **words)


def body_of(mail: InboundMail) -> str:
    """What is new in the mail; the names of its files when it says nothing; never longer than a message may be."""
    names = ", ".join(str(file["name"]) for file in mail.files)
    said = mail.said.replace("\x00", "").strip() or names or mail.subject or "…"
    return said if len(said) <= BODY_LIMIT else said[: BODY_LIMIT - len(MORE)] + MORE


def _keep_files(mail: InboundMail, place: Place, at: datetime) -> None:
    """The attachments become evidence of the dispute, on the writer's side; what is no evidence stays in the mail.

    A scanner that does not answer is another matter: the mail is taken up again.
    """
    if place.room.dispute is None:
        return
    by = place.writer if isinstance(place.writer, User) else None
    note = "" if by else place.writer.name
    for file in files_of(mail):
        try:
            disputes.add_evidence(
                dispute=place.room.dispute,
                file=file.data,
                name=file.name,
                by=by,
                at=at,
                via=Via.MAIL,
                note=note,
                side=SIDES[place.reader.side],
            )
        except ScannerAway:
            raise
        except DomainError:
            continue


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
