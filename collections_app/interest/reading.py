"""Reads files of interest rates: a list of parameters, or a series of the central bank; good and bad rows apart."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from django.utils.translation import gettext as _

from collections_app.choices_interest import BY_HALF_YEAR, RateKind
from collections_app.errors import InterestError
from collections_app.interest.rates import half_year, next_half_year

MOST_ROWS = 20_000
NAMES = {
    "kind": ("kind", "tipo", "type"),
    "country": ("country", "pais", "país", "pays"),
    "currency": ("currency", "moneda", "devise"),
    "since": ("from", "since", "effective_from", "desde", "depuis", "date", "fecha", "time_period"),
    "value": ("value", "rate", "valor", "valeur", "taux", "mro_percent", "obs_value"),
    "source": ("source", "fuente"),
}
DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%d.%m.%Y")
NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,8})?", re.ASCII)
LEAST = {RateKind.REFERENCE: Decimal(-20)}
MOST = {RateKind.FLAT_SUM: Decimal(99999)}


@dataclass(frozen=True, slots=True)
class RateInput:
    """A parameter to be kept; `line` is its place in the file."""

    kind: str
    country: str
    currency: str
    since: date
    value: Decimal
    source: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that is none, and why."""

    line: int
    code: str
    sentence: str


@dataclass(slots=True)
class Read:
    """What a file holds."""

    rows: list[RateInput] = field(default_factory=list)
    rejects: list[Rejected] = field(default_factory=list)


class BadRow(Exception):
    """Why a row is refused."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


def read_rates(content: bytes, *, name: str = "") -> Read:
    """The rows of a file. Raises InterestError when it is no list of rates at all."""
    text = _decoded(content)
    lines = text.splitlines()
    header = lines[0] if lines else ""
    delimiter = max(";,\t", key=header.count)
    places = _places(next(csv.reader([header], delimiter=delimiter), []))
    if "since" not in places or "value" not in places or len(lines) > MOST_ROWS:
        raise InterestError(
            _("This is no list of interest rates: it needs the columns “from” and “value”."),
            code="no_rates",
        )
    read = Read()
    for place, cells in _rows(lines[1:], delimiter):
        row = {key: cells[at].strip() if at < len(cells) else "" for key, at in places.items()}
        try:
            read.rows.append(_row(place, row, name))
        except BadRow as bad:
            read.rejects.append(Rejected(place, bad.code, str(bad)))
    if "kind" not in places:
        read.rows = _by_half_year(read.rows)
    _check(read)
    return read


def _decoded(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _places(header: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, cell in enumerate(header):
        word = cell.strip().lower()
        for key, names in NAMES.items():
            if word in names:
                found.setdefault(key, at)
    return found


def _rows(lines: Sequence[str], delimiter: str) -> list[tuple[int, list[str]]]:
    rows = []
    for place, line in enumerate(lines, start=2):
        cells = next(csv.reader([line], delimiter=delimiter), [])
        if any(cell.strip() for cell in cells):
            rows.append((place, cells))
    return rows


def _row(line: int, row: dict[str, str], name: str) -> RateInput:
    kind = row.get("kind", "").lower() or RateKind.REFERENCE.value
    if kind not in RateKind.values:
        known = ", ".join(RateKind.values)
        raise BadRow(
            "unknown_kind", _("“%(kind)s” is none of: %(known)s.") % {"kind": kind[:30], "known": known}
        )
    country, currency = row.get("country", "").upper(), row.get("currency", "").upper()
    if not re.fullmatch(r"(?:[A-Z]{2})?", country, re.ASCII):
        raise BadRow("not_a_country", _("Give a country by its two letters, or none for all."))
    needs = kind == RateKind.FLAT_SUM
    if not re.fullmatch(r"[A-Z]{3}" if needs else "", currency, re.ASCII):
        raise BadRow("not_a_currency", _("A flat sum, and nothing else, has a currency."))
    source = row.get("source", "") or name
    return RateInput(
        kind, country, currency, _day(row["since"]), _value(row["value"], kind), source[:200], line
    )


def _day(text: str) -> date:
    for style in DAYS:
        try:
            found = datetime.strptime(text, style).date()  # noqa: DTZ007
        except ValueError:
            continue
        if 1999 <= found.year <= 2100:
            return found
    raise BadRow("not_a_date", _("“%(text)s” is not a day.") % {"text": text[:30]})


def _value(text: str, kind: str) -> Decimal:
    plain = text.replace(",", ".").removesuffix("%").strip()
    try:
        value = Decimal(plain) if NUMBER.fullmatch(plain) else None
    except InvalidOperation:
        value = None
    least, most = LEAST.get(RateKind(kind), Decimal(0)), MOST.get(RateKind(kind), Decimal(100))
    if value is None or not least <= value <= most:
        raise BadRow("not_a_rate", _("“%(text)s” is not a rate.") % {"text": text[:30]})
    return value.quantize(Decimal("0.0001"))


def _by_half_year(rows: list[RateInput]) -> list[RateInput]:
    """A series of changes or of days, as the value in force on each 1 January and 1 July within it."""
    if all(row.since == half_year(row.since) for row in rows):
        return rows
    found: list[RateInput] = []
    for country in dict.fromkeys(row.country for row in rows):
        own = sorted((row for row in rows if row.country == country), key=lambda row: row.since)
        day = half_year(own[0].since)
        while day <= own[-1].since:
            before = [row for row in own if row.since <= day]
            if before:
                last = before[-1]
                found.append(RateInput(last.kind, country, "", day, last.value, last.source, last.line))
            day = next_half_year(day)
    return found


def _check(read: Read) -> None:
    """Refuse what begins in the middle of a half-year, and a second value for the same day."""
    kept: dict[tuple[str, str, str, date], RateInput] = {}
    for row in read.rows:
        key = (row.kind, row.country, row.currency, row.since)
        if row.kind in BY_HALF_YEAR and row.since != half_year(row.since):
            sentence = _("This rate counts from 1 January or 1 July.")
            read.rejects.append(Rejected(row.line, "not_a_half_year", sentence))
        elif key in kept and kept[key].value != row.value:
            sentence = _("Line %(line)d of the file gives another value for the same day.")
            read.rejects.append(Rejected(row.line, "rate_twice", sentence % {"line": kept[key].line}))
        else:
            kept.setdefault(key, row)
    read.rows = list(kept.values())
    read.rejects.sort(key=lambda one: one.line)
