"""Which rate counts on a day: the law's parameters by date, shipped or imported, and what contracts say."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from collections_app.choices_interest import RateBasis, RateKind, TermsBasis
from collections_app.models import InterestRate

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "interest.yaml"
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RateRow:
    """A parameter from a day on. `shipped`: it came with Zanjar; `pk` of an imported one."""

    kind: str
    country: str
    currency: str
    since: date
    value: Decimal
    source: str
    shipped: bool = True
    pk: int | None = None

    @property
    def key(self) -> Key:
        """What it is a value of."""
        return self.kind, self.country, self.currency


@dataclass(frozen=True, slots=True)
class Rate:
    """Per cent a year in a half-year, and where it comes from.

    `known` is false while the half-year's own reference (or legal) rate is missing and the one before stands in.
    """

    percent: Decimal
    basis: RateBasis
    known: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """What a contract says from a day on; `value` in per cent a year or points."""

    since: date
    basis: TermsBasis
    value: Decimal = Decimal(0)


LAW = Terms(date.min, TermsBasis.LAW)


def half_year(day: date) -> date:
    """The first day of its half-year: 1 January or 1 July."""
    return date(day.year, 1 if day.month < 7 else 7, 1)


def next_half_year(day: date) -> date:
    """The first day of the half-year after."""
    return date(day.year, 7, 1) if day.month < 7 else date(day.year + 1, 1, 1)


@cache
def shipped() -> tuple[RateRow, ...]:
    """What the catalogue holds."""
    entries: list[dict[str, Any]] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return tuple(
        RateRow(
            kind=entry["kind"],
            country=entry.get("country", ""),
            currency=entry.get("currency", ""),
            since=since,
            value=Decimal(value),
            source=entry["source"],
        )
        for entry in entries
        for since, value in entry["values"].items()
    )


def imported() -> list[RateRow]:
    """What was imported. One query."""
    return [
        RateRow(
            row.kind, row.country, row.currency, row.since, row.value, row.source, shipped=False, pk=row.pk
        )
        for row in InterestRate.objects.all()
    ]


def known_rates() -> list[RateRow]:
    """Everything that counts: an imported value goes before the shipped one of the same day. One query."""
    rows = {(*row.key, row.since): row for row in shipped()}
    rows |= {(*row.key, row.since): row for row in imported()}
    return sorted(rows.values(), key=lambda row: (row.kind, row.country, row.currency, row.since))


@dataclass(slots=True)
class RateBook:
    """The parameters by what they are values of, each in order of its days."""

    rows: dict[Key, list[RateRow]] = field(default_factory=dict)
    found: dict[tuple[str, date, Terms], Rate | None] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Iterable[RateRow]) -> RateBook:
        """A book of these rows."""
        book = cls()
        for row in sorted(rows, key=lambda row: row.since):
            book.rows.setdefault(row.key, []).append(row)
        return book

    def at(self, kind: RateKind, country: str, on: date, currency: str = "") -> RateRow | None:
        """The value in force on a day: the country's own, else the one for all; None when there is none yet."""
        for whose in dict.fromkeys((country, "")):
            rows = self.rows.get((kind.value, whose, currency), [])
            place = bisect_right(rows, on, key=lambda row: row.since)
            if place:
                return rows[place - 1]
        return None

    def rate(self, country: str, half: date, terms: Terms = LAW) -> Rate | None:
        """The rate of the half-year that begins on `half`; None when nothing is owed under these terms or then."""
        key = (country, half, terms)
        if key not in self.found:
            self.found[key] = self._rate(country, half, terms)
        return self.found[key]

    def _rate(self, country: str, half: date, terms: Terms) -> Rate | None:
        if terms.basis == TermsBasis.NONE:
            return None
        if terms.basis == TermsBasis.RATE:
            return self._not_below(country, half, Rate(terms.value, RateBasis.CONTRACT))
        reference = self.at(RateKind.REFERENCE, country, half)
        if reference is None:
            return None
        known = reference.since == half
        if terms.basis == TermsBasis.MARGIN:
            agreed = Rate(max(reference.value + terms.value, Decimal(0)), RateBasis.CONTRACT, known)
            return self._not_below(country, half, agreed)
        margin = self.at(RateKind.MARGIN, country, half)
        if margin is None:
            return None
        return Rate(max(reference.value + margin.value, Decimal(0)), RateBasis.LAW, known)

    def _not_below(self, country: str, half: date, agreed: Rate) -> Rate:
        """What a contract says, or the least the law of the country allows."""
        legal, times = self.at(RateKind.LEGAL, country, half), self.at(RateKind.TIMES, country, half)
        if legal is None or times is None:
            return agreed
        known = agreed.known and legal.since == half
        floor = legal.value * times.value
        if agreed.percent >= floor:
            return Rate(agreed.percent, agreed.basis, known)
        return Rate(floor, RateBasis.FLOOR, known)

    def flat_sum(self, country: str, currency: str, on: date) -> Decimal:
        """The flat sum for recovery costs in this currency; zero when none is set."""
        row = self.at(RateKind.FLAT_SUM, country, on, currency)
        return row.value if row else Decimal("0.00")

    def known_until(self, country: str) -> date | None:
        """The last day of the newest half-year whose reference rate is known."""
        for whose in dict.fromkeys((country, "")):
            rows = self.rows.get((RateKind.REFERENCE.value, whose, ""), [])
            if rows:
                return date.fromordinal(next_half_year(rows[-1].since).toordinal() - 1)
        return None


def load_book() -> RateBook:
    """The book of everything known. One query."""
    return RateBook.of(known_rates())


@dataclass(frozen=True, slots=True)
class Tariff:
    """The rates of one customer: the law of the country, and what the contracts say, the customer's own first."""

    book: RateBook
    country: str
    own: tuple[Terms, ...] = ()
    house: tuple[Terms, ...] = ()

    def terms(self, on: date) -> Terms:
        """The terms in force on a day."""
        for rows in (self.own, self.house):
            past = [row for row in rows if row.since <= on]
            if past:
                return max(past, key=lambda row: row.since)
        return LAW

    def rate(self, on: date) -> Rate | None:
        """The rate of a day; None when it bears none."""
        return self.book.rate(self.country, half_year(on), self.terms(on))

    def turns(self, first: date, last: date) -> list[date]:
        """The days after `first` and up to `last` on which another rate may begin."""
        days = [row.since for row in (*self.own, *self.house) if first < row.since <= last]
        half = next_half_year(first)
        while half <= last:
            days.append(half)
            half = next_half_year(half)
        return days
