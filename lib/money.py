"""Exact money: Decimals with the decimals of their currency."""

from collections.abc import Sequence
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")
NO_DECIMALS = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "XAF", "XOF", "XPF"}
)


def unit(currency: str = "EUR") -> Decimal:
    """The smallest amount the ledger keeps in `currency`."""
    return Decimal("1") if currency in NO_DECIMALS else Decimal("0.01")


def q(amount: Decimal | int | str, currency: str = "EUR") -> Decimal:
    """`amount` rounded half up to the decimals of `currency`, always with two decimal places."""
    return Decimal(amount).quantize(unit(currency), ROUND_HALF_UP).quantize(Decimal("0.01"))


def split_exact(total: Decimal, weights: Sequence[Decimal], step: Decimal = Decimal("0.01")) -> list[Decimal]:
    """`total` shared out in multiples of `step` in proportion to `weights`, adding up exactly.

    Largest remainder; ties go to the earlier part. `total` must be a multiple of `step`; weights >= 0, not all 0.
    """
    whole = sum(weights, Decimal(0))
    if whole <= 0:
        raise ValueError("The weights must add up to more than zero.")
    raw = [total * weight / whole for weight in weights]
    parts = [(share / step).to_integral_value(ROUND_DOWN) * step for share in raw]
    missing = int(((total - sum(parts, Decimal(0))) / step).to_integral_value())
    sign = 1 if missing >= 0 else -1
    order = sorted(range(len(raw)), key=lambda i: (-(raw[i] - parts[i]) * sign, i))
    for i in order[: abs(missing)]:
        parts[i] += step * sign
    return parts
