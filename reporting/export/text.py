"""Plain text: an aligned table for the terminal, JSON and CSV for machines."""

import csv
import io
import json
from collections.abc import Sequence
from typing import Any

from lib import formats
from reporting.reports.table import Column, Kind, Report

RIGHT = frozenset({Kind.COUNT, Kind.MONEY, Kind.DAYS, Kind.PERCENT})
DECIMALS = {Kind.COUNT: 0, Kind.MONEY: 2, Kind.DAYS: 3, Kind.PERCENT: 1}
# A text cell that begins like this would be taken for a formula by a spreadsheet.
DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def shown(column: Column, value: Any) -> str:
    """A cell as the reader writes it."""
    if value is None:
        return ""
    if column.kind is Kind.DAY and value:
        return formats.day(value, "short")
    if column.kind in DECIMALS and value != "":
        return formats.number(value, DECIMALS[column.kind])
    return str(value)


def starts_formula(value: Any) -> bool:
    """Whether a spreadsheet would take this cell for a formula."""
    return isinstance(value, str) and value.startswith(DANGEROUS)


def as_json(report: Report) -> bytes:
    """The report's data: amounts as text with two decimals, days as numbers."""
    return (json.dumps(report.data, ensure_ascii=False, indent=2) + "\n").encode()


def as_csv(report: Report) -> bytes:
    """One line per row, ISO dates, a point for decimals; cells that would start a formula are quoted."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([column.key for column in report.columns])
    for row in report.rows:
        writer.writerow([_plain(value) for value in row])
    return out.getvalue().encode()


def _plain(value: Any) -> str:
    if value is None:
        return ""
    if starts_formula(value):
        return f"'{value}"
    return value.isoformat() if hasattr(value, "isoformat") else str(value)


def as_table(report: Report) -> bytes:
    """For the terminal: title, facts, aligned columns, total, notes."""
    body = [*report.rows, *([report.total] if report.total else [])]
    cells = [[shown(c, v) for c, v in zip(report.columns, row, strict=True)] for row in body]
    heads = [column.label for column in report.columns]
    widths = [max(map(len, column)) for column in zip(heads, *cells, strict=True)]
    lines = [report.title, *(f"{label}: {value}" for label, value in report.facts), ""]
    lines += [_line(report.columns, heads, widths), "  ".join("-" * width for width in widths)]
    lines += [_line(report.columns, row, widths) for row in cells[: len(report.rows)]]
    if report.total:
        lines += ["  ".join("-" * width for width in widths), _line(report.columns, cells[-1], widths)]
    return ("\n".join([*lines, *report.notes]) + "\n").encode()


def _line(columns: Sequence[Column], cells: Sequence[str], widths: Sequence[int]) -> str:
    padded = (
        cell.rjust(width) if column.kind in RIGHT else cell.ljust(width)
        for column, cell, width in zip(columns, cells, widths, strict=True)
    )
    return "  ".join(padded).rstrip()
