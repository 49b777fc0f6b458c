"""The position and the DSO family at many days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from psycopg import sql

from reporting.metrics.aging import Aging, Parts
from reporting.metrics.dso import DsoFamily, family
from reporting.selectors.dimensions import OF_CUSTOMERS, chosen
from reporting.selectors.frame import Frame, customers_sql, fetch
from reporting.selectors.kept import kept
from reporting.selectors.position import Position, kept_position
from reporting.selectors.rates import STALE_AFTER, Rate, Rates
from reporting.selectors.sales import SalesBook
from reporting.selectors.stairs import CHANGES, EACH_DAY, STAIRS

ZERO = Decimal("0.00")

RATES = """
SELECT d.day, r.currency, r.on, r.per_euro
FROM unnest(%(days)s::date[]) AS d (day) CROSS JOIN LATERAL (
    SELECT DISTINCT ON (currency) currency, "on", per_euro FROM ledger_exchangerate
    WHERE "on" <= d.day AND "on" > d.day - %(stale)s ORDER BY currency, "on" DESC
) r
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """The receivables of one day: open and disputed amounts by bucket, youngest first; the first is not due."""

    day: date
    opens: tuple[Decimal, ...]
    disputes: tuple[Decimal, ...]

    @property
    def parts(self) -> Parts:
        """Not due and late without what is disputed, and what is."""
        disputed, not_due = sum(self.disputes, ZERO), self.opens[0] - self.disputes[0]
        return Parts(not_due, sum(self.opens, ZERO) - disputed - not_due, disputed)

    @property
    def not_due(self) -> Decimal:
        """All that was not yet due, disputed or not."""
        return self.opens[0]

    @property
    def overdue(self) -> Decimal:
        return sum(self.opens[1:], ZERO)


def month_ends(as_of: date, months: int) -> list[date]:
    """The last days of the months before that of `as_of`, and `as_of` itself: `months` days in all, oldest
    first.
    """
    days = [as_of]
    while len(days) < months:
        days.append(days[-1].replace(day=1) - timedelta(days=1))
    return days[::-1]


def rates_on(days: Sequence[date], home: str) -> dict[date, Rates]:
    """The rates of each day. One query."""
    known: dict[date, dict[str, Rate]] = {day: {} for day in days}
    for row in fetch(RATES, {"days": list(days), "stale": STALE_AFTER.days}):
        known[row["day"]][row["currency"]] = Rate(row["currency"], row["on"], row["per_euro"])
    return {day: Rates(home, day, found) for day, found in known.items()}


Sums = dict[str, dict[date, list[list[Decimal]]]]


def standings(frame: Frame, days: Sequence[date], rates: dict[date, Rates]) -> list[Standing]:
    """The position at the end of each of `days`, in their order, each amount at the rates of its own day."""
    return standings_by(frame, days, rates)[""]


def standings_by(
    frame: Frame, days: Sequence[date], rates: dict[date, Rates], by: str = "entity"
) -> dict[str, list[Standing]]:
    """The same for each value of a dimension of customers (`entity`: the whole, under ""). A few queries.

    Days that are kept are read, the others found out; either way the figures are the same.
    """
    known, levels = kept(frame, days, by)
    rest = [day for day in days if day not in known]
    if rest:
        for key, found in found_out_by(frame, rest, rates, by).items():
            more = levels.setdefault(key, {})
            more.update({one.day: (one.opens, one.disputes) for one in found})
    if by == "entity":
        levels.setdefault("", {})
    nothing = ((ZERO,) * len(frame.buckets.names),) * 2
    return {key: [Standing(day, *found.get(day, nothing)) for day in days] for key, found in levels.items()}


def found_out_by(
    frame: Frame, days: Sequence[date], rates: dict[date, Rates], by: str = "entity"
) -> dict[str, list[Standing]]:
    """The same without the kept days: the last days from the sums by due date where these have them all, or computed.

    One to three queries for each day, or two in all.
    """
    sums: Sums = {"": {}} if by == "entity" else {}
    for day in sorted(set(days)):
        position = kept_position(frame.at(day), by)
        if position is None:
            return computed_by(frame, days, rates, by)
        for key, aging in _agings(position, by):
            level = [[*aging.buckets.values()], [*aging.disputed.values()]]
            if any(level[0]):
                sums.setdefault(key, {})[day] = level
    return _by_day(frame, days, sums)


def _agings(position: Position, by: str) -> list[tuple[str, Aging]]:
    if by == "entity":
        return [("", position.total)]
    return [(row.key, row.aging) for row in position.rows]


