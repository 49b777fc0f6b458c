"""Which invoices a text speaks of, however their numbers are written. Reads only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from ledger.bank.matching import Item, Movement
from ledger.bank.matching_named import Index, named
from ledger.models import Invoice

PIECE = 1900
MOST_TEXT = 20_000


@dataclass(frozen=True, slots=True)
class Mention:
    """An invoice that the text names. `level`: 3 beyond doubt, 2 exactly but short, 1 by its end only."""

    invoice: int
    customer: int
    level: int
    words: str


def mentioned(text: str, invoices: Iterable[Invoice], customers: set[int], on: date) -> list[Mention]:
    """The invoices of these that the text names, surest first.

    `customers`: who probably writes; of theirs the end of a number is enough. The same finding as for payments.
    """
    index = Index(
        Item(
            pk=invoice.pk,
            kind=invoice.kind,
            number=invoice.number,
            customer=invoice.customer_id,
            currency=invoice.currency,
            open=invoice.amount - invoice.allocated,
            issued_on=invoice.issued_on,
            due_on=invoice.due_on,
        )
        for invoice in invoices
    )
    best: dict[int, Mention] = {}
    for piece in _pieces(text):
        movement = Movement(pk=0, amount=Decimal(0), currency="EUR", booked_on=on, text=piece)
        for one in named(movement, index, customers)[0]:
            known = best.get(one.item.pk)
            if known is None or known.level < one.level:
                best[one.item.pk] = Mention(one.item.pk, one.item.customer, one.level, one.words)
    return sorted(best.values(), key=lambda one: (-one.level, one.invoice))


def _pieces(text: str) -> list[str]:
    """The text in pieces that the finding takes whole, cut between lines."""
    pieces = [""]
    for line in text[:MOST_TEXT].splitlines():
        if len(pieces[-1]) + len(line) >= PIECE:
            pieces.append("")
        pieces[-1] += line[:PIECE] + "\n"
    return pieces
