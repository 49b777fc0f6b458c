"""What a bank writes around its table: account, currency, period, balances. In five languages, or by their looks."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.bank.readers.common import account_of
from ledger.bank.readers.table_grid import Line
from ledger.bank.readers.table_text import account_in
from ledger.bank.readers.table_values import amount_in, bare, date_in
from ledger.bank.readers.table_words import CLOSING, OPENING, currency_in, is_currency
from ledger.intake.amounts import AmountEvidence
from ledger.intake.documents import BadCell
from ledger.intake.mapping import folded

ACCOUNT = re.compile(
    r"\b(iban|konto(nummer|nr|karte)?|konto (nr|no)|kartenkonto|account( number| no)?|card account|"
    r"(numero de )?compte( de carte)?|compte n|n de compte|num ro de compte|(numero di )?conto( no| della carta)?|"
    r"(numero de )?cuenta)\b"
)
NOT_ACCOUNT = re.compile(
    r"\b(inhaber|holder|owner|titulaire|titolare|titular|bezeichnung|name|nom|type|art)\b"
)
SINCE = re.compile(
    r"\b(von|ab|from|since|du|depuis|dal|data dal|desde|date de debut|start|datum von|beginn)\b"
)
UNTIL = re.compile(
    r"\b(bis|until|to|au|jusqu au|al|fino al|data al|hasta|date de fin|end|datum bis|per|fin)\b"
)
OWNER = re.compile(
    r"\b(kontoinhaber\w*|inhaber|account (holder|owner)|titulaire|titolare|titular|intestatario)\b"
)
BALANCE = re.compile(r"\b(saldo|kontostand|balance|solde)\b")
LOOKS_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}")
LOOKS_ACCOUNT = re.compile(r"[\dX*/. -]*\d[\dX*/. -]{3,}[A-Z]?")
LONG_NUMBER = re.compile(r"\d{8,20}")
DATE = re.compile(r"\d{4}-\d{2}-\d{2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}")
AMOUNT = re.compile(r"[-+−]?\d[\d'’\u2019., \u00a0]*\d-?|[-+−]?\d-?")


@dataclass(slots=True)
class Facts:
    """What stands around a table. None and empty where it says nothing."""

    account: str = ""
    currency: str = ""
    owner: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    balance: Decimal | None = None


def facts_of(lines: Sequence[Line], order: str, point: str) -> Facts:
    """The facts of the lines above (or below) a table. `order` and `point` are how the table writes its values."""
    facts = Facts()
    for label, value in _pairs(lines):
        words = folded(label)
        if OPENING.search(words) and facts.opening is None:
            facts.opening = _amount(value, point)
        elif CLOSING.search(words) and facts.closing is None:
            facts.closing = _amount(value, point)
        elif BALANCE.search(words) and facts.balance is None:
            facts.balance = _amount(value, point)
        elif OWNER.search(words):
            facts.owner = facts.owner or value[:140]
        else:
            _identity(facts, words, value)
            _period(facts, words, value, order)
        facts.currency = facts.currency or _currency(value)
    return facts


def _pairs(lines: Sequence[Line]) -> Iterator[tuple[str, str]]:
    """Labels with what stands beside them, in the next cell or behind a colon."""
    for line in lines:
        filled = [cell for cell in line.cells if cell]
        for place, cell in enumerate(filled):
            label, colon, rest = cell.partition(":")
            if colon and rest.strip() and len(label) < 60:
                yield label, rest.strip()
            elif place + 1 < len(filled):
                yield cell, filled[place + 1]
            elif place == 0:
                yield "", cell


def _identity(facts: Facts, words: str, value: str) -> None:
    compact = account_in(value) or account_of(value.removesuffix(currency_in(value)).strip())
    if LOOKS_IBAN.fullmatch(compact):
        if not LOOKS_IBAN.fullmatch(facts.account):
            facts.account = compact
    elif (
        not facts.account
        and ACCOUNT.search(words)
        and not NOT_ACCOUNT.search(words)
        and not DATE.search(value)
    ):
        code = currency_in(value)
        number = value.removesuffix(code).strip()
        if any(sign.isdigit() for sign in number) and len(number) <= 40:
            facts.account = account_of(number)
    elif not facts.account and LOOKS_ACCOUNT.fullmatch(value) and "/" in value and not DATE.search(value):
        facts.account = account_of(value)
    elif not facts.account and LONG_NUMBER.fullmatch(words):
        facts.account = words


def _period(facts: Facts, words: str, value: str, order: str) -> None:
    days = [day for day in (date_in(found, order) for found in DATE.findall(value)) if day]
    if len(days) == 2 and days[0] <= days[1] and facts.opened_on is None and facts.closed_on is None:
        facts.opened_on, facts.closed_on = days
    elif len(days) == 1 and SINCE.search(words) and facts.opened_on is None:
        facts.opened_on = days[0]
    elif len(days) == 1 and UNTIL.search(words) and facts.closed_on is None:
        facts.closed_on = days[0]


def _currency(value: str) -> str:
    """A code that stands alone, or before or behind figures."""
    if is_currency(value):
        return value
    code = currency_in(value)
    rest = value.replace(code, "", 1).strip(" /") if code else ""
    return code if code and rest and not any(sign.isalpha() for sign in rest) else ""


def _amount(value: str, point: str) -> Decimal | None:
    found = AMOUNT.search(bare(value))
    if not found or (DATE.search(value) and not currency_in(value)):
        return None
    evidence = AmountEvidence()
    evidence.add(found[0])
    try:
        return amount_in(found[0], evidence.style or point)
    except BadCell:
        return None
