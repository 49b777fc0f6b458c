"""Banks' own tables: one small export per convention, read by its words and values; what is unclear is said."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ledger.bank.readers.table import read
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import format_of
from tests.ledger.bank_tables import codes, read_text
from tests.ledger.workbooks import workbook

GERMAN = """"Kontonummer:";"DE89370400440532013000 / Girokonto";
"Von:";"01.01.2024";
"Bis:";"31.01.2024";
"Kontostand vom 31.01.2024:";"3.210,55 EUR";

Buchungstag;Wertstellung;Buchungstext;Auftraggeber;Verwendungszweck;Kontonummer;BLZ;Betrag (EUR);Kundenreferenz;
"30.01.2024";"30.01.2024";"Gutschrift";"Kunde AG";"Rechnung 10045";"DE02120300000000202051";"BYLADEM1001";"2.500,00";"";
15.01.2024;16.01.2024;Lastschrift;Vermieter;"Miete";"DE02500105170137075030";"INGDDEFF";"-1.000,00";"NOTPROVIDED";
"""
SPANISH = """Movimientos de cuenta
Cuenta:;ES91 2100 0418 4502 0005 1332
Titular:;EMPRESA SL

FECHA OPERACIÓN;FECHA VALOR;CONCEPTO;IMPORTE EUR;SALDO
31/01/2024;31/01/2024;Transferencia De Cliente Uno Sl, Concepto Factura F-2024-001;1.210,00;5.430,20
30/01/2024;30/01/2024;Recibo Luz;-220,35;4.220,20
"""
FRENCH = """Solde au 20/01/2024 : 4 321,00 €

Date;Libellé;Débit euros;Crédit euros;
20/01/2024;"VIREMENT EN VOTRE FAVEUR
CLIENT CINQ
FACTURE 2023-77
";;1 500,00;
02/01/2024;"PRELEVEMENT
ORANGE
";45,99;;
"""
ITALIAN = """Conto Corrente: 1234567

