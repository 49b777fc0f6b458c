"""Temporary tables for one import, filled with COPY. They live as long as the transaction."""

from collections.abc import Iterable
from typing import Any

from django.db import connection

from ledger.intake.documents import Document, DocumentLine, Party
from ledger.intake.parties import code_key, name_key, tax_key

SEPARATOR = "␟"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})
TABLES = """
DROP TABLE IF EXISTS intake_party, intake_document, intake_line;
CREATE TEMP TABLE intake_party (
    id int, name text, code text, tax_id text, endpoint text, country text, email text,
    code_key text, tax_key text, name_key text, customer_id bigint
) ON COMMIT DROP;
CREATE TEMP TABLE intake_document (
    id int, line int, kind text, number text, issued_on date, due_on date, amount numeric(14, 2), net numeric(14, 2),
    tax numeric(14, 2), currency text, party_id int, order_reference text, corrects text, salesperson text,
    paid numeric(14, 2), paid_on date, stated numeric, has_lines bool, raw text,
    customer_id bigint, invoice_id bigint, verdict text, detail jsonb
) ON COMMIT DROP;
CREATE TEMP TABLE intake_line (
    document_id int, position int, description text, quantity numeric(18, 6), unit text, unit_price numeric(18, 6),
    net numeric(14, 2), tax_rate numeric(6, 3)
) ON COMMIT DROP;
"""
DOCUMENT_COLUMNS = (
    "id, line, kind, number, issued_on, due_on, amount, net, tax, currency, party_id, order_reference, corrects, "
    "salesperson, paid, paid_on, stated, has_lines, raw"
)
PARTY_COLUMNS = "id, name, code, tax_id, endpoint, country, email, code_key, tax_key, name_key"
LINE_COLUMNS = "document_id, position, description, quantity, unit, unit_price, net, tax_rate"


def text(value: object) -> str:
    """A value as COPY's text format wants it."""
    if value is None:
        return "\\N"
    words = str(value)
    return words if words.isprintable() and "\\" not in words else words.translate(ESCAPES)


class Stage:
    """Takes documents in, chunk by chunk. Keeps only the distinct parties in memory."""

    def __init__(self) -> None:
        self._parties: dict[Party, int] = {}
        self._documents = 0
        with connection.cursor() as cursor:
            cursor.execute(TABLES)

    def add(self, documents: list[Document]) -> None:
        """Put a chunk of documents in."""
        first = self._documents
        self._documents += len(documents)
        _copy(
            "intake_document",
            DOCUMENT_COLUMNS,
            (self._row(first + n, doc) for n, doc in enumerate(documents)),
        )
        lines = [_line(first + n, line) for n, document in enumerate(documents) for line in document.lines]
        if lines:
            _copy("intake_line", LINE_COLUMNS, lines)

    def close(self) -> None:
        """Put the parties in and let the planner know the sizes."""
        _copy(
            "intake_party", PARTY_COLUMNS, (_party(number, party) for party, number in self._parties.items())
        )
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE intake_party; ANALYZE intake_document")

    def _row(self, number: int, doc: Document) -> str:
        party = self._parties.setdefault(doc.customer, len(self._parties))
        lines = "t" if doc.lines else "f"
        return (
            f"{number}\t{doc.line}\t{doc.kind}\t{text(doc.number)}\t{doc.issued_on}\t{doc.due_on or _N}\t{doc.amount}\t"
            f"{_none(doc.net)}\t{_none(doc.tax)}\t{doc.currency}\t{party}\t{text(doc.order_reference)}\t"
            f"{text(doc.corrects)}\t{text(doc.salesperson)}\t{_none(doc.paid)}\t{doc.paid_on or _N}\t{doc.stated}\t"
            f"{lines}\t{text(SEPARATOR.join(doc.raw))}\n"
        )


_N = "\\N"


def _none(value: object) -> object:
    return _N if value is None else value


def _party(number: int, party: Party) -> str:
    named: list[Any] = [party.name, party.code, party.tax_id, party.endpoint, party.country, party.email]
    keys = [code_key(party.code), tax_key(party.tax_id), name_key(party.name)]
    return "\t".join([str(number), *map(text, named + keys)]) + "\n"


def _line(document: int, line: DocumentLine) -> str:
    values = [
        line.position,
        line.description,
        line.quantity,
        line.unit,
        line.unit_price,
        line.net,
        line.tax_rate,
    ]
    return "\t".join([str(document), *map(text, values)]) + "\n"


def _copy(table: str, columns: str, rows: Iterable[str]) -> None:
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy,
    ):
        copy.write("".join(rows))
