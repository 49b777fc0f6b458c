"""The shell's own scripts, in a real Chromium against the real application."""

import pytest
from django.contrib.auth.hashers import PBKDF2PasswordHasher
from playwright.sync_api import Browser, expect

from tests.browser.stage import PHONE, live_now, quiet, window
from tests.factories import PASSWORD, Cast, make_cast
from tests.live import Live

pytestmark = pytest.mark.browser


@pytest.fixture
def people(transactional_db: None) -> Cast:
    return make_cast()


def test_signing_in_with_the_keyboard_only(chromium: Browser, live: Live, people: Cast) -> None:
    hashed = PBKDF2PasswordHasher().encode(PASSWORD, "salt", iterations=1000)
    type(people.sam).objects.filter(pk=people.sam.pk).update(password=hashed)
    page = window(chromium, live, None)
    page.goto("/me/")
    page.keyboard.type(people.sam.email)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{live.url}/me/")
    quiet(page)


def test_the_page_tells_that_it_is_live(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/me/")
    live_now(page)
    expect(page.locator("#stale")).to_be_hidden()
    quiet(page)


def test_a_lost_line_is_shown_and_found_again(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice)
    page.clock.install()
    page.goto("/me/")
    live_now(page)
    page.evaluate("document.body.addEventListener('live:resync', () => (document.title = 'again'))")
    page.context.set_offline(True)
    expect(page.locator("#live")).to_have_attribute("data-state", "off")
    page.clock.run_for(11_000)
    expect(page.locator("#stale")).to_be_visible()
    page.context.set_offline(False)
    live_now(page)
    expect(page.locator("#stale")).to_be_hidden()
    expect(page).to_have_title("again")


def test_the_skip_link_leads_to_the_content(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/me/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_a_question_mark_shows_the_keys_and_escape_gives_the_focus_back(
    chromium: Browser, live: Live, people: Cast
) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/me/")
    page.locator(".rail-foot a").focus()
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#keys-dialog")).to_be_hidden()
    expect(page.locator(".rail-foot a")).to_be_focused()
    quiet(page)


def test_letters_are_letters_inside_a_field(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/me/")
    name = page.locator("#id_name")
    name.fill("")
    name.press_sequentially("gs?/")
    expect(name).to_have_value("gs?/")
    expect(page.locator("#keys-dialog")).to_be_hidden()


def test_shortcuts_that_are_switched_off_do_nothing(chromium: Browser, live: Live, people: Cast) -> None:
    type(people.alice).objects.filter(pk=people.alice.pk).update(shortcuts_on=False)
    page = window(chromium, live, people.alice)
    page.goto("/me/")
    page.keyboard.press("?")
    expect(page.locator("#keys-dialog")).to_be_hidden()
    page.locator("details[data-menu] summary").click()
    page.locator("[data-open=keys-dialog]").click()
    expect(page.locator("#keys-dialog")).to_be_visible()


def test_g_and_a_letter_go_to_a_page(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/accounts/password/change/")
    page.goto("/me/")
    there = page.locator(".rail [data-go=c]").get_attribute("href")
    page.keyboard.press("g")
    page.keyboard.press("c")
    expect(page).to_have_url(f"{live.url}{there}")


def test_a_double_click_sends_a_form_once(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice)
    sent: list[str] = []
    page.on(
        "request",
        lambda request: (
            sent.append(request.url) if request.method == "POST" and "/here/" not in request.url else None
        ),
    )
    page.goto("/me/")
    page.locator("form.card button[type=submit]").dblclick()
    expect(page.locator(".toast")).to_be_visible()
    assert len(sent) == 1


def test_a_theme_that_was_chosen_beats_the_system(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.alice, color_scheme="dark")
    page.goto("/me/")
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    assert page.evaluate(ground) == "rgb(14, 20, 22)"
    page.locator("label.choice", has=page.locator("input[value=light]")).click()
    page.locator("form.card button[type=submit]").click()
    expect(page.locator("html")).to_have_attribute("data-theme", "light")
    assert page.evaluate(ground) == "rgb(245, 247, 248)"


def test_the_menu_closes_by_escape_and_by_a_click_elsewhere(
    chromium: Browser, live: Live, people: Cast
) -> None:
    page = window(chromium, live, people.alice)
    page.goto("/me/")
    menu, head = page.locator("details[data-menu]"), page.locator("details[data-menu] summary")
    head.click()
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    expect(head).to_be_focused()
    head.click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")


def test_the_phone_has_its_tabs_within_reach_of_a_thumb(chromium: Browser, live: Live, people: Cast) -> None:
    page = window(chromium, live, people.sam, viewport=PHONE)
    page.goto("/me/")
    expect(page.locator(".rail")).to_be_hidden()
    for link in page.locator(".bottombar a").all():
        box = link.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["y"] + box["height"] <= PHONE["height"]
