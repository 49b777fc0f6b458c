"""What changes subscriptions: begin, change, pause, end; leave and come back; send by hand."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from lib.errors import FieldErrors
from lib.working import NeverOpen
from reporting.errors import NoRate
from reporting.models import ReportSending, Subscription, SubscriptionReader
from reporting.reports import NAMES
from reporting.selectors.frame import READ
from reporting.subscriptions.choices import Every
from reporting.subscriptions.contents import GROUP, Wanted, report_for
from reporting.subscriptions.rhythm import day_of, next_due
from reporting.subscriptions.selectors import may_read, rhythm_of

MOST_READERS = 20
MOST_EACH = 50


@dataclass(frozen=True, slots=True)
class Shape:
    """How a report is sent: what can be changed afterwards. `readers` are ids of colleagues, without the owner."""

    every: str
    hour: int
    day_of: str
    form: str
    number: int = 0
    readers: tuple[int, ...] = ()


@transaction.atomic
def subscribe(*, wanted: Wanted, shape: Shape, by: User, at: datetime) -> Subscription:
    """Have a report sent by mail. Raises PermissionDenied, FieldErrors, ReportError for one that cannot be made."""
    if not policy.may(by, READ, wanted.entity.pk):
        raise PermissionDenied
    if wanted.report not in (*NAMES, GROUP):
        raise FieldErrors({"report": _("Choose a report.")})
    if Subscription.objects.of(by).count() >= MOST_EACH:
        raise FieldErrors({"report": _("You have many subscriptions already. End one of them first.")})
    row = Subscription(
        entity=wanted.entity, owner=by, report=wanted.report, filters=dict(wanted.filters), created_at=at
    )
    _try_out(wanted, by, at)
    _take(row, shape, at)
    _save(row)
    _set_readers(row, shape.readers, by)
    _say(row, "report.subscribed", by, at)
    return row


def _try_out(wanted: Wanted, by: User, at: datetime) -> None:
    """Refuse what could never be made. Rates that are missing today may be there when it is sent."""
    with suppress(NoRate):
        report_for(wanted, by, _today(wanted.entity, at))


@transaction.atomic
def change(*, subscription: Subscription, shape: Shape, by: User, at: datetime) -> Subscription:
    """Another rhythm, hour, file, day or readers. What was due before is not sent any more once the rhythm changes.

    Raises PermissionDenied, FieldErrors.
    """
    row = _mine(subscription, by)
    if not policy.may(by, READ, row.entity_id):
        raise PermissionDenied
    _take(row, shape, at)
    _save(row)
    _set_readers(row, shape.readers, by)
    _say(row, "report.subscription_changed", by, at)
    return row


def _take(row: Subscription, shape: Shape, at: datetime) -> None:
    """The rhythm and the rest of a shape; when it is due next."""
    number = shape.number if shape.every in (Every.WEEK, Every.MONTH) else 0
    before = (row.every, row.number, row.hour)
    row.every, row.number, row.hour = shape.every, number, shape.hour
    row.day_of, row.form = shape.day_of, shape.form
    if row.pk is None or before != (row.every, row.number, row.hour):
        row.since = at
    if row.paused_at is None and row.since == at:
        _check(row)
        row.next_due_at = _next(row, at)


def _next(row: Subscription, at: datetime) -> datetime:
    try:
        return next_due(rhythm_of(row), at)
    except NeverOpen:
        raise FieldErrors({"every": _("The calendar of the company has no working day.")}) from None


def _check(row: Subscription) -> None:
    """The sentence for each field that is wrong."""
    try:
        row.full_clean(exclude=["next_due_at", "last", "owner", "entity"], validate_constraints=False)
        if row.hour > 23:
            raise ValidationError({"hour": _("Choose an hour from 0 to 23.")})
        if row.every == Every.MONTH and not 1 <= row.number <= 31:
            raise ValidationError({"number": _("Choose a day from 1 to 31.")})
        if row.every == Every.WEEK and row.number > 6:
            raise ValidationError({"number": _("Choose a day of the week.")})
    except ValidationError as wrong:
        raise FieldErrors({name: " ".join(said) for name, said in wrong.message_dict.items()}) from None


def _save(row: Subscription) -> None:
    _check(row)
    row.save()


def _set_readers(row: Subscription, wanted: Iterable[int], by: User) -> None:
    """The owner and the colleagues named. Who left stays left; who is not named any more goes."""
    ids = set(wanted) - {by.pk}
    if len(ids) >= MOST_READERS:
        raise FieldErrors(
            {"readers": _("A report goes to at most %(most)s people.") % {"most": MOST_READERS}}
        )
    known = {reader.user_id: reader for reader in row.readers.all()}
    fresh = ids - set(known)
    if may_read(row.entity).filter(pk__in=fresh).count() != len(fresh):
        raise FieldErrors({"readers": _("Choose colleagues who may see these figures.")})
    gone = set(known) - ids - {by.pk}
    row.readers.filter(user__in=gone, left_at=None).delete()
    new = [
        SubscriptionReader(subscription=row, user_id=pk) for pk in [by.pk, *sorted(ids)] if pk not in known
    ]
    SubscriptionReader.objects.bulk_create(new)


@transaction.atomic
def pause(*, subscription: Subscription, by: User, at: datetime) -> Subscription:
    """Send nothing until it goes on; harmless when repeated."""
    row = _mine(subscription, by)
    if row.paused_at is None:
        row.paused_at, row.next_due_at = at, None
        row.save(update_fields=["paused_at", "next_due_at"])
        _say(row, "report.subscription_paused", by, at)
    return row


@transaction.atomic
def go_on(*, subscription: Subscription, by: User, at: datetime) -> Subscription:
    """Send again, from the next time on; what was due meanwhile is not sent. Harmless when repeated."""
    row = _mine(subscription, by)
    if row.paused_at is not None:
        row.paused_at, row.since, row.next_due_at = None, at, _next(row, at)
        row.save(update_fields=["paused_at", "since", "next_due_at"])
        _say(row, "report.subscription_goes_on", by, at)
    return row


@transaction.atomic
def end(*, subscription: Subscription, by: User, at: datetime) -> None:
    """End it for everybody; ending it twice is harmless."""
    row = Subscription.objects.select_for_update().filter(pk=subscription.pk).first()
    if row is None:
        return
    _mine(row, by)
    _say(row, "report.subscription_ended", by, at)
    row.delete()


def leave(*, reader: SubscriptionReader, at: datetime) -> None:
    """The reader gets no more of it, whoever sends it; leaving twice is harmless."""
    SubscriptionReader.objects.filter(pk=reader.pk, left_at=None).update(left_at=at)


def come_back(*, reader: SubscriptionReader) -> None:
    """The reader gets it again."""
    SubscriptionReader.objects.filter(pk=reader.pk).update(left_at=None)


@transaction.atomic
def send_now(*, subscription: Subscription, by: User, at: datetime) -> ReportSending:
    """Send it once more, besides its rhythm. Twice within a minute is once: the same sending is returned."""
    row = _mine(subscription, by)
    due_at = at.replace(second=0, microsecond=0)
    known = ReportSending.objects.filter(subscription=row, due_at=due_at).first()
    if known is not None:
        return known
    today = _today(row.entity, at)
    day = day_of(row.day_of, due_on=today, sent_on=today)
    sending = ReportSending.objects.create(subscription=row, due_at=due_at, asked_by=by, day=day)
    Subscription.objects.filter(pk=row.pk).update(last=sending)
    return sending


def _today(entity: LegalEntity, at: datetime) -> date:
    return at.astimezone(ZoneInfo(entity.time_zone)).date()


def _mine(subscription: Subscription, by: User) -> Subscription:
    """The row, locked; only its owner changes it."""
    row = (
        Subscription.objects.select_for_update(of=("self",)).select_related("entity").get(pk=subscription.pk)
    )
    if row.owner_id != by.pk:
        raise PermissionDenied
    return row


def _say(row: Subscription, kind: str, by: User, at: datetime) -> None:
    facts = {"subscription": row.pk, "report": row.report, "filters": row.filters, "every": row.every}
    readers = sorted(row.readers.values_list("user", flat=True))
    emit(
        stream="entity",
        object_id=row.entity_id,
        entity_id=row.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data={**facts, "readers": readers},
    )
