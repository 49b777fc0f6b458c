"""One cause behind twelve disputes: they are put together, one goes its own way, one decision closes the others."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect

from disputes import services
from disputes.models import Dispute, Mass, Outcome, Reason
from ledger.models import InvoiceLine
from lib import clock
from tests.browser.stage import DESKTOP, quiet, window
from tests.factories import Cast, make_cast, make_invoice
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHILDREN = 12


def contest(cast: Cast) -> list[Dispute]:
    """Twelve price disputes of two customers about one product, 60.00 each."""
    reason, found = Reason.objects.get(entity=cast.entity, code="price"), []
    for place in range(CHILDREN):
        invoice = make_invoice(cast.norte if place % 2 else cast.sur)
        line = InvoiceLine.objects.create(
            invoice=invoice, position=1, description="Aceite 5 L", quantity=10, net=Decimal(500), tax_rate=21
        )
        part = services.LineInput(invoice.pk, Decimal(60), line.pk)
        found.append(
            services.open_dispute(
                customer=invoice.customer, lines=[part], reason=reason, by=cast.alice, at=clock.now()
            )
        )
    return found


def test_twelve_disputes_with_one_cause_are_decided_once(live: Live, chromium: Browser) -> None:
    cast = make_cast()
    disputes = contest(cast)
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto("/disputes/mass/")
    expect(page.get_by_role("main")).to_contain_text("the same product: Aceite 5 L")
    page.get_by_role("link", name="Put together").click()
    expect(page.get_by_role("checkbox")).to_have_count(CHILDREN)
    page.get_by_label("What it is about").fill("Oil was invoiced at the old price")
    page.get_by_role("button", name="Put them together").click()
    expect(page.get_by_role("main")).to_contain_text(f"0 of {CHILDREN}")
    expect(page.get_by_role("main")).to_contain_text("720.00")

    alone = disputes[-1]
    page.get_by_role("button", name=f"Detach {alone.ref}").click()
    expect(page.get_by_role("button", name=f"Decide {CHILDREN - 1} disputes")).to_be_visible()
    page.get_by_role("radio", name="Partly justified").check()
    page.get_by_label("Share credited").fill("50")
    page.get_by_label("Note").fill("The new price counts from the 15th")
    page.get_by_role("button", name=re.compile("^Decide")).click()
    expect(page.get_by_role("status").filter(has_text="closed")).to_contain_text(
        f"{CHILDREN - 1} disputes closed"
    )
    quiet(page)

    assert set(Outcome.objects.values_list("verdict", "resolution", "amount")) == {
        ("partly", "credit", Decimal(30))
    }
    assert list(Dispute.objects.filter(closed_at=None)) == [alone]
    assert Mass.objects.get().closed_at is not None
    told = page.request.get(f"/api/v1/disputes/{disputes[0].pk}/").json()
    assert (told["status"], told["outcome"]["amount"]) == ("solved", "30.00")