def computed_by(
    frame: Frame, days: Sequence[date], rates: dict[date, Rates], by: str = "entity"
) -> dict[str, list[Standing]]:
    """The same from the rows of the ledger, whatever is kept. Two queries."""
    wanted = sorted(set(days))
    sums: Sums = {"": {}} if by == "entity" else {}
    _at_home(frame, wanted, by, sums)
    _abroad(frame, wanted, rates, by, sums)
    return _by_day(frame, days, sums)


def _by_day(frame: Frame, days: Sequence[date], sums: Sums) -> dict[str, list[Standing]]:
    """Every key at each of the days, in their order."""
    nothing = [[ZERO] * len(frame.buckets.names)] * 2
    return {
        key: [Standing(day, *(tuple(side) for side in found.get(day, nothing))) for day in days]
        for key, found in sums.items()
    }


def _at_home(frame: Frame, days: list[date], by: str, sums: Sums) -> None:
    """Running sums of what changed, stopped at each day asked for."""
    count = len(frame.buckets.names)
    statement, params = _stairs(frame, CHANGES, days, by, at_home=True)
    changes: dict[str, list[tuple[date, int, Decimal, Decimal]]] = {}
    for row in fetch(statement, params):
        changes.setdefault(row["key"], []).append((row["day"], row["bucket"], row["open"], row["disputed"]))
    for key, rows in changes.items():
        rows.sort(key=lambda row: row[0])
        level = [[ZERO] * count, [ZERO] * count]
        found, place = sums.setdefault(key, {}), 0
        for day in days:
            while place < len(rows) and rows[place][0] <= day:
                _at, bucket, open_, disputed = rows[place]
                level[0][bucket] += open_
                level[1][bucket] += disputed
                place += 1
            found[day] = [list(level[0]), list(level[1])]


def _abroad(frame: Frame, days: list[date], rates: dict[date, Rates], by: str, sums: Sums) -> None:
    """What is in other currencies, converted day by day."""
    count = len(frame.buckets.names)
    statement, params = _stairs(frame, EACH_DAY, days, by, at_home=False, rates=rates)
    for row in fetch(statement, params):
        rates[row["day"]].check([row["currency"]])
        level = sums.setdefault(row["key"], {}).setdefault(row["day"], [[ZERO] * count, [ZERO] * count])
        level[0][row["bucket"]] += row["open"]
        level[1][row["bucket"]] += row["disputed"]


def _stairs(
    frame: Frame,
    statement: sql.SQL,
    days: list[date],
    by: str,
    *,
    at_home: bool,
    rates: dict[date, Rates] | None = None,
) -> tuple[str, dict[str, Any]]:
    """The statement for these days with its parameters."""
    customers, params = customers_sql(frame)
    starts: list[int | None] = [None, 1, *(edge + 1 for edge in frame.buckets.edges)]
    edges = sql.SQL(", ").join(
        sql.SQL("({}, {}::int, {}::int)").format(sql.Literal(place), sql.Literal(start), sql.Literal(end))
        for place, (start, end) in enumerate(zip(starts, [*starts[1:], None], strict=True))
    )
    pairs = sql.SQL(", ").join(
        sql.SQL("({}::date, {}, {}::numeric)").format(
            sql.Literal(day), sql.Literal(name), sql.Literal(factor)
        )
        for day, found in (rates or {}).items()
        for name, factor in found.factors().items()
    )
    params |= {
        "days": days,
        "first": days[0],
        "last": days[-1],
        "known_at": frame.known_at or "infinity",
        "entity": frame.entity.pk,
        "home": frame.entity.currency,
        "currency": frame.currency,
        "decimals": frame.decimals,
    }
    key, _label, joins = chosen(by, OF_CUSTOMERS).sql("i")
    made = STAIRS.format(
        customers=sql.SQL(customers),  # type: ignore[arg-type]
        edges=edges,
        key=key,
        joins=joins,
        at_home=sql.Literal(at_home),
    ) + statement.format(rates=pairs)
    return made.as_string(None), params


@dataclass(frozen=True, slots=True)
class DsoPoint:
    """The whole DSO family at one day of a series."""

    standing: Standing
    figures: DsoFamily


def dso_series(
    frame: Frame, days: Sequence[date], book: SalesBook, rates: dict[date, Rates]
) -> list[DsoPoint]:
    """The DSO family at each day. `book`: the sales of the same frame up to the last of `days`.

    Every day but the last must be the last of its month: sales are known by month.
    """
    return [
        DsoPoint(
            standing, family(standing.parts, standing.not_due, book.at(standing.day, rates[standing.day]))
        )
        for standing in standings(frame, days, rates)
    ]
