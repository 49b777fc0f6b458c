"""Puts an import in words, in the reader's language."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.forms import BoundField
from django.http import StreamingHttpResponse
from django.utils.translation import gettext as _

from ledger.forms import MappingForm
from ledger.intake.preview import changed_rows
from ledger.intake.sentences import FIELDS, sentence
from ledger.models import ImportBatch, RejectedRow

FORMULA = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class ShownReject:
    """A reject for people. `cells` are all of the row (header, cell, whether the sentence is about it)."""

    pk: int | None
    line: int | None
    column: str
    sentence: str
    raw: list[tuple[str, str]]
    cells: list[tuple[str, str, bool]]


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """A column of the uploaded table: its header, some values, the choice of its meaning and how it is written."""

    header: str
    samples: list[str]
    field: BoundField
    style: BoundField | None
    told: str


@dataclass(frozen=True, slots=True)
class ShownChange:
    """A field of a known row that the import changes."""

    of: str
    field: str
    before: str
    after: str


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
    if batch.preview:
        return [
            ShownReject(
                None, row["line"] or None, row["column"], sentence(row["code"], row["params"]), [], []
            )
            for row in batch.preview.get("rejects", [])
        ]
    return [reject(row) for row in batch.rejects.all()[:10]]


def reject(row: RejectedRow) -> ShownReject:
    """A stored reject in words."""
    raw = [(str(name), str(cell)) for name, cell in row.raw] if isinstance(row.raw, list) else []
    about = {row.column, str(FIELDS.get(str(row.facts.get("field", "")), ""))} - {""}
    cells = [(name, cell, name in about) for name, cell in raw]
    filled = [pair for pair in raw if pair[1]]
    return ShownReject(row.pk, row.line, row.column, sentence(row.code, row.facts), filled, cells)


def changes(batch: ImportBatch) -> list[ShownChange]:
    """What changes on rows that are known: of the preview before the import, of the ledger after it."""
    kept = batch.preview.get("changed") if batch.preview else changed_rows(batch.pk)
    return [
        ShownChange(row["of"], str(FIELDS.get(row["field"], row["field"])), row["before"], row["after"])
        for row in kept or []
    ]


def samples(batch: ImportBatch, which: str) -> list[dict[str, Any]]:
    """The first new or unchanged rows of a preview, with dates and amounts as such."""
    rows = []
    for row in batch.preview.get(which, []):
        known = dict(row)
        for name in ("issued_on", "due_on"):
            known[name] = date.fromisoformat(row[name]) if row.get(name) else None
        known["amount"] = Decimal(row["amount"]) if row.get("amount") else None
        rows.append(known)
    return rows


def table(batch: ImportBatch, form: MappingForm) -> list[ShownColumn]:
    """The columns of the upload with sample values."""
    rows = batch.preview.get("look", {}).get("samples", [])
    return [
        ShownColumn(
            cell,
            [row[place] for row in rows if place < len(row) and row[place]][:3],
            form[f"column_{place}"],
            form[f"style_{place}"] if f"style_{place}" in form.fields else None,
            form.told(place),
        )
        for place, cell in enumerate(form.header)
    ]


def lacking(batch: ImportBatch) -> list[str]:
    """The fields that no column and no fixed value gives, in words."""
    return [str(FIELDS.get(name, name)) for name in batch.preview.get("look", {}).get("missing", [])]


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
