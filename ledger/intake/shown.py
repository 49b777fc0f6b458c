"""Puts an import in words, in the reader's language."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.forms import BoundField
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from ledger.forms import MappingForm
from ledger.intake.sentences import sentence
from ledger.models import ImportBatch, RejectedRow

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ShownReject:
    """A reject for people."""

    line: int | None
    column: str
    sentence: str
    raw: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of the uploaded table: its header, some values, and the choice of its meaning."""

    header: str
    samples: list[str]
    field: BoundField


def notices(batch: ImportBatch) -> list[str]:
    """What is worth a word."""
    return [
        sentence(entry["code"], {**entry["params"], "count": entry["count"], "line": entry["line"]})
        for entry in batch.notices
    ]


def reason(batch: ImportBatch) -> str:
    """Why the file could not be read; empty when it could."""
    if not batch.error:
        return ""
    error = batch.error_facts
    words = sentence(batch.error, error.get("params", {}))
    line, column = error.get("line"), error.get("column")
    if line and column:
        return _("Line %(line)s, column %(column)s: %(words)s") % {
            "line": line,
            "column": column,
            "words": words,
        }
    return _("Line %(line)s: %(words)s") % {"line": line, "words": words} if line else words


def rejects(batch: ImportBatch) -> list[ShownReject]:
    """The first rejects: of the preview before the import, of the ledger after it."""
    preview = batch.preview
    if preview:
        return [
            ShownReject(row["line"] or None, row["column"], sentence(row["code"], row["params"]), [])
            for row in preview["rejects"][:20]
        ]
    return [reject(row) for row in batch.rejects.all()[:20]]


def reject(row: RejectedRow) -> ShownReject:
    """A stored reject in words."""
    raw = [(str(name), str(cell)) for name, cell in row.raw] if isinstance(row.raw, list) else []
    return ShownReject(row.line, row.column, sentence(row.code, row.facts), [pair for pair in raw if pair[1]])


def table(batch: ImportBatch, form: MappingForm) -> list[ShownColumn]:
    """The columns of the upload with sample values."""
    samples = batch.mapping.get("samples", [])
    return [
        ShownColumn(cell, [row[place] for row in samples if place < len(row) and row[place]][:3], field)
        for place, (cell, field) in enumerate(zip(form.header, form.column_fields(), strict=True))
    ]


def neutral(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula; a number stays a number."""
    if not cell.startswith(FORMULA):
        return cell
    bare = cell.lstrip("+-").replace(".", "").replace(",", "").replace(" ", "")
    return cell if cell[0] in "+-" and bare.isdigit() else f"'{cell}"


class _Echo:
    """Gives back what csv writes."""

    def write(self, value: str) -> str:
        """The line itself."""
        return value


def rejects_as_csv(batch: ImportBatch) -> StreamingHttpResponse:
    """The rejected rows with their own header, the place and the sentence behind, streamed."""
    answer = StreamingHttpResponse(_csv_rows(batch), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="rejected-{batch.pk}.csv"'
    return answer


def _csv_rows(batch: ImportBatch) -> Iterator[str]:
    writer = csv.writer(_Echo())
    header: list[Any] = list(batch.mapping.get("header", []))
    first = batch.rejects.first()
    if not header and first is not None and isinstance(first.raw, list):
        header = [name for name, _cell in first.raw]
    yield "\ufeff" + writer.writerow(
        [*(neutral(str(cell)) for cell in header), _("Line"), _("Column"), _("What is wrong")]
    )
    for row in batch.rejects.order_by("id").iterator(chunk_size=2000):
        cells = [str(cell) for _name, cell in row.raw] if isinstance(row.raw, list) else []
        cells += [""] * (len(header) - len(cells))
        shown = [*cells[: len(header)], row.line or "", row.column, sentence(row.code, row.facts)]
        yield writer.writerow([neutral(str(cell)) for cell in shown])
