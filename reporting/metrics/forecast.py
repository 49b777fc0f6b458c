"""What an agreement on instalments still brings, and on which day: pure, in the currency of the agreement."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

ZERO = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Due:
    """So much by that day."""

    due_on: date
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Covered:
    """A part of an invoice in instalments: what is left of it, and what of that is not in dispute."""

    invoice: int
    due_on: date
    left: Decimal
    free: Decimal


@dataclass(frozen=True, slots=True)
class Coming:
    """A part of an instalment, on the invoice it is expected to pay."""

    invoice: int
    due_on: date
    amount: Decimal


def still_to_come(shares: Sequence[Due], parts: Iterable[Covered]) -> list[Coming]:
    """The instalments not yet paid, laid over what is open and undisputed, the oldest invoice first.

    What was paid since the agreement pays the instalments in order, whichever invoice it was placed on. The parts add
    up to all that is open and undisputed of the agreement; what is disputed is missing from the last instalments.
    """
    covered = sorted(parts, key=lambda part: (part.due_on, part.invoice))
    left = sum((part.left for part in covered), ZERO)
    paid = sum((share.amount for share in shares), ZERO) - left
    days: list[Due] = []
    for share in shares:
        used = min(max(paid, ZERO), share.amount)
        paid -= used
        if share.amount > used:
            days.append(Due(share.due_on, share.amount - used))
    return _laid(days, [(part.invoice, part.free) for part in covered])


def _laid(days: list[Due], rooms: list[tuple[int, Decimal]]) -> list[Coming]:
    found, waiting = [], iter(days)
    day = next(waiting, None)
    rest = day.amount if day else ZERO
    for invoice, room in rooms:
        left = room
        while left > 0 and day is not None:
            part = min(left, rest)
            if part > 0:
                found.append(Coming(invoice, day.due_on, part))
            left, rest = left - part, rest - part
            if rest <= 0:
                day = next(waiting, None)
                rest = day.amount if day else ZERO
    return found
