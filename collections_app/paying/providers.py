"""Who takes payments on a page. Chosen per entity: `settings["paying"]["provider"]`; without one there is no page.

A provider is a class with a `code`, registered by `@takes_payments`. It gives the address where the payer pays and
says, asked or by its own webhook, whether they did; then `services.paying.settle` books it, once.
"""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Protocol, TypeVar

from django.conf import settings
from django.urls import reverse

from accounts.models import LegalEntity


class Paid(StrEnum):
    """What a provider says about an order."""

    NO = "no"
    YES = "yes"
    NEVER = "never"


class PayProvider(Protocol):
    """A way to be paid on a page."""

    code: str
    # Whether no money moves.
    pretends: bool

    def create(self, *, amount: Decimal, currency: str, reference: str, key: str) -> str:
        """The address where this payer pays; the same `key` twice is the same order."""

    def status(self, *, key: str) -> Paid:
        """Whether the order was paid."""


P = TypeVar("P", bound=PayProvider)
_providers: dict[str, type[PayProvider]] = {}


def takes_payments(provider: type[P]) -> type[P]:
    """Register a provider under its code."""
    _providers[provider.code] = provider
    return provider


def provider_of(entity: LegalEntity) -> PayProvider | None:
    """The provider the entity chose; none when it chose none, or one that this installation does not have."""
    chosen = _providers.get(str(entity.settings.get("paying", {}).get("provider", "")))
    if chosen is None or (chosen.pretends and not settings.PAY_SANDBOX):
        return None
    return chosen()


def provider_codes() -> list[str]:
    """What an entity of this installation may choose."""
    return sorted(code for code, one in _providers.items() if settings.PAY_SANDBOX or not one.pretends)


@takes_payments
class Sandbox:
    """A page of our own on which no money moves; the books take it for a payment. Only where PAY_SANDBOX is on."""

    code = "sandbox"
    pretends = True

    def create(self, *, amount: Decimal, currency: str, reference: str, key: str) -> str:
        """Our own page of this order."""
        return reverse("collections_app:pay_sandbox", args=[key])

    def status(self, *, key: str) -> Paid:
        """The page itself says when it was pressed: nobody has to be asked."""
        return Paid.NO
