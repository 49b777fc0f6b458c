"""Devices come and go, and notifications reach them. Nothing is sent while a lock is held."""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Iterable
from datetime import datetime

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override
from kombu.exceptions import OperationalError

from accounts import policy
from accounts.models import Event, LegalEntity, User
from accounts.reach.models import ReachWishes
from chat.push import outside
from chat.push.models import PrivatePush, PushDevice, PushShown
from chat.push.payload import over_note, question_note, tag_of, trial_note
from chat.push.sending import Ended, Note, Result, pause, send
from disputes.models import Question
from lib.errors import FieldErrors, NotAllowed

log = logging.getLogger(__name__)
P256DH_BYTES, AUTH_BYTES = 65, 16
# Nobody has more; the one not seen for longest makes room.
MOST_DEVICES = 20
# Apple ends a subscription that is sent something without showing it.
SHOWS_EVERYTHING = ".push.apple.com"


@transaction.atomic
def subscribe(
    *, user: User, endpoint: str, p256dh: str, auth: str, name: str, user_agent: str, at: datetime
) -> PushDevice:
    """Notify this person on that browser. Again is harmless; a browser belongs to whoever signed in last."""
    outside.check_endpoint(endpoint)
    if _length(p256dh) != P256DH_BYTES or _length(auth) != AUTH_BYTES:
        raise FieldErrors({"keys": _("These are not the keys of a browser.")})
    facts = {"user": user, "p256dh": p256dh, "auth": auth, "user_agent": user_agent[:300], "seen_at": at}
    named = {"name": name.strip()[:80]} if name.strip() else {}
    known = PushDevice.objects.filter(endpoint=endpoint).first()
    if known is not None and known.user_id != user.pk:
        known.delete()
    device, _new = PushDevice.objects.update_or_create(
        endpoint=endpoint,
        defaults=facts | named | {"failed_at": None},
        create_defaults=facts | {"created_at": at, "name": named.get("name") or _("Browser")},
    )
    spare = PushDevice.objects.filter(user=user).values_list("pk", flat=True)[MOST_DEVICES:]
    PushDevice.objects.filter(pk__in=list(spare)).delete()
    return device


