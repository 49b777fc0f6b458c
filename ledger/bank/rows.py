"""From what a reader gives to rows of the database, not yet written."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.models import LegalEntity
from ledger.bank.balance import exact
from ledger.bank.identity import Numbering, entry_word, key, movement_word, parts_of
from ledger.bank.statements import Entry, Statement, Transaction
from ledger.choices import TransactionStatus
from ledger.models import BankStatement, BankTransaction

HELD_PREFIX = "held"
WIDTHS = {
    name: getattr(BankTransaction._meta.get_field(name), "max_length", None)
    for name in (
        "party_name",
        "party_account",
        "reference",
        "end_to_end_id",
        "mandate_id",
        "bank_reference",
        "code",
        "return_reason",
    )
}
MAX_TEXT = 4000


@dataclass(slots=True)
class Movement:
    """A movement with its identity."""

    part: Transaction
    position: int
    identity: str


@dataclass(slots=True)
class KnownEntry:
    """An entry of a statement with its identity and its movements."""

    entry: Entry
    position: int
    identity: str
    movements: list[Movement] = field(default_factory=list)


def entries_of(statement: Statement, account: str, numbering: Numbering) -> list[KnownEntry]:
    """The booked entries of the statement, each with its identities."""
    found = []
    for position, entry in enumerate(statement.booked, start=1):
        whole = key(account, entry.currency, entry.booked_on, entry.amount, entry_word(entry), "e")
        known = KnownEntry(entry, position, numbering.give(whole))
        for number, part in enumerate(parts_of(entry), start=1):
            one = key(account, part.currency, entry.booked_on, part.amount, movement_word(part, entry))
            known.movements.append(Movement(part, number, numbering.give(one)))
        found.append(known)
    return found


def transaction_row(
    statement: BankStatement, known: KnownEntry, movement: Movement, *, held: bool
) -> BankTransaction:
    """The row of one movement. While its statement is held its identities are set apart."""
    entry, part = known.entry, movement.part
    prefix = f"{HELD_PREFIX}:{statement.pk}:" if held else ""
    alone = len(known.movements) == 1
    return BankTransaction(
        entity_id=statement.entity_id,
        statement=statement,
        entry=known.position,
        part=movement.position,
        booked_on=entry.booked_on,
        value_on=entry.value_on,
        amount=exact(part.amount),
        currency=part.currency,
        identity=prefix + movement.identity,
        entry_identity=prefix + known.identity,
        status=TransactionStatus.HELD if held else first_status(part.amount, part.returned),
        **details(part, entry.bank_reference if alone else ""),
    )


def first_status(amount: Decimal, returned: bool) -> TransactionStatus:
    """Before any matching: what came in, or was taken back, is to be looked at; the rest is not a customer's."""
    return TransactionStatus.UNMATCHED if amount > 0 or returned else TransactionStatus.OTHER


def details(part: Transaction, bank_reference: str = "") -> dict[str, Any]:
    """What the movement says, cut to what fits."""
    said = {
        "party_name": part.party_name,
        "party_account": part.party_account.replace(" ", ""),
        "reference": part.reference,
        "end_to_end_id": part.end_to_end_id,
        "mandate_id": part.mandate_id,
        "bank_reference": part.bank_reference or bank_reference,
        "code": part.code,
        "return_reason": part.return_reason,
    }
    cut = {name: value.replace("\x00", "").strip()[: WIDTHS[name]] for name, value in said.items()}
    return cut | {
        "text": part.text.replace("\x00", "").strip()[:MAX_TEXT],
        "documents": list(_documents(part)),
        "charges": exact(part.charges) if part.charges is not None else None,
        "returned": part.returned,
    }


def _documents(part: Transaction) -> Iterator[dict[str, Any]]:
    for document in part.documents:
        yield {
            "number": document.number[:80],
            "amount": str(document.amount) if document.amount is not None else None,
            "issued_on": document.issued_on.isoformat() if document.issued_on else None,
        }


def statement_row(
    statement: Statement, *, entity: LegalEntity, account: str, identity: str, **facts: Any
) -> BankStatement:
    """The row of a statement. Its figures are those of its entries; the difference follows from them."""
    figures = figures_of(statement)
    days = [entry.booked_on for entry in statement.booked]
    return BankStatement(
        entity=entity,
        account=account[:80],
        number=statement.number.replace("\x00", "")[:120],
        identity=identity,
        currency=statement.currency,
        opened_on=statement.opened_on or min(days, default=None),
        closed_on=statement.closed_on or max(days, default=None),
        entries=len(days),
        **figures,
        **facts,
    )


def figures_of(statement: Statement) -> dict[str, Decimal | None]:
    """Balances and sums with the decimals that are kept; the difference is exactly what they give."""
    opening = exact(statement.opening) if statement.opening is not None else None
    closing = exact(statement.closing) if statement.closing is not None else None
    credits, debits = exact(statement.credits), exact(statement.debits)
    told = opening is not None and closing is not None
    return {
        "opening": opening,
        "closing": closing,
        "credits": credits,
        "debits": debits,
        "difference": opening + credits - debits - closing if told else None,  # type: ignore[operator]
    }


def first_day(statement: Statement) -> date | None:
    """The day on which the statement starts."""
    return statement.opened_on or min((entry.booked_on for entry in statement.booked), default=None)
