"""The checks of reporting: the days and the aging that are kept are what the rows of the ledger say."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference
from reporting.cube.models import AgingKept
from reporting.cube.reading import DIMS, reading
from reporting.models import DaysKept
from reporting.selectors.frame import make_frame
from reporting.selectors.kept import kept
from reporting.selectors.position import Position, computed_position, position
from reporting.selectors.series import computed_by, rates_on
from reporting.selectors.sold import Sold, kept_sales, sold_after

DAY = timedelta(days=1)
SAMPLE = 5


@books.check("standing.days", _("The position kept of past days is what the ledger says of them."))
def standing_days() -> Iterator[Difference]:
    """A sample of the kept days of each entity and dimension, computed again."""
    for row in DaysKept.objects.select_related("entity").order_by("pk"):
        span = max((row.last - row.first).days, 1)
        days = sorted({row.first + span * n // SAMPLE * DAY for n in range(SAMPLE)} | {row.last})
        yield from _compared(row, days)


def _compared(row: DaysKept, days: list[date]) -> Iterator[Difference]:
    """What differs now and still does when it is read again: between the two a payment may have come in."""
    frame = make_frame(row.entity, row.last)
    trusted, before = kept(frame, days, row.dim)
    if not trusted:
        return
    found = computed_by(frame, sorted(trusted), rates_on(sorted(trusted), row.entity.currency), row.dim)
    still, after = kept(frame, days, row.dim)
    for key in sorted({*before, *found}):
        told_of = {one.day: (one.opens, one.disputes) for one in found.get(key) or ()}
        for day in sorted(trusted & still):
            stored, told = before.get(key, {}).get(day), told_of.get(day)
            nothing = told is None or not any(told[0])
            if (stored is None and nothing) or stored == told or after.get(key, {}).get(day) != stored:
                continue
            yield Difference(
                row.entity_id, "standing", row.pk, f"{row.dim} {key} {day}", str(stored), str(told)
            )


@books.check("sales.days", _("The sales kept of past days are what the ledger says of them."))
def sales_days() -> Iterator[Difference]:
    """The sales of each month of each entity and dimension, as far as they hold."""
    for row in DaysKept.objects.select_related("entity").order_by("pk"):
        frame = make_frame(row.entity, row.last)
        stored, last = kept_sales(frame, row.dim)
        if last is None:
            continue
        before, told = _by_month(stored), _by_month(sold_after(frame.at(min(last, row.last)), row.dim))
        if before != told and before == _by_month(kept_sales(frame, row.dim)[0]):
            for key in sorted({*before, *told}):
                if before.get(key) != told.get(key):
                    name = f"{row.dim} {key}"
                    yield Difference(
                        row.entity_id, "sales", row.pk, name, str(before.get(key)), str(told.get(key))
                    )


def _by_month(rows: Iterable[Sold]) -> dict[str, dict[str, Decimal]]:
    """Sales of each value in each month, by currency."""
    sums: dict[str, dict[str, Decimal]] = {}
    for row in rows:
        month = sums.setdefault(f"{row.key} {row.day:%Y-%m}", {})
        month[row.currency] = month.get(row.currency, Decimal(0)) + row.amount
    return sums


@books.check("aging.cube", _("The aging kept by due date is what the ledger says of it."))
def aging_cube() -> Iterator[Difference]:
    """The aging of the day it was kept, by each dimension, read and computed."""
    for row in AgingKept.objects.select_related("entity").order_by("pk"):
        frame = make_frame(row.entity, row.folded_on)
        for by in DIMS:
            if reading(frame, by) is None:
                continue
            stored, told = _by_key(position(frame, by)), _by_key(computed_position(frame, by))
            if stored != told and stored == _by_key(position(frame, by)):
                for key in sorted({*stored, *told}):
                    if stored.get(key) != told.get(key):
                        name = f"{by} {key}"
                        yield Difference(
                            row.entity_id, "aging", row.pk, name, str(stored.get(key)), str(told.get(key))
                        )


def _by_key(found: Position) -> dict[str, tuple[object, ...]]:
    """What is told of each value, as it is compared and shown."""
    return {
        row.key: (
            row.items,
            *map(str, row.aging.buckets.values()),
            *map(str, row.aging.disputed.values()),
            str(row.aging.unapplied),
        )
        for row in found.rows
    }
