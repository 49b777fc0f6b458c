"""A CAMT statement, or a page of one: what stands around its entries, and how pages and balances make a statement."""

from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from lxml import etree

from ledger.bank.readers.camt_fields import FORMAT, day_at, every, line_of, money_at, one, sign_at, text_at
from ledger.bank.readers.camt_parts import Ours
from ledger.bank.readers.common import account_of, amount_of, checked, currency_of
from ledger.bank.statements import Entry, Statement
from ledger.intake.documents import NoticeBook, Unreadable


@dataclass(frozen=True, slots=True)
class Balance:
    """A balance: its ISO code (OPBD, PRCD, CLBD, ITBD...), signed amount, currency and day."""

    code: str
    amount: Decimal
    currency: str
    day: date | None


@dataclass(slots=True)
class Page:
    """A statement, or a page of one, as the file has it."""

    line: int
    account: str = ""
    owner: str = ""
    currency: str = ""
    number: str = ""
    sequence: str = ""
    page: int = 1
    last: bool = True
    opened_on: date | None = None
    closed_on: date | None = None
    created_on: date | None = None
    balances: list[Balance] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    declared: tuple[Decimal, Decimal] | None = None


def ours_of(page: Page, statement: etree._Element) -> Ours:
    """Whose account it is; it stands before the entries."""
    if not page.account:
        holder = one(statement, "Acct")
        page.account = account_of(
            text_at(holder, "Id/IBAN", "Id/Othr/Id", "Id/BBAN", "Id/PrtryAcct/Id", "Id/UPIC", "Prxy/Id")
        )[:80]
        page.owner = text_at(holder, "Ownr/Nm", "Ownr/Pty/Nm", "Nm")[:250]
        currency = text_at(holder, "Ccy")
        page.currency = currency_of(currency, line_of(statement)) if currency else ""
    return Ours(page.account, page.owner)


def close(page: Page, element: etree._Element) -> None:
    """What stands around the entries of a statement."""
    ours_of(page, element)
    page.number = text_at(element, "Id")[:120]
    page.sequence = text_at(element, "ElctrncSeqNb", "LglSeqNb")
    number = text_at(element, "StmtPgntn/PgNb", "RptPgntn/PgNb", "NtfctnPgntn/PgNb")
    page.page = int(number) if number.isdecimal() else 1
    page.last = (
        text_at(element, "StmtPgntn/LastPgInd", "RptPgntn/LastPgInd", "NtfctnPgntn/LastPgInd") != "false"
    )
    page.opened_on = day_at(element, "FrToDt/FrDtTm", "FrToDt/FrDt")
    page.closed_on = day_at(element, "FrToDt/ToDtTm", "FrToDt/ToDt")
    page.created_on = day_at(element, "CreDtTm", "CreDt")
    page.balances = [_balance(balance) for balance in every(element, "Bal")]
    credits, debits = one(element, "TxsSummry/TtlCdtNtries/Sum"), one(element, "TxsSummry/TtlDbtNtries/Sum")
    if credits is not None and debits is not None:
        page.declared = (_sum(credits), _sum(debits))
    if not page.account:
        raise Unreadable("no_account", page.line)


def _sum(element: etree._Element) -> Decimal:
    return amount_of((element.text or "").strip(), FORMAT, line_of(element))


def _balance(element: etree._Element) -> Balance:
    money, sign = money_at(element, "Amt"), sign_at(element)
    if money is None:
        raise Unreadable("missing_field", line_of(element), 0, field="amount")
    if not sign and money[0]:
        raise Unreadable("bad_direction", line_of(element), 0, value="")
    code = text_at(element, "Tp/CdOrPrtry/Cd", "Tp/CdOrPrtry/Prtry", "Tp/Cd", "Tp/Prtry")
    return Balance(code, money[0] * (sign or 1), money[1], day_at(element, "Dt/Dt", "Dt/DtTm", "Dt"))


def continues(before: Page, page: Page) -> bool:
    """Whether `page` is the next page of the same statement."""
    same = before.account == page.account and before.currency == page.currency
    named = before.number == page.number or (before.sequence and before.sequence == page.sequence)
    return bool(same and named and not before.last and page.page == before.page + 1)


def append(before: Page, page: Page) -> None:
    before.balances += page.balances
    before.entries += page.entries
    before.page, before.last = page.page, page.last
    before.closed_on = page.closed_on or before.closed_on
    before.declared = before.declared if before.declared == page.declared else None


def statement_of(page: Page, notices: NoticeBook) -> Statement:
    opening, closing = _ends(page)
    ends = [balance for balance in (opening, closing) if balance is not None]
    entries = _dated(page, ends, notices)
    currencies = [page.currency, *(b.currency for b in ends)]
    currencies += [b.currency for b in page.balances if b.code == "ITBD"] + [e.currency for e in entries]
    currency = next(filter(None, [*currencies, *(b.currency for b in page.balances)]), "")
    statement = Statement(
        page.account,
        currency,
        page.number or page.sequence,
        page.sequence,
        page.opened_on or (opening.day if opening else None),
        page.closed_on or (closing.day if closing else page.created_on),
        opening.amount if opening else None,
        closing.amount if closing else None,
        declared_credits=page.declared[0] if page.declared else None,
        declared_debits=page.declared[1] if page.declared else None,
        entries=entries,
        owner=page.owner,
        line=page.line,
    )
    found = dict.fromkeys([page.currency or currency, *(balance.currency for balance in ends)])
    if len(found) > 1:
        return replace(statement, fault="balances_in_currencies", params={"found": ", ".join(found)})
    if any(entry.pending for entry in entries):
        notices.add("pending_entries", page.line, sum(entry.pending for entry in entries))
    return checked(statement)


def _ends(page: Page) -> tuple[Balance | None, Balance | None]:
    """Opening and closing balance. Interim balances are that only when there are two of them and nothing else."""
    opening = _pick(page, "OPBD", first=True) or _pick(page, "PRCD", first=True)
    closing = _pick(page, "CLBD", first=False)
    if opening is None and closing is None and sum(b.code == "ITBD" for b in page.balances) > 1:
        return _pick(page, "ITBD", first=True), _pick(page, "ITBD", first=False)
    return opening, closing


def _pick(page: Page, code: str, *, first: bool) -> Balance | None:
    """The first or last balance of its kind by day, then by place; in the account's currency if there is one."""
    found = [balance for balance in page.balances if balance.code == code]
    found = [balance for balance in found if balance.currency == page.currency] or found
    found.sort(key=lambda balance: balance.day or date.min)
    return (found[0] if first else found[-1]) if found else None


def _dated(page: Page, ends: list[Balance], notices: NoticeBook) -> tuple[Entry, ...]:
    """The entries, each with a day: an entry without one has the statement's."""
    day = next(filter(None, [page.closed_on, *(b.day for b in reversed(ends)), page.created_on]), None)
    for place, entry in enumerate(page.entries):
        if entry.booked_on == date.min:
            if day is None:
                raise Unreadable("missing_field", entry.line, 0, field="booked_on")
            page.entries[place] = replace(entry, booked_on=day)
            if not entry.pending:
                notices.add("entry_without_date", entry.line)
    return tuple(page.entries)
