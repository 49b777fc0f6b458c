"""Reads Norma 43 (Cuaderno 43 of the AEB), the statement of Spanish banks: records 11, 22, 23, 24, 33 and 88."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledger.bank.readers.common import MAX_ENTRIES, at_fault, day_of, joined
from ledger.bank.readers.mt940_text import account_in, rejoined
from ledger.bank.readers.records import records_of
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.intake.documents import NoticeBook, Unreadable

FORMAT = "Norma 43"
WIDTH, TEXT_WIDTH = 80, 38
KINDS = frozenset({"00", "11", "22", "23", "24", "33", "88"})
# ISO 4217 by number.
CURRENCIES = {
    "008": "ALL", "012": "DZD", "032": "ARS", "036": "AUD", "040": "ATS", "056": "BEF", "068": "BOB", "124": "CAD",
    "152": "CLP", "156": "CNY", "170": "COP", "188": "CRC", "191": "HRK", "203": "CZK", "208": "DKK", "214": "DOP",
    "246": "FIM", "250": "FRF", "276": "DEM", "280": "DEM", "300": "GRD", "320": "GTQ", "344": "HKD", "348": "HUF",
    "352": "ISK", "356": "INR", "360": "IDR", "372": "IEP", "376": "ILS", "380": "ITL", "392": "JPY", "410": "KRW",
    "414": "KWD", "442": "LUF", "458": "MYR", "484": "MXN", "504": "MAD", "528": "NLG", "554": "NZD", "578": "NOK",
    "590": "PAB", "600": "PYG", "604": "PEN", "608": "PHP", "620": "PTE", "634": "QAR", "643": "RUB", "682": "SAR",
    "702": "SGD", "710": "ZAR", "724": "ESP", "752": "SEK", "756": "CHF", "764": "THB", "784": "AED", "788": "TND",
    "818": "EGP", "826": "GBP", "840": "USD", "858": "UYU", "901": "TWD", "941": "RSD", "944": "AZN", "946": "RON",
    "949": "TRY", "950": "XAF", "952": "XOF", "975": "BGN", "978": "EUR", "980": "UAH", "985": "PLN", "986": "BRL",
}  # fmt: skip
# Common concept 14: returns and unpaid items.
RETURNED = "14"


@dataclass(slots=True)
class Account:
    """An account of the file while its records are read."""

    head: Statement
    entries: list[Entry] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)


def read_norma43(path: Path, notices: NoticeBook) -> Iterator[Statement]:
    """The statements of the file, one per account. Raises Unreadable."""
    account: Account | None = None
    records = line = 0
    given = False
    for line, record in records_of(path, WIDTH, KINDS):
        kind = record[:2]
        records += kind != "88"
        if kind == "88":
            stated = record[20:26].strip()
            if stated.isdecimal() and int(stated) != records:
                notices.add(
                    "record_count_differs", line, stated=int(stated), computed=records, field="records"
                )
            continue
        if kind == "11" and account is None:
            account = Account(_head(record, line, notices))
        elif account is not None and kind == "22":
            _finish(account)
            account.entries.append(_entry(record, line, account.head.currency))
            if len(account.entries) > MAX_ENTRIES:
                raise Unreadable("too_many_parts", line, 0, limit=MAX_ENTRIES)
        elif account is not None and kind == "23" and account.entries:
            account.texts += [record[4 : 4 + TEXT_WIDTH], record[4 + TEXT_WIDTH : WIDTH]]
        elif account is not None and kind == "33":
            _finish(account)
            yield _closed(account, record, line, notices)
            account, given = None, True
        elif kind in ("11", "22", "23", "33"):
            raise Unreadable("bad_record", line, 0, value=record.strip()[:60], format=FORMAT)
        elif kind not in ("00", "24"):
            notices.add("lines_left_out", line)
    if account is not None:
        raise Unreadable("cut_off", line, 0, detail="33")
    if not given:
        raise Unreadable("no_statement", 1, 0, format=FORMAT)


def _head(record: str, line: int, notices: NoticeBook) -> Statement:
    code = record[47:50]
    if code not in CURRENCIES:
        raise Unreadable("bad_bank_currency", line, 48, value=code.strip())
    account = record[2:20].replace(" ", "")
    if not account:
        raise Unreadable("no_account", line)
    return Statement(
        account,
        CURRENCIES[code],
        opened_on=_day(record[20:26], line, 21),
        closed_on=_day(record[26:32], line, 27),
        opening=_balance(record[32], record[33:47], line, 34, notices),
        owner=joined([record[51:77]]),
        line=line,
    )


def _entry(record: str, line: int, currency: str) -> Entry:
    amount = _amount(record[28:42], line, 29)
    if record[27] not in "12" and amount:
        raise Unreadable("bad_direction", line, 28, value=record[27])
    amount = -amount if record[27] == "1" else amount
    booked = _day(record[10:16], line, 11)
    document, *references = (
        text if text.strip("0") else ""
        for text in (part.strip() for part in (record[42:52], record[52:64], record[64:80]))
    )
    found = tuple(dict.fromkeys(filter(None, references)))
    transaction = Transaction(
        amount,
        currency,
        reference=found[0] if found else "",
        references=found,
        bank_reference=document,
        code=joined([record[22:24], record[24:27]]).replace(" ", "-"),
        returned=record[22:24] == RETURNED,
    )
    value_on = _day(record[16:22], line, 17) if record[16:22].strip("0 ") else None
    return Entry(booked, amount, currency, value_on, document, line=line, transactions=(transaction,))


def _finish(account: Account) -> None:
    """Give the last entry the texts of its records 23."""
    if account.texts:
        entry = account.entries[-1]
        text = joined([rejoined(account.texts, TEXT_WIDTH)])
        other = account_in(text, account.head.account)
        told = replace(entry.transactions[0], text=text, party_account=other)
        account.entries[-1] = replace(entry, transactions=(told,))
        account.texts = []


def _closed(account: Account, record: str, line: int, notices: NoticeBook) -> Statement:
    """The statement with what record 33 says of it. A contradiction is its fault."""
    statement = replace(
        account.head,
        entries=tuple(account.entries),
        declared_debits=_amount(record[25:39], line, 26),
        declared_credits=_amount(record[44:58], line, 45),
        closing=_balance(record[58], record[59:73], line, 60, notices),
    )
    if record[2:20].replace(" ", "") != statement.account:
        raise Unreadable("bad_record", line, 3, value=record.strip()[:60], format=FORMAT)
    sums = (
        ("credits", statement.declared_credits, statement.credits),
        ("debits", statement.declared_debits, statement.debits),
    )
    for what, stated, computed in sums:
        if stated is not None and stated != computed:
            return at_fault(statement, what, stated, computed)
    if record[20:25].isdecimal() and record[39:44].isdecimal():
        stated_entries = int(record[20:25]) + int(record[39:44])
        if stated_entries != len(statement.entries):
            params: dict[str, object] = {
                "field": "entries",
                "stated": stated_entries,
                "computed": len(statement.entries),
            }
            return replace(statement, fault="record_count_differs", params=params)
    return statement


def _amount(text: str, line: int, column: int) -> Decimal:
    """Twelve digits and two decimals, whatever the currency. A line that was cut has no last digit."""
    digits = text.lstrip()
    if not (digits.isascii() and digits.isdecimal() and len(text) == 14):
        raise Unreadable("bad_bank_amount", line, column, value=text, format=FORMAT)
    return Decimal(digits).scaleb(-2)


def _balance(key: str, text: str, line: int, column: int, notices: NoticeBook) -> Decimal:
    """A balance: key 1 is debit, 2 credit. Another key is taken as credit: opening, entries and closing tell if not."""
    amount = _amount(text, line, column)
    if key not in "12" and amount:
        notices.add("bad_sign_key", line)
    return -amount if key == "1" else amount


def _day(text: str, line: int, column: int) -> date:
    day = day_of(text[:2], text[2:4], text[4:6]) if text.isascii() and text.isdecimal() else None
    if day is None:
        raise Unreadable("bad_bank_date", line, column, value=text, format=FORMAT)
    return day
