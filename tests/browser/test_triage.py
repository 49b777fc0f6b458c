"""The triage by keyboard alone: choose, accept, put aside, on to the next, take back; and its off switch."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from chat import services as talk
from disputes import services
from disputes.models import Dispute, Reason
from lib import clock
from tests.browser.company import Company, make_company
from tests.browser.stage import quiet, window
from tests.factories import make_invoice
from tests.live import Live

pytestmark = pytest.mark.browser
SHOTS = os.environ.get("SHOTS", "")


@pytest.fixture
def company(live: Live, transactional_db: None, tmp_path: Path) -> Company:
    """A company whose rows the application sees, with enough to triage and a macro for everybody."""
    made = make_company(tmp_path)
    for number in range(3):
        invoice = make_invoice(made.cast.norte, number=f"TRIAGE-{number}")
        services.open_dispute(
            customer=made.cast.norte,
            lines=[services.LineInput(invoice.pk, Decimal("50.00"))],
            reason=Reason.objects.get(entity=made.cast.entity, code="price"),
            by=made.cast.alice,
            at=clock.now(),
        )
    services.save_macro(
        entity=made.cast.entity,
        by=made.cast.alice,
        name="Look at it in a week",
        steps=[{"do": "assign", "user": "me"}, {"do": "snooze", "for": "week"}],
        shared=True,
    )
    return made


@pytest.fixture
def page(chromium: Browser, live: Live, company: Company) -> Iterator[Page]:
    """Alice at her desk, in front of what is to be triaged."""
    page = window(chromium, live, company.cast.alice)
    page.goto("/disputes/?view=triage")
    yield page
    page.context.close()


def refs(page: Page) -> list[str]:
    """The references of the rows, from the top."""
    return page.locator("#rows .row .row-meta > span:first-child").all_inner_texts()


def shot(page: Page, name: str) -> None:
    """A picture for people to look at, where SHOTS says so."""
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png")


def of(ref: str) -> Dispute:
    found: Dispute = Dispute.objects.select_related("stage").get(number=int(ref[2:]))
    return found


def test_a_queue_is_worked_through_without_a_mouse(page: Page, company: Company) -> None:
    first, second, third = refs(page)[:3]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#pane .case")).to_have_attribute("aria-label", first)
    shot(page, "triage")
    page.keyboard.press("1")
    expect(page.locator("#pane .case")).to_have_attribute("aria-label", second)
    expect(page.locator("#rows")).not_to_contain_text(first)
    assert of(first).status != "open"
    page.keyboard.press("h")
    page.locator("#sheet dialog[open]").wait_for()
    shot(page, "snooze")
    page.locator("#sheet button[type=submit]").click()
    expect(page.locator("#pane .case")).to_have_attribute("aria-label", third)
    expect(page.locator("#deed")).to_contain_text("Snoozed until")
    assert of(second).snoozed_until is not None
    page.keyboard.press("z")
    expect(page.locator("#rows")).to_contain_text(second)
    assert of(second).snoozed_until is None
    quiet(page)


def test_a_macro_and_many_at_once(page: Page, company: Company) -> None:
    first, second = refs(page)[:2]
    page.keyboard.press("j")
    page.keyboard.press("Shift+J")
    expect(page.locator("#rows input:checked")).to_have_count(2)
    shot(page, "bulk")
    page.keyboard.press("m")
    page.locator(".bulk details[open] button[value=macro]").click()
    expect(page.locator("#toasts")).to_contain_text("2 disputes changed.")
    assert of(first).snoozed_until is not None
    assert of(second).holder_user == company.cast.alice
    page.keyboard.press("*")
    page.keyboard.press("a")
    expect(page.locator("#rows input:checked")).to_have_count(len(refs(page)))
    page.keyboard.press("*")
    page.keyboard.press("n")
    expect(page.locator("#rows input:checked")).to_have_count(0)
    quiet(page)


def test_the_palette_goes_where_the_words_lead(page: Page, company: Company) -> None:
    page.keyboard.press("Control+k")
    field = page.locator("#palette[open] [role=combobox]")
    expect(field).to_be_focused()
    expect(page.locator("#palette-list")).to_contain_text("Dashboard")
    page.keyboard.type("TRIAGE-1")
    expect(page.locator("#palette-list")).not_to_contain_text("Dashboard")
    hits = page.locator("#palette-list a[role=option]")
    expect(hits.first).to_have_attribute("aria-selected", "true")
    shot(page, "palette")
    page.keyboard.press("ArrowUp")
    expect(hits.last).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", str(hits.last.get_attribute("id")))
    page.keyboard.press("Enter")
    page.wait_for_url("**/invoices/*/")
    page.keyboard.press("Control+k")
    page.keyboard.press("Escape")
    expect(page.locator("#palette")).to_be_hidden()
    quiet(page)


def test_the_palette_acts_on_the_dispute_that_is_open(page: Page, company: Company) -> None:
    first = refs(page)[0]
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("#pane .case")).to_have_attribute("aria-label", first)
    page.keyboard.press("Control+k")
    acts = page.get_by_role("group", name=first).get_by_role("option")
    expect(acts.first).to_be_visible()
    page.keyboard.type("snoo")
    expect(acts).to_have_text(["Snooze"])
    expect(acts).to_have_attribute("aria-selected", "true")
    shot(page, "palette-acts")
    page.keyboard.press("Enter")
    page.locator("#sheet dialog[open]").wait_for()
    page.locator("#sheet button[type=submit]").click()
    expect(page.locator("#deed")).to_contain_text("Snoozed until")
    assert of(first).snoozed_until is not None
    quiet(page)


def test_brackets_go_to_what_is_unread_and_on_in_a_dispute(page: Page, company: Company) -> None:
    last = of(refs(page)[-1])
    room = talk.room_for_dispute(dispute=last, at=clock.now())
    talk.post_message(room=room, by=company.cast.carl, body="Look", client_token="bracket-1", at=clock.now())
    page.reload()
    expect(page.locator(f"#row-{last.pk}")).to_have_class("row is-unread")
    page.keyboard.press("]")
    expect(page.locator("#pane .case")).to_have_attribute("aria-label", last.ref)
    first = of(refs(page)[0])
    page.goto(f"/disputes/{first.pk}/?view=triage")
    page.keyboard.press("]")
    expect(page.locator(".case")).to_have_attribute("aria-label", re.compile("D-"))
    expect(page.locator(".case")).not_to_have_attribute("aria-label", first.ref)
    page.keyboard.press("[")
    expect(page.locator(".case")).to_have_attribute("aria-label", first.ref)
    quiet(page)


def test_without_the_setting_letters_do_nothing(chromium: Browser, live: Live, company: Company) -> None:
    alice = company.cast.alice
    type(alice).objects.filter(pk=alice.pk).update(shortcuts_on=False)
    page = window(chromium, live, alice)
    page.goto("/disputes/?view=triage")
    first = refs(page)[0]
    page.locator("#rows .row-link.wide-only").first.click()
    expect(page.locator("#pane .case")).to_have_attribute("aria-label", first)
    for key in ("1", "h", "a", "j", "*", "]", "Control+k"):
        page.keyboard.press(key)
    assert page.locator("dialog[open]").count() == 0
    assert of(first).status == "open"
    page.context.close()


def test_the_divider_moves_by_keys_and_is_remembered(page: Page) -> None:
    divider = page.locator(".divider")
    divider.focus()
    page.keyboard.press("ArrowLeft")
    expect(divider).to_have_attribute("aria-valuenow", "50")
    page.reload()
    expect(divider).to_have_attribute("aria-valuenow", "50")
    quiet(page)
