"""Parquet: typed columns named by their keys, exact decimals, for notebooks and warehouses."""

import io
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from reporting.reports.table import Kind, Report

TYPES = {
    Kind.TEXT: pa.string(),
    Kind.DAY: pa.date32(),
    Kind.COUNT: pa.int64(),
    Kind.MONEY: pa.decimal128(18, 2),
    Kind.DAYS: pa.decimal128(18, 3),
    Kind.PERCENT: pa.decimal128(18, 3),
}
STEPS = {Kind.MONEY: Decimal("0.01"), Kind.DAYS: Decimal("0.001"), Kind.PERCENT: Decimal("0.001")}


def as_parquet(report: Report) -> bytes:
    """The rows of the report (no total line); title and facts are kept in the metadata."""
    arrays = [
        pa.array([_typed(column.kind, row[x]) for row in report.rows], TYPES[column.kind])
        for x, column in enumerate(report.columns)
    ]
    names = [column.key for column in report.columns]
    about = {"report": report.name, "title": report.title, **dict(report.facts)}
    table = pa.Table.from_arrays(arrays, names=names).replace_schema_metadata(about)
    out = io.BytesIO()
    pq.write_table(table, out)
    return out.getvalue()


def _typed(kind: Kind, value: Any) -> Any:
    if value is None or (value == "" and kind is not Kind.TEXT):
        return None
    return Decimal(value).quantize(STEPS[kind]) if kind in STEPS else value
