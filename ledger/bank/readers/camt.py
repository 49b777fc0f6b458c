"""Reads CAMT.052, .053 and .054, versions 001.01 to 001.13, with or without their namespace, entry by entry."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import IO

from lxml import etree

from ledger.bank.readers.camt_fields import (
    FORMAT,
    code_of,
    day_at,
    every,
    line_of,
    money_at,
    name_of,
    one,
    reference_at,
    sign_at,
    text_at,
)
from ledger.bank.readers.camt_page import Page, append, close, continues, ours_of, statement_of
from ledger.bank.readers.camt_parts import Ours, charges_of, is_return, part_of, share
from ledger.bank.readers.common import MAX_ENTRIES
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.source import open_bytes
from ledger.intake.xml_safe import MAX_DEPTH

# A file is read entry by entry; what is held of it at one time has a limit of its own.
MAX_CAMT, MAX_HELD = 1 << 30, 1 << 21
STATEMENTS = frozenset({"Stmt", "Rpt", "Ntfctn"})
LET_GO = STATEMENTS | {"Ntry"}
MESSAGES = ("BkToCstmrStmt", "BkToCstmrAcctRpt", "BkToCstmrDbtCdtNtfctn")


def read_camt(path: Path, notices: NoticeBook) -> Iterator[Statement]:
    """The statements, reports or notifications of the file. Pages of one statement come as one. Raises Unreadable."""
    with open_bytes(path, MAX_CAMT) as stream:
        while stream.peek(1)[:1].isspace():
            stream.read(1)
        waiting: Page | None = None
        for page in _pages(stream, notices):
            if waiting is not None and continues(waiting, page):
                append(waiting, page)
                continue
            if waiting is not None:
                yield statement_of(waiting, notices)
            waiting = page
        if waiting is None:
            raise Unreadable("no_statement", 1, 0, format=FORMAT)
        yield statement_of(waiting, notices)


def _pages(stream: IO[bytes], notices: NoticeBook) -> Iterator[Page]:
    """The statements as the file has them; an entry is let go of as soon as it is read."""
    page = Page(0)
    for event, element in _events(stream):
        name = name_of(element)
        parent = element.getparent()
        holder = name_of(parent) if parent is not None else ""
        if name in STATEMENTS and holder.startswith(MESSAGES):
            if event == "start":
                page = Page(line_of(element))
            else:
                close(page, element)
                yield page
                element.clear()
        elif event == "end" and name == "Ntry" and holder in STATEMENTS and parent is not None:
            page.entries.append(_entry(element, ours_of(page, parent), notices))
            if len(page.entries) > MAX_ENTRIES:
                raise Unreadable("too_many_parts", line_of(element), 0, limit=MAX_ENTRIES)
            element.clear()
            before = element.getprevious()
            if before is not None and name_of(before) == "Ntry":
                parent.remove(before)


def _events(stream: IO[bytes]) -> Iterator[tuple[str, etree._Element]]:
    """The elements as they open and close. Refuses document types, depth, masses of elements and broken XML."""
    depth = held = 0
    found = False
    before: list[int] = []
    try:
        for event, element in etree.iterparse(
            stream,
            events=("start", "end"),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            remove_comments=True,
            remove_pis=True,
            huge_tree=False,
        ):
            depth += 1 if event == "start" else -1
            held += event == "start"
            if depth == 1 and event == "start":
                info = element.getroottree().docinfo
                if info.internalDTD is not None or info.doctype:
                    raise Unreadable("xml_doctype", 1)
            if depth > MAX_DEPTH:
                raise Unreadable("xml_too_deep", line_of(element))
            if held > MAX_HELD:
                raise Unreadable("too_many_parts", line_of(element), 0, limit=MAX_HELD)
            name = name_of(element)
            found = found or name.startswith(MESSAGES)
            if name in LET_GO and event == "start":
                before.append(held)
            yield event, element
            if name in LET_GO and event == "end":
                held = before.pop()
    except etree.XMLSyntaxError as error:
        line, column = error.position
        detail = str(error.msg or "").split(", line")[0]
        raise Unreadable("broken_xml", line, column, detail=detail) from error
    if not found:
        raise Unreadable("not_this_message", 1, 0, found=_kind(element))


def _kind(element: etree._Element) -> str:
    namespace, _, name = str(element.tag).rpartition("}")
    return namespace.rsplit(":", 1)[-1] or name


def _entry(element: etree._Element, ours: Ours, notices: NoticeBook) -> Entry:
    line = line_of(element)
    money = money_at(element, "Amt")
    sign = sign_at(element)
    if money is None:
        raise Unreadable("missing_field", line, 0, field="amount")
    if not sign and money[0]:
        raise Unreadable("bad_direction", line, 0, value="")
    amount, currency = money[0] * (sign or 1), money[1]
    code = code_of(one(element, "BkTxCd"))
    whole = Transaction(
        amount,
        currency,
        text=text_at(element, "AddtlNtryInf"),
        bank_reference=reference_at(element, "AcctSvcrRef", "NtryRef"),
        code=code,
        charges=charges_of(element, currency),
        returned=text_at(element, "RvslInd").lower() in ("true", "1") or is_return(code),
    )
    details = every(element, "NtryDtls/TxDtls") + every(element, "TxDtls")
    counts = [(count.text or "").strip() for count in every(element, "NtryDtls/Btch/NbOfTxs")]
    batch = sum(int(count) for count in counts if count.isdecimal() and len(count) < 16)
    parts = [part_of(detail, whole, ours) for detail in details]
    value_on = day_at(element, "ValDt/Dt", "ValDt/DtTm")
    status = text_at(element, "Sts/Cd", "Sts", "Sts/Prtry")
    return Entry(
        day_at(element, "BookgDt/Dt", "BookgDt/DtTm") or value_on or date.min,
        amount,
        currency,
        value_on,
        whole.bank_reference,
        pending=status not in ("BOOK", ""),
        line=line,
        transactions=share(whole, parts, batch, line, notices),
    )
