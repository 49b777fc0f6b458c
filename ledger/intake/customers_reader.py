"""Reads a list of customers: told by its header, mapped like any table, row by row."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from accounts.choices import Language
from accounts.models import LegalEntity
from ledger.choices import Segment
from ledger.intake.amounts import is_empty, read_amount
from ledger.intake.csv_reader import read_code, read_days
from ledger.intake.customers_words import HEADERS, OF_DOCUMENTS, SEGMENT_WORDS
from ledger.intake.documents import BadCell, Reject, Unreadable
from ledger.intake.mapping import TableMapping, folded, score, scores_of, signature, styled
from ledger.intake.peek import Peek
from ledger.intake.scan import HEADER_WITHIN, TableScan, header_of
from ledger.intake.source import utf16_of
from ledger.intake.table import Row, delimiter_of, rows_of
from ledger.models import MappingProfile

SURE = 600
ENOUGH = 2
LIMITS = {"customer_code": 60, "customer_name": 250, "customer_tax_id": 40, "customer_endpoint": 120}
MAILS = frozenset({"customer_email", "contact_email", "salesperson"})


@dataclass(slots=True)
class CustomerRow:
    """One customer as the list has it; what is empty is not said."""

    line: int
    raw: tuple[str, ...]
    values: dict[str, Any] = field(default_factory=dict)


def is_customer_text(peek: Peek) -> bool:
    """Whether the first lines of a text are a list of customers."""
    if peek.text[:1] in {"<", "{", "[", ":"} or not peek.text:
        return False
    text = peek.head.decode(utf16_of(peek.head) or "utf-8-sig", "replace")
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = [line + "\n" for line in text.split("\n")[:HEADER_WITHIN]]
    try:
        return is_customer_header(header_of(list(rows_of(lines, delimiter_of(lines))))[0])
    except Unreadable:
        return False


def is_customer_workbook(peek: Peek) -> bool:
    """Whether the best sheet of a workbook is one."""
    try:
        return bool(peek.workbook) and is_customer_header(peek.table.header)
    except Unreadable:
        return False


def is_customer_header(header: Sequence[str]) -> bool:
    """Who and how to reach them, and nothing that only a document has."""
    for cell in header:
        found = scores_of(cell)
        if any(found.get(name, 0) >= SURE for name in OF_DOCUMENTS):
            return False
    columns = _columns(header)
    return bool({"customer_code", "customer_name"} & columns.keys()) and len(columns) > ENOUGH


def _columns(header: Sequence[str]) -> dict[str, int]:
    """Each field once, best score first."""
    options = sorted(
        (-points, place, name)
        for place, cell in enumerate(header)
        for name, phrases in HEADERS.items()
        if (points := score(folded(cell), phrases)) > 0
    )
    columns: dict[str, int] = {}
    for _points, place, name in options:
        if name not in columns and place not in columns.values():
            columns[name] = place
    return columns


def customer_mapping(
    entity: LegalEntity, table: TableScan, chosen: dict[str, Any], name: str = ""
) -> tuple[TableMapping, MappingProfile | None]:
    """The mapping that was chosen, that a profile remembers, or that the header says. Raises Unreadable."""
    if chosen.get("columns"):
        return styled(TableMapping.from_json(chosen, table.header), table.evidence), None
    profiles = MappingProfile.objects.filter(entity=entity)
    found = profiles.filter(name=name).first() if name else None
    if name and found is None:
        raise Unreadable("unknown_profile", profile=name)
    found = found or profiles.filter(signature=signature(table.header)).first()
    if found:
        return styled(TableMapping.from_json(found.mapping, table.header), table.evidence), found
    return styled(TableMapping(_columns(table.header)), table.evidence), None


def read_customers(table: TableScan, mapping: TableMapping) -> Iterator[CustomerRow | Reject | None]:
    """Every row: a customer, a reject, or None for a blank line."""
    width = len(table.header)
    for row in table.read():
        if row.error or (len(row.cells) != width and any(cell.strip() for cell in row.cells[width:])):
            code = row.error or "wrong_column_count"
            params = {"found": len(row.cells), "expected": width, "limit": 1 << 18}
            yield Reject(row.line, code, params=params, raw=tuple(row.cells))
        elif not any(cell and not cell.isspace() for cell in row.cells):
            yield None
        else:
            yield _read(row, table.header, mapping, width)


def _read(row: Row, header: Sequence[str], mapping: TableMapping, width: int) -> CustomerRow | Reject:
    cells = [*row.cells[:width], *[""] * (width - len(row.cells))]
    made = CustomerRow(row.line, tuple(cells))
    for name, place in mapping.columns.items():
        cell = cells[place].strip()
        if is_empty(cell):
            continue
        try:
            value = _value(name, cell, mapping.styles.get(name, "."))
        except BadCell as bad:
            return Reject(row.line, bad.code, header[place], {"value": cell[:80], **bad.params}, made.raw)
        if value is not None:
            made.values[name] = value
    if not {"customer_code", "customer_name"} & made.values.keys():
        return Reject(row.line, "missing", "", {"field": "customer_name"}, made.raw)
    return made


def _value(name: str, cell: str, style: str) -> Any:
    """A cell as its field wants it; None for words that are not known. Raises BadCell."""
    if name in MAILS:
        return _mail(cell)
    if name == "terms_days":
        return read_days(cell)
    if name == "credit_limit":
        return _limit(cell, style)
    if name == "customer_country":
        return cell.upper() if len(cell) == 2 and cell.isalpha() else None
    if name == "customer_language":
        word = cell.lower()[:2]
        return word if word in Language.values else None
    if name == "segment":
        return cell.lower() if cell.lower() in Segment.values else SEGMENT_WORDS.get(folded(cell))
    limit = LIMITS.get(name, 150)
    if len(cell) > limit:
        raise BadCell("cell_too_long", length=len(cell), limit=limit)
    return read_code(cell) if name == "customer_code" else " ".join(cell.split())


def _mail(cell: str) -> str:
    try:
        validate_email(cell)
    except ValidationError as error:
        raise BadCell("not_an_email") from error
    return cell.lower()


def _limit(cell: str, style: str) -> Decimal:
    amount = read_amount(cell, style)[0].quantize(Decimal("0.01"))
    if amount < 0:
        raise BadCell("negative_limit")
    return amount
