"""A part of a page that was on its way when it changed is fetched once more."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Route, expect

from lib import clock
from tests.browser.stage import DESKTOP, live_now, window
from tests.disputes.conftest import open_one, services
from tests.factories import make_cast
from tests.live import Live


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_card_that_comes_with_what_was_true_before_is_fetched_once_more(
    live: Live, chromium: Browser
) -> None:
    """Without `onSettled` of live.js the old card replaces the one that heard the word, and stays."""
    cast = make_cast()
    dispute = open_one(cast)
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto(f"/disputes/{dispute.pk}/")
    live_now(page)
    page.wait_for_timeout(1_000)
    late: list[str] = []

    def slow(route: Route) -> None:
        """The first answer is written before the change and arrives after it was told."""
        if late:
            route.continue_()
            return
        answer = route.fetch()
        late.append(answer.text())
        services.hand_over(dispute=dispute, to=cast.adam, by=cast.alice, at=clock.now(), note="Yours now")
        page.wait_for_timeout(100)
        route.fulfill(response=answer)

    page.route(f"**/disputes/{dispute.pk}/card/", slow)
    page.evaluate("id => document.body.dispatchEvent(new CustomEvent(`live:dispute-${id}`))", dispute.pk)
    expect(page.locator(f"#card-{dispute.pk}")).to_contain_text("Adam")
    assert "Adam" not in late[0]
