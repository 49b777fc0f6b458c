"""The phone in a real Chromium: notifications that answer, the inbox without a network, answers that go out once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from chat.push.payload import over_note, question_note
from disputes import services as disputes
from disputes.models import Answer, Dispute, Question
from lib import clock
from tests.browser.stage import PHONE, context_for
from tests.chat.conftest import make_dispute, say
from tests.factories import Cast, make_cast
from tests.live import Live
from tests.phone.worker import Driver, cards, drive, first_answer, outbox, wait_sent

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/17.4 Mobile/15E148 Safari/604.1"
)


@pytest.fixture
def cast(transactional_db: None) -> Cast:
    """The people of the tests, committed."""
    return make_cast()


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    """A live dispute, committed."""
    return make_dispute(cast)


@pytest.fixture
def question(cast: Cast, dispute: Dispute) -> Question:
    """What the route asks Sam: its answer moves the dispute."""
    disputes.make_move(dispute=dispute, move_code="ask_sales", by=cast.alice, at=clock.now())
    return Question.objects.get(dispute=dispute)


def open_phone(chromium: Browser, live: Live, user: User, path: str = "/m/", **more: object) -> Page:
    context = context_for(chromium, live, user, viewport=PHONE, **more)
    context.grant_permissions(["notifications"], origin=live.url)
    page = context.new_page()
    page.goto(path)
    return page


@pytest.fixture
def phone(chromium: Browser, live: Live, cast: Cast, question: Question) -> Iterator[Page]:
    """Sam's phone, with the inbox open."""
    page = open_phone(chromium, live, cast.sam)
    yield page
    page.context.close()


@pytest.fixture
def driver(phone: Page, live: Live) -> Driver:
    """Its worker."""
    return drive(phone, live)


def note(question: Question, user: User) -> dict[str, object]:
    return question_note(question, user, clock.now(), private=False, occasion="asked").payload


def answer_of(question: Question) -> Answer:
    return Answer.objects.get(question=question)


def wait_answered(page: Page, question: Question) -> Answer:
    for _ in range(150):
        if found := Answer.objects.filter(question=question).first():
            return found
        page.wait_for_timeout(100)
    raise AssertionError("no answer came")


def test_a_tap_on_the_notification_answers_moves_the_dispute_and_once(
    driver: Driver, question: Question, cast: Cast, dispute: Dispute
) -> None:
    told = note(question, cast.sam)
    driver.push(told)
    tag = f"question-{question.pk}"
    shown = driver.wait_shown(tag, "Which price did you agree?")
    assert "Comercial Norte" in shown["title"]
    assert len(shown["actions"]) == 2
    driver.tap(tag, action="0")
    driver.wait_shown(tag, "✓ Your answer is recorded")
    given = answer_of(question)
    assert (given.value, given.via, given.answered_by) == (question.options[0]["value"], "push", cast.sam)
    dispute.refresh_from_db()
    assert dispute.stage.code == "answer_customer"
    # The same notification once more, as after a lost connection: still one answer, and the same sentence.
    driver.push(told)
    driver.wait_shown(tag, "Which price did you agree?")
    driver.tap(tag, action="0")
    driver.wait_shown(tag, "✓ Your answer is recorded")
    assert Answer.objects.count() == 1
    driver.push(over_note(question.pk, cast.sam, words="", at=clock.now()).payload)
    driver.page.wait_for_timeout(300)
    assert driver.shown(tag)[0]["data"]["done"] == "sent"


def test_words_typed_into_the_notification_are_the_answer(
    driver: Driver, cast: Cast, dispute: Dispute
) -> None:
    typed = disputes.ask_question(
        dispute=dispute,
        asked_of=cast.sam,
        by=cast.alice,
        kind="text",
        text="What did they order?",
        at=clock.now(),
    )
    driver.push(note(typed, cast.sam))
    shown = driver.wait_shown(f"question-{typed.pk}", "What did they order?")
    (reply,) = shown["actions"]
    assert (reply["type"], reply["title"], reply["placeholder"]) == ("text", "Answer", "What did they order?")
    driver.tap(f"question-{typed.pk}", action="reply", reply="Twenty, not thirty: año 2026")
    driver.wait_shown(f"question-{typed.pk}", "✓ Your answer is recorded: Twenty")
    assert answer_of(typed).value == "Twenty, not thirty: año 2026"


def test_too_late_says_who_was_faster_and_when(driver: Driver, question: Question, cast: Cast) -> None:
    driver.push(note(question, cast.sam))
    tag = f"question-{question.pk}"
    driver.wait_shown(tag, "Which price")
    value = question.options[1]["value"]
    disputes.answer_question(question_id=question.pk, value=value, by=cast.alice, at=clock.now())
    driver.tap(tag, action="0")
    said = driver.wait_shown(tag, "Already answered by Alice.")
    assert any(letter.isdigit() for letter in said["body"])
    assert answer_of(question).answered_by == cast.alice
    wait_sent(driver.page)


