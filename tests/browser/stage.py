"""People signed in to the running application, in windows of a real Chromium."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from tests.live import Live

DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
NARROW = {"width": 360, "height": 740}

TROUBLES: WeakKeyDictionary[Page, list[str]] = WeakKeyDictionary()
expect.set_options(timeout=10_000)


def session_cookie(user: User, url: str) -> dict[str, Any]:
    """The cookie of a fresh session of `user`."""
    client = Client()
    client.force_login(user)
    value = client.cookies[settings.SESSION_COOKIE_NAME].value
    return {
        "name": settings.SESSION_COOKIE_NAME,
        "value": value,
        "domain": urlsplit(url).hostname,
        "path": "/",
    }


def context_for(browser: Browser, live: Live, user: User | None, **options: Any) -> BrowserContext:
    """A window's worth of cookies and settings: `user` is signed in; phone sizes touch."""
    size = options.setdefault("viewport", DESKTOP)
    phone = size["width"] < 600
    context = browser.new_context(base_url=live.url, has_touch=phone, is_mobile=phone, **options)
    context.set_default_timeout(90_000)
    if user is not None:
        context.add_cookies([session_cookie(user, live.url)])  # type: ignore[list-item]
    return context


def window(browser: Browser, live: Live, user: User | None, **options: Any) -> Page:
    """A new page of its own context. A script error or a refused resource fails the test at `quiet`."""
    page = context_for(browser, live, user, **options).new_page()
    heard: list[str] = []
    # Chromium says so itself when the next page is there before the fade from the last one began.
    page.on(
        "pageerror",
        lambda error: (
            None if "Transition was" in str(error) else heard.append(f"script: {error.stack or error}")
        ),
    )
    page.on("console", lambda line: heard.append(line.text) if line.type == "error" else None)
    TROUBLES[page] = heard
    return page


# A request that nobody waits for any more, because what asked for it gave way to something newer.
GIVEN_UP = ("htmx:sendAbort,", "htmx:afterRequest,")


def quiet(page: Page) -> None:
    """Nothing was refused by the policy and no script broke."""
    heard = [line for line in TROUBLES[page] if not line.startswith(GIVEN_UP)]
    assert not heard, heard


def live_now(page: Page) -> None:
    """Wait until the page hears the server."""
    expect(page.locator("#live")).to_have_attribute("data-state", "on")


# Parts that load by themselves ask for it within a moment, and may bring others that do.
ASKED_FOR = """async () => {
    for (let calm = 0; calm < 2; calm++) {
        await new Promise((done) => setTimeout(done, 50));
        if (document.querySelector(".htmx-request")) calm = -1;
    }
}"""


def settle(page: Page, url: str) -> None:
    """Open the page and wait until everything that loads by itself is there and nothing moves."""
    page.goto(url)
    page.evaluate(ASKED_FOR)
    still(page)


# A page that draws no frames never comes to the end of a movement by itself, and one without an end never does.
AT_THE_END = """async () => {
    for (let round = 0; round < 200; round++) {
        const moving = document.getAnimations().filter(
            (one) => one.playState === "running" && one.effect.getComputedTiming().endTime < Infinity);
        if (!moving.length) return;
        moving.forEach((one) => one.finish());
        await new Promise((done) => setTimeout(done, 20));
    }
    throw new Error("something moves again and again");
}"""


def still(page: Page) -> None:
    """Bring every movement and every change of colour to its end."""
    page.evaluate(AT_THE_END)
