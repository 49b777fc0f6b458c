"""The group: aging and the DSO family of several legal entities together, in one currency, with the rates used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from lib import formats
from reporting.metrics.aging import NOT_DUE, Aging, Collector
from reporting.metrics.dso import DsoFamily, Month, Sales, family, months_back
from reporting.metrics.rounding import rounded, rounded_parts
from reporting.reports.aging import bucket_label
from reporting.reports.dso import dso_data, exhausted_notes
from reporting.reports.table import Column, Kind, Report, days, money, rate_facts, rates_data
from reporting.selectors.daily_sales import DailySales, daily_sales
from reporting.selectors.frame import Frame
from reporting.selectors.position import position
from reporting.selectors.rates import Rates, rates_of

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Member:
    """A legal entity of the group: its aging in the group's currency, and the DSO family it has on its own."""

    frame: Frame
    aging: Aging
    own: DsoFamily
    sales: dict[tuple[int, int], Decimal]


def member(frame: Frame, rates: Rates) -> Member:
    """One entity. Each bucket is converted and rounded once, so that entities add up to the group. Four queries."""
    home = frame.entity.currency
    found, at_home = position(frame).total, rates_of(frame.as_of, home)
    sold = daily_sales(frame).get("", DailySales({}))
    months = list(sold.months(frame.as_of, at_home))
    own = family(found.parts, found.buckets[NOT_DUE], Sales(months))
    converted = Collector(frame.buckets.names, rates.convert(found.unapplied, home))
    for name, amount in found.buckets.items():
        converted.add(name, rates.convert(amount, home), rates.convert(found.disputed[name], home))
    return Member(frame, converted.result(), own, _by_month(months, frame.as_of, rates, home))


def _by_month(
    months: Sequence[Month], as_of: date, rates: Rates, home: str
) -> dict[tuple[int, int], Decimal]:
    place, found = as_of.year * 12 + as_of.month - 1, {}
    for month in months:
        found[place // 12, place % 12 + 1] = rates.convert(month.sales, home)
        place -= 1
    return found


def together(members: Sequence[Member]) -> Aging:
    """All of them in one aging."""
    names = list(members[0].aging.buckets)
    total = Collector(tuple(names), sum((one.aging.unapplied for one in members), ZERO))
    for one in members:
        for name in names:
            total.add(name, one.aging.buckets[name], one.aging.disputed[name])
    return total.result()


def whole_family(members: Sequence[Member], total: Aging, as_of: date) -> DsoFamily:
    """The DSO family of the group: its receivables, counted back through its sales."""
    sales: dict[tuple[int, int], Decimal] = {}
    for one in members:
        for month, amount in one.sales.items():
            sales[month] = sales.get(month, ZERO) + amount
    return family(total.parts, total.buckets[NOT_DUE], Sales(months_back(sales, as_of)))


def group_report(frames: Sequence[Frame], currency: str) -> Report:
    """One line per legal entity, and the group. The parts of the group's DSO by entity add up to it, rounded too."""
    as_of = frames[0].as_of
    rates = rates_of(as_of, currency)
    rates.check({frame.entity.currency for frame in frames})
    members = [member(frame, rates) for frame in frames]
    total = together(members)
    whole = whole_family(members, total, as_of)
    per_unit = whole.dso.days / int(total.open.scaleb(2)) if total.open else whole.dso.days
    shares = rounded_parts(
        {one.frame.entity.code: per_unit * int(one.aging.open.scaleb(2)) for one in members}
    )
    rows = [
        (
            one.frame.entity.name,
            one.frame.entity.currency,
            *_cells(one.aging, one.own),
            shares[one.frame.entity.code],
        )
        for one in members
    ]
    used = rates.used({frame.entity.currency for frame in frames})
    data: dict[str, Any] = {"as_of": as_of.isoformat(), "currency": currency}
    data |= {"receivables": money(total.open)} | _aging(total) | dso_data(whole)
    data["rows"] = [
        {"entity": one.frame.entity.code, "currency": one.frame.entity.currency}
        | {"receivables": money(one.aging.open), "dso_share": days(shares[one.frame.entity.code])}
        | _aging(one.aging)
        | dso_data(one.own)
        for one in members
    ]
    above = [(_("As of"), formats.day(as_of)), (_("Currency"), currency), *rate_facts(used)]
    last = (_("Group"), currency, *_cells(total, whole), rounded(whole.dso.days))
    return Report(
        "group", _("The group"), above, _columns(list(total.buckets)), rows,
        data | rates_data(used), last, exhausted_notes(whole), currency,
    )  # fmt: skip


def _columns(buckets: list[str]) -> list[Column]:
    columns = [Column("entity", _("Legal entity")), Column("currency", _("Currency"))]
    columns += [Column(name, bucket_label(name), Kind.MONEY) for name in buckets]
    return [
        *columns,
        Column("unapplied", _("Not yet placed"), Kind.MONEY), Column("total", _("Total"), Kind.MONEY),
        Column("disputed", _("Of which in dispute"), Kind.MONEY), Column("dso", _("DSO"), Kind.DAYS),
        Column("dispute_dso", _("Dispute DSO"), Kind.DAYS), Column("share", _("Part of the group's DSO"), Kind.DAYS),
    ]  # fmt: skip


def _cells(aging: Aging, figures: DsoFamily) -> tuple[Decimal, ...]:
    return (
        *aging.buckets.values(), aging.unapplied, aging.total, aging.disputed_total, rounded(figures.dso.days),
        rounded_parts(figures.parts.as_dict())["disputed"],
    )  # fmt: skip


def _aging(aging: Aging) -> dict[str, Any]:
    return {
        "buckets": {name: money(amount) for name, amount in aging.buckets.items()},
        "disputed": {name: money(amount) for name, amount in aging.disputed.items()},
        "unapplied": money(aging.unapplied),
        "total": money(aging.total),
    }


def currency_of(frames: Sequence[Frame], wanted: str) -> str:
    """The currency asked for, or that of most of the entities."""
    homes = [frame.entity.currency for frame in frames]
    return wanted.upper() or max(sorted(set(homes)), key=homes.count)
