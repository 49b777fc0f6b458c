"""How an amount is placed on invoices. Pure."""

from collections.abc import Sequence
from decimal import Decimal
from typing import TypeVar

from lib.money import ZERO

T = TypeVar("T")


def spread(amount: Decimal, room: Sequence[tuple[T, Decimal]]) -> list[tuple[T, Decimal]]:
    """`amount` placed in order, each place filled before the next; places that get nothing are left out.

    What does not fit is put on the last place, so that whoever checks the places against their room finds it.
    """
    placed, left = [], amount
    for place, free in room:
        part = min(left, free)
        if part > 0:
            placed.append((place, part))
            left -= part
    if left > 0 and room:
        last, kept = placed.pop() if placed else (room[-1][0], ZERO)
        placed.append((last, kept + left))
    return placed
