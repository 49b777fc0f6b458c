"""Invoices that are late in known ways, and short words for what is asked of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from collections_app.interest import Position, interest_for
from disputes import services as disputes
from disputes.models import Dispute
from ledger.models import Customer, Invoice
from tests.factories import Cast, make_invoice
from tests.reporting.company import contest

DUE = date(2026, 1, 15)
DAY_45 = DUE + timedelta(days=45)


def noon(on: date) -> datetime:
    """Midday of a day."""
    return datetime(on.year, on.month, on.day, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Desk:
    """Acme's papers, and what is asked of them on day 45 after the due day."""

    cast: Cast

    def bill(self, amount: str = "10000.00", *, due: date = DUE, customer: Customer | None = None) -> Invoice:
        """An invoice of Norte, issued 30 days before it is due."""
        return make_invoice(
            customer or self.cast.norte, amount, issued_on=due - timedelta(days=30), due_on=due
        )

    def contest(self, invoice: Invoice, amount: str, *, days: int = 5) -> Dispute:
        """A dispute opened so many days after the due day."""
        at = noon(invoice.due_on + timedelta(days=days))
        return contest((invoice, amount), by=self.cast.alice, at=at)

    def close(
        self, dispute: Dispute, verdict: str, resolution: str, *, days: int = 20, amount: str = ""
    ) -> None:
        """How it ends, so many days after the due day; Adam and Alice agree where needed."""
        at = noon(DUE + timedelta(days=days))
        given = {"amount": Decimal(amount)} if amount else {}
        disputes.close_dispute(
            dispute=dispute,
            verdict=verdict,
            resolution=resolution,
            by=self.cast.alice,
            at=at,
            note="So",
            **given,
        )
        for approval in dispute.approvals.filter(state="pending"):
            disputes.vote(approval_id=approval.pk, yes=True, by=self.cast.adam, at=at)

    def position(self, invoice: Invoice, on: date = DAY_45) -> Position:
        """What the invoice bears on a day."""
        return interest_for(Invoice.objects.filter(pk=invoice.pk), on)[invoice.pk]


@pytest.fixture
def desk(cast: Cast) -> Desk:
    """Acme with its reasons for disputes."""
    disputes.catalogue.install(cast.entity)
    return Desk(cast)
