"""The last statement of the bank: payments that nobody could place yet, so that the page of payments has work."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape

from django.db.models import F

from demo.books import NotTaken
from demo.cast import House
from demo.dice import at_clock
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.models import Invoice
from lib.money import q

# What the payers write: less by a pallet, a transfer without a number, twice the amount, somebody else's money.
WORDS = {
    "es": (
        "PAGO FRA {number} FALTA 1 PALET",
        "TRANSFERENCIA",
        "FRA {number}",
        "DEVOLUCION SEGURO",
        "COMISION MANTENIMIENTO",
    ),
    "fr": (
        "REGLEMENT FACT {number} MANQUE 1 PALETTE",
        "VIREMENT",
        "FACTURE {number}",
        "REMBOURSEMENT ASSURANCE",
        "FRAIS DE TENUE",
    ),
}
INSURER = {"es": "SEGUROS DEL CANTABRICO", "fr": "ASSURANCES ATLANTIQUE"}
NAMES = {"es": "extracto", "fr": "releve"}
OPENING = Decimal("125480.16")
ENTRY = """<Ntry><Amt Ccy="EUR">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>BOOK</Sts>
<BookgDt><Dt>{on}</Dt></BookgDt><ValDt><Dt>{on}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef><NtryDtls><TxDtls>
<RltdPties><Dbtr><Nm>{payer}</Nm></Dbtr>
</RltdPties><RmtInf><Ustrd>{text}</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>"""
BALANCE = """<Bal><Tp><CdOrPrtry><Cd>{kind}</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">{amount}</Amt>
<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{on}</Dt></Dt></Bal>"""
STATEMENT = """<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">
<BkToCstmrStmt><GrpHdr><MsgId>{number}</MsgId><CreDtTm>{on}T16:00:00</CreDtTm></GrpHdr><Stmt><Id>{number}</Id>
<CreDtTm>{on}T16:00:00</CreDtTm><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>EUR</Ccy></Acct>{balances}{entries}</Stmt>
</BkToCstmrStmt></Document>"""
Line = tuple[Decimal, str, str]


def last_statement(house: House, last: date) -> None:
    """Take in the statement of the last day. None of its payments is certain: all of them wait for a person."""
    lines = list(_lines(house, last))
    name = f"{NAMES[house.language]}-{last:%Y%m%d}"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.xml"
        path.write_text(_camt(house, name, last, lines))
        at = at_clock(house.entity, last, 17, 20)
        done = import_file(
            Job(path=path, entity=house.entity, at=at, day=last, by=house.collector, name=path.name)
        )
    if done.exit_code:
        raise NotTaken(f"{name}: {done.as_json()}")


def _lines(house: House, last: date) -> list[Line]:
    """Amount, payer and text of each movement."""
    short, transfer, twice, other, fee = WORDS[house.language]
    papers = Invoice.objects.invoices().filter(entity=house.entity, dispute_lines=None, due_on__lt=last)
    rows = papers.exclude(allocated=F("amount")).select_related("customer").order_by("-due_on", "number")
    chosen: dict[int, Invoice] = {}
    for row in rows:
        chosen.setdefault(row.customer_id, row)
    found = [paper for paper in chosen.values() if paper.amount > 200][:3]
    lines: list[Line] = [
        (Decimal("318.40"), INSURER[house.language], other),
        (Decimal("-18.00"), "", fee),
    ]
    texts = (short, transfer, twice)
    for place, paper in enumerate(found):
        left = paper.amount - paper.allocated
        amount = (q(left * Decimal("0.92")), left, left + 75)[place]
        text = texts[place].format(number=paper.number)
        lines.append((amount, paper.customer.name.upper().replace(",", ""), text))
    return lines


def _camt(house: House, number: str, on: date, lines: list[Line]) -> str:
    entries = [
        ENTRY.format(
            amount=abs(amount),
            sign="CRDT" if amount > 0 else "DBIT",
            on=on,
            reference=f"{on:%y%m%d}{place:04}",
            payer=escape(payer),
            text=escape(text),
        )
        for place, (amount, payer, text) in enumerate(lines, start=1)
    ]
    closing = OPENING + sum((amount for amount, _payer, _text in lines), Decimal(0))
    balances = BALANCE.format(kind="OPBD", amount=OPENING, on=on) + BALANCE.format(
        kind="CLBD", amount=closing, on=on
    )
    return STATEMENT.format(
        number=number,
        on=on,
        account=house.entity.iban,
        balances=balances,
        entries="".join(entries),
    )
