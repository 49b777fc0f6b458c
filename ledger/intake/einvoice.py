"""What every e-invoice format has in common: a sheet of facts, checked, that becomes a document of the ledger.

Amounts are exact here. A reader fills a Sheet; `read_sheets` turns sheets into documents and rejects. What a standard
demands of totals is checked in einvoice_totals.py, before the sheet is made.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from lxml import etree

from ledger.intake.amounts import CURRENCIES
from ledger.intake.documents import (
    CREDIT_NOTE,
    INVOICE,
    MAX_AMOUNT,
    MAX_NUMBER,
    MAX_REFERENCE,
    MAX_TEXT,
    BadCell,
    Chunk,
    Document,
    DocumentLine,
    NoticeBook,
    Party,
    Reject,
)
from ledger.intake.einvoice_totals import Totals
from ledger.intake.xml_fields import ZERO, line_of
from lib.money import q

MAX_QUANTITY = Decimal("999999999999")
MAX_RATE = Decimal(999)
# Types of UNTDID 1001 that are credit notes.
CREDIT_TYPES = frozenset({"81", "83", "261", "262", "296", "308", "381", "396", "420", "458", "532"})


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file inside an e-invoice."""

    name: str
    media_type: str
    data: bytes


@dataclass(slots=True)
class Sheet:
    """The facts of one e-invoice as its reader found them. `paid` is what the customer owes no more."""

    element: etree._Element
    number: str
    issued_on: date | None
    currency: str
    totals: Totals
    customer: Party
    seller: Party
    credit: bool = False
    series: str = ""
    due_on: date | None = None
    order: str = ""
    corrects: str = ""
    corrects_series: str = ""
    # The total as it is written, where the ledger needs it rounded.
    stated: Decimal | None = None
    paid: Decimal | None = None
    lines: list[DocumentLine] = field(default_factory=list)
    attachments: list[Attachment] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Extra:
    """What an e-invoice has beside its document."""

    series: str = ""
    corrects_series: str = ""
    attachments: tuple[Attachment, ...] = ()
    # The document cut out of a file with several; empty when the file is the document.
    own: bytes = b""


@dataclass(slots=True)
class EFile:
    """The e-invoices of one file. `extras` stand in the order of the chunk's documents."""

    chunk: Chunk = field(default_factory=Chunk)
    extras: list[Extra] = field(default_factory=list)


# Fills the sheet of one element. Raises BadCell.
ReadOne = Callable[[etree._Element, NoticeBook], Sheet]
# Number, total and currency as far as they can be read, for the list of what was refused.
Glance = Callable[[etree._Element], tuple[str, str, str]]


def read_sheets(
    elements: Sequence[etree._Element], read: ReadOne, glance: Glance, notices: NoticeBook, whole: bool = True
) -> EFile:
    """Every element as a document, or as a reject that says what is wrong. `whole`: an element stands for itself."""
    made = EFile()
    cut = whole and len(elements) > 1
    for element in elements:
        try:
            sheet = read(element, notices)
            made.chunk.documents.append(document_of(sheet, notices))
            own = (
                etree.tostring(element, encoding="UTF-8", xml_declaration=True, with_tail=False)
                if cut
                else b""
            )
            made.extras.append(Extra(sheet.series, sheet.corrects_series, tuple(sheet.attachments), own))
        except BadCell as bad:
            params = {"value": "", **bad.params}
            line = int(params.pop("line", 0)) or line_of(element)
            column = str(params.pop("column", ""))
            made.chunk.rejects.append(Reject(line, bad.code, column, params, glance(element)))
    return made


def document_of(sheet: Sheet, notices: NoticeBook) -> Document:
    """The sheet as a document of the ledger. Raises BadCell when something is missing or all is zero."""
    line = line_of(sheet.element)
    _complete(sheet, line)
    totals, currency = sheet.totals.rounded(sheet.currency, line), sheet.currency
    if not totals.gross:
        raise BadCell("zero_total", line=line)
    negative = totals.gross < 0
    if negative and not sheet.credit:
        notices.add("negative_is_credit_note", line)
    if negative and sheet.credit:
        notices.add("credit_note_with_minus", line)
    kind = CREDIT_NOTE if sheet.credit or negative else INVOICE
    paid = _paid(sheet, totals.gross, notices) if kind == INVOICE else None
    assert sheet.issued_on is not None
    return Document(
        line=line,
        kind=kind,
        number=sheet.number,
        issued_on=sheet.issued_on,
        due_on=sheet.due_on,
        amount=abs(totals.gross),
        net=-totals.net if negative else totals.net,
        tax=-totals.tax if negative else totals.tax,
        currency=currency,
        customer=sheet.customer,
        order_reference=sheet.order[:MAX_REFERENCE],
        contact=sheet.customer.email.lower(),
        corrects=sheet.corrects[:MAX_NUMBER],
        paid=paid,
        paid_on=sheet.issued_on if paid else None,
        stated=sheet.totals.gross if sheet.stated is None else sheet.stated,
        lines=tuple(_lines(sheet, -1 if negative else 1)),
        seller=sheet.seller,
        raw=(sheet.number, str(sheet.totals.gross), currency),
    )


def in_currency(made: EFile, currency: str, notices: NoticeBook) -> None:
    """Take `currency` for the documents that name none."""
    documents = made.chunk.documents
    for place, document in enumerate(documents):
        if not document.currency:
            notices.add("currency_assumed", document.line, currency=currency)
            documents[place] = document._replace(currency=currency)


def currency_of(element: etree._Element, code: str, column: str) -> str:
    """A currency code as the document writes it, empty when it has none. Raises BadCell when there is no such."""
    code = code.upper()
    if code and code not in CURRENCIES:
        raise BadCell("not_a_currency", value=code[:20], line=line_of(element), column=column)
    return code


def _complete(sheet: Sheet, line: int) -> None:
    """Refuse what the ledger cannot do without."""
    if not sheet.number:
        raise BadCell("not_in_document", field="number", line=line)
    if len(sheet.number) > MAX_NUMBER:
        raise BadCell("cell_too_long", length=len(sheet.number), limit=MAX_NUMBER, line=line)
    if sheet.issued_on is None:
        raise BadCell("not_in_document", field="issued_on", line=line)
    if not sheet.customer.known:
        raise BadCell("not_in_document", field="customer", line=line)


def _paid(sheet: Sheet, gross: Decimal, notices: NoticeBook) -> Decimal | None:
    """What is paid already, as far as it can be placed on the document."""
    paid = q(sheet.paid or ZERO, sheet.currency)
    if paid > gross:
        notices.add("paid_more_left_out", line_of(sheet.element))
        return None
    return paid if paid > 0 else None


def _lines(sheet: Sheet, sign: int) -> Iterable[DocumentLine]:
    """The lines, with signs turned when the whole document is negative."""
    for position, line in enumerate(sheet.lines, start=1):
        bounds = (
            ("Quantity", line.quantity, MAX_QUANTITY),
            ("Price", line.unit_price, MAX_QUANTITY),
            ("LineTotal", line.net, MAX_AMOUNT),
            ("Percent", line.tax_rate, MAX_RATE),
        )
        for column, value, limit in bounds:
            if value is not None and abs(value) > limit:
                raise BadCell("amount_too_large", value=str(value), line=line.position, column=column)
        yield DocumentLine(
            position,
            line.description[:MAX_TEXT],
            None if line.quantity is None else line.quantity * sign,
            line.unit[:20],
            line.unit_price,
            q(line.net * sign, sheet.currency),
            line.tax_rate,
        )
