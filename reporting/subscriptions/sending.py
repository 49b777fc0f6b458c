"""Sends what is due: plan, claim, commit, make, mark. No lock is held while a report is made.

Each step may be repeated by whoever comes next: a subscription has one sending per due moment, a sending one copy
per reader, and a copy one letter.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts import policy
from lib.errors import DomainError
from lib.working import NeverOpen
from mailroom import services as mailroom
from mailroom.errors import LetterIsGone
from mailroom.models import Letter
from reporting.models import ReportCopy, ReportSending, Subscription, SubscriptionReader
from reporting.selectors.frame import READ
from reporting.subscriptions.choices import Trouble
from reporting.subscriptions.contents import Wanted, report_for, sees
from reporting.subscriptions.letters import FOLDER, Made, draft, keep_file, key_of
from reporting.subscriptions.rhythm import day_of, last_due, next_due
from reporting.subscriptions.selectors import rhythm_of

log = logging.getLogger(__name__)
STUCK_AFTER = timedelta(minutes=15)
MOST_TRIES = 3
# A file that went along is kept as long as somebody may send the letter again.
KEPT_FOR = timedelta(days=30)


def send_due(*, at: datetime, limit: int = 200) -> int:
    """Send all that is due at `at`, and what waits; the number of sendings made. Safe beside others doing the same."""
    for _n in range(limit):
        if not plan_next(at=at):
            break
    made = 0
    for _n in range(limit):
        sending = claim_next(at=at)
        if sending is None:
            break
        make(sending=sending, at=at)
        made += 1
    return made


@transaction.atomic
def plan_next(*, at: datetime) -> bool:
    """Write down one sending that is due, and when its subscription is due next; False when nothing is.

    After days of sleep only the last moment that passed is sent, once. A subscription that somebody else has in hand
    is left to them.
    """
    due = Subscription.objects.select_for_update(skip_locked=True, of=("self",)).filter(next_due_at__lte=at)
    row = due.select_related("entity").order_by("next_due_at", "pk").first()
    if row is None:
        return False
    rhythm = rhythm_of(row)
    moment = last_due(rhythm, at)
    try:
        row.next_due_at = next_due(rhythm, at)
    except NeverOpen:
        row.next_due_at, row.paused_at = None, at
    if moment is not None and moment > row.since and row.readers.filter(left_at=None).exists():
        day = day_of(row.day_of, due_on=rhythm.local(moment), sent_on=rhythm.local(at))
        # Sent already: by hand in that minute, or before the calendar changed.
        row.last = row.sendings.filter(due_at=moment).first() or ReportSending.objects.create(
            subscription=row, due_at=moment, day=day
        )
    row.save(update_fields=["next_due_at", "paused_at", "last"])
    return True


def claim_next(*, at: datetime, pk: int | None = None) -> ReportSending | None:
    """The next sending that waits (or that one), now ours alone for a while; None when none does.

    One whose worker died comes again, three times at most.
    """
    waiting = Q(claimed_at=None) | Q(claimed_at__lt=at - STUCK_AFTER)
    with transaction.atomic():
        rows = ReportSending.objects.select_for_update(skip_locked=True).filter(waiting, done_at=None)
        row = (rows if pk is None else rows.filter(pk=pk)).order_by("due_at", "pk").first()
        if row is None:
            return None
        if row.tries >= MOST_TRIES:
            with override(row.subscription.owner.language):
                row.done_at, row.error = at, _("The report could not be made: it was tried three times.")
            row.save(update_fields=["done_at", "error"])
            return row
        ReportSending.objects.filter(pk=row.pk).update(claimed_at=at, tries=F("tries") + 1)
    return ReportSending.objects.select_related("subscription__entity", "subscription__owner").get(pk=row.pk)


def send_one(*, sending_id: int, at: datetime) -> None:
    """Make the sending somebody asked for by hand; harmless when it is in hand or done."""
    sending = claim_next(at=at, pk=sending_id)
    if sending is not None:
        make(sending=sending, at=at)


def make(*, sending: ReportSending, at: datetime) -> None:
    """A letter for every reader who may see the figures now; the reason for everybody else."""
    if sending.done_at is not None:
        return
    known = set(sending.copies.values_list("user", flat=True))
    readers = sending.subscription.readers.filter(left_at=None).exclude(user__in=known).select_related("user")
    made: dict[Any, Made] = {}
    error = ""
    for reader in readers:
        try:
            _copy(sending, reader, made, at)
        except Exception:
            log.exception("The report of sending %s could not be made for %s.", sending.pk, reader.user_id)
            with override(sending.subscription.owner.language):
                error = _("The report could not be made. The operator finds the reason in the log.")
    ReportSending.objects.filter(pk=sending.pk).update(done_at=at, error=error)


def _copy(
    sending: ReportSending, reader: SubscriptionReader, made: dict[Any, Made], at: datetime
) -> ReportCopy:
    """What one reader gets. Readers of one language and one sight share the report and its file."""
    row, user = sending.subscription, reader.user
    copy = ReportCopy(sending=sending, user=user)
    if not policy.may(user, READ, row.entity_id):
        copy.trouble = Trouble.NO_ACCESS
        return _kept(copy)
    with override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        key = (user.language, *sees(user))
        try:
            if key not in made:
                report = report_for(Wanted(row.report, row.entity, row.filters), user, sending.day)
                made[key] = keep_file(sending, report)
        except DomainError as error:
            with override(row.owner.language):
                copy.trouble, copy.detail = Trouble.NOT_MADE, str(error)[:500]
            return _kept(copy)
        letter = draft(sending, reader, made[key])
    with transaction.atomic():
        try:
            copy.letter = mailroom.queue_letter(draft=letter, at=at)
        except LetterIsGone:
            copy.letter = Letter.objects.get(key=key_of(sending, user))
        return _kept(copy)


def _kept(copy: ReportCopy) -> ReportCopy:
    """Written once, whoever was first."""
    ReportCopy.objects.bulk_create([copy], ignore_conflicts=True)
    return copy


def sweep_files(*, at: datetime) -> int:
    """Delete the files of reports whose letters are long gone; how many."""
    if not default_storage.exists(FOLDER):
        return 0
    oldest, gone = (at - KEPT_FOR).date(), 0
    for name in default_storage.listdir(FOLDER)[0]:
        if not _older(name, oldest):
            continue
        for file in default_storage.listdir(f"{FOLDER}/{name}")[1]:
            default_storage.delete(f"{FOLDER}/{name}/{file}")
            gone += 1
        default_storage.delete(f"{FOLDER}/{name}")
    return gone


def _older(name: str, oldest: date) -> bool:
    """Whether a folder's name is a day before `oldest`; what is no day is not ours."""
    try:
        return date.fromisoformat(name) < oldest
    except ValueError:
        return False
