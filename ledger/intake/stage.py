"""Temporary tables for one import, filled with COPY. They live as long as the transaction."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
from django.db import connection
from pyarrow.csv import WriteOptions, write_csv

from ledger.intake.arrow import integers
from ledger.intake.documents import Document, DocumentLine, Party
from ledger.intake.fast_rows import Bulk
from ledger.intake.parties import code_key, name_key, tax_key

KEPT_PARTIES = 200_000
SEPARATOR = "␟"
ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\x00": ""})
# Big joins stay in memory, within a bound; compiling a query costs more than it saves here.
SETTINGS = "SET LOCAL work_mem = '96MB'; SET LOCAL maintenance_work_mem = '128MB'; SET LOCAL jit = off"
# Made once in a transaction, however many files it takes: every table holds locks until the transaction ends.
# What the file says is written once and never changed. What the ledger says to it stands beside: a row is new as
# long as it has no verdict.
TABLES = """
CREATE TEMP TABLE IF NOT EXISTS intake_party (
    id int, name text, code text, tax_id text, endpoint text, country text, email text,
    code_key text, tax_key text, name_key text, customer_id bigint
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_row (
    id int, line int, kind text DEFAULT 'invoice', number text, issued_on date, due_on date, amount numeric(14, 2),
    net numeric(14, 2), tax numeric(14, 2), currency text, party_id int, order_reference text DEFAULT '',
    corrects text DEFAULT '', salesperson text DEFAULT '', contact text DEFAULT '',
    paid numeric(14, 2), paid_on date, stated numeric, has_lines bool DEFAULT false, raw text DEFAULT ''
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_verdict (
    id int, line int, customer_id bigint, invoice_id bigint, verdict text, detail jsonb
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_line (
    document_id int, position int, description text, quantity numeric(18, 6), unit text, unit_price numeric(18, 6),
    net numeric(14, 2), tax_rate numeric(6, 3)
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_twice (kind text, number text) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_said (
    customer_id bigint, tax_id text, endpoint text, country text, email text
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_sells (customer_id bigint, user_id bigint) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_deals (
    id int, invoice_id bigint, customer_id bigint, email text, contact_id bigint
) ON COMMIT DROP;
CREATE TEMP TABLE IF NOT EXISTS intake_paid (
    document_id int, invoice_id bigint, customer_id bigint, currency text, paid_on date, identity text, number text,
    amount numeric(14, 2), placed numeric(14, 2), placed_on date
) ON COMMIT DROP;
TRUNCATE intake_party, intake_row, intake_verdict, intake_line, intake_twice, intake_said, intake_sells,
    intake_deals, intake_paid;
"""
DOCUMENT_COLUMNS = (
    "id, line, kind, number, issued_on, due_on, amount, net, tax, currency, party_id, order_reference, corrects, "
    "salesperson, contact, paid, paid_on, stated, has_lines, raw"
)
NEVER_NULL = ("order_reference", "corrects", "salesperson", "contact")
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

    def __init__(self, *, by_line: bool = False) -> None:
        # Documents of a table are told by their lines, where their words can be read again.
        self.by_line = by_line
        self._parties: dict[Party, int] = {}
        self.documents = self._put = 0
        with connection.cursor() as cursor:
            cursor.execute(SETTINGS)
            cursor.execute(TABLES)

    def add(self, documents: list[Document]) -> None:
        """Put a chunk of documents in."""
        if not documents:
            return
        first = self.documents
        self.documents += len(documents)
        numbers = [doc.line for doc in documents] if self.by_line else range(first, self.documents)
        numbered = list(zip(numbers, documents, strict=True))
        _copy("intake_row", DOCUMENT_COLUMNS, (self._row(number, doc) for number, doc in numbered))
        lines = [_line(number, line) for number, doc in numbered for line in doc.lines]
        if lines:
            _copy("intake_line", LINE_COLUMNS, lines)
        self._keep_bounded()

    def add_bulk(self, bulk: Bulk) -> None:
        """Put documents in that come as columns."""
        if not len(bulk):
            return
        self.documents += len(bulk)
        parties = np.array([self._number_of(party) for party in bulk.parties], np.int32)
        columns = bulk.columns | {"party_id": integers(parties[bulk.party])}
        text = pa.BufferOutputStream()
        write_csv(pa.table(columns), text, WriteOptions(include_header=False))
        given = ", ".join(name for name in NEVER_NULL if name in columns)
        filled = f", FORCE_NOT_NULL ({given})" if given else ""
        query = f"COPY intake_row ({', '.join(columns)}) FROM STDIN (FORMAT csv{filled})"
        with connection.cursor() as cursor, cursor.copy(query) as copy:
            copy.write(text.getvalue().to_pybytes())
        self._keep_bounded()

    def close(self) -> None:
        """Put the parties in and let the planner know the sizes."""
        self._put_parties()
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL default_statistics_target = 10; ANALYZE intake_party; ANALYZE intake_row"
            )

    def _keep_bounded(self) -> None:
        """A file with a customer on every line must not keep them all in memory: the same party may be staged twice."""
        if len(self._parties) > KEPT_PARTIES:
            self._put_parties()

    def _put_parties(self) -> None:
        parties = (_party(self._put + place, party) for place, party in enumerate(self._parties))
        _copy("intake_party", PARTY_COLUMNS, parties)
        self._put += len(self._parties)
        self._parties.clear()

    def _number_of(self, party: Party) -> int:
        return self._put + self._parties.setdefault(party, len(self._parties))

    def _row(self, number: int, doc: Document) -> str:
        party = self._number_of(doc.customer)
        lines = "t" if doc.lines else "f"
        return (
            f"{number}\t{doc.line}\t{doc.kind}\t{text(doc.number)}\t{doc.issued_on}\t{doc.due_on or _N}\t{doc.amount}\t"
            f"{_none(doc.net)}\t{_none(doc.tax)}\t{doc.currency}\t{party}\t{text(doc.order_reference)}\t"
            f"{text(doc.corrects)}\t{text(doc.salesperson)}\t{text(doc.contact)}\t{_none(doc.paid)}\t"
            f"{doc.paid_on or _N}\t{doc.stated}\t{lines}\t{'' if self.by_line else text(SEPARATOR.join(doc.raw))}\n"
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
