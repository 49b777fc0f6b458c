"""A bank's table and a list of invoices are told apart, by the head of the file."""

from pathlib import Path

import pytest

from ledger.intake.formats import format_of
from ledger.intake.words import HEADERS

INVOICES = (
    "Rechnungsnummer;Rechnungsdatum;Fällig am;Kunde;Betrag;MwSt;Saldo\n"
    "R-1;01.01.2024;31.01.2024;A;119,00;19,00;119,00\n",
    "Invoice No,Date,Customer,Amount\nA1,2024-01-13,Client,10.00\n",
    "Nº Factura;Cliente;Fecha;Vencimiento;Importe;Saldo\nF1;Uno;13/01/2024;13/02/2024;10,00;10,00\n",
    "N° facture;Date;Client;Débit;Crédit;Solde\nF1;13/01/2024;Un;10,00;;10,00\n",
    "Numero;Data;Scadenza;Cliente;Importo\n1;13/01/2024;13/02/2024;Uno;10,00\n",
    "document_id,customer,posting_date,due_in_date,total_open_amount\n1,A,2024-01-13,2024-02-13,10.0\n",
    "JournalCode\tJournalLib\tEcritureNum\tEcritureDate\tCompteNum\tCompteLib\tPieceRef\tDebit\tCredit\n"
    "VE\tVentes\t1\t20240113\t411\tClients\tF1\t10,00\t0,00\n",
    "name;city\nA;Bern\n",
)


@pytest.mark.parametrize("text", INVOICES)
def test_a_list_of_invoices_is_no_bank_table(tmp_path: Path, text: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text)
    assert format_of(path).name == "csv"


def test_recognition_looks_at_the_head_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million rows of invoices are not read once more to see that they are no bank's."""
    path = tmp_path / "list.csv"
    path.write_text(INVOICES[1] + "A1,2024-01-13,Client,10.00\n" * 200_000)
    read_bytes = []
    original = Path.open

    def counted(self: Path, *args: object, **more: object) -> object:
        stream = original(self, *args, **more)  # type: ignore[call-overload]
        read_bytes.append(stream)
        return stream

    monkeypatch.setattr(Path, "open", counted)
    assert format_of(path).name == "csv"
    assert len(read_bytes) == 1


def test_no_words_of_an_invoice_list_make_it_a_banks(tmp_path: Path) -> None:
    """Every word for an invoice number, beside words for customer, date and amount of every language."""
    path = tmp_path / "list.csv"
    names, dates, amounts = (HEADERS[field].split("|") for field in ("customer_name", "issued_on", "amount"))
    rows = "F-1;Uno;13/01/2024;100,00\nF-2;Dos;14/01/2024;-20,00\n"
    taken = []
    for turn, number in enumerate(HEADERS["number"].split("|")):
        for step in (0, 7, 19):
            place = turn * 3 + step
            others = (names[place % len(names)], dates[place % len(dates)], amounts[place % len(amounts)])
            path.write_text(";".join([number, *others]).title() + "\n" + rows)
            if format_of(path).name != "csv":
                taken.append((number, *others))
    assert not taken


BANKS = (
    "Nr;Buchungstag;Name;Verwendungszweck;Betrag;Saldo\n1;13.01.2024;Kunde AG;Rechnung 1;10,00;110,00\n",
    "Fecha;N documento;Concepto;Importe;Saldo\n13/01/2024;00012;Cobro factura 1;10,00;110,00\n",
    "Date;Pièce;Libellé;Débit;Crédit\n13/01/2024;12;VIR CLIENT FACTURE 1;;10,00\n",
    "Number,Date,Account,Amount,Subcategory,Memo\n ,13/01/2024,20-00-00 12345678,-45.00,Direct Debit,GAS\n",
    "Data;Causale;Importo;Valuta\n13/01/2024;Bonifico fattura 1;10,00;13/01/2024\n",
    "client_name;paid_date;paid_amount\nAzur;13.01.2024;10.00\n",
)


@pytest.mark.parametrize("text", BANKS)
def test_a_bank_that_numbers_its_rows_is_a_bank(tmp_path: Path, text: str) -> None:
    path = tmp_path / "konto.csv"
    path.write_text(text)
    assert format_of(path).name == "bank_csv"
