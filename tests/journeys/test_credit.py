"""A price dispute over two invoices, solved by a partial credit that two people approve; then the ERP's note comes."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.choices import Role
from disputes.models import Approval, CreditRequest, Dispute
from ledger import services as ledger
from ledger.choices import InvoiceKind
from ledger.models import Invoice
from lib import clock
from tests.browser.stage import DESKTOP, PHONE, live_now, quiet, window
from tests.disputes.conftest import services
from tests.factories import Cast, make_cast, make_invoice, make_person
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    """The people, committed, so that the running application sees them; the clock on the wall is theirs."""
    return make_cast()


def disputed(cast: Cast) -> tuple[Dispute, Invoice, Invoice]:
    """Comercial Norte contests the price on two invoices: 9,000 altogether."""
    today = clock.today(cast.entity.time_zone)
    facts = {"issued_on": today - timedelta(days=40)}
    first = make_invoice(cast.norte, "12000.00", number="F-1", **facts)
    second = make_invoice(cast.norte, "8000.00", number="F-2", **facts)
    lines = [services.LineInput(first.pk, Decimal(6000)), services.LineInput(second.pk, Decimal(3000))]
    reason = cast.entity.dispute_reasons.get(code="price")
    dispute = services.open_dispute(
        customer=cast.norte, lines=lines, reason=reason, by=cast.alice, at=clock.now()
    )
    return dispute, first, second


def the_erp_credits(cast: Cast, invoice: Invoice, amount: str, number: str) -> None:
    """The ERP's document comes in and is placed, as its feed does."""
    today = clock.today(cast.entity.time_zone)
    facts = ledger.DocumentFacts(
        number=number,
        issued_on=today,
        due_on=today,
        amount=Decimal(amount),
        currency="EUR",
        kind=InvoiceKind.CREDIT_NOTE,
    )
    note = ledger.record_document(customer=cast.norte, facts=facts, at=clock.now(), corrects=invoice)
    ledger.allocate(
        invoice=invoice, amount=Decimal(amount), on=today, at=clock.now(), credit_note=note, by=cast.bill
    )


def approve(page: Page, dispute: Dispute) -> None:
    """From the inbox to the card, and yes."""
    page.goto("/approvals/")
    page.get_by_role("link", name="Comercial Norte").click()
    expect(page).to_have_url(re.compile(rf"/disputes/{dispute.pk}/"))
    page.get_by_role("button", name="Approve", exact=True).click()
    # The page has the answer: the vote is written.
    expect(page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)


def ask(desk: Page, dispute: Dispute) -> None:
    """Alice asks for 4,000 and 2,000, and waits for the credit notes."""
    desk.goto(f"/disputes/{dispute.pk}/")
    desk.locator("summary", has_text="More").click()
    desk.get_by_role("link", name="Close the dispute").click()
    desk.get_by_label("Partly justified").check()
    desk.get_by_label("Of which for F-1").fill("4000")
    desk.get_by_label("Of which for F-2").fill("2000")
    desk.get_by_label("Keep it open until the credit note has come").check()
    desk.get_by_role("textbox", name="Note (optional)").fill("Price list of March, as agreed with the buyer")
    desk.locator("#sheet-dialog").get_by_role("button", name="Close the dispute").click()
    expect(desk.locator(f"#card-{dispute.pk}")).to_contain_text("Given up")


def test_a_partial_credit_over_two_invoices_is_approved_twice_and_comes_from_the_erp(
    cast: Cast, live: Live, chromium: Browser
) -> None:
    berta = make_person("Berta", cast.entity, Role.CREDIT_MANAGER)
    dispute, first, second = disputed(cast)
    desk = window(chromium, live, cast.alice, viewport=DESKTOP)
    ask(desk, dispute)
    approval = Approval.objects.get()
    assert (approval.steps, approval.amount) == (["credit_manager", "admin"], Decimal("6000.00"))
    expect(desk.get_by_role("button", name="Approve", exact=True)).to_have_count(0)

    phone = window(chromium, live, berta, viewport=PHONE)
    approve(phone, dispute)
    other = window(chromium, live, cast.adam, viewport=DESKTOP)
    approve(other, dispute)

    card = desk.locator(f"#card-{dispute.pk}")
    desk.goto(f"/disputes/{dispute.pk}/")
    live_now(desk)
    expect(card).to_contain_text("Asked of billing")
    dispute.refresh_from_db()
    assert (dispute.status, CreditRequest.objects.get().amount) == ("open", Decimal("6000.00"))

    the_erp_credits(cast, first, "4000.00", "CN-77")
    expect(card).to_contain_text("has come")
    the_erp_credits(cast, second, "2000.00", "CN-78")
    expect(card).to_contain_text("Solved")
    dispute.refresh_from_db()
    request = CreditRequest.objects.get()
    assert (request.state, request.number) == ("issued", "CN-77, CN-78")
    assert (dispute.status, dispute.outcome.amount, dispute.outcome.verdict, dispute.outcome.approval) == (
        "solved",
        Decimal("6000.00"),
        "partly",
        approval,
    )
    for page in (desk, phone, other):
        quiet(page)
