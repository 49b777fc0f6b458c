"""A question that comes while one writes lies folded above the composer: it covers nothing and takes no focus."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect

from chat.models import Room
from disputes import services as disputes
from disputes.models import Dispute, Question
from tests.browser.stage import live_now, quiet, window
from tests.chat.conftest import make_dispute, say
from tests.factories import AT, Cast, make_cast
from tests.live import Live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
SIZES = [{"width": 360, "height": 740}, {"width": 390, "height": 844}, {"width": 1280, "height": 800}]
DESK = SIZES[2]


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed."""
    return make_cast()


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    """A live dispute in which something was said."""
    dispute = make_dispute(cast)
    room = Room.objects.get(dispute=dispute)
    for number in range(14):
        say(room, cast.alice, f"Line {number} of what was said about the price.")
    return dispute


def ask(cast: Cast, dispute: Dispute, text: str = "Which price did you agree?") -> Question:
    return disputes.ask_question(
        dispute=dispute, asked_of=cast.sam, kind="yes_no", text=text, by=cast.alice, at=AT
    )


# All at one moment: the pop-up is drawn anew whenever something happens.
BOXES = """() => {
  const one = (css) => document.querySelector(css).getBoundingClientRect();
  const popup = document.querySelector("#popups .popup");
  const [box, form, field] = [one("#popups .popup"), one("[data-composer]"), one("[data-composer] textarea")];
  return {
    top: box.top, bottom: box.bottom, left: box.left, right: innerWidth - box.right, height: box.height,
    form: form.top, field: field.top, wide: popup.scrollWidth - popup.clientWidth,
  };
}"""


def apart(page: Page) -> None:
    """Nothing of the pop-up lies over the field one writes in, nor over its buttons; all of it is in the window."""
    expect(page.locator("#popups .popup").first).to_be_visible()
    seen = page.evaluate(BOXES)
    assert seen["height"] >= 40
    assert seen["bottom"] <= seen["form"] + 1 <= seen["field"], seen
    assert min(seen["top"], seen["left"], seen["right"]) >= 0, seen
    assert seen["wide"] <= 0, seen


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size['width']}")
@pytest.mark.parametrize("where", ["/rooms/{room}/", "/disputes/{dispute}/"], ids=["room", "dispute"])
def test_a_question_leaves_the_composer_free_and_the_focus_where_it_is(
    live: Live, chromium: Browser, cast: Cast, dispute: Dispute, size: dict[str, int], where: str
) -> None:
    page = window(chromium, live, cast.sam, viewport=size)
    page.goto(where.format(room=Room.objects.get(dispute=dispute).pk, dispute=dispute.pk))
    live_now(page)
    field = page.locator("[data-composer] textarea")
    field.click()
    field.press_sequentially("I am wri")
    ask(cast, dispute)
    bar = page.locator("#popups [data-unfold]")
    expect(bar).to_contain_text("Which price did you agree?")
    apart(page)
    expect(page.locator("#popups .quick")).to_be_hidden()
    expect(field).to_be_focused()
    page.keyboard.type("ting")
    expect(field).to_have_value("I am writing")

    bar.click()
    expect(page.locator("#popups .quick").first).to_be_visible()
    expect(bar).to_have_attribute("aria-expanded", "true")
    apart(page)
    page.locator("#popups .quick .chip").first.click()
    expect(page.locator("#popups .popup")).to_have_count(0)
    expect(field).to_have_value("I am writing")
    assert Question.objects.get().status == "answered"
    quiet(page)
    page.context.close()


def test_the_keyboard_opens_it_and_puts_it_back(
    live: Live, chromium: Browser, cast: Cast, dispute: Dispute
) -> None:
    page = window(chromium, live, cast.sam, viewport=DESK)
    page.goto(f"/rooms/{Room.objects.get(dispute=dispute).pk}/")
    live_now(page)
    ask(cast, dispute)
    ask(cast, dispute, "And from which day?")
    page.locator("[data-composer] textarea").click()
    expect(page.locator("#popups .popup")).to_have_count(2)
    page.keyboard.press("Alt+q")
    expect(page.locator("#popups .quick .chip").first).to_be_focused()
    page.keyboard.press("Escape")
    bar = page.locator("#popups [data-unfold]").first
    expect(bar).to_be_focused()
    expect(bar).to_have_attribute("aria-expanded", "false")
    # The one that comes after it comes folded.
    bar.press("Enter")
    page.locator("#popups .popup").first.get_by_role("button", name="In 30 min").click()
    expect(page.locator("#popups .popup")).to_have_count(1)
    expect(page.locator("#popups [data-unfold]")).to_have_attribute("aria-expanded", "false")
    apart(page)
    page.context.close()


def test_where_nobody_writes_it_opens_whole(
    live: Live, chromium: Browser, cast: Cast, dispute: Dispute
) -> None:
    ask(cast, dispute)
    page = window(chromium, live, cast.sam, viewport=DESK)
    page.goto("/rooms/")
    expect(page.locator("#popups .quick").first).to_be_visible()
    expect(page.locator("#popups [data-unfold]")).to_be_hidden()
    page.context.close()


def test_headings_fit_a_narrow_phone(live: Live, chromium: Browser, cast: Cast) -> None:
    page = window(chromium, live, cast.alice, viewport=SIZES[0])
    for where in ("/rooms/", "/me/notifications/"):
        page.goto(where)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, where
        title = page.locator(".topbar-title").bounding_box()
        assert title
        assert title["width"] > 90, where
    page.context.close()


def test_the_newest_words_stand_above_the_composer(
    live: Live, chromium: Browser, cast: Cast, dispute: Dispute
) -> None:
    ask(cast, dispute)
    page = window(chromium, live, cast.alice, viewport=DESK)
    page.goto(f"/rooms/{Room.objects.get(dispute=dispute).pk}/")
    live_now(page)
    thread = page.locator("[data-scroll]").bounding_box()
    form = page.locator("[data-composer]").bounding_box()
    assert thread
    assert form
    assert thread["y"] + thread["height"] <= form["y"] + 1
    page.context.close()
