"""A finished report as a file: every format holds the same columns, rows and figures."""

from collections.abc import Callable

from reporting.export.parquet import as_parquet
from reporting.export.pdf import as_pdf
from reporting.export.text import as_csv, as_json, as_table
from reporting.export.xlsx import as_xlsx
from reporting.reports.table import Report

WRITERS: dict[str, tuple[str, Callable[[Report], bytes]]] = {
    "table": ("text/plain; charset=utf-8", as_table),
    "json": ("application/json", as_json),
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
    "pdf": ("application/pdf", as_pdf),
    "parquet": ("application/vnd.apache.parquet", as_parquet),
}
FORMATS = tuple(WRITERS)
BINARY = frozenset({"xlsx", "pdf", "parquet"})


def write(report: Report, format: str) -> bytes:
    """The report as the bytes of a file of this format (one of FORMATS)."""
    return WRITERS[format][1](report)


def media_type(format: str) -> str:
    return WRITERS[format][0]
