"""Workbooks: the same list as a sheet gives the same invoices; what could hurt is refused before it is unpacked."""

import struct
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.intake.documents import Unreadable
from ledger.intake.results import notice_sentence
from ledger.intake.tables import kept_open, open_table
from ledger.intake.xlsx_values import number_text, padded_text
from ledger.models import Customer, Invoice
from tests.factories import Cast
from tests.ledger.intake_helpers import bring, codes, numbers
from tests.ledger.workbooks import HEADER, altered, ods, ods_row, workbook

ONE = ("N-1", "Uno", "2026-01-05", 10.5)


def test_values_are_typed_by_the_sheet(cast: Cast, tmp_path: Path) -> None:
    day = (datetime(2026, 3, 31, tzinfo=UTC).replace(tzinfo=None), "dd/mm/yyyy")
    rows: list[tuple[Any, ...]] = [
        ("Listado de facturas a 31/03/2026",),
        (),
        ("Nº factura", "Cód. cliente", "Cliente", "Fecha factura", "Vencimiento", "Importe total", "Pedido"),
        (2960593742, 101, "Uno SL", day, 46142, 1234.5, 77),
        (
            "F-2",
            "00101",
            "Uno SL",
            20200630.0,
            (datetime(2026, 4, 30, 10, 30, tzinfo=UTC).replace(tzinfo=None), "dd/mm/yy hh:mm"),
            0.1 + 0.2,
            True,
        ),
        ("F-3", 102, "Dos SL", "05/02/2026", None, "1.234,56 €", None),
        (),
        ("Total", None, None, None, None, 2469.36),
    ]
    result = bring(cast.entity, workbook(tmp_path / "f.xlsx", {"Facturas": rows}))
    assert result.format == "xlsx"
    assert numbers(result) == (3, 0, 0, 0)
    first, second, third = Invoice.objects.order_by("amount")[1], Invoice.objects.get(number="F-2"), None
    first, third = Invoice.objects.get(number="2960593742"), Invoice.objects.get(number="F-3")
    assert (first.issued_on, first.due_on, first.amount) == (
        date(2026, 3, 31),
        date(2026, 4, 30),
        Decimal("1234.50"),
    )
    assert (first.order_reference, first.customer.code) == ("77", "101")
    assert (second.issued_on, second.due_on, second.amount) == (
        date(2020, 6, 30),
        date(2026, 4, 30),
        Decimal("0.30"),
    )
    assert (third.issued_on, third.amount, third.currency) == (date(2026, 2, 5), Decimal("1234.56"), "EUR")
    assert Customer.objects.filter(code__in=["101", "00101"]).count() == 1
    assert result.totals == {"EUR": Decimal("2469.36")}
    said = [notice.code for notice in result.notices]
    assert {"lines_above_header", "blank_lines", "totals_row"} <= set(said)


def test_the_sheet_with_the_best_header_is_read_and_the_others_are_named(cast: Cast, tmp_path: Path) -> None:
    sheets: dict[str, Any] = {
        "Leeme": [("Export of the ERP",), ("Name", "x")],
        "Alt": [HEADER, ("OLD-1", "Uno", "2025-01-05", 1)],
        "Daten": [HEADER, ONE],
        "Empty": [],
    }
    result = bring(cast.entity, workbook(tmp_path / "f.xlsx", sheets, Alt="hidden"))
    assert list(Invoice.objects.values_list("number", flat=True)) == ["N-1"]
    words = " ".join(map(notice_sentence, result.notices))
    assert "The sheet “Daten” was read. Other sheets of the workbook: “Leeme”." in words
    assert "“Alt”, “Empty”" in words


