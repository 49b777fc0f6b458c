"""Reads MT940 and MT942 in the dialects of banks: with SWIFT blocks or bare, several messages, statements in parts."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledger.bank.readers.common import (
    account_of,
    amount_of,
    checked,
    currency_of,
    day_of,
    joined,
)
from ledger.bank.readers.mt940_messages import Field, Message, messages_of
from ledger.bank.readers.mt940_text import Details, details_of
from ledger.bank.statements import ZERO, Entry, Statement, Transaction
from ledger.intake.documents import NoticeBook, Unreadable

FORMAT = "MT940"
BALANCE = re.compile(r"\s*([CD])(\d{6})([A-Z]{3})\s*(\d{0,18}(?:[,.]\d*)?)\s*")
SUM = re.compile(r"\s*(\d*)([A-Z]{3})(\d{1,18}(?:[,.]\d*)?)\s*")
LINE = re.compile(
    r"\s*(?P<value>\d{6})(?P<entry>\d{4})?\s?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?\s*"
    r"(?P<amount>(?=[\d,])\d{0,18}(?:[,.]\d{0,5})?)(?P<type>[A-Z][A-Z0-9]{3}|[A-Z] ?\d{2,3})(?P<rest>.*)",
    re.DOTALL,
)
# Rabobank's older files have the name behind the reference.
NAMED = re.compile(r"(?P<own>.{0,16}?)\s{2,}(?P<name>\S.*)")
CHARGES = re.compile(r"/CHGS/([A-Z]{3})(\d+,?\d*)")
NO_REFERENCE = frozenset({"NONREF", "KREF+", "EREF", "PREF", "MARF", "NOREF", "NOTPROVIDED", "N"})


@dataclass(frozen=True, slots=True)
class Part:
    """A statement of one message, and whether it goes on or went on in another."""

    statement: Statement
    continued: bool
    continues: bool


def read_mt940(path: Path, notices: NoticeBook) -> Iterator[Statement]:
    """The statements of the file; those given in parts (60M, 62M) come as one. Raises Unreadable."""
    waiting: Part | None = None
    complete = False
    for message in messages_of(path):
        ended = message.has("62F", "62M")
        if not ended and not message.closed and (complete or message.blocked):
            raise Unreadable("cut_off", message.fields[-1].line, 0, detail=":62F:")
        complete = complete or ended
        part = _part(message, notices)
        if waiting is not None and _joins(waiting, part):
            waiting = _together(waiting, part)
            continue
        if waiting is not None:
            yield waiting.statement
        waiting = part
    if waiting is None:
        raise Unreadable("no_statement", 1, 0, format=FORMAT)
    yield waiting.statement


def _part(message: Message, notices: NoticeBook) -> Part:
    account = message.first("25", "25P")
    if account is None or not account.lines[0].strip():
        raise Unreadable("no_account", message.fields[0].line)
    opening, closing = _balance(message.first("60F", "60M")), _balance(message.first("62F", "62M"))
    declared, currency = _declared(message)
    currency = opening[2] if opening else closing[2] if closing else currency
    number = message.first("28C", "28")
    if closing is None and opening is not None:
        notices.add("cut_statement", message.line)
    statement = Statement(
        _account(account.lines[0], currency),
        currency,
        joined([number.lines[0]])[:120] if number else "",
        "",
        opening[1] if opening else None,
        closing[1] if closing else _day_of_report(message),
        opening[0] if opening else None,
        closing[0] if closing else None,
        declared_credits=declared[0] if declared else None,
        declared_debits=declared[1] if declared else None,
        entries=tuple(_entries(message, currency, account_of(account.lines[0]))),
        line=account.line,
    )
    if opening and closing and opening[2] != closing[2]:
        params: dict[str, object] = {"found": f"{opening[2]}, {closing[2]}"}
        statement = replace(statement, fault="balances_in_currencies", params=params)
    elif statement.declared_credits is not None and checked(statement).fault:
        # An interim report leaves out what is below its floor limit: its sums are worth a word, not more.
        notices.add("interim_sums_differ", statement.line)
        statement = replace(statement, declared_credits=None, declared_debits=None)
    return Part(statement, message.has("62M"), message.has("60M"))


def _account(text: str, currency: str) -> str:
    """The account's number; a currency behind an IBAN is not part of it."""
    account = account_of(text)
    if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}" + re.escape(currency), account):
        account = account.removesuffix(currency)
    return account[:80]


def _balance(found: Field | None) -> tuple[Decimal, date | None, str] | None:
    if found is None:
        return None
    match = BALANCE.fullmatch(found.lines[0])
    if match is None or not any(letter.isdigit() for letter in match[4]):
        value = joined([f":{found.tag}:", *found.lines[:1]])[:60]
        raise Unreadable("bad_record", found.line, 0, value=value, format=FORMAT)
    amount = _amount(match[4], found.line)
    return (-amount if match[1] == "D" else amount), _day(match[2]), currency_of(match[3], found.line)


def _amount(text: str, line: int) -> Decimal:
    return amount_of(text.replace(",", ".").rstrip("."), FORMAT, line)


def _day(text: str) -> date | None:
    """A day as YYMMDD. German banks write 30 February: the last day of the month is meant."""
    day = day_of(text[:2], text[2:4], text[4:6])
    if day is None and text[4:6] in ("29", "30", "31"):
        days = (day_of(text[:2], text[2:4], last) for last in (30, 29, 28))
        day = next((each for each in days if each), None)
    return day


