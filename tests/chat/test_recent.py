"""A page hears what changed between its rendering and its line."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Browser, Route, expect

from chat import recent
from chat.recent import Recent, moment_of
from lib import clock
from tests.browser.stage import DESKTOP, live_now, window
from tests.disputes.conftest import open_one, services
from tests.factories import make_cast
from tests.live import Live


def test_frames_are_told_again_by_topic_from_a_moment_on() -> None:
    frames = Recent(whole_since=0)
    frames.keep(("user:1", "room:3:internal"), "old")
    frames.frames[0] = (time.time() - 10, *frames.frames[0][1:])
    frames.keep(("user:1",), "one")
    frames.keep(("user:2", "entity:1:disputes"), "two")
    frames.keep(("room:3:internal",), "of a room")
    now = time.time()
    assert frames.since(now - 5, {"user:1"}) == ["one"]
    assert frames.since(now - 20, {"user:1"}) == ["old", "one"]
    assert frames.since(now - 5, {"entity:1:disputes", "user:1"}) == ["one", "two"]
    assert frames.since(now - 5, {"room:3:internal"}) == []


def test_what_is_no_longer_known_is_not_made_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recent, "FRAMES", 2)
    frames = Recent(whole_since=0)
    now = time.time()
    for number in range(3):
        frames.keep(("user:1",), str(number))
        frames.frames[-1] = (now - 9 + number, *frames.frames[-1][1:])
    assert len(frames.frames) == 2
    assert frames.since(now - 9, {"user:1"}) is None
    assert frames.since(now - 8.4, {"user:1"}) == ["1", "2"]
    assert Recent().since(now - 1, {"user:1"}) is None


@pytest.mark.parametrize(
    ("query", "moment"),
    [
        (b"since=1764000000123", 1764000000.123),
        (b"a=b&since=5000", 5.0),
        (b"", None),
        (b"since=", None),
        (b"since=-1", None),
        (b"since=1e9", None),
        (b"since=" + b"9" * 40, None),
        (b"nosince=4", None),
    ],
)
def test_the_moment_of_an_address(query: bytes, moment: float | None) -> None:
    assert moment_of(query) == moment


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_a_card_that_changed_before_the_line_stood_is_fetched_again(live: Live, chromium: Browser) -> None:
    cast = make_cast()
    dispute = open_one(cast)
    page = window(chromium, live, cast.alice, viewport=DESKTOP)
    page.goto("/disputes/")
    live_now(page)

    changed = False

    def late(route: object) -> None:
        """The socket opens only after somebody else has moved the dispute."""
        nonlocal changed
        if not changed:
            changed = True
            services.hand_over(
                dispute=dispute, to=cast.adam, by=cast.alice, at=clock.now(), note="Yours now, Adam"
            )
        route.connect_to_server()  # type: ignore[attr-defined]

    page.route_web_socket("**/ws/**", late)
    page.goto(f"/disputes/{dispute.pk}/")
    live_now(page)
    expect(page.locator(f"#card-{dispute.pk}")).to_contain_text("Adam")


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
