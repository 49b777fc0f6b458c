"""Bank files written by the tests: one statement in the words of each format, the way a bank would say it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from xml.sax.saxutils import escape

import pytest

from ledger.bank.readers import READERS
from ledger.bank.statements import Statement
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import format_of
from ledger.intake.sentences import sentence


@dataclass(frozen=True, slots=True)
class Line:
    """One movement: its day, its cents (more than zero came in), its text and the payer's reference."""

    day: date
    cents: int
    text: str = ""
    reference: str = ""

    @property
    def amount(self) -> Decimal:
        return Decimal(self.cents).scaleb(-2)


@dataclass(frozen=True, slots=True)
class Paper:
    """A statement as the tests mean it."""

    lines: tuple[Line, ...] = ()
    opening: int = 100_000
    currency: str = "EUR"
    account: str = "ES9121000418450200051332"
    day: date = date(2026, 3, 16)

    @property
    def closing(self) -> int:
        return self.opening + sum(line.cents for line in self.lines)


def statements(path: Path, content: str | bytes, notices: NoticeBook | None = None) -> list[Statement]:
    """What the reader of the file's own format gives; the format is told by content."""
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = READERS[format_of(path).name](path, NoticeBook() if notices is None else notices)
    return list(found)


def only(path: Path, content: str | bytes, notices: NoticeBook | None = None) -> Statement:
    """The one statement of the file."""
    (statement,) = statements(path, content, notices)
    return statement


def codes(notices: NoticeBook) -> list[str]:
    """The codes of the notices. Their sentences must find all their words."""
    for notice in notices:
        assert "%(" not in sentence(
            notice.code, {**notice.params, "line": notice.line, "count": notice.count}
        )
    return [notice.code for notice in notices]


def refusal(path: Path, content: str | bytes) -> Unreadable:
    """Why the file is refused. The sentence must find all its words."""
    with pytest.raises(Unreadable) as caught:
        statements(path, content)
    error = caught.value
    assert "%(" not in sentence(error.code, error.params)
    return error


def _plain(cents: int) -> str:
    return f"{abs(cents) // 100}.{abs(cents) % 100:02d}"


def _way(cents: int) -> str:
    return "DBIT" if cents < 0 else "CRDT"


def camt_balance(code: str, cents: int, paper: Paper) -> str:
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp>"
        f'<Amt Ccy="{paper.currency}">{_plain(cents)}</Amt><CdtDbtInd>{_way(cents)}</CdtDbtInd>'
        f"<Dt><Dt>{paper.day}</Dt></Dt></Bal>\n"
    )


def camt_entry(line: Line, paper: Paper, details: str = "", status: str = "<Sts>BOOK</Sts>") -> str:
    """An entry; without `details` it has one transaction with the line's text and reference."""
    said = (
        f"<TxDtls><Refs><EndToEndId>{escape(line.reference) or 'NOTPROVIDED'}</EndToEndId></Refs>"
        f"<RmtInf><Ustrd>{escape(line.text)}</Ustrd></RmtInf></TxDtls>"
    )
    return (
        f'<Ntry><Amt Ccy="{paper.currency}">{_plain(line.cents)}</Amt><CdtDbtInd>{_way(line.cents)}</CdtDbtInd>'
        f"{status}<BookgDt><Dt>{line.day}</Dt></BookgDt>"
        f"<NtryDtls>{details or said}</NtryDtls></Ntry>\n"
    )


def camt_document(body: str, *, version: str = "camt.053.001.02", name: str = "", extra: str = "") -> str:
    """A whole message around the balances and entries in `body`. `extra` stands before the account."""
    messages = {"052": ("BkToCstmrAcctRpt", "Rpt"), "053": ("BkToCstmrStmt", "Stmt")}
    outer, inner = messages.get(version[5:8], ("BkToCstmrDbtCdtNtfctn", "Ntfctn"))
    space = f' xmlns="urn:iso:std:iso:20022:tech:xsd:{version}"' if name != "bare" else ""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document{space}><{outer}><GrpHdr><MsgId>M</MsgId></GrpHdr>\n'
        f"<{inner}><Id>S-1</Id>{extra}<CreDtTm>2026-03-16T20:00:00+01:00</CreDtTm>\n"
        f"<Acct><Id><IBAN>ES9121000418450200051332</IBAN></Id><Ownr><Nm>ACME</Nm></Ownr></Acct>\n"
        f"{body}</{inner}></{outer}></Document>\n"
    )


def camt(paper: Paper) -> str:
    """CAMT.053."""
    body = camt_balance("OPBD", paper.opening, paper) + camt_balance("CLBD", paper.closing, paper)
    return camt_document(body + "".join(camt_entry(line, paper) for line in paper.lines))


def _comma(cents: int) -> str:
    return f"{abs(cents) // 100},{abs(cents) % 100:02d}".removesuffix("00")


def _mt_balance(tag: str, cents: int, day: date, currency: str) -> str:
    return f":{tag}:{'D' if cents < 0 else 'C'}{day:%y%m%d}{currency}{_comma(cents)}"


def wrapped(text: str, width: int = 65) -> Iterable[str]:
    """The text cut hard at `width`, as SWIFT asks."""
    return [text[start : start + width] for start in range(0, len(text), width)]


def mt940_line(line: Line) -> list[str]:
    mark = "D" if line.cents < 0 else "C"
    head = (
        f":61:{line.day:%y%m%d}{line.day:%m%d}{mark}{_comma(line.cents)}NTRF{line.reference[:16] or 'NONREF'}"
    )
    return [head, *wrapped(f":86:{line.text}", 69)[:1], *wrapped(line.text[65:])] if line.text else [head]


