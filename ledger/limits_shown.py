"""How much of a customer's credit limit is used, as their page shows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from ledger.models import Customer
from ledger.rates import rates_of_day
from lib.money import ZERO, q


@dataclass(frozen=True, slots=True)
class CreditUsed:
    """What is open in the entity's currency beside the limit. `width` of 100, at most all of it."""

    used: Decimal
    limit: Decimal
    width: Decimal
    over: Decimal
    missing: list[str]


def credit_used(customer: Customer, aging: Sequence[dict[str, Any]], on: date) -> CreditUsed | None:
    """The use of the credit limit; None without one. Currencies without a rate of the day are `missing`."""
    limit = customer.credit_limit
    if limit is None:
        return None
    home, used, missing = customer.entity.currency, ZERO, []
    foreign = [row["currency"] for row in aging if row["currency"] != home]
    rates = rates_of_day(on, [*foreign, home]) if foreign else None
    for row in aging:
        if row["currency"] == home:
            used += row["total"]
        elif rates is not None and (worth := rates.convert(row["total"], row["currency"], home)):
            used += worth.amount
        else:
            missing.append(row["currency"])
    width = Decimal(100) if not limit else q(min(used / limit, Decimal(1)) * 100)
    return CreditUsed(used, limit, width, max(used - limit, ZERO), missing)
