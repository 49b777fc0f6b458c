"""Reads the ECB's euro reference rates: the XML and CSV files of its site, and the series of its data portal (SDMX).

Every reader yields one `Quote` per rate; what is no rate is a Reject with its place.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from lxml import etree

from ledger.intake.dates import FIRST_YEAR, LAST_YEAR
from ledger.intake.documents import NoticeBook, Reject, Unreadable
from ledger.intake.peek import Peek
from ledger.intake.source import encoding_of, line_blocks
from ledger.intake.xml_fields import line_of
from ledger.intake.xml_safe import local_name, parse_xml

EURO = "EUR"
CODE = re.compile(r"[A-Z]{3}", re.ASCII)
NUMBER = re.compile(r"\d{1,12}(?:\.\d{1,15})?", re.ASCII)
EMPTY = {"", "N/A", "NA", "NAN", "-"}
# The daily reference rate against the euro, as the data portal names it: D.USD.EUR.SP00.A.
DENOMINATOR, KIND = "CURRENCY_DENOM", "SP00"
SDMX_COLUMNS = {"CURRENCY", DENOMINATOR, "TIME_PERIOD", "OBS_VALUE"}
DAYS = ("%Y-%m-%d", "%d %B %Y", "%d %b %Y", "%d/%m/%Y", "%Y%m%d")


class Quote(NamedTuple):
    """How many units of a currency one euro bought on a day, as published."""

    line: int
    currency: str
    on: date
    per_euro: Decimal


Found = Iterator[Quote | Reject]


def read_rates(path: Path, notices: NoticeBook) -> Found:
    """The rates of the file, whichever of the ECB's forms it has. Raises Unreadable when it has none at all."""
    rows = _xml(path, notices) if Peek(path).text.startswith("<") else _csv(path, notices)
    first = next(rows, None)
    if first is None:
        raise Unreadable("no_rates")
    return chain([first], rows)


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    place = 0
    for block in line_blocks(path, encoding_of(path)):
        for line in block:
            place += 1
            yield place, line


def quote(line: int, currency: str, day: str, value: str, notices: NoticeBook) -> Quote | Reject | None:
    """One cell as a rate; None when it is empty."""
    text = value.strip()
    if text.upper() in EMPTY:
        notices.add("rates_empty", line)
        return None
    raw = (currency, day, value)
    on = day_of(day)
    if on is None:
        return Reject(line, "not_a_date", "", {"value": day[:40]}, raw)
    if not CODE.fullmatch(currency):
        return Reject(line, "not_a_currency", "", {"value": currency[:40]}, raw)
    try:
        rate = Decimal(text) if NUMBER.fullmatch(text) else Decimal(0)
    except InvalidOperation:
        rate = Decimal(0)
    rate = rate.quantize(Decimal("0.000001"))
    if rate <= 0 or (currency == EURO and rate != 1):
        return Reject(line, "not_a_rate", currency, {"value": text[:40]}, raw)
    return None if currency == EURO else Quote(line, currency, on, rate)


@lru_cache(maxsize=256)
def day_of(text: str) -> date | None:
    """A day in one of the ways that the ECB's files write it."""
    words = text.strip()
    for style in DAYS:
        try:
            found = datetime.strptime(words, style).date()  # noqa: DTZ007
        except ValueError:
            continue
        return found if FIRST_YEAR <= found.year <= LAST_YEAR else None
    return None


def _csv(path: Path, notices: NoticeBook) -> Found:
    lines = _lines(path)
    _place, first = next(lines, (0, ""))
    header = [cell.lstrip("\ufeff") for cell in _cells(first)]
    sdmx = set(header) >= SDMX_COLUMNS
    for line, text in lines:
        cells = _cells(text)
        if not any(cells):
            continue
        found = _sdmx_row(line, header, cells, notices) if sdmx else _site_row(line, header, cells, notices)
        yield from found


def _cells(text: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([text]), [])]
    except csv.Error:
        return [text[:80]]


def _site_row(line: int, header: list[str], cells: list[str], notices: NoticeBook) -> Found:
    """`Date, USD, JPY...`: one day per row, one currency per column."""
    if len(cells) > len(header) or len(cells) < len([name for name in header if name]):
        params = {"found": len(cells), "expected": len(header)}
        yield Reject(line, "wrong_column_count", "", params, tuple(cells))
        return
    for currency, value in zip(header[1:], cells[1:], strict=False):
        found = quote(line, currency, cells[0], value, notices) if currency else None
        if found is not None:
            yield found


def _sdmx_row(line: int, header: list[str], cells: list[str], notices: NoticeBook) -> Found:
    row = dict(zip(header, cells, strict=False))
    yield from _series_value(line, row, row.get("TIME_PERIOD", ""), row.get("OBS_VALUE", ""), notices)


def _series_value(line: int, series: dict[str, str], day: str, value: str, notices: NoticeBook) -> Found:
    """One observation of a series; averages and other kinds than the daily reference rate are left out."""
    named = [series.get(name, "") for name in ("FREQ", "CURRENCY", DENOMINATOR, "EXR_TYPE")]
    if series.get(DENOMINATOR) != EURO or named[0] not in ("D", "") or named[3] not in (KIND, ""):
        notices.add("rate_not_per_euro", line, value=".".join(named)[:60])
        return
    found = quote(line, series.get("CURRENCY", ""), day, value, notices)
    if found is not None:
        yield found


def _xml(path: Path, notices: NoticeBook) -> Found:
    root = parse_xml(path)
    return _envelope(root, notices) if local_name(root) == "Envelope" else _sdmx(root, notices)


def _envelope(root: etree._Element, notices: NoticeBook) -> Found:
    """`<Cube time><Cube currency rate/></Cube>`, one day or many."""
    for cube in root.iter():
        if local_name(cube) != "Cube" or cube.get("currency") is None:
            continue
        parent = cube.getparent()
        day = parent.get("time", "") if parent is not None else ""
        found = quote(line_of(cube), cube.get("currency", ""), day, cube.get("rate", ""), notices)
        if found is not None:
            yield found


def _sdmx(root: etree._Element, notices: NoticeBook) -> Found:
    """Generic data (values as elements) and structure-specific data (values as attributes)."""
    for series in root.iter():
        if local_name(series) != "Series":
            continue
        keys = {etree.QName(name).localname: str(value) for name, value in series.attrib.items()}
        for part in series:
            if local_name(part) == "SeriesKey":
                keys |= {value.get("id", ""): value.get("value", "") for value in part}
        for observed in (part for part in series if local_name(part) == "Obs"):
            named = {local_name(part): part.get("value", "") for part in observed}
            day = observed.get("TIME_PERIOD") or named.get("ObsDimension") or named.get("Time") or ""
            value = observed.get("OBS_VALUE") or named.get("ObsValue") or ""
            yield from _series_value(line_of(observed), keys, day, value, notices)


def is_rates(head: str, root: tuple[str, str]) -> bool:
    """Whether the head of a file is one of these forms."""
    if root[1] == "Envelope":
        return "gesmes" in root[0] and ("eurofxref" in head or "currency=" in head)
    if root[1] in ("GenericData", "StructureSpecificData", "CompactData", "MessageGroup"):
        return DENOMINATOR in head
    first = head.partition("\n")[0].strip()
    header = [cell.strip() for cell in first.split(",")]
    if set(header) >= SDMX_COLUMNS:
        return True
    names = [cell for cell in header[1:] if cell]
    return header[0].lower() == "date" and bool(names) and all(CODE.fullmatch(name) for name in names)
