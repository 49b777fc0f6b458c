"""What a payment is for: from a movement and the open items around it to proposals, each with its reasons. Pure.

Nothing here reads the database or decides: `candidates.py` gathers what is asked, `cash.py` books what is certain.
Every proposal keeps the rules of the books: no item gets more than is open, no payment places more than it has.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

ZERO = Decimal("0.00")
CERTAIN = 99
INVOICE, CREDIT_NOTE = "invoice", "credit_note"
DISCOUNT, FEE, SMALL = "discount", "fee", "small"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why: a code of matching_words.py and what its sentence needs."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """An invoice or credit note with what is open of it."""

    pk: int
    kind: str
    number: str
    customer: int
    currency: str
    open: Decimal
    issued_on: date
    due_on: date


@dataclass(frozen=True, slots=True)
class Movement:
    """Money that came in. `text` is everything the payer wrote; `named` are documents of a structured remittance."""

    pk: int
    amount: Decimal
    currency: str
    booked_on: date
    text: str = ""
    references: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    charges: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Payer:
    """A customer who may have paid, and how sure the payer's name or account makes that (0 to 100)."""

    customer: int
    sure: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Named:
    """A document that the payer named. `level`: 3 beyond doubt, 2 exactly but short, 1 by its end only."""

    item: Item
    level: int
    words: str


@dataclass(frozen=True, slots=True)
class Rules:
    """What the entity lets pass: a cash discount, bank fees, a difference too small to write about."""

    discount_percent: Decimal = Decimal(0)
    discount_days: int = 0
    fee: Decimal = ZERO
    small: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where the money may go. `parts`: invoice, amount. `credits`: credit note, invoice, amount. `lessened`: invoice,
    amount, why (discount, fee, small). `short`: an invoice that got something, and what is missing of it."""

    customer: int
    confidence: int
    reasons: tuple[Reason, ...]
    parts: tuple[tuple[int, Decimal], ...] = ()
    credits: tuple[tuple[int, int, Decimal], ...] = ()
    lessened: tuple[tuple[int, Decimal, str], ...] = ()
    short: tuple[tuple[int, Decimal], ...] = ()
    exact: bool = False

    @property
    def placed(self) -> Decimal:
        """What of the payment is placed."""
        return sum((amount for _invoice, amount in self.parts), ZERO)


def spread(
    invoices: Sequence[Item], notes: Sequence[Item], paid: Decimal, off: Decimal = ZERO, why: str = ""
) -> dict[str, Any]:
    """The payment, the credit notes and what is let off, placed on the invoices in order: never more than is open."""
    left = {item.pk: item.open for item in invoices}
    credits, lessened, parts = [], [], []
    for note in notes:
        rest = note.open
        for invoice in invoices:
            part = min(rest, left[invoice.pk])
            if part > 0:
                credits.append((note.pk, invoice.pk, part))
                left[invoice.pk] -= part
                rest -= part
    for invoice in reversed(invoices):
        part = min(off, left[invoice.pk])
        if part > 0:
            lessened.append((invoice.pk, part, why))
            left[invoice.pk] -= part
            off -= part
    for invoice in invoices:
        part = min(paid, left[invoice.pk])
        if part > 0:
            parts.append((invoice.pk, part))
            left[invoice.pk] -= part
            paid -= part
    touched = {pk for pk, _amount in parts} | {pk for _note, pk, _amount in credits}
    short = tuple((pk, amount) for pk, amount in left.items() if amount > 0 and pk in touched)
    return {
        "parts": tuple(parts),
        "credits": tuple(credits),
        "lessened": tuple(lessened),
        "short": short,
    }


def total(items: Iterable[Item]) -> Decimal:
    """Invoices less credit notes."""
    return sum((item.open if item.kind == INVOICE else -item.open for item in items), ZERO)


def by_age(items: Iterable[Item]) -> list[Item]:
    """Oldest due first."""
    return sorted(items, key=lambda item: (item.due_on, item.issued_on, item.pk))


def best_first(proposals: Iterable[Proposal], most: int = 6) -> list[Proposal]:
    """The surest first, each way of placing the money once; exact only while one stands alone."""
    ordered = sorted(proposals, key=lambda p: (-p.confidence, not p.parts, p.customer, p.parts))
    seen: dict[Any, Proposal] = {}
    for proposal in ordered:
        seen.setdefault((proposal.customer, proposal.parts, proposal.credits, proposal.lessened), proposal)
    kept = list(seen.values())[:most]
    if sum(proposal.exact for proposal in kept) > 1:
        kept = [replace(p, exact=False, confidence=min(p.confidence, 90)) if p.exact else p for p in kept]
    return kept