def mt940(paper: Paper) -> str:
    """MT940 in SWIFT's blocks."""
    rows = ["{1:F01BANKESMMAXXX0000000000}{2:O9400000000000BANKESMMAXXX00000000000000000000N}{4:", ":20:TEST"]
    rows += [f":25:{paper.account}", ":28C:7/1"]
    rows += [_mt_balance("60F", paper.opening, paper.day, paper.currency)]
    for line in paper.lines:
        rows += mt940_line(line)
    rows += [_mt_balance("62F", paper.closing, paper.day, paper.currency), "-}"]
    return "\r\n".join(rows) + "\r\n"


def norma43(paper: Paper) -> str:
    """Norma 43 for the Spanish account of the IBAN."""
    national = paper.account[4:]
    account = national[:8] + national[10:]

    def balance(cents: int) -> str:
        return f"{'1' if cents < 0 else '2'}{abs(cents):014d}"

    rows = [f"11{account}{paper.day:%y%m%d}{paper.day:%y%m%d}{balance(paper.opening)}9783{'ACME':26}"]
    for line in paper.lines:
        rows.append(
            f"22    0418{line.day:%y%m%d}{line.day:%y%m%d}04001{balance(line.cents)}"
            f"{0:010d}{line.reference[:12]:>012}{0:016d}"
        )
        for number, start in enumerate(range(0, len(line.text), 76), start=1):
            rows.append(f"23{number:02d}{line.text[start : start + 76]:76}")
    debits = [-line.cents for line in paper.lines if line.cents < 0]
    credits = [line.cents for line in paper.lines if line.cents >= 0]
    rows.append(
        f"33{account}{len(debits):05d}{sum(debits):014d}{len(credits):05d}{sum(credits):014d}"
        f"{balance(paper.closing)}978"
    )
    rows.append(f"88{'9' * 18}{len(rows):06d}")
    return "\r\n".join(row.ljust(80) for row in rows) + "\r\n"


def overpunched(cents: int) -> str:
    digits = f"{abs(cents):014d}"
    return digits[:-1] + ("}JKLMNOPQR" if cents < 0 else "{ABCDEFGHI")[int(digits[-1])]


def cfonb(paper: Paper, *, details: dict[str, str] | None = None) -> str:
    """CFONB 120; `details` are records 05 behind every entry, by qualifier."""

    def record(
        kind: str, day: date, operation: str = "  ", rest: str = "", cents: int = 0, end: str = ""
    ) -> str:
        head = f"{kind}20041    01005{paper.currency}2 0500013M026{operation}{day:%d%m%y}"
        return f"{head}{rest:50}{overpunched(cents)}{end:16}"

    rows = [record("01", paper.day - timedelta(days=1), cents=paper.opening)]
    for line in paper.lines:
        rest = f"  {line.day:%d%m%y}{line.text[:31]:31}  0000000"
        rows.append(record("04", line.day, "06", rest, line.cents, line.reference[:16]))
        said = ([("LIB", line.text[31:101])] if line.text[31:] else []) + list((details or {}).items())
        for qualifier, text in said:
            head = record("05", line.day, "06")[:45]
            rows.append(f"{head}{qualifier:3}{text[:70]:70}  ")
    rows.append(record("07", paper.day, cents=paper.closing))
    assert {len(row) for row in rows} == {120}
    return "\n".join(rows) + "\n"


def _ofx_tag(name: str, value: str, sgml: bool) -> str:
    return f"<{name}>{escape(value)}" + ("\n" if sgml else f"</{name}>\n")


def ofx(paper: Paper, *, sgml: bool = True) -> str:
    """OFX 1 (SGML, end tags left out) or OFX 2 (XML)."""

    def tag(name: str, value: str) -> str:
        return _ofx_tag(name, value, sgml)

    head = "OFXHEADER:100\nDATA:OFXSGML\nVERSION:102\nENCODING:UTF-8\n\n"
    if not sgml:
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<?OFX OFXHEADER="200" VERSION="211"?>\n'
    rows = "".join(
        "<STMTTRN>\n"
        + tag("TRNTYPE", "CREDIT" if line.cents >= 0 else "DEBIT")
        + tag("DTPOSTED", f"{line.day:%Y%m%d}120000.000[-5:EST]")
        + tag("TRNAMT", str(line.amount))
        + tag("FITID", line.reference or "1")
        + tag("MEMO", line.text)
        + "</STMTTRN>\n"
        for line in paper.lines
    )
    return (
        f"{head}<OFX>\n<BANKMSGSRSV1><STMTTRNRS><STMTRS>\n{tag('CURDEF', paper.currency)}"
        f"<BANKACCTFROM>\n{tag('ACCTID', paper.account)}</BANKACCTFROM>\n"
        f"<BANKTRANLIST>\n{rows}</BANKTRANLIST>\n"
        f"<LEDGERBAL>\n{tag('BALAMT', str(Decimal(paper.closing).scaleb(-2)))}"
        f"{tag('DTASOF', f'{paper.day:%Y%m%d}')}</LEDGERBAL>\n</STMTRS></STMTTRNRS></BANKMSGSRSV1>\n</OFX>\n"
    )


WRITERS: dict[str, Callable[[Paper], str]] = {
    "camt.053": camt,
    "mt940": mt940,
    "n43": norma43,
    "cfonb120": cfonb,
    "ofx": ofx,
}
