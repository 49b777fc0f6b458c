"""From the bank's file to the reminder: two payments for three invoices, and one that is short by a pallet."""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from disputes.models import Dispute
from ledger.models import BankTransaction, Invoice
from lib import clock
from tests.browser.stage import DESKTOP, quiet, window
from tests.factories import Cast, make_cast, make_invoice
from tests.journeys.test_story import letters, manage
from tests.ledger.bank_helpers import ACCOUNT, camt
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    """The people, committed; the account of ACM is known, so that the file finds its entity."""
    people = make_cast()
    people.entity.iban = ACCOUNT
    people.entity.save()
    return people


def left() -> dict[str, Decimal]:
    """What is open of each invoice."""
    return {paper.number: paper.amount - paper.allocated for paper in Invoice.objects.order_by("number")}


def test_two_payments_and_three_invoices(cast: Cast, live: Live, chromium: Browser, tmp_path: Path) -> None:
    today = clock.today(cast.entity.time_zone)
    for number, amount in (("F-2001", "100.00"), ("F-2002", "200.00"), ("F-2003", "300.00")):
        make_invoice(cast.norte, amount, number=number, issued_on=today - timedelta(days=40))
    payments = [("250.00", "FRAS F-2001 Y F-2002"), ("350.00", "RESTO F2002 Y F 2003")]
    read = manage(live, "intake", str(camt(tmp_path / "stmt.xml", today, payments)), "--json")
    file = read["files"][0]
    assert (file["format"], file["documents"], file["created"]) == ("camt.053", 2, 2)
    assert (file["statements"][0]["opening"], file["statements"][0]["closing"]) == ("500.00", "1100.00")
    assert left() == {"F-2001": Decimal(0), "F-2002": Decimal(0), "F-2003": Decimal(0)}
    again = manage(live, "intake", str(tmp_path / "stmt.xml"), "--json")
    assert (again["files"][0]["created"], again["files"][0]["unchanged"]) == (0, 2)

    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto("/cash/")
    expect(page.get_by_text("Everything is identified")).to_be_visible()
    told = page.request.get("/api/v1/allocations/").json()["results"]
    numbers = {paper.pk: paper.number for paper in Invoice.objects.all()}
    assert sorted((numbers[one["invoice"]], one["amount"]) for one in told) == [
        ("F-2001", "100.00"),
        ("F-2002", "150.00"),
        ("F-2002", "50.00"),
        ("F-2003", "300.00"),
    ]
    page.get_by_role("link", name="Bank statements").first.click()
    page.get_by_role("link", name=re.compile(ACCOUNT)).click()
    expect(page.get_by_role("main")).to_contain_text("Comercial Norte")
    quiet(page)


def test_a_short_payment_becomes_a_dispute_with_one_key(
    cast: Cast, live: Live, chromium: Browser, tmp_path: Path
) -> None:
    today = clock.today(cast.entity.time_zone)
    make_invoice(cast.norte, "100.00", number="F-3001", issued_on=today - timedelta(days=60))
    path = camt(tmp_path / "short.xml", today, [("90.00", "PAGO F-3001 FALTA 1 PALET")])
    manage(live, "intake", str(path), "--json")
    assert BankTransaction.objects.get().status == "proposed"

    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto("/cash/")
    expect(page.locator("mark")).to_have_text("F-3001")
    expect(page.get_by_role("radio", name="Open a dispute")).to_be_checked()
    reason = page.get_by_label("Why was less paid?")
    expect(reason).to_have_value("quantity")
    page.locator("body").press("a")
    expect(page.get_by_role("status").filter(has_text="booked")).to_contain_text("90.00")
    expect(page.get_by_text("Everything is identified")).to_be_visible()

    assert left() == {"F-3001": Decimal("10.00")}
    dispute = Dispute.objects.get()
    assert (dispute.reason.code, dispute.lines.get().amount) == ("quantity", Decimal("10.00"))
    page.goto("/disputes/")
    expect(page.get_by_role("main")).to_contain_text("10.00")

    # What is disputed is not asked for; the rest was paid: no letter.
    manage(live, "dun", "--entity", "ACM", "--json")
    assert letters(live) == []
    make_invoice(cast.norte, "55.00", number="F-3002", issued_on=today - timedelta(days=60))
    manage(live, "dun", "--entity", "ACM", "--json")
    (letter,) = letters(live)
    assert "55,00" in letter
    assert "10,00" not in letter
    quiet(page)
