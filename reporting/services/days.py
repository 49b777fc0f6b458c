"""Keeps the position of past days, and throws away what is no longer true: a cache, never a source."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from django.db import connection, transaction
from django.db.models import Min

from accounts.models import LegalEntity
from ledger.models import Customer, Invoice
from reporting.errors import NoRate
from reporting.models import DaySales, DaysKept, DayStanding, LedgerMark
from reporting.selectors.frame import Frame
from reporting.selectors.series import Standing, found_out_by, rates_on
from reporting.selectors.sold import sold_after

DAY = timedelta(days=1)
# Series go back so far; older days are computed when somebody asks.
KEPT_FOR = 3 * 366
DIMS = ("entity", "salesperson", "collector", "segment", "country", "currency")
# The first half of an advisory lock's number; the second is the entity.
LOCK = 7_302
SPREAD = """
WITH gone AS (DELETE FROM reporting_ledgermark WHERE entity_id IS NULL RETURNING since, dim)
INSERT INTO reporting_ledgermark (entity_id, since, dim)
SELECT e.id, min(gone.since), gone.dim FROM gone CROSS JOIN accounts_legalentity e GROUP BY 1, 3
"""


def spread_marks() -> None:
    """What changed for all legal entities becomes a mark of each."""
    with connection.cursor() as cursor:
        cursor.execute(SPREAD)


@transaction.atomic
def keep_days(*, entity: LegalEntity, today: date) -> int:
    """Bring the kept days of an entity up to `today`; the number of days that were computed.

    The marks that were seen are deleted with the days they made untrue, in one transaction: whoever reads in between
    has either both or neither. Only one at a time for an entity: a second one returns 0 at once.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, %s)", [LOCK, entity.pk])
        row = cursor.fetchone()
    if not row or not row[0]:
        return 0
    oldest = Invoice.objects.filter(entity=entity, kind="invoice").aggregate(day=Min("issued_on"))["day"]
    if oldest is None:
        return 0
    marks = list(LedgerMark.objects.filter(entity=entity).values_list("pk", "since", "dim"))
    first = max(oldest, today - KEPT_FOR * DAY)
    done = 0
    for dim in DIMS:
        since = min((since for _pk, since, of in marks if of in ("", dim)), default=date.max)
        done += _keep(Frame(entity, today, Customer.objects.filter(entity=entity)), dim, first, since)
    LedgerMark.objects.filter(pk__in=[pk for pk, _since, _dim in marks]).delete()
    return done


def _keep(frame: Frame, dim: str, first: date, since: date) -> int:
    """Compute the days of a dimension that are not kept any more, or not yet."""
    entity, today = frame.entity, frame.as_of
    known = DaysKept.objects.filter(entity=entity, dim=dim).first()
    good = min(known.last, today, max(since, date(1, 1, 2)) - DAY) if known and known.first <= first else None
    begin = good + DAY if good is not None and good >= first else first
    DayStanding.objects.filter(entity=entity, dim=dim, day__gte=begin).delete()
    DayStanding.objects.filter(entity=entity, dim=dim, day__lt=first).delete()
    days = [begin + n * DAY for n in range((today - begin).days + 1)]
    try:
        found = found_out_by(frame, days, rates_on(days, entity.currency), dim) if days else {}
    except NoRate:
        # Without a rate there are no figures of that day: nothing is kept until there is one.
        DayStanding.objects.filter(entity=entity, dim=dim).delete()
        DaysKept.objects.filter(entity=entity, dim=dim).delete()
        return 0
    for key, standings in found.items():
        DayStanding.objects.bulk_create(_rows(entity, dim, key, standings), batch_size=2000)
    _keep_sales(frame, dim, min(since, known.last + DAY) if known else date.min)
    DaysKept.objects.update_or_create(entity=entity, dim=dim, defaults={"first": first, "last": today})
    return len(days)


def _keep_sales(frame: Frame, dim: str, begin: date) -> None:
    """The sales of the days from `begin` on; of all days, not only those whose position is kept."""
    DaySales.objects.filter(entity=frame.entity, dim=dim, day__gte=begin).delete()
    last = begin - DAY if begin > date.min else None
    DaySales.objects.bulk_create(
        [
            DaySales(
                entity=frame.entity,
                dim=dim,
                day=one.day,
                key=one.key,
                currency=one.currency,
                amount=one.amount,
            )
            for one in sold_after(frame, dim, last)
        ],
        batch_size=2000,
    )


def _rows(entity: LegalEntity, dim: str, key: str, standings: Iterable[Standing]) -> list[DayStanding]:
    """The rows of one key; days with nothing are not written."""
    return [
        DayStanding(
            entity=entity, dim=dim, key=key, day=one.day, opens=list(one.opens), disputes=list(one.disputes)
        )
        for one in standings
        if any(one.opens)
    ]
