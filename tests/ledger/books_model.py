"""The books as a plain list: what a person with paper and pencil would keep."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

ZERO = Decimal(0)


@dataclass(frozen=True)
class Paper:
    """A document or a payment: what it amounts to, from which day on."""

    amount: Decimal
    day: date
    is_note: bool = False


@dataclass(frozen=True)
class Placed:
    """A part of a payment or credit note on an invoice; negative when it is taken back."""

    invoice: int
    payment: int | None
    note: int | None
    amount: Decimal
    day: date


@dataclass
class Model:
    """Everything that is recorded."""

    documents: dict[int, Paper] = field(default_factory=dict)
    payments: dict[int, Paper] = field(default_factory=dict)
    placed: list[Placed] = field(default_factory=list)
    returns: list[tuple[int, Decimal, date]] = field(default_factory=list)

    def used(self, document: int, on: date = date.max) -> Decimal:
        """What is placed on an invoice, or used of a credit note, at the end of a day."""
        return sum(
            (row.amount for row in self.placed if document in (row.invoice, row.note) and row.day <= on), ZERO
        )

    def gone(self, payment: int, on: date = date.max) -> Decimal:
        """What is placed or taken back of a payment at the end of a day."""
        placed = sum((row.amount for row in self.placed if row.payment == payment and row.day <= on), ZERO)
        return placed + sum((amount for pk, amount, day in self.returns if pk == payment and day <= on), ZERO)

    def fits(self, new: Placed) -> bool:
        """Whether it can be placed: on its day and on every later one something is left on both sides."""
        days = {new.day, *(row.day for row in self.placed), *(day for _pk, _amount, day in self.returns)}
        for on in (day for day in days if day >= new.day):
            if self.used(new.invoice, on) + new.amount > self.documents[new.invoice].amount:
                return False
            if new.note and self.used(new.note, on) + new.amount > self.documents[new.note].amount:
                return False
            if new.payment and self.gone(new.payment, on) + new.amount > self.payments[new.payment].amount:
                return False
        return True

    def open(self, on: date = date.max) -> dict[int, Decimal]:
        """Invoice -> what is left to pay at the end of a day."""
        return {
            pk: paper.amount - self.used(pk, on)
            for pk, paper in self.documents.items()
            if not paper.is_note and paper.day <= on
        }
