"""Bank statements made by hand, and the door they take into the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from accounts.models import LegalEntity, User
from ledger.bank.readers import READERS
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.intake import batch as intake
from ledger.intake.formats import STATEMENTS, Format
from ledger.intake.job import Job
from ledger.intake.reading import HowToRead
from ledger.intake.results import FileResult
from tests.factories import AT, ON

ACCOUNT = "ES9121000418450200051332"
NAME = "by-hand"
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>
<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr></RltdPties>
<RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId>
<CreDtTm>{on}T08:00:00</CreDtTm></GrpHdr><Stmt><Id>{number}</Id><CreDtTm>{on}T08:00:00</CreDtTm>
<Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">500.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>{on}</Dt></Dt></Bal>
<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{closing}</Amt><CdtDbtInd>CRDT</CdtDbtInd>
<Dt><Dt>{on}</Dt></Dt></Bal>{entries}</Stmt></BkToCstmrStmt></Document>"""


def moved(amount: str, *, on: date = ON, currency: str = "EUR", reference: str = "", **said: Any) -> Entry:
    """An entry with one movement; `reference` is the bank's."""
    part = Transaction(Decimal(amount), currency, bank_reference=reference, **said)
    return Entry(on, Decimal(amount), currency, bank_reference=reference, transactions=(part,))


def batch_entry(parts: Sequence[Transaction], *, on: date = ON, reference: str = "") -> Entry:
    """An entry with several movements."""
    total = sum((part.amount for part in parts), Decimal(0))
    return Entry(on, total, parts[0].currency, bank_reference=reference, transactions=tuple(parts))


def statement(
    *entries: Entry, opening: str | None = "1000.00", closing: str | None = "", **facts: Any
) -> Statement:
    """A statement that balances, unless `closing` says otherwise; None for a balance that is not given."""
    sums = sum((entry.amount for entry in entries), Decimal(0))
    first = None if opening is None else Decimal(opening)
    last = (first or Decimal(0)) + sums if closing == "" else Decimal(closing) if closing else None
    made = Statement(
        account=facts.pop("account", ACCOUNT),
        currency=facts.pop("currency", "EUR"),
        number=facts.pop("number", "1"),
        opened_on=facts.pop("on", ON),
        closed_on=facts.pop("until", ON),
        opening=first,
        closing=None if opening is None else last,
        entries=entries,
    )
    return made if not facts else Statement(**{name: getattr(made, name) for name in made.__slots__} | facts)


class Bank:
    """Takes statements in as a file of theirs would come."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
        self.statements: list[Statement] = []
        self.path = folder / "statement.txt"
        monkeypatch.setitem(READERS, NAME, lambda path, notices: self.statements)
        known = Format(NAME, STATEMENTS, lambda peek: True)
        monkeypatch.setattr(intake, "format_of", lambda path, wanted: known)

    def takes(
        self,
        *statements: Statement,
        entity: LegalEntity,
        allow_unbalanced: bool = False,
        by: User | None = None,
    ) -> FileResult:
        """Import the statements as one file."""
        self.statements = list(statements)
        self.path.write_text(repr(statements))
        how = HowToRead(allow_unbalanced=allow_unbalanced)
        result = intake.import_file(Job(path=self.path, entity=entity, at=AT, day=ON, how=how, by=by))
        assert result.error is None, result.error
        return result


@pytest.fixture
def bank(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Bank:
    """The bank of the tests."""
    return Bank(monkeypatch, tmp_path)


def camt(
    path: Path,
    on: date,
    payments: list[tuple[str, str]],
    payer: str = "COMERCIAL NORTE SA",
    missing: str = "0.00",
) -> Path:
    """A CAMT.053 of ACCOUNT with payments (amount, text), `missing` too much in its closing balance."""
    entries = [
        ENTRY.format(amount=amount, on=on, reference=f"REF{place}", payer=payer, text=words)
        for place, (amount, words) in enumerate(payments)
    ]
    closing = Decimal("500.00") + Decimal(missing) + sum(Decimal(amount) for amount, _words in payments)
    path.write_text(
        STATEMENT.format(account=ACCOUNT, on=on, number=path.stem, closing=closing, entries="".join(entries))
    )
    return path
