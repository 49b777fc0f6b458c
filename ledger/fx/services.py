"""Exchange rates that come one by one or in a list, not in a file."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from django.db import transaction

from ledger.models import ExchangeRate


class RateInput(NamedTuple):
    """Units of a currency for one euro, as published on a day."""

    currency: str
    on: date
    per_euro: Decimal


@transaction.atomic
def record_rates(*, rates: Sequence[RateInput]) -> list[str]:
    """Keep the rates; for each whether it was `created`, `updated` or `unchanged`. The last of a day counts.

    Written in the order of currency and day, so that two lists at once wait for each other instead of crossing.
    """
    wanted = {(rate.currency, rate.on): rate.per_euro for rate in rates}
    outcome: dict[tuple[str, date], str] = {}
    for currency, on in sorted(wanted):
        per_euro = wanted[currency, on]
        row, created = ExchangeRate.objects.get_or_create(
            currency=currency, on=on, defaults={"per_euro": per_euro}
        )
        outcome[currency, on] = "created" if created else "unchanged"
        if not created and row.per_euro != per_euro:
            row.per_euro = per_euro
            row.save(update_fields=["per_euro"])
            outcome[currency, on] = "updated"
    return [outcome[rate.currency, rate.on] for rate in rates]
