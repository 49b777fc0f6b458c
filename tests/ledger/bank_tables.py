"""Writes bank tables for the tests: a statement in any of the conventions that banks use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledger.bank.readers.table import read
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook

EPOCH = date(1899, 12, 30)

WORDS = {
    "de": (
        "Buchungsdatum",
        "Buchungstext",
        "Belastung",
        "Gutschrift",
        "Betrag",
        "Valuta",
        "Saldo",
        "Soll/Haben",
    ),
    "fr": (
        "Date de comptabilisation",
        "Libellé",
        "Débit",
        "Crédit",
        "Montant",
        "Date de valeur",
        "Solde",
        "Sens",
    ),
    "it": (
        "Data contabile",
        "Descrizione",
        "Addebito",
        "Accredito",
        "Importo",
        "Data valuta",
        "Saldo",
        "Segno",
    ),
    "en": ("Booking date", "Description", "Debit", "Credit", "Amount", "Value date", "Balance", "D/C"),
    "es": ("Fecha operación", "Concepto", "Cargo", "Abono", "Importe", "Fecha valor", "Saldo", "Debe/Haber"),
}
SIGN_WORDS = {"de": "SH", "fr": "DC", "it": "DC", "en": "DC", "es": "DH"}
LABELS = {
    "de": ("Konto:", "Währung:", "Anfangssaldo:", "Schlusssaldo:"),
    "fr": ("Numéro de compte:", "Monnaie:", "Solde initial:", "Solde final:"),
    "it": ("Numero di conto:", "Moneta:", "Saldo iniziale:", "Saldo finale:"),
    "en": ("Account number:", "Currency:", "Opening balance:", "Closing balance:"),
    "es": ("Cuenta:", "Moneda:", "Saldo inicial:", "Saldo final:"),
}
DATES: dict[str, Callable[[date], str]] = {
    "points": lambda day: f"{day:%d.%m.%Y}",
    "short": lambda day: f"{day:%d.%m.%y}",
    "slashes": lambda day: f"{day:%d/%m/%Y}",
    "american": lambda day: f"{day:%m/%d/%Y}",
    "iso": lambda day: day.isoformat(),
    "moment": lambda day: f"{day.isoformat()} 00:00:00.0",
    "worded": lambda day: f"{day:%d} {('Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun')[day.month - 1]} {day:%Y}",
    "compact": lambda day: f"{day:%Y%m%d}",
    "serial": lambda day: str((day - EPOCH).days),
}
# Thousands and decimal sign.
STYLES = {
    "swiss": ("'", "."),
    "typographic": ("’", "."),
    "comma": (".", ","),
    "space": ("\u00a0", ","),
    "plain": ("", "."),
    "english": (",", "."),
    "trailing": (".", ","),
}


@dataclass(frozen=True)
class Move:
    """A movement as the test means it."""

    day: date
    amount: Decimal
    text: str


@dataclass(frozen=True)
class Way:
    """How a bank writes its table."""

    language: str = "de"
    delimiter: str = ";"
    style: str = "swiss"
    dates: str = "points"
    signs: str = "columns"
    newest_first: bool = True
    balance: bool = True
    labels: bool = False
    value: bool = True
    encoding: str = "utf-8"
    quoted: bool = True
    footer: bool = False
    header: bool = True


def money(amount: Decimal, style: str) -> str:
    """The amount in one of the STYLES."""
    thousands, point = STYLES[style]
    text = f"{abs(amount):,.2f}".replace(",", "T").replace(".", point).replace("T", thousands)
    if amount >= 0:
        return text
    return f"{text}-" if style == "trailing" else f"-{text}"


def table(moves: list[Move], way: Way, opening: Decimal = Decimal("1000.00")) -> str:
    """The moves, oldest first, as the bank writes them."""
    day, text, debit, credit, amount, value, saldo, sign = WORDS[way.language]
    middle = [debit, credit] if way.signs in {"columns", "negative"} else [amount]
    header = [day, *([value] if way.value else []), text, *middle]
    header += ([sign] if way.signs == "letters" else []) + ([saldo] if way.balance else [])
    rows, balance = [], opening
    for move in moves:
        balance += move.amount
        rows.append(_row(move, way, balance))
    rows = rows[::-1] if way.newest_first else rows
    lines = _above(way, opening, balance) + ([header] if way.header else []) + rows
    if way.footer:
        lines += [[], ["Disclaimer:"], ["Der Inhalt wurde durch Filter der Kundschaft bestimmt."]]
    return "\r\n".join(_line(cells, way) for cells in lines) + "\r\n"


def _row(move: Move, way: Way, balance: Decimal) -> list[str]:
    write = DATES[way.dates]
    when = [write(move.day), *([write(move.day)] if way.value else []), move.text]
    if way.signs in {"columns", "negative"}:
        out = money(move.amount if way.signs == "negative" else -move.amount, way.style)
        figures = [out, ""] if move.amount < 0 else ["", money(move.amount, way.style)]
    elif way.signs == "letters":
        figures = [money(abs(move.amount), way.style), SIGN_WORDS[way.language][move.amount > 0]]
    else:
        figures = [money(move.amount, way.style)]
    return [*when, *figures, *([money(balance, way.style)] if way.balance else [])]


def _above(way: Way, opening: Decimal, closing: Decimal) -> list[list[str]]:
    if not way.labels:
        return []
    account, currency, first, last = LABELS[way.language]
    return [
        [account, "CH93 0076 2011 6238 5295 7"],
        [currency, "CHF"],
        [first, money(opening, way.style)],
        [last, money(closing, way.style)],
        [],
    ]


def _line(cells: list[str], way: Way) -> str:
    if way.quoted:
        cells = ['"' + cell.replace('"', '""') + '"' for cell in cells]
    return way.delimiter.join(cells)


def read_text(folder: Path, text: str, encoding: str = "utf-8") -> tuple[list[Statement], NoticeBook]:
    """The statements of a table given as text, and the notices."""
    path = folder / "umsaetze.csv"
    path.write_bytes(text.encode(encoding))
    notices = NoticeBook()
    return read(path, notices), notices


def codes(notices: NoticeBook) -> dict[str, int]:
    """The notices by code, with their counts."""
    return {notice.code: notice.count for notice in notices}
