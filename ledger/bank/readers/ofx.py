"""Reads OFX 1.x and 2.x: statements of bank accounts and credit cards. An entry that cannot be read is a reject."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path

from ledger.bank.readers.common import LARGEST, MAX_ENTRIES, account_of, checked, currency_of, day_of, joined
from ledger.bank.readers.ofx_tree import Holder, read_tree
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.intake.documents import BadCell, NoticeBook, Reject, Unreadable

FORMAT = "OFX"
BLANKS = re.compile(r"[\s\u00a0\u202f'’]+")
PLAIN = re.compile(r"[+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)", re.ASCII)
GROUPED = re.compile(
    r"[+-]?\d{1,3}(?:(?:,\d{3})+\.\d*|(?:\.\d{3})+,\d*|(?:,\d{3}){2,}|(?:\.\d{3}){2,})", re.ASCII
)
# 1.234 and 1,234: thousands for some, three decimals for others, unless the currency has three.
THOUSANDTHS = frozenset({"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"})
UNCLEAR = re.compile(r"[+-]?[1-9]\d{0,2}[.,]\d{3}", re.ASCII)
DAY = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\d{2,6}(?:\.\d+)?)?(?:\[.*\]?)?", re.ASCII)


def read_ofx(path: Path, notices: NoticeBook) -> Iterator[Statement]:
    """The statements of the file, one per account. Raises Unreadable."""
    root = read_tree(path)
    investments = list(root.all("INVSTMTRS"))
    given = False
    for holder in root.all("STMTRS", "CCSTMTRS"):
        given = True
        yield _statement(holder, notices)
    for status in root.all("STATUS"):
        if status.value("SEVERITY").upper() == "ERROR" and not given:
            detail = joined([status.value("CODE"), status.value("MESSAGE")])[:200]
            raise Unreadable("ofx_failed", status.line, 0, detail=detail)
    if investments and not given:
        raise Unreadable("investments", investments[0].line, 0, found="INVSTMTRS")
    if investments:
        notices.add("investments_left_out", investments[0].line, len(investments))
    if not given:
        raise Unreadable("no_statement", root.line, 0, format=FORMAT)


def _statement(holder: Holder, notices: NoticeBook) -> Statement:
    currency = currency_of(holder.value("CURDEF"), holder.line)
    account = _account(holder)
    if not account:
        raise Unreadable("no_account", holder.line)
    entries: list[Entry] = []
    rejects: list[Reject] = []
    for element in holder.all("STMTTRN", "STMTTRNP"):
        try:
            entries.append(_entry(element, currency))
        except BadCell as bad:
            names = ("FITID", "DTPOSTED", "TRNAMT", "NAME", "MEMO")
            raw = tuple(element.value(name) for name in names)
            params = {key: value for key, value in bad.params.items() if key != "column"}
            rejects.append(Reject(element.line, bad.code, bad.params["column"], params, raw, None, currency))
        if len(entries) + len(rejects) > MAX_ENTRIES:
            raise Unreadable("too_many_parts", element.line, 0, limit=MAX_ENTRIES)
    closing, as_of = _closing(holder, notices)
    statement = Statement(
        account,
        currency,
        opened_on=_day(holder.value("BANKTRANLIST", "DTSTART")),
        closed_on=_day(holder.value("BANKTRANLIST", "DTEND")) or as_of,
        closing=closing,
        entries=tuple(entries),
        rejects=tuple(rejects),
        line=holder.line,
    )
    return checked(statement)


def _account(holder: Holder) -> str:
    """The account's number; French banks give it in three parts."""
    account = account_of(holder.value("BANKACCTFROM", "ACCTID") or holder.value("CCACCTFROM", "ACCTID"))
    bank, branch = holder.value("BANKACCTFROM", "BANKID"), holder.value("BANKACCTFROM", "BRANCHID")
    if (len(bank), len(branch), len(account)) == (5, 5, 11):
        return f"{bank}{branch}{account}"
    return account[:80]


def _closing(holder: Holder, notices: NoticeBook) -> tuple[Decimal | None, date | None]:
    """The balance that the bank gives. There is no opening balance to compare with: a bad one is worth a word only."""
    text, day = holder.value("LEDGERBAL", "BALAMT"), _day(holder.value("LEDGERBAL", "DTASOF"))
    try:
        return (_amount(text, "BALAMT", holder.value("CURDEF").upper()) if text else None), day
    except BadCell:
        notices.add("balance_unreadable", holder.line, value=text[:60])
        return None, day


def _entry(element: Holder, currency: str) -> Entry:
    amount = _amount(element.value("TRNAMT"), "TRNAMT", currency)
    pending = element.name == "STMTTRNP"
    text = element.value("DTTRAN") if pending else element.value("DTPOSTED")
    booked_on = _day(text) or _day(element.value("DTUSER") if not text else "")
    if booked_on is None:
        raise BadCell("not_a_date" if text else "missing", value=text, field="booked_on", column="DTPOSTED")
    name = element.value("PAYEE", "NAME") or element.value("EXTDNAME") or element.value("NAME")
    memo = element.value("MEMO")
    words = [memo] if memo.casefold().startswith(name.casefold()) else [name, memo]
    used = element.value("CURRENCY", "CURSYM").upper() or currency
    other = element.value("BANKACCTTO", "ACCTID") or element.value("CCACCTTO", "ACCTID")
    transaction = Transaction(
        amount,
        used,
        text=joined(words),
        bank_reference=element.value("FITID")[:140],
        party_name=name[:250],
        party_account=account_of(other)[:60],
        instruction_id=(element.value("REFNUM") or element.value("CHECKNUM").strip("0"))[:140],
        code=element.value("TRNTYPE")[:40],
    )
    return Entry(
        booked_on,
        amount,
        used,
        _day(element.value("DTAVAIL")),
        transaction.bank_reference,
        pending=pending,
        line=element.line,
        transactions=(transaction,),
    )


def _amount(text: str, column: str, currency: str) -> Decimal:
    """An amount with point or comma, with or without thousands. Raises BadCell when it is none, or can be two."""
    bare = BLANKS.sub("", text).replace("−", "-")
    if not bare:
        raise BadCell("missing", field="amount", column=column)
    if GROUPED.fullmatch(bare):
        last = max(bare.rfind("."), bare.rfind(","))
        if bare.count(bare[last]) > 1:
            bare = bare.replace(bare[last], "")
        else:
            bare = bare[:last].replace(",", "").replace(".", "") + "." + bare[last + 1 :]
    elif not PLAIN.fullmatch(bare) or (UNCLEAR.fullmatch(bare) and currency not in THOUSANDTHS):
        raise BadCell("not_an_amount", value=text[:60], column=column)
    amount = Decimal(bare.replace(",", "."))
    exponent = amount.normalize().as_tuple().exponent
    if abs(amount) >= LARGEST or not isinstance(exponent, int) or exponent < -5:
        raise BadCell("not_an_amount", value=text[:60], column=column)
    return amount


def _day(text: str) -> date | None:
    """The day as the bank writes it; its time and time zone do not move it."""
    match = DAY.fullmatch(text.strip())
    return day_of(match[1], match[2], match[3]) if match else None
