"""The import wizard in a real Chromium: a workbook of 50,000 rows, through a worker, with progress, and back again."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import xlsxwriter
from playwright.sync_api import Browser, Page, expect

from ledger.models import Invoice
from tests.browser.stage import live_now, quiet, window
from tests.factories import Cast, make_cast
from tests.live import Live

pytestmark = pytest.mark.browser
ROWS = 50_000
HEADER = ("Nº factura", "Cód. cliente", "Cliente", "Fecha factura", "Vencimiento", "Importe total")


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


@pytest.fixture(scope="module")
def big(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """50,000 invoices of 500 customers below a title, one of them without a date."""
    path = tmp_path_factory.mktemp("big") / "facturas.xlsx"
    with xlsxwriter.Workbook(path, {"constant_memory": True}) as book:
        days = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet = book.add_worksheet("Facturas")
        sheet.write(0, 0, "Listado de facturas")
        sheet.write_row(2, 0, HEADER)
        first = datetime.combine(date(2026, 1, 1), datetime.min.time(), UTC).replace(tzinfo=None)
        for number in range(ROWS):
            day = first + timedelta(days=number % 60)
            sheet.write_row(3 + number, 0, (f"F-{number:06}", number % 500, f"Cliente {number % 500}"))
            if number:
                sheet.write_datetime(3 + number, 3, day, days)
            sheet.write_datetime(3 + number, 4, day + timedelta(days=30), days)
            sheet.write_number(3 + number, 5, 100 + number / 100)
    return path


def until(page: Page, words: str) -> None:
    """Wait for a heading that only comes when a worker is done."""
    expect(page.get_by_role("heading", name=words)).to_be_visible(timeout=60_000)


def test_a_workbook_of_fifty_thousand_rows_goes_in_and_out_again(
    chromium: Browser, live: Live, jobs: Path, people: Cast, big: Path
) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/imports/")
    live_now(page)
    page.locator("input[type=file]").set_input_files(big)
    page.get_by_role("button", name="Upload and look").click()
    until(page, "What would happen")
    expect(page.get_by_role("link", name=re.compile("New.*49,999"))).to_be_visible()
    expect(page.get_by_text("Excel workbook")).to_be_visible()
    expect(page.get_by_role("row", name="F-000001 Cliente 1")).to_be_visible()
    page.get_by_role("link", name=re.compile("Rejected.*1")).click()
    expect(page.get_by_role("cell", name="Issue date is missing")).to_be_visible()
    assert not Invoice.objects.exists()

    page.get_by_role("button", name="Import the good rows").click()
    until(page, "Outcome")
    assert Invoice.objects.count() == ROWS - 1

    page.get_by_text("Correct", exact=True).click()
    page.get_by_label("Fecha factura").fill("01/01/2026")
    page.get_by_role("button", name="Import this row").click()
    expect(page.get_by_text("The row is in.")).to_be_visible()
    assert Invoice.objects.count() == ROWS

    page.get_by_role("button", name="Undo", exact=True).click()
    page.get_by_role("button", name="Undo the import").click()
    expect(page.get_by_text("the books are as they were before it")).to_be_visible(timeout=60_000)
    assert not Invoice.objects.exists()
    quiet(page)
