"""What a reader of bank files hands to the booking: statements, entries, transactions. No database here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from ledger.intake.documents import Reject

ZERO = Decimal(0)


@dataclass(frozen=True, slots=True)
class ReferredDocument:
    """A document that the payer names in a structured remittance (CAMT RfrdDocInf)."""

    number: str
    amount: Decimal | None = None
    issued_on: date | None = None


@dataclass(frozen=True, slots=True)
class Transaction:
    """One movement of money. `amount` is signed: more than zero came in. An entry has one, a batch entry several.

    `reference` is structured (ISO 11649, QRR, KID...); `text` is what the payer wrote, its lines joined by blanks.
    A payer may give several structured references: `references` has them all, `reference` the first.
    `ultimate_name` is for whom the party paid or was paid, when that is somebody else.
    `returned` says that this is the return of an earlier collection or transfer, for `return_reason` (AC04, MD01...).
    """

    amount: Decimal
    currency: str
    text: str = ""
    reference: str = ""
    end_to_end_id: str = ""
    mandate_id: str = ""
    bank_reference: str = ""
    party_name: str = ""
    party_account: str = ""
    code: str = ""
    documents: tuple[ReferredDocument, ...] = ()
    charges: Decimal | None = None
    returned: bool = False
    return_reason: str = ""
    references: tuple[str, ...] = ()
    ultimate_name: str = ""
    instruction_id: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a statement. The sum of its transactions is its amount, or the reader says why not in a notice."""

    booked_on: date
    amount: Decimal
    currency: str
    value_on: date | None = None
    bank_reference: str = ""
    pending: bool = False
    line: int = 0
    transactions: tuple[Transaction, ...] = ()


@dataclass(frozen=True, slots=True)
class Statement:
    """What happened on one account. `opening` and `closing` are None when the file does not give them.

    `declared_credits` and `declared_debits` are the bank's own sums, where the format has them. `fault` is a code of
    sentences.py when the statement contradicts itself in another way than its balance; `params` fill its sentence.
    `rejects` are entries that cannot be read where the rest of the statement can.
    """

    account: str
    currency: str
    number: str = ""
    sequence: str = ""
    opened_on: date | None = None
    closed_on: date | None = None
    opening: Decimal | None = None
    closing: Decimal | None = None
    declared_credits: Decimal | None = None
    declared_debits: Decimal | None = None
    entries: tuple[Entry, ...] = ()
    owner: str = ""
    line: int = 0
    rejects: tuple[Reject, ...] = ()
    fault: str = ""
    params: dict[str, object] = field(default_factory=dict)

    @property
    def credits(self) -> Decimal:
        """The sum of what came in; entries that are only pending do not count."""
        return sum((entry.amount for entry in self.booked if entry.amount > 0), ZERO)

    @property
    def debits(self) -> Decimal:
        """The sum of what went out, without sign."""
        return -sum((entry.amount for entry in self.booked if entry.amount < 0), ZERO)

    @property
    def booked(self) -> Iterator[Entry]:
        """The entries that the bank has booked."""
        return (entry for entry in self.entries if not entry.pending)

    @property
    def difference(self) -> Decimal | None:
        """Opening plus entries less closing; None when a balance is not given."""
        if self.opening is None or self.closing is None:
            return None
        return self.opening + self.credits - self.debits - self.closing
