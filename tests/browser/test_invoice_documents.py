"""A hybrid PDF goes in through the browser, and its invoice gives it back, byte by byte."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from ledger.models import Invoice
from tests.browser.stage import NARROW, quiet, window
from tests.factories import Cast, make_cast
from tests.ledger.einvoice_builders import cii, pdf
from tests.live import Live

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


def test_the_document_of_an_invoice_comes_back_as_it_was(
    chromium: Browser, live: Live, people: Cast, tmp_path: Path
) -> None:
    path = tmp_path / "Factura C-1 (abril).pdf"
    path.write_bytes(pdf(("factur-x.xml", cii())))
    page = window(chromium, live, people.alice)
    page.goto("/imports/")
    page.locator("input[type=file]").set_input_files(path)
    page.get_by_role("button", name="Upload and look").click()
    page.get_by_role("button", name="Import").click()
    expect(page.locator("main")).to_contain_text("1")
    invoice = Invoice.objects.get(number="C-1")
    page.goto(f"/invoices/{invoice.pk}/")
    link = page.get_by_role("link", name="Download Factura C-1 (abril).pdf")
    expect(link).to_be_visible()
    with page.expect_download() as caught:
        link.click()
    assert caught.value.suggested_filename == path.name
    assert Path(caught.value.path()).read_bytes() == path.read_bytes()
    quiet(page)
    phone = window(chromium, live, people.alice, viewport=NARROW)
    phone.goto(f"/invoices/{invoice.pk}/")
    wide = phone.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert wide <= 0
    quiet(phone)
