"""A manager changes a plan, sees what it would change, puts it into force, and releases what then waits."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from collections_app.models import Notice, Plan
from collections_app.services import dunning, plans
from lib import clock
from tests.browser.stage import DESKTOP, NARROW, live_now, quiet, window
from tests.browser.test_axe import sideways, violations
from tests.factories import Cast, make_cast, make_invoice
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    """The people with their plans, and two customers who are late."""
    cast = make_cast()
    plans.install(cast.entity, at=clock.now())
    today = clock.today(cast.entity.time_zone)
    for customer, amount in ((cast.norte, "900.00"), (cast.sur, "90.00")):
        make_invoice(customer, amount, issued_on=today - DAY * 45, due_on=today - DAY * 12)
    return cast


def test_a_plan_is_changed_and_its_first_messages_are_released(
    cast: Cast, live: Live, chromium: Browser
) -> None:
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto("/collections/")
    live_now(page)
    page.get_by_role("link", name="Plans", exact=True).click()
    page.get_by_role("link", name="Standard", exact=True).click()
    page.get_by_role("link", name="Change it").click()
    page.get_by_role("button", name="Add a step").click()
    last = page.get_by_role("group", name="Step 5")
    last.get_by_label("Days after the due date").fill("10")
    last.get_by_label("Letter").select_option("dunning.firm")
    last.get_by_text("Name, attachments and conditions").click()
    last.get_by_label("Name · English").fill("Serious word")
    last.get_by_label("Overdue from").fill("500")
    page.get_by_label("A person releases each one").check()
    page.get_by_role("button", name="Save the draft").click()
    tried = page.get_by_role("region", name="What the draft would change")
    expect(tried).to_contain_text("Serious word")
    expect(tried).to_contain_text("1 message would stay as it is")
    assert violations(page) == []
    page.get_by_role("button", name="Put it into force").click()
    expect(page.get_by_role("region", name="In force")).to_contain_text("Serious word")
    assert Plan.objects.get(entity=cast.entity, code="standard").versions.get(current=True).number == 2

    today = clock.today(cast.entity.time_zone)
    dunning.decide(entity=cast.entity, on=today, at=clock.now())
    page.goto("/collections/")
    page.get_by_role("link", name="To release").click()
    expect(page.get_by_role("list").filter(has_text="900.00")).to_contain_text("Serious word")
    assert violations(page) == []
    page.get_by_label(f"Tick {cast.norte.name}").check()
    page.get_by_role("button", name="Send the ticked ones").click()
    expect(page.get_by_text("1 reminder is on its way")).to_be_visible()
    page.get_by_label(f"Tick {cast.sur.name}").check()
    page.get_by_role("button", name="Not today").click()
    expect(page.get_by_text("Nothing waits")).to_be_visible()
    assert dict(Notice.objects.values_list("customer", "reason")) == {
        cast.norte.pk: "",
        cast.sur.pk: "refused",
    }
    quiet(page)


def test_the_month_ahead_opens_a_day_on_a_phone(cast: Cast, live: Live, chromium: Browser) -> None:
    page = window(chromium, live, cast.alice, viewport=NARROW)
    page.goto("/collections/ahead/")
    calendar = page.get_by_role("region", name="Calendar")
    calendar.get_by_role("link").first.click()
    expect(page.locator("#chosen-title")).to_be_visible()
    assert sideways(page) == []
    assert violations(page) == []
    assert not Notice.objects.exists()
    quiet(page)
