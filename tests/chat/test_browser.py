"""Two people, two browsers: what one does, the other sees without a reload."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, Page, expect

from accounts.models import User
from chat.models import Message, Room
from disputes import services as disputes
from disputes.models import Dispute, Question
from tests.browser.stage import live_now, quiet, window
from tests.chat.conftest import make_dispute, say
from tests.factories import AT, Cast, make_cast
from tests.live import Live

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1360, "height": 900}


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed."""
    return make_cast()


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    """A live dispute, committed."""
    return make_dispute(cast)


@pytest.fixture
def room(dispute: Dispute) -> Room:
    """Its room."""
    return Room.objects.get(dispute=dispute)


class Browsers:
    """Browser windows in which people are signed in."""

    def __init__(self, live: Live, chromium: Browser) -> None:
        self.live, self.chromium = live, chromium
        self.contexts: list[BrowserContext] = []
        self.errors: list[str] = []

    def open(self, user: User, path: str, size: dict[str, int]) -> Page:
        client = Client()
        client.force_login(user)
        context = self.chromium.new_context(viewport=size, base_url=self.live.url)  # type: ignore[arg-type]
        context.set_default_timeout(90_000)
        context.add_cookies(
            [{"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.live.url}]
        )
        self.contexts.append(context)
        page = context.new_page()
        page.on("console", lambda line: self.errors.append(line.text) if line.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.goto(path)
        expect(page.locator("#live")).to_have_attribute("data-state", "on")
        return page


@pytest.fixture
def browsers(live: Live, chromium: Browser) -> Iterator[Browsers]:
    """Opens windows, closes them, and insists that no script complained."""
    opened = Browsers(live, chromium)
    yield opened
    for context in opened.contexts:
        context.close()
    assert opened.errors == []


def ask(cast: Cast, dispute: Dispute, text: str = "Which price did you agree?") -> Question:
    return disputes.ask_question(
        dispute=dispute, asked_of=cast.sam, kind="yes_no", text=text, by=cast.alice, at=AT
    )


def test_what_one_writes_the_other_reads_at_once_and_is_seen_to_have_read(
    browsers: Browsers, cast: Cast, dispute: Dispute, room: Room
) -> None:
    desk = browsers.open(cast.alice, f"/disputes/{dispute.pk}/", DESK)
    phone = browsers.open(cast.sam, f"/rooms/{room.pk}/", PHONE)
    expect(desk.locator("[data-presence]")).to_contain_text("Sam")
    desk.locator("[data-composer] textarea").press_sequentially("The customer says 9.20.", delay=5)
    expect(phone.locator("[data-typing-line]")).to_contain_text("Alice")
    desk.keyboard.press("Control+Enter")
    expect(phone.locator(".msg-body")).to_have_text("The customer says 9.20.")
    expect(desk.locator(".msg.msg-mine .msg-body")).to_have_text("The customer says 9.20.")
    expect(desk.locator("[data-composer] textarea")).to_have_value("")
    phone.bring_to_front()
    expect(desk.locator("[data-seen-by]")).to_contain_text("Sam")
    phone.locator("[data-composer] textarea").fill("That is what we agreed, see https://example.com/o/1.")
    phone.get_by_role("button", name="Send").click()
    expect(desk.locator(".msg-body").last).to_contain_text("That is what we agreed")
    expect(desk.locator(".msg-body a")).to_have_attribute("href", "https://example.com/o/1")
    for page in (desk, phone):
        expect(page.locator(".msg")).to_have_count(2)
    assert Message.objects.filter(room=room, kind="text").count() == 2


def test_a_question_pops_up_on_any_page_and_disappears_when_answered_elsewhere(
    browsers: Browsers, cast: Cast, dispute: Dispute, room: Room
) -> None:
    phone = browsers.open(cast.sam, "/me/", PHONE)
    desk = browsers.open(cast.sam, "/rooms/", DESK)
    expect(desk.locator("#count-disputes")).to_have_text("1")
    boss = browsers.open(cast.alice, f"/disputes/{dispute.pk}/", DESK)
    ask(cast, dispute)
    for page in (phone, desk):
        popup = page.locator("#popups .popup")
        expect(popup).to_be_visible(timeout=2_000)
        expect(popup).to_contain_text("Which price did you agree?")
        assert page.evaluate("document.activeElement.closest('#popups')") is None
    expect(boss.locator(".thread-card .qcard")).to_contain_text("Which price did you agree?")
    phone.locator("#popups .quick .chip").first.click()
    expect(desk.locator("#popups .popup")).to_have_count(0, timeout=2_000)
    expect(phone.locator("#popups .popup")).to_have_count(0, timeout=2_000)
    expect(boss.locator(".thread-card .qcard.is-answered")).to_contain_text("Yes")
    assert Question.objects.get().status == "answered"


def test_several_questions_come_one_after_the_other_and_later_means_later(
    browsers: Browsers, cast: Cast, dispute: Dispute
) -> None:
    phone = browsers.open(cast.sam, "/me/", PHONE)
    ask(cast, dispute, "First?")
    ask(cast, dispute, "Second?")
    popups = phone.locator("#popups .popup")
    expect(popups).to_have_count(2)
    expect(popups.nth(0)).to_be_visible()
    expect(popups.nth(1)).to_be_hidden()
    popups.nth(0).get_by_role("button", name="In 30 min").click()
    expect(popups).to_have_count(1)
    expect(popups).to_contain_text("Second?")
    phone.reload()
    expect(popups).to_have_count(1)


def test_a_reply_that_crossed_anothers_is_held_back_with_its_draft(
    browsers: Browsers, cast: Cast, dispute: Dispute, room: Room
) -> None:
    desk = browsers.open(cast.alice, f"/rooms/{room.pk}/", DESK)
    desk.locator("[data-composer] textarea").fill("Any news?")
    desk.evaluate(f"document.getElementById('seen-{room.pk}').value = 0; 1")
    desk.evaluate("document.querySelector('[data-room]').removeAttribute('data-room')")
    desk.evaluate("document.body.dispatchEvent(new CustomEvent('htmx:afterSettle', {detail: {}}))")
    say(room, cast.sam, "I found the order.")
    with desk.expect_response(lambda response: response.status == 409):
        desk.get_by_role("button", name="Send").click()
    expect(desk.locator(".msg-body")).to_have_text("I found the order.")
    expect(desk.locator("[data-composer] textarea")).to_have_value("Any news?")
    desk.get_by_role("button", name="Send anyway").click()
    expect(desk.locator(".msg-body").last).to_have_text("Any news?")
    browsers.errors[:] = [line for line in browsers.errors if "409" not in line]


def test_a_double_click_sends_once(browsers: Browsers, cast: Cast, room: Room) -> None:
    desk = browsers.open(cast.alice, f"/rooms/{room.pk}/", DESK)
    desk.locator("[data-composer] textarea").fill("Once")
    desk.get_by_role("button", name="Send").dblclick()
    expect(desk.locator(".msg-body")).to_have_text("Once")
    assert Message.objects.filter(room=room, body="Once").count() == 1


def test_drawing_a_field_anew_applies_no_inline_style(
    live: Live, chromium: Browser, cast: Cast, room: Room
) -> None:
    desk = window(chromium, live, cast.alice, viewport=DESK)
    desk.goto(f"/rooms/{room.pk}/")
    live_now(desk)
    # A script (or a tool that takes pictures of the page) left a style where the answer brings the field anew.
    desk.evaluate(f"document.getElementById('seen-{room.pk}').style.setProperty('caret-color', 'red')")
    desk.locator("[data-composer] textarea").fill("Quietly")
    desk.get_by_role("button", name="Send").click()
    expect(desk.locator(".msg-body")).to_have_text("Quietly")
    expect(desk.locator("[data-composer] textarea")).to_have_value("")
    quiet(desk)
    # It would have been heard.
    desk.evaluate("document.querySelector('[data-thread]').setAttribute('style', 'color: red')")
    desk.wait_for_timeout(200)
    with pytest.raises(AssertionError, match="inline style"):
        quiet(desk)
    desk.context.close()
