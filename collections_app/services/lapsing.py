"""Messages that were held up past their day: they are not sent late, the next decision takes their place."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from collections_app.choices import NoticeStatus, Reason
from collections_app.models import Notice
from collections_app.services.writing import withdraw
from mailroom.choices import LetterStatus

S = NoticeStatus


def lapsed(notice: Notice, at: datetime) -> bool:
    """Whether its day is over and it surely never left. What may be with the customer goes again, as the same letter.

    Its day is that of the decision, of a person's release, or the one until which it had to wait, whichever is last.
    """
    zone = ZoneInfo(notice.entity.time_zone)

    def day(moment: datetime) -> date:
        return moment.astimezone(zone).date()

    moments = (notice.decided_at, notice.released_at, notice.not_before)
    last = max(day(moment) for moment in moments if moment)
    return day(at) > last and (notice.letter is None or notice.letter.never_left)


def lapse(notice: Notice, at: datetime) -> None:
    """Withdraw it; its invoices' steps are free. The caller holds the notice's row lock."""
    notice.lines.update(counts=False)
    withdraw(notice, Reason.SUPERSEDED, at)


def lapse_all(*, entity_id: int, at: datetime) -> None:
    """Withdraw the entity's messages that were held up past their day, those in other hands left out."""
    held = Notice.objects.select_for_update(skip_locked=True, of=("self",)).select_related("entity", "letter")
    # Paper that waits for its batch is looked at again there.
    waiting = held.filter(entity=entity_id, status__in=[S.SENDING, S.QUEUED])
    for notice in waiting.exclude(letter__status=LetterStatus.TRAY).order_by("pk"):
        if lapsed(notice, at):
            lapse(notice, at)
