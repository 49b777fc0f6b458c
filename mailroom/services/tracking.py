"""What became of a letter after it left: arrived, read, came back. Providers tell it, or the post does."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.events import emit
from accounts.models import User
from mailroom.choices import LetterStatus, Trouble
from mailroom.models import Letter

GONE = (LetterStatus.SENT, LetterStatus.BOUNCED)


@transaction.atomic
def bounce_letter(
    *,
    message_id: str,
    detail: str,
    at: datetime,
    trouble: Trouble = Trouble.BOUNCED,
    by: User | None = None,
) -> bool:
    """A letter came back: it says so, with the server's words. False when it is not one of ours, or not sent."""
    letter = Letter.objects.filter(message_id=message_id, status=LetterStatus.SENT).first()
    if letter is None:
        return False
    sent = Letter.objects.filter(pk=letter.pk, status=LetterStatus.SENT)
    changed = sent.update(status=LetterStatus.BOUNCED, trouble=trouble, trouble_detail=detail[:500])
    if changed:
        to = letter.postal or letter.to_address
        _tell(letter, "letter.bounced", at, by, to=to, detail=detail[:500], trouble=trouble.value)
    return bool(changed)


def return_letter(*, letter: Letter, detail: str, by: User, at: datetime) -> bool:
    """The post brought a letter back; False when it was not sent, or came back before."""
    return bounce_letter(message_id=letter.message_id, detail=detail, at=at, trouble=Trouble.RETURNED, by=by)


@transaction.atomic
def mark_delivered(*, message_id: str, at: datetime) -> bool:
    """The recipient's server took it. Told twice it is the same; False for a letter that is not ours or known."""
    return _mark(message_id, "delivered_at", "letter.delivered", at)


@transaction.atomic
def mark_read(*, message_id: str, at: datetime) -> bool:
    """Somebody opened it, or pressed a link in it. Told twice it is the same."""
    return _mark(message_id, "read_at", "letter.read", at)


def _mark(message_id: str, field: str, kind: str, at: datetime) -> bool:
    letter = Letter.objects.filter(message_id=message_id, status__in=GONE).first()
    if letter is None:
        return False
    fresh = Letter.objects.filter(pk=letter.pk, status__in=GONE, **{f"{field}__isnull": True})
    changed = fresh.update(**{field: at})
    if changed:
        _tell(letter, kind, at, None, to=letter.to_address)
    return bool(changed)


def _tell(letter: Letter, kind: str, at: datetime, by: User | None, **data: str) -> None:
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