Data_Operazione;Data_Valuta;Entrate;Uscite;Descrizione;Stato
29/12/2023;29/12/2023;500,00;;BONIFICO A VOSTRO FAVORE DA CLIENTE NOVE FATT 12;Contabilizzato
28/12/2023;27/12/2023;;-70,50;Pagamento;Contabilizzato
"""
ENGLISH = """Date,Description,Amount,Balance
03 Jan 2024,"CLIENT TEN LTD INV 55","1,500.00","3,500.00"
04 Jan 2024,"DD BT GROUP","-45.00","3,455.00"
"""
SWISS = """Kontoauszug bis: 31.01.2024 ;;;
Kontonummer: 110123-4567;;;
Saldo: CHF 5'200.00;;;
;;;
Buchungsdatum;Text;Belastung;Gutschrift;Valutadatum;Saldo
31.01.2024;Zahlungseingang Muster AG;;1’200.00;31.01.2024;5’200.00
25.01.2024;Einkauf;50.00;;25.01.2024;4’000.00
Total;;50.00;1’200.00;;
Disclaimer:;;;;;
Ohne Gewähr.;;;;;
"""
AMERICAN = """"Date","Label","Amount","D/C","Balance","Partner Name"
"12/15/2023","Your supplier","33.50","D","-23.50","John Doe"
"12/16/2023","Your payment","-1,533.50","C","1,510.00","Azure"
"""
FEES = """Type,Product,Started Date,Completed Date,Description,Amount,Fee,Currency,State,Balance
TOPUP,Current,2024-01-02 10:00:00,2024-01-02 10:00:05,Payment from Client,500.00,0.00,EUR,COMPLETED,1500.00
TRANSFER,Current,2024-01-05 10:00:00,2024-01-05 10:00:05,To Supplier,-100.00,1.50,EUR,COMPLETED,1398.50
CARD,Current,2024-01-06 10:00:00,,Pending shop,-9.00,0.00,EUR,PENDING,
"""
HEADLESS = """31/12/2023|31/12/2023|ABONO CLIENTE|1500,00|10500,00|REF1|
02/01/2024|02/01/2024|CARGO RECIBO|-250,10|10249,90|REF2|
15/01/2024|15/01/2024|COMISION|-3,00|10246,90||
"""
HEADLESS_TWO = """31.01.2024;VIREMENT;400.00;;31.01.2024;2046.43
30.01.2024;LOYER;;949.75;30.01.2024;1646.43
30.01.2024;ACHAT;;15.00;30.01.2024;
29.01.2024;VENTE;100.00;;29.01.2024;2611.18
"""

CASES = {
    "german": (GERMAN, "2500.00", "1000.00", None, None),
    "spanish": (SPANISH, "1210.00", "220.35", "4440.55", "5430.20"),
    "french": (FRENCH, "1500.00", "45.99", None, None),
    "italian": (ITALIAN, "500.00", "70.50", None, None),
    "english": (ENGLISH, "1500.00", "45.00", "2000.00", "3455.00"),
    "swiss": (SWISS, "1200.00", "50.00", "4050.00", "5200.00"),
    "american": (AMERICAN, "1533.50", "33.50", "10.00", "1510.00"),
    "fees": (FEES, "500.00", "101.50", "1000.00", "1398.50"),
    "headless": (HEADLESS, "1500.00", "253.10", "9000.00", "10246.90"),
    "headless_two_columns": (HEADLESS_TWO, "500.00", "964.75", "2511.18", "2046.43"),
}


def one(folder: Path, text: str, encoding: str = "utf-8") -> Statement:
    """The only statement of a table."""
    statements, _notices = read_text(folder, text, encoding)
    assert len(statements) == 1
    return statements[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("name", sorted(CASES))
def test_a_table_gives_its_sums_and_balances(tmp_path: Path, name: str, encoding: str) -> None:
    text, credits, debits, opening, closing = CASES[name]
    found = one(tmp_path, text, encoding)
    assert (found.fault, found.credits, found.debits) == ("", Decimal(credits), Decimal(debits))
    assert found.opening == (None if opening is None else Decimal(opening))
    assert found.closing == (None if closing is None else Decimal(closing))
    assert not found.difference
    assert format_of(tmp_path / "umsaetze.csv").name == "bank_csv"


def test_own_account_period_and_the_payer_are_told_apart(tmp_path: Path) -> None:
    found = one(tmp_path, GERMAN)
    assert (found.account, found.currency) == ("DE89370400440532013000", "EUR")
    assert (found.opened_on, found.closed_on) == (date(2024, 1, 1), date(2024, 1, 31))
    rent, paid = found.entries
    assert (rent.booked_on, rent.value_on) == (date(2024, 1, 15), date(2024, 1, 16))
    (part,) = paid.transactions
    assert (part.party_name, part.party_account) == ("Kunde AG", "DE02120300000000202051")
    assert part.text == "Gutschrift Rechnung 10045"
    assert rent.transactions[0].end_to_end_id == ""


@pytest.mark.parametrize(
    ("text", "name"),
    [(SPANISH, "Cliente Uno Sl"), (FRENCH, "CLIENT CINQ"), (ITALIAN, "CLIENTE NOVE"), (SWISS, "Muster AG")],
)
def test_the_payer_is_picked_out_of_the_text(tmp_path: Path, text: str, name: str) -> None:
    came = [entry for entry in one(tmp_path, text).entries if entry.amount > 0]
    assert [entry.transactions[0].party_name for entry in came] == [name]


def test_what_is_only_pending_does_not_count(tmp_path: Path) -> None:
    found = one(tmp_path, FEES)
    assert [entry.pending for entry in found.entries] == [False, False, True]


def test_references_with_right_check_digits_are_picked_out(tmp_path: Path) -> None:
    text = (
        "Datum;Buchungstext;Betrag;Saldo\n"
        "20.01.2024;QRR: 21 00000 00003 13947 14300 09017 Muster;100.00;300.00\n"
        "19.01.2024;Ref RF18 5390 0754 7034 Kunde;100.00;200.00\n"
        "18.01.2024;E2E: INV-77/3 von CH93 0076 2011 6238 5295 7;100.00;100.00\n"
        "17.01.2024;QRR: 21 00000 00003 13947 14300 09018 falsch;0.00;0.00\n"
    )
    third, second, first = (entry.transactions[0] for entry in one(tmp_path, text).entries)
    assert first.reference == "210000000003139471430009017"
    assert second.reference == "RF18539007547034"
    assert (third.end_to_end_id, third.party_account) == ("INV-77/3", "CH9300762011623852957")
    assert third.reference == ""


BATCH = """Datum;Buchungstext;Betrag Detail;Belastung;Gutschrift;Valuta;Saldo
31.01.2024;Sammelgutschrift (3);;;300.00;31.01.2024;1'300.00
;Kunde Eins Rechnung 1;100.00;;;;
;Kunde Zwei Rechnung 2;150.00;;;;
;Kunde Drei Rechnung 3;50.00;;;;
30.01.2024;Sammelauftrag;;80.00;;30.01.2024;1'000.00
;Lieferant Eins;30.00;;;;
;Lieferant Zwei;50.00;;;;
29.01.2024;Einkauf;;20.00;;29.01.2024;1'080.00
;Laden in Bern;;;;;
"""


def test_a_batch_is_one_entry_with_its_parts(tmp_path: Path) -> None:
    bought, sent, came = one(tmp_path, BATCH).entries
    assert [str(part.amount) for part in came.transactions] == ["100.00", "150.00", "50.00"]
    assert came.transactions[0].text == "Kunde Eins Rechnung 1"
    assert [str(part.amount) for part in sent.transactions] == ["-30.00", "-50.00"]
    assert [part.text for part in bought.transactions] == ["Einkauf Laden in Bern"]


def test_parts_in_the_amount_columns_are_not_counted_twice(tmp_path: Path) -> None:
    text = (
        "Buchungsdatum;Text;Belastung;Gutschrift;Saldo\n"
        "30.01.2024;Sammelauftrag;300.00;;4'000.00\n"
        ";Lieferant Eins;100.00;;\n"
        ";Lieferant Zwei;200.00;;\n"
        "25.01.2024;Einkauf;50.00;;4'300.00\n"
    )
    found = one(tmp_path, text)
    assert found.debits == Decimal("350.00")
    assert [len(entry.transactions) for entry in found.entries] == [1, 2]


def test_parts_that_do_not_add_up_stay_one_payment(tmp_path: Path) -> None:
    statements, notices = read_text(tmp_path, BATCH.replace("150.00;;;;", "151.00;;;;"))
    assert [len(entry.transactions) for entry in statements[0].entries] == [1, 2, 1]
    assert codes(notices) == {"table_parts_kept_whole": 1}


def test_a_card_has_its_charges_as_debits(tmp_path: Path) -> None:
    text = (
        "Datum;Beschreibung;Karte;Währung;Betrag;Status\n"
        "26/06/2023;Laden;**2748;CHF;39.65;gebucht\n"
        "23/06/2023;Hotel;**2748;CHF;120.00;gebucht\n"
        "21/06/2023;Ihre Zahlung;;CHF;-100.00;gebucht\n"
    )
    statements, notices = read_text(tmp_path, text)
    assert (statements[0].credits, statements[0].debits) == (Decimal("100.00"), Decimal("159.65"))
    assert codes(notices) == {"table_charges_positive": 1}


def test_an_account_that_names_a_card_now_and_then_keeps_its_signs(tmp_path: Path) -> None:
    text = (
        "Datum;Beschreibung;Kartennummer;Betrag\n"
        "26.06.2023;Gutschrift Kunde;;39.65\n"
        "23.06.2023;Gutschrift Kunde;;120.00\n"
        "21.06.2023;Laden;**2748;-100.00\n"
    )
    found = one(tmp_path, text)
    assert (found.credits, found.debits) == (Decimal("159.65"), Decimal("100.00"))


def test_accounts_and_currencies_are_statements_of_their_own(tmp_path: Path) -> None:
    text = (
        "IBAN;Buchungsdatum;Text;Betrag;Währung;Saldo\n"
        "CH9300762011623852957;31.01.2024;Kunde;100.00;CHF;1100.00\n"
        "CH9300762011623852957;30.01.2024;Miete;-50.00;CHF;1000.00\n"
        "DE89370400440532013000;31.01.2024;Kunde;200.00;EUR;700.00\n"
        "DE89370400440532013000;29.01.2024;Bank;-1.00;EUR;500.00\n"
    )
    statements, _notices = read_text(tmp_path, text)
    assert [(s.account[:2], s.currency, s.opening, s.closing) for s in statements] == [
        ("CH", "CHF", Decimal("1050.00"), Decimal("1100.00")),
        ("DE", "EUR", Decimal("501.00"), Decimal("700.00")),
    ]


def test_a_repeated_header_begins_another_account(tmp_path: Path) -> None:
    head = "Konto:;{}\nDatum;Text;Betrag;Saldo\n"
    rows = "20.01.2024;Kunde;10.00;110.00\n21.01.2024;Kunde;5.00;115.00\n\n"
    text = (
        head.format("CH93 0076 2011 6238 5295 7") + rows + head.format("DE89 3704 0044 0532 0130 00") + rows
    )
    statements, _notices = read_text(tmp_path, text)
    assert [s.account for s in statements] == ["CH9300762011623852957", "DE89370400440532013000"]
    assert [s.closing for s in statements] == [Decimal("115.00"), Decimal("115.00")]


def test_the_banks_own_totals_are_compared(tmp_path: Path) -> None:
    text = "Datum;Text;Belastung;Gutschrift\n20.01.2024;Kunde;;120.00\n21.01.2024;Miete;50.00;\nTotal;;50.00;120.00\n"
    assert one(tmp_path, text).declared_credits == Decimal("120.00")
    wrong = one(tmp_path, text.replace("Total;;50.00;", "Total;;60.00;"))
    assert wrong.fault == "record_totals_differ"


@pytest.mark.parametrize(
    ("wrong", "column", "value"),
    [
        ("32.01.2024;Kunde;;7.00;;", "Buchungsdatum", "32.01.2024"),
        ("30.01.2024;Kunde;;7.OO;;", "Gutschrift", "7.OO"),
        ("30.01.2024;Kunde;NaN$;;;", "Belastung", "NaN$"),
        ("2024-13-01;Kunde;;7.00;;", "Buchungsdatum", "2024-13-01"),
        ("gestern;Kunde;;7.00;;", "Buchungsdatum", "gestern"),
        ("30.01.2024;Kunde;;99999999999999999.00;;", "Gutschrift", "99999999999999999.00"),
    ],
)
def test_a_row_that_cannot_be_read_holds_the_statement(
    tmp_path: Path, wrong: str, column: str, value: str
) -> None:
    """Money would be missing: the statement waits for a person, who is told the line."""
    text = SWISS.replace("25.01.2024;Einkauf", f"{wrong}\n25.01.2024;Einkauf")
    found = one(tmp_path, text)
    assert found.fault == "table_row_unreadable"
    assert found.params == {"line": 7, "column": column, "value": value, "count": 1}


def test_rows_that_only_inform_are_skipped_with_a_word(tmp_path: Path) -> None:
    text = SWISS.replace("25.01.2024;Einkauf", "26.01.2024;Zinssatz neu;;;26.01.2024;\n25.01.2024;Einkauf")
    statements, notices = read_text(tmp_path, text)
    assert len(statements[0].entries) == 2
    assert codes(notices) == {"table_rows_without_amount": 1, "totals_row": 1}


def test_a_quote_that_never_closes_swallows_no_rows(tmp_path: Path) -> None:
    text = 'Datum;Text;Betrag;Saldo\n20.01.2024;"Kunde;10.00;110.00\n21.01.2024;Laden 15" Bild;-5.00;105.00\n'
    text += '22.01.2024;"""Filiale; Chur""";1.00;106.00\n'
    found = one(tmp_path, text)
    assert [str(entry.amount) for entry in found.entries] == ["10.00", "-5.00", "1.00"]
    assert found.entries[2].transactions[0].text == "Filiale; Chur"
    assert found.difference == 0


def test_a_month_first_is_told_by_the_order_of_the_rows(tmp_path: Path) -> None:
    days = ("01/12/2024", "02/01/2024", "02/11/2024", "03/01/2024")
    rows = "".join(f"{day},Shop,-1.00\n" for day in days)
    found = one(tmp_path, f"Date,Description,Amount\n{rows}")
    assert [entry.booked_on.month for entry in found.entries] == [1, 2, 2, 3]


def test_a_day_that_could_be_a_month_is_said(tmp_path: Path) -> None:
    _statements, notices = read_text(tmp_path, "Date,Description,Amount\n01/02/2024,Shop,-1.00\n")
    assert codes(notices) == {"dates_ambiguous": 1}


def test_a_column_that_is_no_running_balance_is_not_used(tmp_path: Path) -> None:
    rows = "".join(f"{day}.01.2024;Laden;-{day}.00;777.00\n" for day in range(20, 25))
    statements, notices = read_text(tmp_path, f"Datum;Text;Betrag;Saldo\n{rows}")
    assert (statements[0].opening, statements[0].closing) == (None, None)
    assert codes(notices) == {"table_balance_not_running": 1}


def test_a_table_without_amounts_is_refused_with_what_was_found(tmp_path: Path) -> None:
    with pytest.raises(Unreadable) as caught:
        read_text(tmp_path, "Buchungsdatum;Text;Belastung\n20.01.2024;Kunde;viel\n21.01.2024;Kunde;wenig\n")
    assert caught.value.code == "table_not_understood"
    assert caught.value.params == {"missing": "amount", "found": "Buchungsdatum, Text, Belastung"}


def test_a_workbook_is_read_like_a_table(tmp_path: Path) -> None:
    rows: list[list[Any]] = [
        ["Konto", "CH93 0076 2011 6238 5295 7"],
        ["Buchungsdatum", "Buchungstext", "Belastung", "Gutschrift", "Saldo (CHF)"],
        [(date(2024, 1, 31), "dd.mm.yyyy"), "Kunde 4711", None, 1234.5, 2234.5],
        [(date(2024, 1, 30), "dd.mm.yyyy"), "Miete", 0.1 + 0.2, None, 1000],
    ]
    path = workbook(tmp_path / "auszug.xlsx", {"Info": [["Bitte beachten"]], "Umsätze": rows})
    assert format_of(path).name == "bank_xlsx"
    (found,) = read(path, NoticeBook())
    assert (found.account, found.currency) == ("CH9300762011623852957", "CHF")
    assert [str(entry.amount) for entry in found.entries] == ["-0.30", "1234.50"]
    assert (found.opening, found.closing, found.difference) == (
        Decimal("1000.30"),
        Decimal("2234.50"),
        Decimal(0),
    )
