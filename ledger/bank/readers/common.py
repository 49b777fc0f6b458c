"""What every reader of bank files does the same way: amounts, days, currencies, and the statement's own sums."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

from ledger.bank.statements import ZERO, Statement
from ledger.intake.amounts import CURRENCIES
from ledger.intake.documents import Unreadable

MAX_ENTRIES = 500_000
MAX_TEXT = 4000
# The German banks' own codes for the same (GVC): collections and transfers that came back.
RETURNS_GVC = frozenset({"009", "059", "108", "109", "159", "181", "184"})
# What a balance or an entry may be: 15 digits before the point, 5 after it.
LARGEST, SMALLEST = Decimal(10) ** 15, Decimal("0.00001")
PLAIN = re.compile(r"[+-]?(?:[0-9]{1,30}(?:\.[0-9]{0,30})?|\.[0-9]{1,30})")
BLANKS = re.compile(r"\s+")


def joined(parts: Iterable[str], limit: int = MAX_TEXT) -> str:
    """The parts that say something, joined by single blanks. PostgreSQL takes no NUL."""
    return BLANKS.sub(" ", " ".join(part for part in parts if part)).replace("\x00", "").strip()[:limit]


def amount_of(text: str, format_: str, line: int) -> Decimal:
    """An amount of digits with at most one point. Raises Unreadable."""
    amount = Decimal(text) if PLAIN.fullmatch(text) else LARGEST
    if abs(amount) >= LARGEST or amount != amount.quantize(SMALLEST):
        raise Unreadable("bad_bank_amount", line, 0, value=text[:60], format=format_)
    return amount


def day_of(year: int | str, month: int | str, day: int | str) -> date | None:
    """The day; None when there is none such or it is outside 1970 to 2100. Years of two digits are 1970 to 2069."""
    try:
        number = int(year)
        if len(str(year)) <= 2:
            number += 2000 if number < 70 else 1900
        return date(number, int(month), int(day)) if 1970 <= number <= 2100 else None
    except ValueError:
        return None


def currency_of(text: str, line: int) -> str:
    """A currency code, in capitals. Raises Unreadable."""
    code = text.strip().upper()
    if code not in CURRENCIES:
        raise Unreadable("bad_bank_currency", line, 0, value=text[:60])
    return code


def account_of(text: str) -> str:
    """An account's number as it is compared: no blanks; an IBAN in capitals."""
    bare = BLANKS.sub("", text)
    return bare.upper() if re.fullmatch(r"[A-Za-z]{2}\d{2}[A-Za-z0-9]{10,30}", bare) else bare


def checked(statement: Statement) -> Statement:
    """The statement with a fault when its entries are in another currency, or contradict the bank's own sums.

    The bank's sums are compared by what they come to together, because banks count reversals on either side. Sums
    that agree together but not each for itself are left out: they say nothing wrong.
    """
    other = next((entry for entry in statement.booked if entry.currency != statement.currency), None)
    if other is not None and not statement.fault:
        params: dict[str, object] = {
            "line": other.line,
            "found": other.currency,
            "currency": statement.currency,
        }
        return replace(statement, fault="entry_other_currency", params=params)
    if statement.fault or statement.declared_credits is None or statement.declared_debits is None:
        return statement
    stated = statement.declared_credits - statement.declared_debits
    computed = statement.credits - statement.debits
    everything = sum((entry.amount for entry in statement.entries), ZERO)
    if statement.difference != 0 and stated not in (computed, everything):
        return at_fault(statement, "declared", stated, computed)
    each = (statement.credits, statement.debits) == (statement.declared_credits, statement.declared_debits)
    return statement if each else replace(statement, declared_credits=None, declared_debits=None)


def at_fault(statement: Statement, what: str, stated: Decimal, computed: Decimal) -> Statement:
    """The statement, held because `what` it says of itself is not what its entries give."""
    params: dict[str, object] = {
        "field": what,
        "stated": format(stated, "f"),
        "computed": format(computed, "f"),
        "difference": format(stated - computed, "f"),
    }
    return replace(statement, fault="record_totals_differ", params=params)
