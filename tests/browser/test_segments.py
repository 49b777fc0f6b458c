"""A manager reads how a customer pays, writes a rule as a sentence, sees whom it moves, and puts it into force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Browser, expect

from collections_app.services import plans, segments
from collections_app.services.learning import learn
from lib import clock
from tests.browser.stage import DESKTOP, NARROW, live_now, window
from tests.browser.test_axe import sideways, violations
from tests.factories import Cast, make_cast, make_invoice, pay
from tests.live import Live

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DAY = timedelta(days=1)


@pytest.fixture
def cast() -> Cast:
    """The people with their rules; Norte pays three weeks late."""
    cast = make_cast()
    plans.install(cast.entity, at=clock.now())
    segments.install(cast.entity, at=clock.now())
    today = clock.today(cast.entity.time_zone)
    for month in range(1, 6):
        due = today - DAY * (30 + 30 * month)
        pay(make_invoice(cast.norte, "100.00", issued_on=due - DAY * 30, due_on=due), on=due + DAY * 21)
    learn(entity=cast.entity, on=today, at=clock.now())
    return cast


def test_a_rule_is_written_and_put_into_force(cast: Cast, live: Live, chromium: Browser) -> None:
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto(f"/customers/{cast.norte.pk}/")
    live_now(page)
    panel = page.get_by_role("region", name="How they pay")
    expect(panel).to_contain_text("Typically pays 21 days late.")
    panel.get_by_role("link", name="Segments and rules").click()
    expect(page.get_by_role("region", name="Rules in force")).to_contain_text("at least 31 days")
    assert violations(page) == []
    page.get_by_role("link", name="Change the rules").click()
    page.get_by_role("link", name="If typical delay: at least 31 days, then Risky").click()
    page.get_by_label("Value 1").fill("20")
    assert violations(page) == []
    page.get_by_role("button", name="Save in the draft").click()
    tried = page.get_by_role("region", name="What the draft would change")
    expect(tried).to_contain_text("1 customer would move.")
    expect(tried).to_contain_text("Typical delay: 21 days (at least 20 days)")
    assert violations(page) == []
    page.set_viewport_size(NARROW)
    assert not sideways(page)
    page.get_by_role("button", name="Put into force").click()
    page.get_by_role("link", name="Risky", exact=True).click()
    expect(page.get_by_role("list").filter(has_text=cast.norte.name)).to_contain_text("By a rule")
    assert violations(page) == []
