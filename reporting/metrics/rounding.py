"""Rounding for the reader: three decimals of a day, two of an amount, and parts that still add up when
rounded.
"""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import TypeVar

K = TypeVar("K")

DAY_DECIMALS = 3


def rounded(value: Fraction, decimals: int = DAY_DECIMALS) -> Decimal:
    """`value` with so many decimals, halves away from zero, as everyone learnt at school."""
    scale = 10**decimals
    doubled = abs(value) * scale * 2
    units = (doubled.numerator + doubled.denominator) // (2 * doubled.denominator)
    return Decimal(units if value >= 0 else -units).scaleb(-decimals)


def rounded_parts(parts: Mapping[K, Fraction], decimals: int = DAY_DECIMALS) -> dict[K, Decimal]:
    """The parts rounded by largest remainder: they add up to the rounded total, each within one unit of its
    own value.
    """
    scale = 10**decimals
    floors = {key: (part * scale).__floor__() for key, part in parts.items()}
    left = int(rounded(sum(parts.values(), Fraction(0)), decimals) * scale) - sum(floors.values())
    by_remainder = sorted(parts, key=lambda key: floors[key] - parts[key] * scale)
    for key in by_remainder[:left]:
        floors[key] += 1
    return {key: Decimal(units).scaleb(-decimals) for key, units in floors.items()}


def share(part: Decimal, whole: Decimal, decimals: int = 1) -> Decimal:
    """`part` in per cent of `whole`; nothing of nothing is 0."""
    if not whole:
        return Decimal(0)
    return (part / whole * 100).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
