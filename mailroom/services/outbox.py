"""The outbox: queue, claim, commit, send, mark. No transaction is open while a letter travels."""

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from accounts.events import emit
from accounts.models import LegalEntity
from mailroom.choices import Channel, LetterStatus, Trouble
from mailroom.envelope import message_id, usable
from mailroom.errors import LetterIsGone
from mailroom.models import Letter
from mailroom.paper.address import whole
from mailroom.paper.sheet import Paper, sheet_of
from mailroom.paybox import CID
from mailroom.providers import Provider, Refused, Unreachable, outgoing
from mailroom.services.carrying import carry
from mailroom.services.putting import put
from mailroom.services.texts import Rendered, sender_of

# How long to wait after the first, second... attempt that found no server.
BACK_OFF = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 360, 720))
STUCK_AFTER = timedelta(minutes=10)
S = LetterStatus
# The claim and the words it is for, in one statement.
CLAIM = f"""
UPDATE {Letter._meta.db_table} SET status = %s, claimed_at = %s, attempts = attempts + 1
WHERE id = %s AND status = %s AND next_try_at <= %s RETURNING *
"""  # noqa: S608  (our own text)


@dataclass(frozen=True, slots=True)
class Thread:
    """How a letter can be answered, and which messages of its recipient's thread it goes on."""

    reply_to: str = ""
    in_reply_to: str = ""
    references: str = ""
    unsubscribe: str = ""
    # A POST to that address is enough, without a session: mail programs offer it as a button.
    one_click: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file that goes along: of the storage (one that is gone when the letter leaves is left out), or `made` then.

    `made` is {"sheet": a page of paper} or {"grid": a workbook}, see mailroom.paper.
    """

    name: str
    media_type: str
    stored_as: str = ""
    made: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Draft:
    """A letter to queue. `key` says what it is about once and for all, for example `notice:17`."""

    entity: LegalEntity
    key: str
    kind: str
    to_address: str
    to_name: str
    words: Rendered
    about_stream: str = ""
    about_id: int | None = None
    reserved: bool = False
    thread: Thread | None = None
    files: tuple[File, ...] = ()
    channel: Channel = Channel.EMAIL
    # What paper needs; a letter by post has it, an e-mail may.
    paper: Paper | None = None


def queue_letter(*, draft: Draft, at: datetime, not_before: datetime | None = None) -> Letter:
    """Put a letter into the outbox, once per key; it goes at once, or not before a given moment.

    A letter that still waits takes the draft's words; one that is gone stays as it is. An unusable
    address makes a failed letter that says so. Raises LetterIsGone for one on its way or withdrawn.
    """
    # Without a point to come back to: where it raises LetterIsGone it has written nothing.
    with transaction.atomic(savepoint=False):
        letter = _queued(draft, at, not_before)
    if letter.status in (S.SENDING, S.WITHDRAWN):
        raise LetterIsGone(f"{draft.key}: {letter.status}", code="letter_is_gone")
    return letter


def _queued(draft: Draft, at: datetime, not_before: datetime | None) -> Letter:
    sender = sender_of(draft.entity)
    fields = _words(draft) | {
        "from_name": sender.name,
        "from_address": sender.address,
        "reply_to": (draft.thread and draft.thread.reply_to) or sender.reply_to,
    }
    fresh = Letter(
        entity=draft.entity,
        key=draft.key,
        message_id=message_id(draft.key, sender.address),
        next_try_at=max(at, not_before or at),
        created_at=at,
        reserved=draft.reserved,
        about_stream=draft.about_stream,
        about_id=draft.about_id,
        **fields,
    )
    letter = fresh if put(fresh) else Letter.objects.select_for_update().get(key=draft.key)
    if letter.status in (S.SENDING, S.WITHDRAWN, S.SENT):
        return letter
    if letter.status == S.TRAY:
        # Paper that waits takes the words of this moment and stays where it is.
        Letter.objects.filter(pk=letter.pk).update(**fields)
        letter.refresh_from_db()
    elif letter is not fresh and (letter.status == S.FAILED or _differs(letter, fields)):
        fields |= {"status": S.QUEUED, "trouble": "", "trouble_detail": "", "next_try_at": at}
        Letter.objects.filter(pk=letter.pk).update(**fields)
        letter.refresh_from_db()
    trouble = _bad_address(letter)
    if trouble:
        _fail(letter, trouble, letter.postal or letter.to_address, at)
    return letter


def _differs(letter: Letter, fields: dict[str, Any]) -> bool:
    return any(getattr(letter, name) != value for name, value in fields.items())


def _bad_address(letter: Letter) -> Trouble | None:
    """What is wrong with where the letter goes, if anything."""
    if letter.channel == Channel.SMS:
        return None if letter.to_address.startswith("+") else Trouble.BAD_PHONE
    if letter.channel == Channel.POST:
        return None if whole(letter.postal) else Trouble.BAD_POSTAL
    if letter.channel == Channel.PORTAL:
        return None
    return None if usable(letter.to_address) else Trouble.BAD_ADDRESS


def _words(draft: Draft) -> dict[str, Any]:
    words, thread = draft.words, draft.thread or Thread()
    return {
        "in_reply_to": thread.in_reply_to,
        "references": thread.references,
        "unsubscribe": thread.unsubscribe,
        "one_click": thread.one_click,
        "enclosed": [*_pictures(draft), *(asdict(file) for file in draft.files)],
        "kind": draft.kind,
        "to_name": draft.to_name,
        "to_address": draft.to_address.strip(),
        "language": words.language,
        "subject": words.subject[:300],
        "body_text": words.text,
        "body_html": words.html if draft.channel == Channel.EMAIL else "",
        "channel": draft.channel,
        "postal": draft.paper.postal if draft.paper else "",
        "paper": _sheet(draft),
    }


def _sheet(draft: Draft) -> dict[str, Any]:
    if draft.paper is None:
        return {}
    names = [file.name for file in draft.files]
    return sheet_of(entity=draft.entity, words=draft.words, paper=draft.paper, enclosures=names)


def _pictures(draft: Draft) -> list[dict[str, Any]]:
    """The code to scan, as what it says: it is drawn when the letter leaves."""
    words = draft.words
    if draft.channel != Channel.EMAIL:
        return []
    if words.transfer is None or f"cid:{CID}" not in words.html:
        return []
    return [{"name": "pay.png", "media_type": "image/png", "cid": CID, "transfer": words.transfer.as_data()}]


def withdraw_letter(*, key: str) -> bool:
    """Take a letter back; False when it is on its way, gone, or was never queued."""
    waiting = Letter.objects.filter(key=key, status__in=[S.QUEUED, S.TRAY])
    return bool(waiting.update(status=S.WITHDRAWN, trouble=Trouble.WITHDRAWN))


def try_again(*, letter: Letter, at: datetime) -> None:
    """A person asks for another attempt at a failed letter, whose own room may look at it again first."""
    failed = Letter.objects.filter(pk=letter.pk, status=S.FAILED)
    failed.update(status=S.QUEUED, trouble="", trouble_detail="", attempts=0, next_try_at=at)


def deliver(
    *, letter_id: int, at: datetime, provider: Provider | None = None, entity: LegalEntity | None = None
) -> Letter:
    """Send one letter, whoever else tries at the same moment: claim, commit, send, mark.

    Returns the letter as it then stands. A worker that dies between sending and marking leaves it in
    `sending`; the sweeper brings it back and it goes out with the same message id: nobody can know.
    `entity` is the letter's, where the caller has it.
    """
    letter = _claim(letter_id, at)
    if letter is None:
        return Letter.objects.get(pk=letter_id)
    if entity is not None and entity.pk == letter.entity_id:
        letter.entity = entity
    try:
        status = carry(letter, at, provider)
    except (Refused, ValueError) as error:
        _fail(letter, Trouble.REFUSED, str(error), at)
    except Unreachable as error:
        _wait(letter, str(error), at)
    else:
        _mark_carried(letter, status, at)
    return letter


def _claim(letter_id: int, at: datetime) -> Letter | None:
    """The letter, now ours alone; None when it is not due or somebody else has it."""
    with transaction.atomic(durable=True):
        claimed = Letter.objects.raw(CLAIM, [S.SENDING.value, at, letter_id, S.QUEUED.value, at])
        return next(iter(claimed), None)


@transaction.atomic
def _mark_carried(letter: Letter, status: LetterStatus, at: datetime) -> None:
    mine = Letter.objects.filter(pk=letter.pk, status=S.SENDING)
    if status == S.TRAY:
        mine.update(status=S.TRAY, claimed_at=None, trouble="", trouble_detail="")
        letter.status = S.TRAY
    elif mine.update(status=S.SENT, sent_at=at, claimed_at=None, trouble="", trouble_detail=""):
        letter.status, letter.sent_at = S.SENT, at
        _say(letter, "letter.sent", at, to=letter.to_address)


@transaction.atomic
def _fail(letter: Letter, trouble: Trouble, detail: str, at: datetime) -> None:
    mine = Letter.objects.filter(pk=letter.pk, status=letter.status)
    if letter.status in (S.SENDING, S.QUEUED, S.TRAY):
        mine.update(status=S.FAILED, trouble=trouble, trouble_detail=detail[:500], claimed_at=None)
        _say(letter, "letter.failed", at, trouble=trouble.value, to=letter.to_address)
    letter.refresh_from_db()


def _wait(letter: Letter, detail: str, at: datetime) -> None:
    """Back into the queue until the next attempt, or failed for good after the last one."""
    if letter.attempts > len(BACK_OFF):
        _fail(letter, Trouble.GAVE_UP, detail, at)
        return
    again = at + BACK_OFF[letter.attempts - 1]
    waiting = {"status": S.QUEUED, "claimed_at": None, "next_try_at": again}
    mine = Letter.objects.filter(pk=letter.pk, status=S.SENDING)
    mine.update(trouble=Trouble.UNREACHABLE, trouble_detail=detail[:500], **waiting)
    letter.refresh_from_db()


def _say(letter: Letter, kind: str, at: datetime, **data: str) -> None:
    data |= {
        "key": letter.key,
        "about": f"{letter.about_stream}:{letter.about_id}" if letter.about_stream else "",
    }
    emit(
        stream="letter",
        object_id=letter.pk,
        entity_id=letter.entity_id,
        kind=kind,
        actor=None,
        at=at,
        data=data,
    )


def deliver_due(*, at: datetime, limit: int = 100) -> int:
    """Deliver the next waiting letters over one connection; the number that went out."""
    due = Letter.objects.filter(status=S.QUEUED, reserved=False, next_try_at__lte=at).order_by(
        "next_try_at", "pk"
    )
    ids = list(due.values_list("pk", flat=True)[:limit])
    with outgoing() as provider:
        done = [deliver(letter_id=pk, at=at, provider=provider) for pk in ids]
    return sum(letter.status == S.SENT for letter in done)


def sweep(*, at: datetime, older_than: timedelta = STUCK_AFTER) -> int:
    """Bring back letters whose worker died while sending; the number brought back."""
    stuck = Letter.objects.filter(status=S.SENDING, claimed_at__lt=at - older_than)
    return stuck.update(status=S.QUEUED, claimed_at=None, next_try_at=at, perhaps_gone=True)