def _declared(message: Message) -> tuple[tuple[Decimal, Decimal] | None, str]:
    """The bank's own sums (90D, 90C) and the currency that an interim report gives; empty without."""
    sums, currency = {"90C": ZERO, "90D": ZERO}, ""
    for each in message.fields:
        if each.tag in sums:
            match = SUM.fullmatch(each.lines[0])
            if match is None:
                raise Unreadable("bad_record", each.line, 0, value=each.lines[0][:60], format=FORMAT)
            sums[each.tag] += _amount(match[3], each.line)
            currency = currency or currency_of(match[2], each.line)
        elif each.tag == "34F" and each.lines[0].strip()[:3].isalpha():
            currency = currency or currency_of(each.lines[0].strip()[:3], each.line)
    given = message.has("90C", "90D")
    return ((sums["90C"], sums["90D"]) if given else None), currency


def _day_of_report(message: Message) -> date | None:
    found = message.first("13D", "13")
    return _day(found.lines[0].strip()[:6]) if found else None


def _entries(message: Message, currency: str, account: str) -> Iterator[Entry]:
    """The lines of the statement, each with the text that follows it. Text after the closing balance is nobody's."""
    line: Field | None = None
    texts: list[list[str]] = []
    for each in [*message.fields, Field("61", [], 0)]:
        if each.tag == "86" and line is not None:
            texts.append(each.lines)
            continue
        if line is not None:
            yield _entry(line, texts, currency, account)
        line, texts = (each if each.tag == "61" else None), []


def _entry(found: Field, texts: list[list[str]], currency: str, account: str) -> Entry:
    match = LINE.fullmatch(found.lines[0])
    value_on = _day(match["value"]) if match else None
    if match is None or value_on is None:
        value = joined([":61:", *found.lines[:1]])[:60]
        raise Unreadable("bad_record", found.line, 0, value=value, format=FORMAT)
    mark = match["mark"]
    amount = _amount(match["amount"], found.line)
    # The reversal of a credit takes money from the account, the reversal of a debit brings it back.
    amount = amount if mark in ("C", "RD", "EC") else -amount
    transaction = _transaction(found, match, details_of(texts, account), Transaction(amount, currency))
    return Entry(
        _booked_on(match["entry"], value_on),
        amount,
        currency,
        value_on,
        transaction.bank_reference,
        pending=mark.startswith("E"),
        line=found.line,
        transactions=(transaction,),
    )


def _transaction(found: Field, match: re.Match[str], details: Details, bare: Transaction) -> Transaction:
    """The movement with what the line and its text say of it."""
    own, _, banks = match["rest"].strip().partition("//")
    named = NAMED.fullmatch(own)
    own, name = (named["own"], joined([named["name"]])) if named else (own, "")
    supplement = joined(found.lines[1:])
    kind = match["type"].replace(" ", "")
    return replace(
        bare,
        text=joined([details.text, _unsaid(supplement, details)]),
        reference=details.reference,
        references=(details.reference,) if details.reference else (),
        end_to_end_id=details.end_to_end_id or _reference(own),
        mandate_id=details.mandate_id,
        bank_reference=_reference(banks),
        party_name=details.name or name[:250],
        party_account=details.account or _iban(supplement),
        ultimate_name=details.ultimate,
        instruction_id=details.instruction_id,
        code=f"{kind}+{details.code}" if details.code else kind,
        charges=_charges(supplement, bare.currency, found.line),
        returned=match["mark"].startswith("R") or kind[1:] == "RTI" or details.returned,
        return_reason=details.reason,
    )


def _booked_on(entry: str | None, value_on: date) -> date:
    """The entry date has no year: it is the one nearest to the value date, also across New Year."""
    if not entry:
        return value_on
    years = range(value_on.year - 1, value_on.year + 2)
    days = [day for year in years if (day := day_of(year, entry[:2], entry[2:]))]
    return min(days, key=lambda day: abs(day - value_on), default=value_on)


def _reference(text: str) -> str:
    bare = joined([text])
    return "" if bare.upper() in NO_REFERENCE else bare[:140]


def _unsaid(supplement: str, details: Details) -> str:
    """The second line of the entry, when the text does not say it and it is not only codes."""
    plain = not supplement.startswith("/") and not _iban(supplement)
    return supplement if plain and supplement.upper() not in details.text.upper() else ""


def _iban(text: str) -> str:
    return text if re.fullmatch(r"[A-Z]{2}\d{2}[A-Z0-9]{10,30}", text) else ""


def _charges(supplement: str, currency: str, line: int) -> Decimal | None:
    match = CHARGES.search(supplement)
    return (_amount(match[2], line) or None) if match and match[1] == currency else None


def _joins(before: Part, part: Part) -> bool:
    """Whether `part` goes on where the statement before it was interrupted."""
    one, two = before.statement, part.statement
    same = one.account == two.account and one.currency == two.currency
    return before.continued and part.continues and same and one.closing == two.opening


def _together(before: Part, part: Part) -> Part:
    one, two = before.statement, part.statement
    number = one.number.partition("/")[0]
    statement = replace(
        one, closing=two.closing, closed_on=two.closed_on, entries=one.entries + two.entries, number=number
    )
    return Part(statement, part.continued, before.continues)