def test_a_question_that_is_over_closes_its_notification(
    driver: Driver, question: Question, cast: Cast
) -> None:
    driver.push(note(question, cast.sam))
    driver.wait_shown(f"question-{question.pk}", "Which price")
    driver.push(over_note(question.pk, cast.sam, words="", at=clock.now()).payload)
    driver.wait_gone(f"question-{question.pk}")


def test_signed_out_the_answer_is_kept_until_its_person_signs_in_again(
    driver: Driver, question: Question, cast: Cast
) -> None:
    driver.push(note(question, cast.sam))
    tag = f"question-{question.pk}"
    driver.wait_shown(tag, "Which price")
    kept = driver.context.cookies()
    driver.context.clear_cookies()
    driver.tap(tag, action="0")
    driver.wait_shown(tag, "You are signed out")
    assert not Answer.objects.exists()
    assert len(outbox(driver.page)) == 1
    driver.context.add_cookies(kept)  # type: ignore[arg-type]
    driver.sync()
    assert wait_answered(driver.page, question).answered_by == cast.sam


def test_without_a_network_the_inbox_opens_answers_wait_and_go_out_once(
    phone: Page, driver: Driver, question: Question, cast: Cast, dispute: Dispute
) -> None:
    expect(cards(phone)).to_have_count(1)
    phone.reload()
    expect(cards(phone)).to_have_count(1)
    phone.context.set_offline(True)
    phone.reload()
    expect(cards(phone)).to_contain_text("Which price did you agree?")
    expect(phone.locator("#phone-offline")).to_be_visible()
    first_answer(phone).tap()
    expect(cards(phone).locator("[data-words]")).to_have_text("Waiting for network")
    # The phone is switched off and on.
    phone.close()
    again = driver.context.new_page()
    again.goto("/m/")
    expect(cards(again).locator("[data-words]")).to_have_text("Waiting for network")
    assert len(outbox(again)) == 1
    assert not Answer.objects.exists()
    driver = Driver(driver.context, again, driver.url)
    driver.context.set_offline(False)
    driver.sync()
    given = wait_answered(again, question)
    assert (given.via, given.answered_by) == ("phone", cast.sam)
    expect(cards(again)).to_have_count(0, timeout=20_000)
    expect(again.locator("#phone-done")).to_contain_text("answered today")
    wait_sent(again)
    assert Answer.objects.count() == 1
    dispute.refresh_from_db()
    assert dispute.stage.code == "answer_customer"


def test_ten_seconds_to_take_it_back(phone: Page, question: Question) -> None:
    first_answer(phone).tap()
    state = cards(phone).locator("[data-state]")
    expect(state).to_contain_text("Sending…")
    state.get_by_role("button", name="Undo").tap()
    expect(state).to_be_hidden()
    expect(first_answer(phone)).to_be_enabled()
    wait_sent(phone)
    assert not Answer.objects.exists()


def test_what_the_server_refuses_is_shown_and_not_repeated(phone: Page, cast: Cast, dispute: Dispute) -> None:
    disputes.ask_question(
        dispute=dispute, asked_of=cast.sam, by=cast.alice, kind="amount", text="How much?", at=clock.now()
    )
    phone.get_by_role("button", name="Refresh").tap()
    card = phone.locator(".qcard", has_text="How much?")
    card.get_by_role("textbox", name="How much?").fill("a lot")
    card.get_by_role("button", name="Send").tap()
    expect(card.locator("[data-words]")).to_contain_text("Not sent", timeout=30_000)
    assert outbox(phone)[0]["problem"]
    card.get_by_role("button", name="Discard").tap()
    expect(card.get_by_role("button", name="Send")).to_be_enabled()
    wait_sent(phone)


def test_answered_elsewhere_it_says_by_whom_and_goes(phone: Page, question: Question, cast: Cast) -> None:
    expect(phone.locator("#live")).to_have_attribute("data-state", "on")
    expect(cards(phone)).to_have_count(1)
    value = question.options[0]["value"]
    disputes.answer_question(question_id=question.pk, value=value, by=cast.alice, at=clock.now())
    expect(cards(phone).locator("[data-words]")).to_contain_text("Already answered by Alice")
    expect(cards(phone)).to_have_count(0, timeout=15_000)


