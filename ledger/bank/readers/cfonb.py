"""Reads CFONB 120, the statement of French banks: records 01 (old balance), 04 and 05 (entry), 07 (new balance)."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledger.bank.readers.common import MAX_ENTRIES, currency_of, day_of, joined
from ledger.bank.readers.records import records_of
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.intake.documents import NoticeBook, Unreadable
from lib.money import NO_DECIMALS

FORMAT = "CFONB 120"
WIDTH = 120
KINDS = frozenset({"01", "04", "05", "07"})
# The last digit of an amount carries its sign: a letter for each digit of a credit and of a debit.
CREDIT, DEBIT = "{ABCDEFGHI", "}JKLMNOPQR"
# The French variant of ASCII has these two letters in place of the braces.
FRENCH = str.maketrans("éè", "{}")
TEXTS = ("LIB", "LCC", "LC2", "LCM", "LCS")


@dataclass(slots=True)
class Account:
    """An account of the file while its records are read; all have its number, `key`.

    `said` is what the records 05 of the last entry say, by qualifier.
    """

    head: Statement
    key: str
    entries: list[Entry] = field(default_factory=list)
    said: dict[str, list[str]] = field(default_factory=dict)


def read_cfonb(path: Path, notices: NoticeBook) -> Iterator[Statement]:
    """The statements of the file, one per old and new balance. Raises Unreadable."""
    account: Account | None = None
    line, given = 0, False
    for line, record in records_of(path, WIDTH, KINDS):
        kind = record[:2]
        if len(record) != WIDTH and kind in KINDS:
            notices.add("lines_not_120", line)
        if kind not in KINDS:
            notices.add("lines_left_out", line)
            continue
        if (account is None) != (kind == "01") or (account and record[21:32] != account.key):
            raise Unreadable("bad_record", line, 0, value=record.strip()[:60], format=FORMAT)
        if account is None:
            account = Account(_head(record, line), record[21:32])
        elif kind == "04":
            _finish(account)
            account.entries.append(_entry(record, line, account.head.currency))
            if len(account.entries) > MAX_ENTRIES:
                raise Unreadable("too_many_parts", line, 0, limit=MAX_ENTRIES)
        elif kind == "05" and account.entries:
            account.said.setdefault(record[45:48].strip(), []).append(record[48:118].rstrip())
        elif kind == "07":
            _finish(account)
            closed_on, closing = _day(record[34:40], line, 35), _amount(record, line)
            yield replace(account.head, entries=tuple(account.entries), closed_on=closed_on, closing=closing)
            account, given = None, True
    if account is not None:
        raise Unreadable("cut_off", line, 0, detail="07")
    if not given:
        raise Unreadable("no_statement", 1, 0, format=FORMAT)


def _head(record: str, line: int) -> Statement:
    account = f"{record[2:7]}{record[11:16]}{record[21:32]}".replace(" ", "").upper()
    if not record[21:32].strip():
        raise Unreadable("no_account", line)
    return Statement(
        account,
        currency_of(record[16:19], line),
        opened_on=_day(record[34:40], line, 35),
        opening=_amount(record, line),
        line=line,
    )


def _entry(record: str, line: int, currency: str) -> Entry:
    amount, currency = _amount(record, line), currency_of(record[16:19].strip() or currency, line)
    internal, operation, reject = record[7:11].strip(), record[32:34].strip(), record[40:42].strip(" 0")
    references = [record[81:88].strip(" 0"), record[104:120].strip()]
    transaction = Transaction(
        amount,
        currency,
        text=joined([record[48:79]]),
        bank_reference=joined(references[1:])[:140] or references[0],
        code="-".join(filter(None, [operation, internal])),
        returned=bool(reject),
        return_reason=reject,
    )
    value = record[42:48]
    value_on = _day(value, line, 43) if value.strip("0 ") else None
    booked_on = _day(record[34:40], line, 35)
    return Entry(
        booked_on,
        amount,
        currency,
        value_on,
        transaction.bank_reference,
        line=line,
        transactions=(transaction,),
    )


def _finish(account: Account) -> None:
    """Give the last entry what its records 05 say, each kind known by its qualifier."""
    if not account.said:
        return
    said, account.said = account.said, {}
    entry = account.entries[-1]
    before = entry.transactions[0]

    def one(*qualifiers: str, upto: int = 70) -> str:
        return next((joined([said[name][0][:upto]]) for name in qualifiers if name in said), "")

    # Who pays us is the payer (NPY), whom we pay the beneficiary (NBE).
    names = ("NPY", "NBE") if entry.amount >= 0 else ("NBE", "NPY")
    accounts = ("CPY", "CBE") if entry.amount >= 0 else ("CBE", "CPY")
    ultimate = ("NPU", "NBU") if entry.amount >= 0 else ("NBU", "NPU")
    structured = one("LCS", upto=35)
    transaction = replace(
        before,
        text=joined([before.text, *(text for name in TEXTS for text in said.get(name, ()))]),
        reference=structured,
        references=(structured,) if structured else (),
        end_to_end_id=_given(one("RCN", upto=35)),
        mandate_id=one("RUM", upto=35),
        bank_reference=before.bank_reference or one("REF", upto=35),
        party_name=one(*names),
        party_account=one(*accounts, upto=34).replace(" ", ""),
        ultimate_name=one(*ultimate),
    )
    account.entries[-1] = replace(entry, transactions=(transaction,))


def _given(text: str) -> str:
    return "" if text.upper().startswith(("NOTPROVIDED", "NON COMMUNIQUE")) else text


def _amount(record: str, line: int) -> Decimal:
    """Columns 91 to 104, the sign in the last digit; column 20 says how many are decimals."""
    text = record[90:104].lstrip().translate(FRENCH)
    digits, last = text[:-1], text[-1:]
    sign = -1 if last in DEBIT else 1
    for letters in (CREDIT, DEBIT):
        last = str(letters.index(last)) if last and last in letters else last
    number = digits + last
    if not (number.isascii() and number.isdecimal()):
        raise Unreadable("bad_bank_amount", line, 91, value=record[90:104].strip(), format=FORMAT)
    decimals = record[19] if record[19] in "012345" else "0" if record[16:19] in NO_DECIMALS else "2"
    return sign * Decimal(number).scaleb(-int(decimals))


def _day(text: str, line: int, column: int) -> date:
    day = day_of(text[4:6], text[2:4], text[:2]) if text.isascii() and text.isdecimal() else None
    if day is None:
        raise Unreadable("bad_bank_date", line, column, value=text, format=FORMAT)
    return day
