"""What a reader hands to the writer: documents, parties, lines, and what could not be read. No database here."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from ledger.intake.fast_rows import Bulk

INVOICE = "invoice"
CREDIT_NOTE = "credit_note"

MAX_NUMBER = 80
MAX_NAME = 250
MAX_CODE = 60
MAX_REFERENCE = 120
MAX_TEXT = 4000
MAX_AMOUNT = Decimal("999999999999.99")


@dataclass(frozen=True, slots=True)
class Party:
    """A customer or seller as a file names it. `code` is the ERP's own number; empty when the file has none."""

    name: str = ""
    code: str = ""
    tax_id: str = ""
    endpoint: str = ""
    country: str = ""
    email: str = ""

    @property
    def known(self) -> bool:
        """Whether the file says anything that tells this party from another."""
        return bool(self.name or self.code or self.tax_id or self.endpoint)


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """One line of an invoice; `net` is the line's amount without tax."""

    position: int
    description: str
    quantity: Decimal | None
    unit: str
    unit_price: Decimal | None
    net: Decimal
    tax_rate: Decimal | None


class Document(NamedTuple):
    """An invoice or credit note. A named tuple, because a million of them must be cheap.

    `amount` is greater than zero and includes tax; `stated` is the total as the file writes it, sign and decimals
    kept. `paid` was paid on `paid_on` (the whole amount when the file only says that it was settled). `contact` is the
    e-mail address, in small letters, of whoever deals with it at the customer.
    """

    line: int
    kind: str
    number: str
    issued_on: date
    due_on: date | None
    amount: Decimal
    net: Decimal | None
    tax: Decimal | None
    currency: str
    customer: Party
    order_reference: str = ""
    corrects: str = ""
    salesperson: str = ""
    paid: Decimal | None = None
    paid_on: date | None = None
    stated: Decimal = Decimal(0)
    lines: tuple[DocumentLine, ...] = ()
    seller: Party | None = None
    raw: tuple[str, ...] = ()
    contact: str = ""


@dataclass(frozen=True, slots=True)
class Reject:
    """A row or document that does not go in. `column` is the header the sentence is about, or empty."""

    line: int
    code: str
    column: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)
    raw: tuple[str, ...] = ()
    stated: Decimal | None = None
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something worth a word that keeps nothing out: `count` rows, the first of them at `line`."""

    code: str
    line: int = 0
    count: int = 1
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class Chunk:
    """A bounded part of a file, read. `bulk` are documents too, as columns: what was plain in a table."""

    documents: list[Document] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    bulk: "Bulk | None" = None


class NoticeBook:
    """Gathers notices of the same kind into one, with a count. What is said of the whole file comes first."""

    def __init__(self) -> None:
        self._kept: dict[str, Notice] = {}

    def add(self, code: str, line: int = 0, count: int = 1, **params: Any) -> None:
        """Count one more of `code`; the first line and the first params are kept."""
        kept = self._kept.get(code)
        self._kept[code] = (
            Notice(code, min(kept.line, line), kept.count + count, kept.params)
            if kept
            else Notice(code, line, count, params)
        )

    def __iter__(self) -> Iterator[Notice]:
        return iter(sorted(self._kept.values(), key=lambda notice: (notice.line, notice.code)))


class BadCell(ValueError):
    """A cell cannot be read. Carries a code of sentences.py and what its sentence needs."""

    def __init__(self, code: str, **params: Any) -> None:
        super().__init__(code)
        self.code, self.params = code, params


class Unreadable(Exception):
    """The file as a whole cannot be read: nothing of it goes in. Carries a code of sentences.py."""

    def __init__(self, code: str, line: int = 0, column: int = 0, **params: Any) -> None:
        super().__init__(code)
        self.code, self.line, self.column, self.params = code, line, column, params
