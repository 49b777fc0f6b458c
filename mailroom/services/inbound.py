"""Taking a mail in: read it, keep it whole, say what it is. Where it belongs, the rooms above decide."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.events import emit
from accounts.models import LegalEntity, User
from mailroom.choices import Automatic, Doubt, InboundSource, InboundStatus
from mailroom.inbound import quotes
from mailroom.inbound.reading import Read, UnreadableMail, read_eml, read_head
from mailroom.models import BlockedSender, InboundMail, Letter, ReplyToken
from mailroom.services import keeping
from mailroom.services.replying import token_in
from mailroom.services.texts import sender_of
from mailroom.services.tracking import bounce_letter

# More from one sender within an hour is a machine that answers a machine.
MOST_AN_HOUR = 60
S = InboundStatus


@dataclass(frozen=True, slots=True)
class _Verdict:
    """What is known of a mail before anybody looked at it."""

    status: InboundStatus
    reason: str
    entity: LegalEntity | None
    token: ReplyToken | None
    letter: Letter | None


def receive(*, raw: bytes, source: InboundSource | str, at: datetime) -> InboundMail:
    """Keep a mail; the same one again (by its Message-ID) is the row there is, with `was_known` set.

    Never raises for what stands in the mail: what cannot be read, or is too large, is a refused row. A crash after it
    is harmless: fetching the mail again finds the row.
    """
    try:
        mail, refused = read_eml(raw, largest=settings.INBOUND_MAX_BYTES), ""
    except UnreadableMail as error:
        mail, refused = read_head(raw), Doubt.UNREADABLE
        if error.code == "mail_too_large":
            refused = Doubt.TOO_LARGE
    known = InboundMail.objects.filter(identity=mail.identity).first()
    if known is not None:
        known.was_known = True
        return known
    key = "" if refused == Doubt.TOO_LARGE else keeping.keep(raw, at)
    try:
        return _record(mail, refused, key, source, at)
    except IntegrityError:
        keeping.drop(key)
        known = InboundMail.objects.get(identity=mail.identity)
        known.was_known = True
        return known
    except BaseException:
        keeping.drop(key)
        raise


@transaction.atomic
def _record(mail: Read, refused: str, key: str, source: str, at: datetime) -> InboundMail:
    verdict = _judge(mail, refused, at)
    parts = quotes.split(mail.text)
    row = InboundMail(
        identity=mail.identity,
        source=source,
        entity=verdict.entity,
        from_address=mail.address,
        from_name=mail.sender,
        recipients=list(mail.recipients),
        subject=mail.subject,
        sent_at=mail.sent_at,
        received_at=at,
        said=parts.said,
        rest=parts.rest,
        files=[{"name": one.name, "size": len(one.data)} for one in mail.files],
        raw_as=key,
        status=verdict.status,
        reason=verdict.reason,
        token=verdict.token,
        letter=verdict.letter,
    )
    row.save(force_insert=True)
    if mail.bounce is not None and mail.bounce.failed:
        bounce_letter(message_id=mail.bounce.message_id, detail=mail.bounce.diagnostic, at=at)
    _say(row, "mail.received" if row.status == S.NEW else "mail.put_aside", None, at)
    return row


def _say(mail: InboundMail, kind: str, by: User | None, at: datetime) -> None:
    emit(
        stream="inbound",
        object_id=mail.pk,
        entity_id=mail.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={"mail": mail.pk, "from": mail.from_address, "subject": mail.subject, "reason": mail.reason},
    )


def _judge(mail: Read, refused: str, at: datetime) -> _Verdict:
    token = token_in(mail.recipients)
    letter = _answered(mail)
    entity = token.entity if token else letter.entity if letter else _addressed(mail.recipients)
    status, reason = S.NEW, ""
    if refused:
        status, reason = S.REFUSED, refused
    elif entity and BlockedSender.objects.filter(entity=entity, address=mail.address).exists():
        status, reason = S.REFUSED, Doubt.BLOCKED
    elif machine := _machine(mail, token, at):
        status, reason = S.AUTOMATIC, machine
    elif mail.forged:
        reason = Doubt.FORGED  # still new: the rooms above hand it to a person
    return _Verdict(status, reason, entity, token, letter)


def _machine(mail: Read, token: ReplyToken | None, at: datetime) -> str:
    """Why nobody wrote it. A person may well write through a mailing list to an address that only they were given."""
    if mail.message_id and Letter.objects.filter(message_id=f"<{mail.message_id}>").exists():
        return Automatic.LOOP
    if mail.automatic and not (mail.automatic == Automatic.LIST and token):
        return mail.automatic
    since = at - timedelta(hours=1)
    before = InboundMail.objects.filter(from_address=mail.address, received_at__gt=since)
    return Automatic.TOO_MANY if mail.address and before.count() >= MOST_AN_HOUR else ""


def _answered(mail: Read) -> Letter | None:
    """The letter of ours that the mail answers, the nearest first."""
    ids = [f"<{one}>" for one in (mail.in_reply_to, *reversed(mail.references)) if one]
    found = {
        one.message_id: one for one in Letter.objects.filter(message_id__in=ids).select_related("entity")
    }
    return next((found[one] for one in ids if one in found), None)


def _addressed(recipients: tuple[str, ...]) -> LegalEntity | None:
    """The legal entity that is written to: the one whose address it is, or the only one there is."""
    entities = list(LegalEntity.objects.order_by("pk"))
    if len(entities) == 1:
        return entities[0]
    for entity in entities:
        sender = sender_of(entity)
        chosen = entity.settings.get("mail", {})
        own = {sender.reply_to.lower(), str(chosen.get("from_address", "")).lower()} - {""}
        if own & set(recipients):
            return entity
    return None


@transaction.atomic
def place_mail(
    *, mail: InboundMail, stream: str, object_id: int, at: datetime, by: User | None = None
) -> bool:
    """The mail is in this conversation now; False when somebody else has dealt with it."""
    status = S.THREADED if by is None else S.SETTLED
    return _move(mail, [S.NEW, S.WAITING], by, at, status=status, about_stream=stream, about_id=object_id)


@transaction.atomic
def let_wait(*, mail: InboundMail, reason: Doubt, at: datetime, entity: LegalEntity | None = None) -> bool:
    """A person has to look at the mail, for this reason."""
    fields = {"status": S.WAITING, "reason": reason, "entity": mail.entity or entity}
    return _move(mail, [S.NEW], None, at, **fields)


@transaction.atomic
def settle_inbound(*, mail: InboundMail, by: User, at: datetime) -> bool:
    """A person has dealt with the mail: it belongs to no conversation."""
    return _move(mail, [S.WAITING], by, at, status=S.SETTLED)


def _move(mail: InboundMail, before: list[S], by: User | None, at: datetime, **fields: object) -> bool:
    changed = InboundMail.objects.filter(pk=mail.pk, status__in=before).update(**fields)
    if changed:
        mail.refresh_from_db()
        _say(mail, f"mail.{mail.status}", by, at)
    return bool(changed)


@transaction.atomic
def block_sender(*, entity: LegalEntity, address: str, by: User, at: datetime) -> BlockedSender:
    """Mail of this address is refused from now on; harmless twice."""
    return BlockedSender.objects.get_or_create(
        entity=entity, address=address.strip().lower(), defaults={"blocked_by": by, "blocked_at": at}
    )[0]


def unblock_sender(*, blocked: BlockedSender) -> None:
    """Mail of this address is taken in again."""
    BlockedSender.objects.filter(pk=blocked.pk).delete()