def test_the_next_person_on_a_shared_phone_finds_nothing(
    phone: Page, driver: Driver, question: Question, cast: Cast, live: Live
) -> None:
    expect(cards(phone)).to_have_count(1)
    phone.reload()
    phone.context.set_offline(True)
    first_answer(phone).tap()
    expect(cards(phone).locator("[data-words]")).to_have_text("Waiting for network")
    context = phone.context
    phone.goto("about:blank")
    context.clear_cookies()
    other = context_for(phone.context.browser, live, cast.sofia, viewport=PHONE)  # type: ignore[arg-type]
    context.add_cookies(other.cookies())  # type: ignore[arg-type]
    other.close()
    context.set_offline(False)
    phone.goto("/m/")
    expect(phone.locator("#phone-empty")).to_be_visible()
    phone.wait_for_function("caches.match('/m/').then((kept) => Boolean(kept))")
    wait_sent(phone)
    assert not Answer.objects.exists()
    context.set_offline(True)
    phone.reload()
    expect(phone.locator("#phone")).not_to_contain_text("Norte")


def test_signing_out_warns_of_what_was_not_sent_and_leaves_nothing(
    phone: Page, driver: Driver, question: Question
) -> None:
    expect(cards(phone)).to_have_count(1)
    phone.context.set_offline(True)
    first_answer(phone).tap()
    expect(cards(phone).locator("[data-words]")).to_have_text("Waiting for network")
    asked: list[str] = []

    def refuse(dialog: object) -> None:
        asked.append(dialog.message)  # type: ignore[attr-defined]
        dialog.dismiss()  # type: ignore[attr-defined]

    phone.once("dialog", refuse)
    phone.get_by_label("Your account").tap()
    with phone.expect_event("dialog"):
        phone.get_by_role("button", name="Sign out").tap()
    assert "not sent yet: 1" in asked[0]
    expect(cards(phone).locator("[data-words]")).to_have_text("Waiting for network")
    cards(phone).get_by_role("button", name="Undo").tap()
    expect(cards(phone).locator("[data-state]")).to_be_hidden()
    phone.context.set_offline(False)
    phone.get_by_label("Your account").tap()
    phone.get_by_role("button", name="Sign out").tap()
    phone.wait_for_url("**/accounts/login/**")
    kept = "caches.open('zanjar-shell').then((one) => one.keys()).then((all) => all.length)"
    assert phone.evaluate(kept) == 0
    wait_sent(phone)


def test_a_tap_on_the_body_opens_the_question_in_the_window_that_is_open(
    phone: Page, driver: Driver, question: Question, cast: Cast
) -> None:
    expect(cards(phone)).to_have_count(1)
    phone.evaluate("document.body.dataset.kept = 'yes'")
    driver.worker.evaluate(
        "(facts) => self.clients.matchAll({type: 'window'}).then((all) => all[0].postMessage(facts))",
        {"type": "open", "question": question.pk, "url": f"/m/?question={question.pk}"},
    )
    expect(phone.locator(f"#question-{question.pk}")).to_be_focused()
    assert phone.evaluate("document.body.dataset.kept") == "yes"
    phone.goto(f"/m/?question={question.pk}")
    expect(phone.locator(f"#question-{question.pk}.is-target")).to_be_visible()


def test_the_card_tells_what_is_needed_on_the_road(
    chromium: Browser, live: Live, cast: Cast, dispute: Dispute, question: Question
) -> None:
    say(dispute.room, cast.alice, "They have an e-mail from you.", at=timezone.now())
    page = open_phone(chromium, live, cast.sam)
    card = cards(page).first
    for words in (
        "Comercial Norte",
        "400.00",
        "Price",
        "The price is not the one we agreed.",
        "an e-mail from you",
    ):
        expect(card).to_contain_text(words)
    card.get_by_text("Invoice lines and photos").tap()
    expect(card.locator("[data-excerpt] li")).to_contain_text("INV-")
    expect(card.get_by_role("link", name="Not me")).to_have_attribute(
        "href", f"/questions/{question.pk}/forward/"
    )
    card.get_by_role("button", name="In 30 min").tap()
    if card.get_by_role("button", name="Later all the same").is_visible():
        card.get_by_role("button", name="Later all the same").tap()
    expect(cards(page)).to_have_count(0)
    page.context.close()


def test_only_an_iphone_outside_of_the_home_screen_is_coached(
    chromium: Browser, live: Live, cast: Cast
) -> None:
    page = open_phone(chromium, live, cast.sam, user_agent=IPHONE)
    coach = page.locator("#coach-ios")
    expect(coach).to_be_visible()
    coach.get_by_role("button", name="Close").tap()
    page.reload()
    expect(page.locator("#phone-empty")).to_be_visible()
    expect(coach).to_be_hidden()
    page.context.close()
    other = open_phone(chromium, live, cast.sam)
    expect(other.locator("#phone-empty")).to_be_visible()
    expect(other.locator("#coach-ios")).to_be_hidden()
    other.context.close()
