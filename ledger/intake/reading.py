"""Opens any file that intake knows: tells its format by content and gives its documents in chunks."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from accounts.models import LegalEntity
from ledger.intake.csv_reader import TableReader
from ledger.intake.documents import Chunk, NoticeBook, Unreadable
from ledger.intake.einvoice import EFile, in_currency
from ledger.intake.einvoice_series import with_series
from ledger.intake.einvoices import HEADER, NAMES, read_einvoices
from ledger.intake.formats import format_of
from ledger.intake.journals import journal_code
from ledger.intake.known_parties import as_known
from ledger.intake.mapping import TableMapping, styled
from ledger.intake.profiles import mapping_for
from ledger.intake.scan import TableScan
from ledger.intake.tables import table_as_told
from ledger.models import MappingProfile

CSV = "csv"


@dataclass(slots=True)
class Reading:
    """A file, opened. `chunks` can be taken once; `rows` is how many there are, where that is known before."""

    format: str
    header: tuple[str, ...]
    chunks: Callable[[], Iterator[Chunk]]
    notices: NoticeBook
    rows: int = 1
    scan: TableScan | None = None
    mapping: TableMapping | None = None
    profile: MappingProfile | None = None
    encoding: str = ""
    # Of e-invoices: what they have beside their documents.
    made: EFile | None = None


@dataclass(frozen=True, slots=True)
class HowToRead:
    """What the person asked for: a format or `auto`, a profile by name, or a mapping made on the page."""

    format: str = "auto"
    profile: str = ""
    mapping: dict[str, object] = field(default_factory=dict)
    # Bank statements that do not balance are booked all the same.
    allow_unbalanced: bool = False


def open_reading(path: Path, entity: LegalEntity, how: HowToRead, day: date) -> Reading:
    """The file, ready to give its documents. Raises Unreadable when it cannot be read as a whole."""
    found = format_of(path, how.format)
    if found.name in NAMES:
        return _einvoices(path, found.name, entity)
    table = table_as_told(path, how.mapping)
    if how.mapping.get("columns"):
        mapping, profile = styled(TableMapping.from_json(how.mapping, table.header), table.evidence), None
    else:
        mapping, profile = mapping_for(entity, table, how.profile)
    missing = mapping.missing
    if {"number", "amount", "customer"} & set(missing):
        columns = ", ".join(cell for cell in table.header if cell)[:500]
        code = journal_code(table.header) or "not_an_invoice_list"
        raise Unreadable(code, table.header_line, missing=missing, found=columns)
    reader = TableReader(table, mapping, entity.currency, day)
    for notice in table.notices:
        reader.notices.add(notice.code, notice.line, notice.count, **notice.params)
    if not table.rows:
        reader.notices.add("no_rows")
    return Reading(
        found.name,
        table.header,
        reader.chunks,
        reader.notices,
        table.rows,
        table,
        mapping,
        profile,
        table.encoding,
    )


def _einvoices(path: Path, name: str, entity: LegalEntity) -> Reading:
    notices = NoticeBook()
    made = read_einvoices(path, name, notices)
    in_currency(made, entity.currency, notices)
    as_known(entity, made)
    with_series(entity, made, notices)
    count = len(made.chunk.documents) + len(made.chunk.rejects)
    return Reading(name, HEADER, lambda: iter([made.chunk]), notices, count, made=made)
