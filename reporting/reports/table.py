"""The shape every report has, whatever its door: a table for people and spreadsheets, data for machines."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.translation import gettext as _

from disputes.choices import HolderSide, Resolution, Status
from ledger.choices import Segment
from lib import formats
from reporting import errors
from reporting.metrics.dso import COUNT_BACK
from reporting.metrics.rounding import rounded
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame
from reporting.selectors.rates import Rate


class Kind(StrEnum):
    """What the cells of a column are, so that each format writes them as such."""

    TEXT = "text"
    DAY = "day"
    COUNT = "count"
    MONEY = "money"
    DAYS = "days"
    PERCENT = "percent"


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its key for machines, its heading for people."""

    key: str
    label: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True, slots=True)
class Options:
    """How the report was asked for. `by` empty: the report's own habit. The period defaults to the last 12
    months.
    """

    by: str = ""
    first: date | None = None
    last: date | None = None
    method: str = COUNT_BACK
    # How far apart the points of a series are: day, week or month.
    step: str = ""
    # Which of the open invoices: a part of what is owed, and an age.
    part: str = ""
    bucket: str = ""

    def period(self, as_of: date) -> Period:
        """The period asked for, or the twelve months that end at `as_of`."""
        last = self.last or as_of
        period = Period(self.first or (last.replace(day=1) - timedelta(days=330)).replace(day=1), last)
        if period.first > period.last:
            raise errors.period_reversed()
        return period


@dataclass(frozen=True, slots=True)
class Report:
    """A finished report. `rows` hold one value per column; `total` is the line below them, if any."""

    name: str
    title: str
    facts: list[tuple[str, str]]
    columns: list[Column]
    rows: list[tuple[Any, ...]]
    data: dict[str, Any]
    total: tuple[Any, ...] | None = None
    notes: list[str] = field(default_factory=list)
    currency: str = "EUR"


def money(amount: Decimal) -> str:
    """An amount in JSON: text with two decimals."""
    return f"{amount:.2f}"


def _plain(value: Any) -> Any:
    """A cell in JSON: amounts as text, days as ISO dates."""
    if isinstance(value, Decimal):
        return money(value)
    return value.isoformat() if hasattr(value, "isoformat") else value


def entries(columns: list[Column], rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    """The rows by the keys of their columns."""
    return [{column.key: _plain(value) for column, value in zip(columns, row, strict=True)} for row in rows]


def days(value: Fraction | Decimal | None) -> float | None:
    """Days (or per cent) in JSON: a number with three decimals."""
    if value is None:
        return None
    return float(rounded(value) if isinstance(value, Fraction) else round(value, 3))


def in_days(length: timedelta | None) -> Decimal | None:
    """A length of time in days with three decimals."""
    return None if length is None else rounded(Fraction(length // timedelta(microseconds=1), 86_400_000_000))


def facts(frame: Frame, *, period: Period | None = None, rates: Iterable[Rate] = ()) -> list[tuple[str, str]]:
    """What stands above the table: whose figures, as of when, and the exchange rates used."""
    lines = [(_("Legal entity"), frame.entity.name), (_("As of"), formats.day(frame.as_of))]
    if frame.known_at:
        local = frame.known_at.astimezone(ZoneInfo(frame.entity.time_zone))
        lines.append((_("As known at"), local.strftime("%Y-%m-%d %H:%M")))
    if period:
        lines.append((_("Period"), f"{formats.day(period.first)} – {formats.day(period.last)}"))
    lines.append((_("Currency"), frame.entity.currency))
    return lines + rate_facts(rates)


def rate_facts(rates: Iterable[Rate]) -> list[tuple[str, str]]:
    """The exchange rates used, in words."""
    return [
        (
            _("Exchange rate"),
            f"1 EUR = {rate.per_euro.normalize():f} {rate.currency} ({formats.day(rate.on)})",
        )
        for rate in rates
    ]


def head(frame: Frame, *, period: Period | None = None) -> dict[str, Any]:
    """The first keys of a report's JSON."""
    data: dict[str, Any] = {"as_of": frame.as_of.isoformat()}
    if frame.known_at:
        data["known_at"] = frame.known_at.isoformat()
    data |= {"entity": frame.entity.code, "currency": frame.entity.currency}
    if period:
        data |= {"from": period.first.isoformat(), "to": period.last.isoformat()}
    return data


def rates_data(rates: Iterable[Rate]) -> dict[str, Any]:
    """The exchange rates of a report's JSON; nothing when none was needed."""
    listed = [{"currency": r.currency, "on": r.on.isoformat(), "per_euro": str(r.per_euro)} for r in rates]
    return {"rates": listed} if listed else {}


def name_of(frame: Frame, by: str, key: str, label: str) -> str:
    """What a value of a dimension is called in the reader's language."""
    if by == "entity":
        return frame.entity.name
    if by == "segment":
        return str(dict(Segment.choices).get(key, key) or _("None"))
    if by == "country":
        return formats.locale().territories.get(key, key) or _("Unknown")
    if by == "salesperson" and not key:
        return _("No salesperson")
    if by == "collector" and not key:
        return _("No collector")
    if by == "reason" and not key:
        return _("Not in dispute")
    if by in {"side", "holder"} and not label:
        return str(dict(HolderSide.choices).get(key.removeprefix("side:"), key))
    return label or key or _("None")


def outcome_name(code: str) -> str:
    """What the resolution of a dispute (or its status, without one) is called."""
    return str((dict(Resolution.choices) | dict(Status.choices)).get(code, code))


def dimension(by: str) -> str:
    """The heading of a dimension's column."""
    headings = {
        "entity": _("Legal entity"),
        "customer": _("Customer"),
        "segment": _("Segment"),
        "salesperson": _("Salesperson"),
        "collector": _("Collector"),
        "country": _("Country"),
        "currency": _("Currency"),
        "dispute": _("Dispute"),
        "reason": _("Reason"),
        "root-cause": _("Root cause"),
        "route": _("Route"),
        "stage": _("Stage"),
        "department": _("Department"),
        "holder": _("Holder"),
        "keeper": _("Keeper"),
        "side": _("Side"),
        "person": _("Person"),
        "team": _("Team"),
        "step": _("Step"),
    }
    return headings[by]
