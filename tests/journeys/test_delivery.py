"""Logistics and sales look at a delivery at the same time; when both have answered the dispute goes on by itself."""

from __future__ import annotations

from decimal import Decimal
from itertools import pairwise

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from disputes import services
from disputes.models import BranchRun, Dispute, Reason
from lib import clock
from tests.browser.stage import DESKTOP, PHONE, quiet, window
from tests.factories import Cast, make_cast, make_invoice
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def contest(cast: Cast) -> Dispute:
    """A pallet that the customer says never came."""
    invoice = make_invoice(cast.norte)
    return services.open_dispute(
        customer=invoice.customer,
        lines=[services.LineInput(invoice.pk, Decimal(300))],
        reason=Reason.objects.get(entity=cast.entity, code="delivery"),
        by=cast.alice,
        at=clock.now(),
    )


def answer(page: Page, words: str) -> None:
    """One tap in the inbox."""
    page.goto("/questions/")
    page.get_by_role("main").get_by_role("button", name=words).click()
    expect(page.get_by_role("main").get_by_role("button", name=words)).to_have_count(0)
    quiet(page)


def test_logistics_and_sales_answer_side_by_side(live: Live, chromium: Browser) -> None:
    cast = make_cast()
    dispute = contest(cast)
    manager = window(chromium, live, cast.alice, viewport=DESKTOP)
    manager.goto(f"/disputes/{dispute.pk}/")
    manager.get_by_role("button", name="Ask logistics and sales").click()
    branches = manager.get_by_role("region", name="At the same time")
    expect(branches).to_contain_text("Logistics checks the delivery")
    expect(branches).to_contain_text("Sales talks to the customer")
    expect(branches).to_contain_text("Goes on when all of them are done")

    answer(window(chromium, live, cast.eva, viewport=DESKTOP), "Yes, delivered and signed")
    expect(branches).to_contain_text("Yes, delivered and signed")
    dispute.refresh_from_db()
    assert (dispute.stage.code, dispute.holder_user) == ("ask_both", User.objects.get(pk=cast.sam.pk))

    phone = window(chromium, live, cast.sam, viewport=PHONE)
    phone.goto("/questions/")
    card = phone.get_by_role("main").locator(".qcard").first
    card.locator(".quick button").first.click()
    expect(phone.get_by_role("main").locator(".qcard:not(.is-answered)")).to_have_count(0)
    quiet(phone)

    # The manager's page was not touched: the stage has moved by itself, and what both said stays to be read.
    expect(manager.get_by_role("button", name="Credit it")).to_be_visible()
    expect(branches).to_contain_text("To have them delivered")
    dispute.refresh_from_db()
    assert dispute.stage.code == "decide"
    assert set(BranchRun.objects.values_list("state", flat=True)) == {"done"}
    stays = list(dispute.stays.order_by("seq"))
    assert all(one.ended_at == after.started_at for one, after in pairwise(stays))
    quiet(manager)
