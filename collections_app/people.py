"""Who looks after a customer, and who hears of what goes wrong there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from collections_app.models import Portfolio


@dataclass(frozen=True, slots=True)
class People:
    """The collectors of some customers."""

    collectors: dict[int, int]

    @classmethod
    def of(cls, customers: Iterable[int]) -> Self:
        """Read once for all these customers."""
        rows = Portfolio.objects.filter(customer__in=list(customers))
        return cls(dict(rows.values_list("customer_id", "collector_id")))

    def told(self, customer_id: int, maker_id: int | None) -> list[int]:
        """Who made it and who collects from the customer, each once."""
        return sorted({pk for pk in (maker_id, self.collectors.get(customer_id)) if pk})
