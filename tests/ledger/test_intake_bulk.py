"""Rows are read many at a time or one by one: nobody can tell from documents, rejects, notices or totals."""

import csv
import io
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
from ledger.intake.documents import Chunk, Document
from ledger.intake.evidence import gathered
from ledger.intake.mapping import ColumnEvidence, guess
from ledger.intake.results import FileResult
from ledger.intake.scan import scan
from ledger.models import Customer, Invoice, Payment, RejectedRow
from tests.factories import Cast
from tests.ledger.intake_helpers import bring

DAY = date(2026, 3, 16)


def cells(text: str) -> list[str]:
    """What stands between the bars."""
    return text.split("|")


AMOUNTS = cells(
    "100,00|1.234,56|-5,00|0,00|-0,00|1e3|1,5E+02|abc|nan|999999999999999|999.999.999.999,99|12,345|"
    "100|007,5|-1.000|1,2,3|(12,50)|1.234,56-|1234.56|,5|5,|12.34.567,00|+3,10|--1|| 12,00 |€ 5,00|"
    "1 234,50|12,00 USD|1.000 JPY|-12,00 EUR|\xa07,00|\u0663,00"
)
DATES = cells(
    "2026-01-15|15/01/2026|31/12/2025|2026-02-30|0202-01-15|15/01/0202|20260115|46037|79999|"
    "01.02.2026|1/2/26|13-13-2026|hoy|nan|| 2026-01-15 |2026-01-15 10:22:01|15 enero 2026"
)
NUMBERS = cells("F-1|F-2|F-3|F-4|000123|123|123.0|12.0|NaN|-|A/1|ñ-7|Total|F-9€|| F-5 |TOTAL 2026|\x1cF-6")
NUMBERS.append("x" * 81)
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
    "E-mail de contacto": ["", "Ana@norte.test", "luis@norte.test", "no-mail", "x" * 255],
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
    made = [one._replace(contact=who) for one, who in zip(made, words("contact"), strict=True)]
    return sorted([*chunk.documents, *made], key=lambda document: document.line)


def read(path: Path, *, bulk: bool) -> tuple[list[Document], list[Any], list[Any]]:
    """Documents (without the words of their rows), rejects and notices."""
    table = scan(path)
    reader = TableReader(table, guess(table.header, table.evidence), "EUR", DAY, bulk=bulk)
    chunks = list(reader.chunks())
    documents = [document._replace(raw=()) for chunk in chunks for document in documents_of(chunk)]
    return documents, [reject for chunk in chunks for reject in chunk.rejects], list(reader.notices)


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
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


def in_ledger(entity: LegalEntity, result: FileResult) -> list[Any]:
    """Everything that an import left behind, without what only tells two entities apart."""
    fields = ["kind", "number", "issued_on", "due_on", "amount", "net", "tax", "currency", "order_reference"]
    fields += ["allocated", "customer__code", "contact__email"]
    rows = RejectedRow.objects.filter(batch=result.batch_id)
    told = result.as_json() | {"path": ""}
    return [
        told,
        sorted((notice.code, notice.line, notice.count) for notice in result.notices),
        list(
            Invoice.objects.filter(entity=entity, batch=result.batch_id).order_by("id").values_list(*fields)
        ),
        list(
            Customer.objects.filter(entity=entity)
            .order_by("code")
            .values_list("code", "name", "tax_id", "email")
        ),
        list(
            Payment.objects.filter(entity=entity)
            .order_by("id")
            .values_list("identity", "amount", "received_on")
        ),
        list(rows.values_list("line", "column", "code", "facts", "raw")),
    ]


def test_both_ways_leave_the_same_in_the_ledger(
    cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Customer.objects.all().delete()
    header = ";".join(COLUMNS)
    plain = ";".join(GOOD) + ";" * (len(COLUMNS) - len(GOOD))
    rows = [plain.format(number) for number in range(30)]
    rows[4] = f"F-4;{';'.join(GOOD[1:])};;;;;;Ana@norte.test;"
    rows[5] = plain.format(3)
    rows[6] = plain.format(3).replace("121,00", "122,00")
    rows[7] = plain.format(7).replace("121,00", "-121,00")
    rows[8] = plain.format(8).replace("121,00", "mucho")
    rows[9] = plain.format(9).replace("Norte", '"Norte; y Sur"').replace("C-1", "C-2")
    rows[10] = "Total" + ";" * (len(COLUMNS) - 1)
    rows[11] = plain.format(11).replace("14/02/2026", "14/01/2026")
    rows[12] = f"F-12;{';'.join(GOOD[1:])};Factura;;01/03/2026;20,00;;;"
    first, second = tmp_path / "one.csv", tmp_path / "two.csv"
    first.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    later = [
        row.replace("15/01/2026", "16/01/2026") if place == 20 else row for place, row in enumerate(rows)
    ]
    second.write_text("\n".join([header, *later, ""]).replace("PO-1", "PO-2"), encoding="utf-8")
    quick = [in_ledger(cast.entity, bring(cast.entity, path)) for path in (first, second)]
    monkeypatch.setattr(reading, "TableReader", partial(TableReader, bulk=False))
    slow = [in_ledger(cast.other, bring(cast.other, path)) for path in (first, second)]
    assert quick == slow
    assert [entry["code"] for entry in quick[1][0]["rejects"]] == [
        "duplicate_in_file",
        "not_an_amount",
        "facts_differ",
    ]
    assert dict(quick[1][5][2][4])["Fecha factura"] == "16/01/2026"


CELLS = (
    st.sampled_from([*AMOUNTS, *DATES, *NUMBERS]) | st.text(max_size=6) | st.integers(0, 99_999_999).map(str)
)


@settings(max_examples=60, deadline=None)
@given(cells=st.lists(CELLS | st.decimals(0, 10**6, places=2).map(str), max_size=60))
def test_cells_that_look_alike_give_the_evidence_of_every_one(cells: list[str]) -> None:
    many = [*cells, *(f"{cell}{number}" for number in range(20) for cell in cells)]
    together, single = ColumnEvidence(), ColumnEvidence()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("ledger.intake.evidence.FEW", 5)
        kept = gathered(many)
        together.learn(many)
    for cell in many:
        single._learn(cell.strip(), 1, True, True)
    assert sum(kept.values()) == len(many)
    assert (together.amounts.seen, together.dates.seen) == (single.amounts.seen, single.dates.seen)
    assert (together.filled, together.codes, together.mails) == (single.filled, single.codes, single.mails)


def test_a_line_without_end_costs_its_own_row_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source, "TEXT_BLOCK", 64)
    monkeypatch.setattr(source, "LINE_LIMIT", 32)
    path = tmp_path / "long.txt"
    lines = ["a" * 31, "b" * 32, "c" * 500, "", "d", "e" * 63]
    path.write_text("\n".join(lines), encoding="utf-8")
    long = source.TOO_LONG
    assert list(source.lines_of(path, "utf-8")) == ["a" * 31 + "\n", long, long, "\n", "d\n", long]
