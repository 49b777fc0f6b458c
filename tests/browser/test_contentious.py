"""A legal file in a real Chromium: opened, notified, completed for the court; and read on a phone."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from collections_app.models import LegalFile
from collections_app.services import plans
from ledger.models import Customer
from lib import clock
from tests.browser.stage import NARROW, quiet, window
from tests.factories import Cast, make_cast, make_invoice
from tests.live import Live

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None) -> Cast:
    """Norte, with an address, owes an old invoice."""
    cast, now = make_cast(), clock.now()
    plans.install(cast.entity, at=now)
    today = clock.today(cast.entity.time_zone)
    Customer.objects.filter(pk=cast.norte.pk).update(address="Calle Mayor 12\n28013 Madrid")
    issued = today - timedelta(days=120)
    make_invoice(cast.norte, "400.00", number="F-77", issued_on=issued, due_on=today - timedelta(days=90))
    return cast


def test_a_file_is_opened_and_notified_then_read_on_a_phone(
    chromium: Browser, live: Live, people: Cast
) -> None:
    page = window(chromium, live, people.alice)
    page.goto(f"/customers/{people.norte.pk}/")
    page.get_by_role("link", name="Open a legal file").click()
    expect(page.get_by_role("checkbox", name="F-77")).to_be_checked()
    page.get_by_role("button", name="Open the file").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("CT-")
    page.get_by_role("link", name="Formal notice").click()
    expect(page.frame_locator("iframe").get_by_text("REQUERIMIENTO DE PAGO. ")).to_be_visible()
    page.get_by_role("button", name="Send the formal notice").click()
    expect(page.get_by_text("The formal notice is on its way.")).to_be_visible()
    page.get_by_text("Complete the facts", exact=True).click()
    page.get_by_label("Where the debt comes from").fill("Pedidos de enero")
    page.get_by_role("button", name="Save").click()
    file = LegalFile.objects.get()
    assert (file.status, file.facts["ground"]) == ("notified", "Pedidos de enero")
    quiet(page)
    phone = window(chromium, live, people.carl, viewport=NARROW)
    phone.goto(f"/contentious/{file.pk}/")
    phone.get_by_text("News of it", exact=True).first.click()
    form = phone.locator("details[open] form")
    form.get_by_label("Note").fill("They called")
    form.get_by_role("button", name="News of it").click()
    expect(phone.get_by_text("They called").first).to_be_visible()
    assert not phone.evaluate("document.documentElement.scrollWidth > innerWidth")
    quiet(phone)
