"""A collector's day in a browser: three calls by keyboard; a promise pauses the reminder, its breach resumes it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from collections_app.models import Call, Promise
from collections_app.services import dunning, plans, reviewing
from disputes.services import catalogue
from lib import clock
from mailroom.models import Letter
from tests.browser.stage import PHONE, live_now, quiet, window
from tests.factories import AT, Cast, make_cast, make_customer, make_invoice
from tests.live import Live

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS", "")
DAY = timedelta(days=1)


@pytest.fixture
def cast(live: Live, transactional_db: None, settings: object, tmp_path: Path) -> Cast:
    """A company with three customers who are late, the largest first."""
    settings.EMAIL_URL, settings.EMAIL_FILE_PATH = "file:", tmp_path / "mail"  # type: ignore[attr-defined]
    made = make_cast()
    plans.install(made.entity, at=AT)
    catalogue.install(made.entity)
    today = clock.today("Europe/Madrid")
    third = make_customer(made.entity, "C-003", "Talleres Oeste, S.L.", country="ES")
    for customer, amount in ((made.norte, "12400.00"), (made.sur, "3100.00"), (third, "800.00")):
        make_invoice(customer, amount, issued_on=today - DAY * 60, due_on=today - DAY * 2)
    return made


@pytest.fixture
def page(chromium: Browser, live: Live, cast: Cast) -> Iterator[Page]:
    """Carl at his desk, in front of the worklist."""
    page = window(chromium, live, cast.carl)
    page.goto("/collections/worklist/?whose=all")
    yield page
    page.context.close()


def shot(page: Page, name: str) -> None:
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


def press(page: Page, key: str) -> None:
    """A key, once the page's scripts listen."""
    live_now(page)
    page.keyboard.press(key)


def test_three_calls_by_keyboard_alone(page: Page, cast: Cast) -> None:
    expect(page.locator("main .row-link")).to_have_text(
        ["Comercial Norte, S.A.", "Distribuciones Sur, S.L.", "Talleres Oeste, S.L."]
    )
    shot(page, "worklist")
    press(page, "j")
    press(page, "Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Comercial Norte, S.A.")
    shot(page, "call")
    press(page, "1")
    note = page.get_by_role("button", name="Note the promise")
    expect(note).to_be_visible()
    note.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Distribuciones Sur, S.L.")
    press(page, "4")
    expect(page.get_by_role("heading", level=1)).to_have_text("Talleres Oeste, S.L.")
    press(page, "7")
    expect(page).to_have_url(re.compile("/collections/worklist/"))
    outcomes = Call.objects.filter(status="done").order_by("pk").values_list("outcome", flat=True)
    assert list(outcomes) == ["promise", "no_answer", "refused"]
    assert Promise.objects.get().customer == cast.norte
    quiet(page)


def test_n_goes_on_without_an_outcome(page: Page) -> None:
    for name in ("Comercial Norte, S.A.", "Distribuciones Sur, S.L.", "Talleres Oeste, S.L."):
        press(page, "n")
        expect(page.get_by_role("heading", level=1)).to_have_text(name)
    press(page, "n")
    expect(page).to_have_url(re.compile("/collections/worklist/"))
    assert not Call.objects.exists()
    quiet(page)


def test_a_promise_pauses_the_reminder_and_its_breach_resumes_it(page: Page, cast: Cast) -> None:
    page.goto(f"/collections/call/{cast.norte.pk}/")
    press(page, "1")
    today = clock.today("Europe/Madrid")
    page.get_by_label("By", exact=True).fill((today + DAY).isoformat())
    page.get_by_role("button", name="Note the promise").click()
    expect(page.get_by_text("They promise to pay").first).to_be_visible()

    def dun(days: int) -> list[str]:
        on, at = today + DAY * days, clock.now() + DAY * days
        run = dunning.decide(entity=cast.entity, on=on, at=at)
        dunning.send_batch(notice_ids=dunning.waiting(run=run), at=at)
        return list(Letter.objects.values_list("to_address", flat=True))

    assert "payables@c-001.example" not in dun(0)
    assert "payables@c-001.example" in dun(5)
    reviewing.review(entity=cast.entity, on=today + DAY * 5, at=clock.now())
    assert Promise.objects.get().status == "broken"
    page.goto(f"/customers/{cast.norte.pk}/?tab=timeline")
    expect(page.get_by_text("Promise of €12,400.00 broken")).to_be_visible()
    quiet(page)


def test_the_call_screen_fits_a_phone(chromium: Browser, live: Live, cast: Cast) -> None:
    page = window(chromium, live, cast.carl, viewport=PHONE)
    for path in ("/collections/worklist/?whose=all", f"/collections/call/{cast.norte.pk}/"):
        page.goto(path)
        shot(page, f"phone{path.count('call')}")
        wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
        assert not wide, path
    quiet(page)
    page.context.close()
