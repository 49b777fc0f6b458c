"""What people do not let others see, and so do not see of them."""

from __future__ import annotations

from collections.abc import Iterable

from chat.audience import Person
from chat.models import Discretion


def switched_off(user: Person) -> frozenset[str]:
    """What the person does not let others see, and so does not see of them: `presence`, `typing`, `receipts`."""
    kept = Discretion.objects.filter(user=user.pk or 0).first()
    return kept.off if kept else frozenset()


def without_receipts(user_ids: Iterable[int]) -> set[int]:
    """Those of the people who do not show how far they have read."""
    return set(
        Discretion.objects.filter(user__in=list(user_ids), receipts=False).values_list("user", flat=True)
    )
