"""Late interest in a real Chromium: from the invoice to its lines, a debit note of it, and a waiver of two people."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, expect

from collections_app.interest.rates import half_year
from collections_app.interest.reading import RateInput
from collections_app.models import DebitNote, Waiver
from collections_app.services import plans
from collections_app.services.interest_rates import record_rates
from ledger.models import Invoice
from lib import clock
from tests.browser.stage import NARROW, quiet, window
from tests.factories import Cast, make_cast, make_invoice
from tests.live import Live

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Norte has two late invoices, in half-years whose rates are known."""
    cast, now = make_cast(), clock.now()
    plans.install(cast.entity, at=now)
    today = clock.today(cast.entity.time_zone)
    days = {half_year(today), half_year(today - timedelta(days=60))}
    rates = [RateInput("reference", "", "", day, Decimal("2.15"), "test") for day in sorted(days)]
    record_rates(rates=rates, by=cast.alice, at=now)
    for amount in ("10000.00", "2000.00"):
        issued = today - timedelta(days=75)
        make_invoice(cast.norte, amount, issued_on=issued, due_on=today - timedelta(days=45))
    return cast


def test_interest_is_read_claimed_and_cancelled(chromium: Browser, live: Live, people: Cast) -> None:
    invoice = Invoice.objects.earliest("pk")
    page = window(chromium, live, people.alice)
    page.goto(f"/invoices/{invoice.pk}/")
    page.get_by_role("link", name="Line by line").click()
    expect(page.get_by_role("heading", name="How it is reckoned")).to_be_visible()
    expect(page.get_by_text("125.14").first).to_be_visible()
    page.get_by_role("main").get_by_role("link", name="Comercial Norte").click()
    page.get_by_role("checkbox", name=f"Choose {invoice.number}").uncheck()
    page.get_by_role("button", name="Claim with a debit note").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(f"ND-{clock.today().year}-0001")
    note = DebitNote.objects.get()
    assert (note.total, note.lines.get().interest) == (Decimal("65.03"), Decimal("25.03"))
    page.get_by_text("Cancel this debit note").click()
    page.get_by_label("Reason").fill("Agreed by phone")
    page.get_by_role("button", name="Cancel it with a document").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("AND-")
    quiet(page)


def test_a_waiver_is_asked_for_on_a_phone_and_decided_by_a_manager(
    chromium: Browser, live: Live, people: Cast
) -> None:
    carl = window(chromium, live, people.carl, viewport=NARROW)
    carl.goto(f"/interest/customers/{people.norte.pk}/")
    carl.get_by_text("Ask for a waiver").click()
    carl.get_by_label("Reason").fill("First time")
    carl.get_by_role("button", name="Ask", exact=True).click()
    expect(carl.get_by_text("waits for a second person")).to_be_visible()
    quiet(carl)
    alice = window(chromium, live, people.alice)
    alice.goto("/interest/")
    alice.get_by_role("link", name="1 waiver waits").click()
    alice.get_by_role("button", name="Waive").click()
    expect(alice.get_by_text("Done.")).to_be_visible()
    quiet(alice)
    waiver = Waiver.objects.get()
    assert (waiver.state, waiver.asked_by, waiver.decided_by) == ("granted", people.carl, people.alice)
