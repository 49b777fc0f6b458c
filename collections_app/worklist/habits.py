"""How customers pay: how late on average, and on which day of the week. Learned from the payments of a year."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.utils.dates import WEEKDAYS
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

# Fewer payments say nothing; a day of the week is usual when so many of them fall on it.
FEWEST = 4
USUAL = 0.6
# Days around the due date that count as on time.
ON_TIME = 3

PAID = """
SELECT customer_id, dow, count(*), sum(late) FROM (
    SELECT i.customer_id, extract(isodow FROM a.allocated_on)::int AS dow, a.allocated_on - i.due_on AS late
    FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.invoice_id
    WHERE i.customer_id = ANY(%s) AND a.kind = 'payment' AND a.allocated_on > %s AND a.allocated_on <= %s
) paid GROUP BY customer_id, dow
"""


@dataclass(frozen=True, slots=True)
class Habit:
    """`late` is the mean of days past due (negative: early); `weekday` 1 (Monday) to 7, None without a usual one."""

    payments: int
    late: int
    weekday: int | None

    @property
    def words(self) -> str:
        """What is worth saying, as part of a sentence."""
        parts = []
        if self.weekday is not None:
            day = str(WEEKDAYS[self.weekday - 1])
            # Only English writes the days of the week with a capital.
            day = day if (get_language() or "en").startswith("en") else day.lower()
            parts.append(_("usually pays on %(day)s") % {"day": day})
        if self.late > ON_TIME:
            words = ngettext("on average %(n)d day late", "on average %(n)d days late", self.late)
            parts.append(words % {"n": self.late})
        return ", ".join(parts)


def of(customers: Sequence[int], on: date) -> dict[int, Habit]:
    """The habits of these customers, those who pay too rarely left out. One query."""
    if not customers:
        return {}
    counts: dict[int, dict[int, int]] = {}
    lateness: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(PAID, [list(customers), on - timedelta(days=365), on])
        for customer, weekday, number, late in cursor.fetchall():
            counts.setdefault(customer, {})[weekday] = number
            lateness[customer] = lateness.get(customer, 0) + late
    return {
        customer: _habit(days, lateness[customer])
        for customer, days in counts.items()
        if sum(days.values()) >= FEWEST
    }


def _habit(days: dict[int, int], late: int) -> Habit:
    total = sum(days.values())
    favourite = max(days, key=lambda day: (days[day], -day))
    usual = favourite if days[favourite] / total >= USUAL else None
    return Habit(total, round(late / total), usual)