def test_a_sheet_can_be_named(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", {"A": [HEADER, ONE], "B": [HEADER, ("B-1", "x", "2026-01-01", 1)]})
    assert [row.cells[0] for row in open_table(path, "B").read()] == ["B-1"]
    assert [row.cells[0] for row in open_table(path).read()] == ["N-1"]
    with pytest.raises(Unreadable, match="no_such_sheet"):
        open_table(path, "C")


def test_rows_keep_the_number_they_have_in_the_sheet(cast: Cast, tmp_path: Path) -> None:
    rows: list[Any] = [(), (), ("", *HEADER), ("", *ONE), ("", "N-2", "Dos", "2026-02-30", 5)]
    result = bring(cast.entity, workbook(tmp_path / "f.xlsx", {"S": rows}))
    assert codes(result) == [(5, "not_a_date")]
    assert result.rejects[0].column == "Invoice date"


def test_points_of_typed_numbers_are_decimal_points_whatever_text_says_beside_them(
    cast: Cast, tmp_path: Path
) -> None:
    rows: list[Any] = [HEADER, ("N-1", "Uno", "2026-01-05", 1.234), ("N-2", "Uno", "2026-01-05", 2.345)]
    table = open_table(workbook(tmp_path / "a.xlsx", {"S": rows}))
    assert table.evidence[3].amounts.style == "."
    mixed = [*rows, ("N-3", "Uno", "2026-01-05", "1.234,50")]
    result = bring(cast.entity, workbook(tmp_path / "b.xlsx", {"S": mixed}))
    assert numbers(result) == (3, 0, 0, 0)
    assert result.totals["EUR"] == Decimal("1238.079")


def test_the_same_workbook_twice_changes_nothing(cast: Cast, tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", {"S": [HEADER, ONE]})
    assert numbers(bring(cast.entity, path)) == (1, 0, 0, 0)
    assert numbers(bring(cast.entity, path)) == (0, 0, 1, 0)


def test_a_workbook_is_opened_once_while_it_is_kept_open(tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", {"S": [HEADER, ONE]})
    with kept_open():
        first = open_table(path)
        assert open_table(path) is first
    assert open_table(path) is not first


def test_an_open_document_sheet_is_read_too(cast: Cast, tmp_path: Path) -> None:
    path = ods(tmp_path / "f.ods", ods_row(*HEADER) + ods_row("N-1", "Uno", "2026-01-05", "10,50"))
    result = bring(cast.entity, path)
    assert (result.format, numbers(result), result.totals) == ("ods", (1, 0, 0, 0), {"EUR": Decimal("10.50")})


REFUSED = {
    "far": "workbook_too_wide",
    "many": "workbook_too_wide",
    "wrapped": "workbook_too_wide",
    "torn": "broken_workbook",
    "ods": "workbook_too_wide",
    "tight": "workbook_bomb",
    "lying": "broken_workbook",
    "cut": "broken_workbook",
    "junk": "broken_workbook",
    "locked": "workbook_locked",
    "binary": "workbook_binary",
    "word": "binary_file",
}


@pytest.mark.parametrize("kind", REFUSED)
def test_what_could_hurt_is_refused_with_a_sentence(tmp_path: Path, kind: str) -> None:
    path = workbook(tmp_path / "f.xlsx", {"S": [HEADER, ONE]})
    sheet = "xl/worksheets/sheet1.xml"
    if kind == "far":
        altered(path, lambda name, data: data.replace(b'r="D2"', b'r="XFD1048576"'))
    elif kind == "many":
        wide = b'<row r="900000">' + b"<c><v>1</v></c>" * 100 + b"</row></sheetData>"
        altered(path, lambda name, data: data.replace(b"</sheetData>", wide))
    elif kind == "wrapped":
        altered(path, lambda name, data: data.replace(b'r="D2"', b'r="D999999999991"'))
    elif kind == "torn":
        ods(path, "<table:table-row>")
    elif kind == "ods":
        ods(path, ods_row(*HEADER, repeated=1_000_000_000))
    elif kind == "tight":
        altered(path, lambda name, data: data + b" " * (40 << 20) if name == sheet else data)
    elif kind == "lying":
        altered(path, lambda name, data: data + b" " * (1 << 20) if name == sheet else data)
        _lie(path, sheet.encode())
    elif kind == "cut":
        path.write_bytes(path.read_bytes()[:-400])
    elif kind == "junk":
        path.write_bytes(b"PK\x03\x04[Content_Types].xml" + b"junk" * 100)
    elif kind == "locked":
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le") * 40)
    elif kind == "binary":
        altered(path, lambda name, data: data, {"xl/workbook.bin": b"\x83\x01\x00"})
    else:
        path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument".encode("utf-16-le") * 40)
    with pytest.raises(Unreadable, match=REFUSED[kind]):
        open_table(path)


def test_what_a_workbook_embeds_is_never_opened(cast: Cast, tmp_path: Path) -> None:
    path = workbook(tmp_path / "f.xlsx", {"S": [HEADER, ONE]})
    altered(path, lambda name, data: data, {"xl/embeddings/inner.xlsx": b"PK\x03\x04 not an archive"})
    assert numbers(bring(cast.entity, path)) == (1, 0, 0, 0)


def test_a_workbook_without_cells_says_so(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, workbook(tmp_path / "f.xlsx", {"S": []}))
    assert result.error is not None
    assert result.error.code == "empty_workbook"


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_amounts_survive_the_float_they_are_kept_in(amount: Decimal) -> None:
    assert Decimal(number_text(float(amount))) == amount
    assert Decimal(padded_text(float(amount))) == amount


@given(st.floats())
def test_a_number_is_always_written_plainly(value: float) -> None:
    assert set(number_text(value)) <= set("-0123456789.")


def _lie(path: Path, member: bytes) -> None:
    """Let the directory say that a member unpacks to 1000 bytes."""
    raw = bytearray(path.read_bytes())
    place = raw.find(b"PK\x01\x02")
    while place >= 0:
        length = struct.unpack("<H", raw[place + 28 : place + 30])[0]
        if raw[place + 46 : place + 46 + length] == member:
            raw[place + 24 : place + 28] = struct.pack("<I", 1000)
        place = raw.find(b"PK\x01\x02", place + 4)
    path.write_bytes(raw)


def test_a_customer_may_have_the_code_nought(cast: Cast, tmp_path: Path) -> None:
    rows: list[Any] = [
        ("Invoice number", "Customer code", "Customer", "Invoice date", "Amount"),
        ("N-1", 0, "Nulo", "2026-01-05", 5),
        ("N-2", "00", "Nulo", "2026-01-05", 6),
    ]
    result = bring(cast.entity, workbook(tmp_path / "f.xlsx", {"S": rows}))
    assert numbers(result) == (2, 0, 0, 0)
    assert Customer.objects.get(name="Nulo").invoices.count() == 2


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "xl/sharedStrings.xml"]),
    st.lists(
        st.tuples(
            st.integers(0, 5000),
            st.integers(0, 12),
            st.sampled_from(
                [b"", b"<", b">", b'"', b"9", b"-1", b"NaN", b'<c r="ZZZZ9999"/>', b'<row r="0">', b"&x;"]
            ),
        ),
        min_size=1,
        max_size=5,
    ),
)
def test_a_damaged_workbook_is_read_or_refused_and_nothing_else(
    tmp_path: Path, member: str, cuts: list[tuple[int, int, bytes]]
) -> None:
    path = workbook(tmp_path / "f.xlsx", {"S": [HEADER, ONE]})

    def damage(name: str, data: bytes) -> bytes:
        if name == member:
            for place, length, more in cuts:
                start = place % len(data)
                data = data[:start] + more + data[start + length :] or b" "
        return data

    altered(path, damage)
    with suppress(Unreadable):
        assert open_table(path).rows >= 0
