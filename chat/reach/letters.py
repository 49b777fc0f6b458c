"""The letters of tellings by e-mail, by event: `@letter("mention")` registers who writes them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from accounts.reach.choices import ReachChannel, ReachEvent
from chat.reach.carriers import NOBODY, SENT, Outcome, carrier, failed, later
from chat.reach.models import Notification
from mailroom import services as mailroom
from mailroom.choices import LetterStatus
from mailroom.errors import LetterIsGone

# A draft has `reserved=True` and a key that is the same each time (as a rule from `notification.key`), so that a
# second attempt is the same letter with the same message id. What was bundled is in `notification.bundled.all()`.
Writer = Callable[[Notification, datetime], mailroom.Draft | None]
_writers: dict[str, Writer] = {}
AGAIN = timedelta(minutes=1)


def letter(event: ReachEvent | str) -> Callable[[Writer], Writer]:
    """Register who writes the letter of an event; a writer that returns None has nothing to say."""

    def register(function: Writer) -> Writer:
        _writers[ReachEvent(event).value] = function
        return function

    return register


def has_letter(event: str) -> bool:
    """Whether anybody writes letters of this event."""
    return event in _writers


@carrier(ReachChannel.EMAIL)
def carry_letter(notification: Notification, at: datetime) -> Outcome:
    """Write the letter, put it into the outbox and deliver it."""
    writer = _writers.get(notification.event)
    draft = writer(notification, at) if writer else None
    if draft is None:
        return NOBODY
    try:
        queued = mailroom.queue_letter(draft=draft, at=at)
    except LetterIsGone as gone:
        return later(at + AGAIN, str(gone))
    Notification.objects.filter(pk=notification.pk).update(letter=queued)
    sent = mailroom.deliver(letter_id=queued.pk, at=at)
    if sent.status == LetterStatus.SENT:
        return SENT
    if sent.status == LetterStatus.FAILED:
        return failed(f"{sent.get_trouble_display()} {sent.trouble_detail}".strip())
    return later(max(sent.next_try_at, at + AGAIN), sent.trouble_detail)