def _length(text: str) -> int:
    try:
        return len(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        return 0


def forget(*, user: User, endpoint: str = "", device_id: int | None = None) -> bool:
    """Send that browser nothing any more; whether it was known."""
    mine = PushDevice.objects.filter(user=user)
    rows = mine.filter(pk=device_id) if device_id is not None else mine.filter(endpoint=endpoint)
    return bool(rows.delete()[0])


@transaction.atomic
def set_private(*, by: User, on: bool, at: datetime, entity: LegalEntity | None = None) -> None:
    """Names and amounts stay off lock screens: one's own, or (for administrators) whatever a legal entity sends."""
    if entity is not None and not policy.may(by, "admin", entity.pk):
        raise NotAllowed(_("Only administrators decide this for a legal entity."))
    of = {"entity": entity} if entity is not None else {"user": by}
    if on:
        PrivatePush.objects.get_or_create(**of, defaults={"since": at})
    else:
        PrivatePush.objects.filter(**of).delete()


def is_private(user: User, entity_id: int) -> bool:
    """Whether a notification to this person about that entity must tell nothing."""
    rows = PrivatePush.objects.filter(user=user) | PrivatePush.objects.filter(entity=entity_id)
    return rows.exists() or ReachWishes.objects.filter(user=user, private=True).exists()


def tell_question(question: Question, user: User, *, occasion: str, at: datetime) -> list[Result]:
    """Push a question to every device of a person, unless it needs no answer any more."""
    question.refresh_from_db(fields=["status"])
    if not question.is_open:
        return []
    private = is_private(user, question.dispute.entity_id)
    return tell(user, question_note(question, user, at, private=private, occasion=occasion), at=at)


def tell(user: User, note: Note, *, at: datetime) -> list[Result]:
    """Push a note to every device of a person. One that cannot be reached now is tried again by a job of its own."""
    if not settings.VAPID_PRIVATE_KEY or not user.is_active:
        return []
    results = [(device, deliver(device, note, at)) for device in PushDevice.objects.filter(user=user)]
    reached = any(result.ended == Ended.SENT for _device, result in results)
    for device, result in results:
        if reached and result.ended == Ended.LATER:
            _again(device.pk, note, 1, pause(0, result))
    return [result for _device, result in results]


def deliver(device: PushDevice, note: Note, at: datetime) -> Result:
    """One attempt, and what it means for the device: a browser that is gone is forgotten."""
    result = send(device, note, at)
    mine = PushDevice.objects.filter(pk=device.pk)
    if result.ended == Ended.SENT:
        mine.update(sent_at=at, failed_at=None)
        if note.payload["type"] == "question":
            shown = PushShown(device=device, tag=note.payload["tag"], at=at)
            PushShown.objects.bulk_create([shown], ignore_conflicts=True)
    elif result.ended == Ended.GONE:
        mine.delete()
    elif device.failed_at is None:
        mine.update(failed_at=at)
    return result


def retry(*, device_id: int, packed: dict[str, object], tries: int, at: datetime) -> None:
    """The next attempt, unless the device went or the question was answered meanwhile."""
    device = PushDevice.objects.select_related("user").filter(pk=device_id, user__is_active=True).first()
    note = Note(**packed)  # type: ignore[arg-type]
    if device is None or note.payload["user"] != device.user_id:
        return
    asked = Question.objects.filter(pk=note.question).first() if note.question else None
    if note.question and (asked is None or not asked.is_open):
        return
    result = deliver(device, note, at)
    if result.ended == Ended.LATER:
        _again(device_id, note, tries + 1, pause(tries, result))


def _again(device_id: int, note: Note, tries: int, wait: int | None) -> None:
    """A job for the next attempt, if there is one. Without a broker the attempt is lost, and nothing else."""
    if wait is None:
        return
    try:
        current_app.send_task("chat.push", (device_id, note.packed(), tries), countdown=wait)
    except OperationalError as error:
        log.warning("No broker: a notification is not tried again (%s).", error)


def send_trial(*, device: PushDevice, at: datetime) -> Result:
    """ "Send test"."""
    return deliver(device, trial_note(device.user, at), at)


def follow_end(*, event_id: int, at: datetime) -> int:
    """Take a question's notifications back after the event that ended it or passed it on; how many were told."""
    event = Event.objects.select_related("actor").get(pk=event_id)
    question = Question.objects.get(pk=event.data["question"])
    waits_for = {question.asked_of_id, question.fallback_id or 0} if question.is_open else set()
    words: dict[str, str] = {}
    for language, _name in settings.LANGUAGES:
        with override(language):
            words[language] = _how_it_ended(event)
    return take_back(question=question, waits_for=waits_for, words=words, at=at)


def _how_it_ended(event: Event) -> str:
    if event.kind == "question.answered" and event.actor:
        return _("Already answered by %(name)s.") % {"name": event.actor.name}
    if event.kind == "question.withdrawn":
        return _("No longer needs an answer.")
    return _("Somebody else is asked now.")


def take_back(*, question: Question, waits_for: Iterable[int], words: dict[str, str], at: datetime) -> int:
    """Close the notifications of a question wherever it is shown to somebody whom it does not wait for any more.

    `words` says per language what happened. Harmless when repeated; how many were told.
    """
    rows = PushShown.objects.filter(tag=tag_of(question.pk), device__user__is_active=True)
    told = 0
    for shown in rows.exclude(device__user__in=list(waits_for)).select_related("device__user"):
        # Whoever deletes the row tells the device: two workers tell it once.
        if not PushShown.objects.filter(pk=shown.pk).delete()[0]:
            continue
        if SHOWS_EVERYTHING in shown.device.endpoint:
            continue
        user = shown.device.user
        note = over_note(question.pk, user, words=words.get(user.language, ""), at=at)
        result = deliver(shown.device, note, at)
        told += 1
        if result.ended == Ended.LATER:
            _again(shown.device_id, note, 1, pause(0, result))
    return told
