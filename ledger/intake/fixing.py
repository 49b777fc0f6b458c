"""Rejected rows, corrected on the page and brought again: those alone, by the mapping their file was read with.

They come in with an import of their own that is tied to the first one, so that every count stays what its rows say,
and an undo of the first takes both.
"""

import csv
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.choices import BatchStatus
from ledger.errors import LedgerError
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.intake.mapping import TableMapping
from ledger.intake.reading import HowToRead
from ledger.intake.results import FileResult
from ledger.intake.sentences import sentence
from ledger.intake.tables import table_as_told
from ledger.intake.write import lock_entity
from ledger.models import ImportBatch, RejectedRow

TABLES = {"csv", "xlsx", "xls", "ods", "customers"}
MOST = 1000
Line = tuple[RejectedRow | None, list[str]]


class _NothingFixed(Exception):
    """No row was good enough: what was tried is taken back."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """What became of the corrected rows."""

    fixed: int
    left: list[RejectedRow]
    created: int = 0
    updated: int = 0
    unchanged: int = 0


def can_fix(batch: ImportBatch) -> bool:
    """Whether rejected rows of the import can be corrected on the page."""
    done = batch.status in {BatchStatus.DONE, BatchStatus.PARTLY}
    return done and batch.format in TABLES and bool(batch.mapping.get("columns"))


def fix_rows(
    *, batch: ImportBatch, cells: Mapping[int, Sequence[str]], by: User | None, at: datetime
) -> Fixed:
    """Bring rejected rows again with these cells (id of the reject -> its cells). Good ones go in and leave the
    list; the others stay, with what is wrong now. Raises LedgerError when that cannot be done at all."""
    with transaction.atomic():
        lock_entity(batch.entity_id)
        batch = (
            ImportBatch.objects.select_for_update(of=("self",))
            .select_related("entity", "profile")
            .get(pk=batch.pk)
        )
        if not can_fix(batch):
            raise LedgerError(_("Rows of this import cannot be corrected here."), code="not_fixable")
        rejects = list(batch.rejects.filter(pk__in=list(cells)[:MOST]).order_by("line", "id"))
        if not rejects:
            raise LedgerError(_("This row is in already, or gone."), code="reject_gone")
        lines = _lines(batch, rejects, cells)
        result = FileResult(path=batch.file_name)
        still: dict[int, Any] = {}
        try:
            with transaction.atomic():
                result = _bring(batch, lines, by, at)
                still = {listed.line: listed for listed in result.rejects}
                wrong = {place for place, (row, _c) in enumerate(lines) if row and place + 2 in still}
                fixed = [row for place, (row, _c) in enumerate(lines) if row and place not in wrong]
                if not fixed or not result.created + result.updated + result.unchanged:
                    raise _NothingFixed
                _settle(batch, result, fixed)
        except _NothingFixed:
            fixed = []
        left = _keep_what_is_wrong(lines, still, fixed)
    gone = {row.pk for row in fixed}
    return Fixed(
        len(gone),
        left,
        *((result.created, result.updated, result.unchanged) if gone else (0, 0, 0)),
    )


def _lines(batch: ImportBatch, rejects: list[RejectedRow], cells: Mapping[int, Sequence[str]]) -> list[Line]:
    """The rows to bring: the rejected ones, and for lists of lines the other lines of the same invoices."""
    width = len(batch.mapping["header"])
    new = {row.pk: _clean(cells[row.pk], width) for row in rejects}
    mapping = TableMapping.from_json(batch.mapping, batch.mapping["header"])
    if not mapping.grouped:
        return [(row, new[row.pk]) for row in rejects]
    path = Path(settings.MEDIA_ROOT) / batch.stored_as
    if not batch.stored_as or not path.exists():
        raise LedgerError(
            _("The list has one row per invoice line: correct the file and import it again."),
            code="not_fixable",
        )
    place = mapping.columns["number"]
    by_line = {row.line: row for row in rejects}
    numbers = {new[row.pk][place] for row in rejects}
    found: list[Line] = []
    for row in table_as_told(path, batch.mapping).read():
        known = by_line.get(row.line)
        if known is not None:
            found.append((known, new[known.pk]))
        elif len(row.cells) > place and row.cells[place].strip() in numbers:
            found.append((None, _clean(row.cells, width)))
    return found


def _clean(cells: Sequence[str], width: int) -> list[str]:
    """As many cells as the header has, each on one line."""
    plain = [" ".join(str(cell).replace("\x00", "").split("\n"))[:2000].strip() for cell in cells[:width]]
    return plain + [""] * (width - len(plain))


def _bring(batch: ImportBatch, lines: list[Line], by: User | None, at: datetime) -> FileResult:
    """Import the lines as a list of their own; the profile of the source stays as it is."""
    profile = batch.profile
    how = batch.mapping | {
        "chosen": dict(batch.mapping.get("styles", {})),
        "encoding": "utf-8-sig",
        "delimiter": ",",
        "header_line": 1,
    }
    child = ImportBatch(
        entity=batch.entity, file_name=batch.file_name, sha256="", by=by, started_at=at, fixes=batch
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(batch.mapping["header"])
            writer.writerows(cells for _row, cells in lines)
        wanted = "customers" if batch.format == "customers" else "csv"
        day = at.astimezone(ZoneInfo(batch.entity.time_zone)).date()
        result = import_file(
            Job(
                path=path,
                entity=batch.entity,
                at=at,
                day=day,
                how=HowToRead(format=wanted, mapping=how),
                by=by,
                name=batch.file_name,
                batch=child,
            )
        )
    if result.error:
        raise LedgerError(sentence(result.error.code, result.error.params), code=result.error.code)
    if profile:
        profile.save(update_fields=["mapping"])
    return result


def _settle(batch: ImportBatch, result: FileResult, fixed: list[RejectedRow]) -> None:
    """The good rows leave the list of the first import; the second one counts only what went in."""
    child = batch.fixed_by.get(pk=result.batch_id or 0)
    child.documents, child.rejected, child.status = child.documents - child.rejected, 0, BatchStatus.DONE
    child.rejects.all().delete()
    child.save(update_fields=["documents", "rejected", "status"])
    RejectedRow.objects.filter(pk__in=[row.pk for row in fixed]).delete()
    batch.rejected, batch.documents = batch.rejected - len(fixed), batch.documents - len(fixed)
    if not batch.rejected:
        batch.status = BatchStatus.DONE
    batch.save(update_fields=["rejected", "documents", "status"])


def _keep_what_is_wrong(
    lines: list[Line], still: Mapping[int, Any], fixed: list[RejectedRow]
) -> list[RejectedRow]:
    """The rows that stay, with the cells and the reason of the last try."""
    gone = {row.pk for row in fixed}
    left = []
    for place, (row, cells) in enumerate(lines):
        if row is None or row.pk in gone:
            continue
        listed = still.get(place + 2)
        if listed is not None:
            row.code, row.column, row.facts = listed.code, listed.column[:120], dict(listed.params)
        names = [name for name, _cell in row.raw] if isinstance(row.raw, list) else []
        row.raw = [[name, cell] for name, cell in zip(names, cells, strict=False)]
        row.save(update_fields=["code", "column", "facts", "raw"])
        left.append(row)
    return left
