"""Tables are cut into rows whatever their delimiter, encoding and accidents."""

import gzip
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.intake.csv_reader import TableReader
from ledger.intake.documents import Document, Reject, Unreadable
from ledger.intake.mapping import guess
from ledger.intake.scan import TableScan, scan
from ledger.intake.table import rows_of

DAY = date(2026, 3, 16)


def read(path: Path) -> tuple[list[Document], list[Reject], dict[str, int], TableScan]:
    """Everything a table gives: documents, rejects, notices with their counts, and how it was looked at."""
    table = scan(path)
    reader = TableReader(table, guess(table.header, table.evidence), "EUR", DAY, bulk=False)
    chunks = list(reader.chunks())
    documents = [document for chunk in chunks for document in chunk.documents]
    rejects = [reject for chunk in chunks for reject in chunk.rejects]
    return documents, rejects, {notice.code: notice.count for notice in reader.notices}, table


def write(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_bytes(text.encode(encoding))
    return path


HEADERS = {
    "es": "Nº Factura;Cliente;Fecha factura;Vencimiento;Importe total;Divisa",
    "fr": "N° facture;Nom du client;Date de facture;Date d'échéance;Montant TTC;Devise",
    "en": "Invoice Number;Customer Name;Invoice Date;Due Date;Total Amount;Currency",
    "de": "Rechnungsnummer;Kundenname;Rechnungsdatum;Fälligkeit;Bruttobetrag;Währung",
    "it": "Numero fattura;Ragione sociale;Data fattura;Scadenza;Importo totale;Valuta",
    "pt": "Número da fatura;Nome do cliente;Data da fatura;Data de vencimento;Valor total;Moeda",
    "sloppy": "INV_NO; customerName ;invoice-date;DueDate;gross_amount;Curr.",
}


@pytest.mark.parametrize("language", sorted(HEADERS))
@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_headers_in_six_languages_and_any_delimiter_are_understood(
    tmp_path: Path, language: str, delimiter: str
) -> None:
    head = HEADERS[language].replace(";", delimiter)
    row = delimiter.join(["F-1", "Café Ñandú", "31.03.2026", "30.04.2026", '"1.234,56"', "EUR"])
    documents, rejects, _notices, _table = read(write(tmp_path / "list.csv", f"{head}\n{row}\n"))
    assert not rejects
    (document,) = documents
    assert (document.number, document.customer.name, document.currency) == ("F-1", "Café Ñandú", "EUR")
    assert (document.issued_on, document.due_on) == (date(2026, 3, 31), date(2026, 4, 30))
    assert document.amount == Decimal("1234.56")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
def test_encodings_are_told_apart(tmp_path: Path, encoding: str) -> None:
    text = HEADERS["es"] + "\n" + "".join(f"F-{n};Cañón;2026-01-02;2026-02-01;10,50;EUR\n" for n in range(20))
    documents, rejects, _notices, _table = read(write(tmp_path / "list.csv", text, encoding))
    assert len(documents) == 20
    assert not rejects
    assert documents[0].customer.name == "Cañón"


def test_gzip_is_unpacked_and_told_by_content(tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(gzip.compress(f"{HEADERS['en']}\nF-1;Acme;2026-01-02;2026-02-01;10.50;EUR\n".encode()))
    assert len(read(path)[0]) == 1


def test_lines_above_the_header_blank_lines_and_totals_are_skipped_with_a_word(tmp_path: Path) -> None:
    text = (
        f"Export of 16/03/2026\n\n{HEADERS['en']}\nF-1;Acme;2026-01-02;2026-02-01;10.50;EUR\n;;;;;\n"
        "F-2;Acme;2026-01-03;2026-02-01;20.00;EUR\n\nTotal;;;;30.50;EUR\n"
    )
    documents, rejects, notices, table = read(write(tmp_path / "list.csv", text))
    assert [document.number for document in documents] == ["F-1", "F-2"]
    assert not rejects
    assert (notices["blank_lines"], notices["totals_row"], table.header_line) == (2, 1, 3)


def test_each_bad_row_says_where_and_why_and_the_rest_goes_in(tmp_path: Path) -> None:
    text = HEADERS["en"] + (
        "\nF-1;Acme;2026-01-02;2026-02-01;10.50;EUR"
        "\nF-2;Acme;2026-02-31;2026-02-01;10.50;EUR"
        "\nF-3;Acme;2026-01-02;2026-02-01;ten;EUR"
        "\nF-4;Acme;2026-01-02;2026-02-01;10.50;EURO"
        "\n;Acme;2026-01-02;2026-02-01;10.50;EUR"
        "\nF-6;;2026-01-02;2026-02-01;10.50;EUR"
        "\nF-7;Acme;2026-01-02;2026-02-01;0.00;EUR"
        "\nF-8;Acme;2026-01-02;2026-02-01;10.50"
        "\nF-9;Acme;2026-01-02;2026-02-01;NaN;EUR"
        "\nF-10;Acme;0202-01-02;2026-02-01;10.50;EUR"
        f"\nF-11;{'x' * 300};2026-01-02;2026-02-01;10.50;EUR"
        "\nF-12;Ac\x00me;2026-01-02;2026-02-01;10.50;EUR"
        "\nF-13;Acme;2026-01-02;2026-02-01;1000000000000000;EUR\n"
    )
    documents, rejects, _notices, _table = read(write(tmp_path / "list.csv", text))
    assert [document.number for document in documents] == ["F-1"]
    assert [(reject.line, reject.code, reject.column) for reject in rejects] == [
        (3, "not_a_date", "Invoice Date"),
        (4, "not_an_amount", "Total Amount"),
        (5, "not_a_currency", "Currency"),
        (6, "missing", ""),
        (7, "missing", ""),
        (8, "zero_amount", ""),
        (9, "wrong_column_count", ""),
        (10, "missing", ""),
        (11, "date_out_of_range", "Invoice Date"),
        (12, "cell_too_long", "Customer Name"),
        (13, "nul_byte", ""),
        (14, "amount_too_large", "Total Amount"),
    ]


def test_a_quote_that_never_closes_costs_its_own_row_only(tmp_path: Path) -> None:
    good = "".join(f"F-{n};Acme;2026-01-02;2026-02-01;10.50;EUR\n" for n in range(2, 200))
    text = f'{HEADERS["en"]}\nF-1;"Acme;2026-01-02;2026-02-01;10.50;EUR\n{good}'
    documents, rejects, _notices, _table = read(write(tmp_path / "list.csv", text))
    assert len(documents) == 198
    assert [(reject.line, reject.code) for reject in rejects] == [(2, "unclosed_quote")]


def test_quoted_cells_may_span_lines_and_hold_delimiters() -> None:
    text = ["a;b\n", '"one\n', 'two";"x;y"\n', 'z;5" pipe\n']
    assert [(row.line, row.cells) for row in rows_of(text, ";")] == [
        (1, ["a", "b"]),
        (2, ["one\ntwo", "x;y"]),
        (4, ["z", '5" pipe']),
    ]


def test_one_line_of_a_megabyte_is_refused_and_the_next_ones_are_read(tmp_path: Path) -> None:
    good = "F-2;Acme;2026-01-02;2026-02-01;10.50;EUR\n"
    text = f"{HEADERS['en']}\nF-1;{'x' * (1 << 20)};2026-01-02\n{good}"
    documents, rejects, _notices, _table = read(write(tmp_path / "list.csv", text))
    assert [document.number for document in documents] == ["F-2"]
    assert [(reject.line, reject.code) for reject in rejects] == [(2, "line_too_long")]


def test_rows_of_one_invoice_are_put_together(tmp_path: Path) -> None:
    text = (
        "number;client_name;date;due;currency;position_name;position_nettotal;position_vattotal;position_total\n"
        "1;Acme;2026-01-02;2026-02-01;CHF;Screws;10.00;0.77;10.77\n"
        "1;Acme;2026-01-02;2026-02-01;CHF;Bolts;20.00;1.54;21.54\n"
        "2;Acme;2026-01-02;2026-02-01;CHF;Nuts;5.00;0.39;5.39\n"
    )
    documents, rejects, _notices, _table = read(write(tmp_path / "lines.csv", text))
    assert not rejects
    assert [(document.number, document.amount, len(document.lines)) for document in documents] == [
        ("1", Decimal("32.31"), 2),
        ("2", Decimal("5.39"), 1),
    ]
    assert documents[0].net == Decimal("30.00")


def test_one_bad_line_keeps_its_whole_invoice_out(tmp_path: Path) -> None:
    text = (
        "number;client_name;date;due;currency;position_name;position_total\n"
        "1;Acme;2026-01-02;2026-02-01;CHF;Screws;10.77\n"
        "1;Acme;2026-01-02;2026-02-01;CHF;Bolts;?\n"
        "2;Acme;2026-01-02;2026-02-01;CHF;Nuts;5.39\n"
        "3;Acme;2026-01-02;2026-02-01;CHF;Nuts;5.39\n"
    )
    documents, rejects, _notices, _table = read(write(tmp_path / "lines.csv", text))
    assert [document.number for document in documents] == ["2", "3"]
    assert [reject.line for reject in rejects] == [3]


def test_negative_amounts_and_credit_words_are_credit_notes(tmp_path: Path) -> None:
    text = (
        "Tipo;Número;Cliente;Fecha;Importe\n"
        "Factura;1;Acme;2026-01-02;-10,50\nAbono;2;Acme;2026-01-02;20,00\n"
        "Abono;3;Acme;2026-01-02;-30,00\nFactura;4;Acme;2026-01-02;40,25\n"
    )
    documents, _rejects, notices, _table = read(write(tmp_path / "list.csv", text))
    assert [(document.kind, document.amount) for document in documents] == [
        ("credit_note", Decimal("10.50")),
        ("credit_note", Decimal("20.00")),
        ("credit_note", Decimal("30.00")),
        ("invoice", Decimal("40.25")),
    ]
    assert sum(document.stated for document in documents) == Decimal("19.75")
    assert notices["negative_is_credit_note"] == 1


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"  \n \n", "empty_file"),
        (b"\x89PNG\r\n" + b"\x00" * 99, "binary_file"),
        (bytes(range(256)) * 40, "binary_file"),
        (b"\x1f\x8b\x08\x00broken", "broken_gzip"),
    ],
)
def test_what_is_no_text_is_unreadable(tmp_path: Path, data: bytes, code: str) -> None:
    from ledger.intake.formats import format_of

    path = tmp_path / "file.csv"
    path.write_bytes(data)
    with pytest.raises(Unreadable) as caught:
        format_of(path)
    assert caught.value.code == code


def test_a_list_with_one_column_has_no_delimiter(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        scan(write(tmp_path / "file.csv", "hello\nworld\n"))
    assert caught.value.code == "no_columns"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    deadline=None,
    max_examples=60,
)
@given(st.binary(max_size=600))
def test_any_bytes_are_read_or_refused_never_a_crash(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "any.csv"
    path.write_bytes(HEADERS["en"].encode() + b"\n" + data)
    try:
        documents, rejects, _notices, _table = read(path)
    except Unreadable:
        return
    assert all(document.amount > 0 for document in documents)
    assert all(reject.code for reject in rejects)
