"""Rows are read many at a time or one by one: nobody can tell from documents, rejects, notices or totals."""

import csv
import io
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import LegalEntity
from ledger.intake import reading, source
from ledger.intake.csv_reader import TableReader
from ledger.intake.documents import Chunk, Document, NoticeBook
from ledger.intake.evidence import gathered
from ledger.intake.mapping import ColumnEvidence, guess
from ledger.intake.results import FileResult
from ledger.intake.scan import scan
from ledger.models import Customer, Invoice, Payment, RejectedRow
from tests.factories import Cast
from tests.ledger.intake_helpers import bring

DAY = date(2026, 3, 16)
AMOUNTS = (
    "100,00 1.234,56 -5,00 0,00 -0,00 1e3 1,5E+02 abc nan 999999999999999 999.999.999.999,99 12,345 100 007,5 -1.000 1,2,3 "
    "(12,50) 1.234,56- 1234.56 ,5 5, 12.34.567,00 +3,10 --1"
).split() + [
    "",
    " 12,00 ",
    "€ 5,00",
    "1 234,50",
    "12,00 USD",
    "1.000 JPY",
    "-12,00 EUR",
    "\u00a07,00",
    "٣,00",
]
DATES = (
    "2026-01-15 15/01/2026 31/12/2025 2026-02-30 0202-01-15 15/01/0202 20260115 46037 01.02.2026 1/2/26 13-13-2026 hoy nan"
).split() + ["", " 2026-01-15 ", "2026-01-15 10:22:01", "15 enero 2026"]
NUMBERS = "F-1 F-2 F-3 F-4 000123 123 123.0 12.0 NaN - A/1 ñ-7 Total F-9€".split() + [
    "",
    " F-5 ",
    "x" * 81,
    "TOTAL 2026",
    "\x1cF-6",
]
WORDS = [
    "",
    "Norte",
    "Comercial  Norte",
    "Süd GmbH",
    "n/a",
    "x" * 251,
    "C-001",
    "0007",
    "7",
    "Suma",
    " ",
    "a;b",
    'q"q',
    "l\nl",
]
COLUMNS: dict[str, list[str]] = {
    "Número factura": NUMBERS,
    "Cód. cliente": ["C-1", "C-2", "007", "7.0", "", "x" * 61, " C-1 "],
    "Cliente": WORDS,
    "NIF": ["", "ESB12345674", "b 123", "-"],
    "País": ["", "ES", "es", "Spain", "12"],
    "Email cliente": ["", "pay@norte.test"],
    "Fecha factura": DATES,
    "Vencimiento": DATES,
    "Base imponible": AMOUNTS,
    "IVA": AMOUNTS,
    "Importe total": AMOUNTS,
    "Divisa": ["EUR", "eur", "", "USD", "JPY", "€", "EURO", "XXZ"],
    "Pedido": ["", "PO-1", "PO 2", "7.0", "x" * 121, "-", "Ωmega", "null"],
    "Tipo documento": ["", "Factura", "Abono", "FA", "credit note"],
    "Factura rectificada": ["", "F-1"],
    "Fecha cobro": DATES,
    "Importe cobrado": AMOUNTS,
    "Plazo días": ["", "30", "0", "30.0", "1000", "treinta", "60 días"],
    "Comercial": ["", "SAM@norte.test", "no-mail"],
}
GOOD = (
    "F-{}",
    "C-1",
    "Norte",
    "",
    "ES",
    "",
    "15/01/2026",
    "14/02/2026",
    "100,00",
    "21,00",
    "121,00",
    "EUR",
    "PO-1",
)


@st.composite
def tables(draw: st.DrawFn) -> str:
    """A list of invoices: good rows among whatever people write into cells, and lines that are no rows."""
    names = list(COLUMNS)
    rows: list[list[str]] = []
    for number in range(draw(st.integers(0, 12))):
        good = [value.format(number) for value in GOOD] + [""] * (len(names) - len(GOOD))
        for place in draw(st.lists(st.integers(0, len(names) - 1), max_size=4)):
            good[place] = draw(st.sampled_from(COLUMNS[names[place]]) | st.text(max_size=4))
        rows.append(good)
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator=draw(st.sampled_from(["\n", "\r\n"])))
    writer.writerow(names)
    for row in rows:
        writer.writerow(row)
        junk = draw(
            st.sampled_from(
                ["", "", "", "", "\n", ";;;\n", "Total;;;;;;;;;;121,00\n", 'a;"b\n', "a;b;c\n", "\x00\n"]
            )
        )
        out.write(junk)
    return out.getvalue()


def documents_of(chunk: Chunk) -> list[Document]:
    """All documents of a chunk as documents of their own, in the order of their lines."""
    bulk = chunk.bulk
    if not bulk:
        return chunk.documents
    columns = {name: column.to_pylist() for name, column in bulk.columns.items()}
    size = len(bulk)

    def money(name: str) -> list[Decimal | None]:
        values = columns.get(name, [None] * size)
        return [None if value is None else Decimal(value) for value in values]

    def words(name: str, otherwise: str = "") -> list[str]:
        return [value or otherwise for value in columns.get(name, [otherwise] * size)]

    made = [
        Document(*fields)
        for fields in zip(
            columns["line"],
            words("kind", "invoice"),
            columns["number"],
            columns["issued_on"],
            columns["due_on"],
            *(money(name) for name in ("amount", "net", "tax")),
            columns["currency"],
            [bulk.parties[place] for place in bulk.party],
            words("order_reference"),
            words("corrects"),
            words("salesperson"),
            money("paid"),
            columns.get("paid_on", [None] * size),
            money("stated"),
            strict=True,
        )
    ]
    return sorted([*chunk.documents, *made], key=lambda document: document.line)


def read(path: Path, *, bulk: bool) -> tuple[list[Document], list[Any], list[Any]]:
    """Documents (without the words of their rows), rejects and notices."""
    table = scan(path)
    reader = TableReader(table, guess(table.header, table.evidence), "EUR", DAY, bulk=bulk)
    chunks = list(reader.chunks())
    documents = [document._replace(raw=()) for chunk in chunks for document in documents_of(chunk)]
    return documents, [reject for chunk in chunks for reject in chunk.rejects], list(reader.notices)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=tables())
def test_many_at_a_time_reads_what_one_by_one_reads(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding="utf-8", newline="", errors="replace")
    assert read(path, bulk=True) == read(path, bulk=False)


def test_plain_rows_are_indeed_read_many_at_a_time(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    rows = [";".join(value.format(number) for value in GOOD) for number in range(50)]
    path.write_text("\n".join([";".join(list(COLUMNS)[: len(GOOD)]), *rows]) + "\n", encoding="utf-8")
    table = scan(path)
    reader = TableReader(table, guess(table.header, table.evidence), "EUR", DAY)
    first, _last = reader.chunks()
    assert (len(first.bulk or ()), first.documents, first.rejects) == (50, [], [])
