"""The days and amounts of instalments. Pure: totals and days in, exact parts out."""

from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_DOWN, Decimal

from lib.money import ZERO, unit

WEEK, MONTH = "week", "month"
MOST = 60


@dataclass(frozen=True, slots=True)
class Share:
    """So much by that day."""

    due_on: date
    amount: Decimal


def equal(total: Decimal, count: int, first: date, every: str, currency: str = "EUR") -> list[Share]:
    """`total` in `count` equal instalments from `first` on, each week or month; the last one takes the rounding.

    Months keep the day of `first` where they have it, else their last one. The sum is exact. `count` is at least 1 and
    no more than what gives each instalment something.
    """
    if not 1 <= count <= MOST:
        raise ValueError(f"between 1 and {MOST} instalments")
    step = unit(currency)
    part = (total / count / step).to_integral_value(ROUND_DOWN) * step
    amounts = [part] * (count - 1) + [total - part * (count - 1)]
    return [Share(day(first, every, number), amount) for number, amount in enumerate(amounts)]


def day(first: date, every: str, number: int) -> date:
    """The day of the instalment `number` (from zero)."""
    if every == WEEK:
        return first + timedelta(weeks=number)
    year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
    return date(year, month + 1, min(first.day, monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class Standing:
    """How an agreement stands on a day, as a whole: instalments are counted in order, whatever invoice was paid.

    `paid` of `total`; `short` is what is due (its day has passed) and not paid; `next_on` the day of the first
    instalment not paid in full.
    """

    total: Decimal
    paid: Decimal
    short: Decimal
    next_on: date | None

    @property
    def left(self) -> Decimal:
        """What is still to come, due or not."""
        return self.total - self.paid


def standing(shares: Sequence[Share], paid: Decimal, on: date) -> Standing:
    """Where an agreement stands on `on` when `paid` came since it was made. An instalment is due after its day."""
    total = sum((share.amount for share in shares), ZERO)
    kept = min(max(paid, ZERO), total)
    due = sum((share.amount for share in shares if share.due_on < on), ZERO)
    upto, next_on = ZERO, None
    for share in shares:
        upto += share.amount
        if upto > kept:
            next_on = share.due_on
            break
    return Standing(total, kept, max(due - kept, ZERO), next_on)


def placed(
    shares: Iterable[Share], invoices: Sequence[tuple[int, Decimal]]
) -> list[tuple[int, date, Decimal]]:
    """Which part of which invoice each instalment pays: (invoice, day, amount), in order, the sums exact.

    `invoices` are pairs of key and covered amount, in the order in which they are paid; both sides add up to the same.
    """
    rows: list[tuple[int, date, Decimal]] = []
    room, place = [amount for _key, amount in invoices], 0
    for share in shares:
        left = share.amount
        while left > 0 and place < len(room):
            part = min(left, room[place])
            if part:
                rows.append((invoices[place][0], share.due_on, part))
            left, room[place] = left - part, room[place] - part
            if not room[place]:
                place += 1
    return rows
