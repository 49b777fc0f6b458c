"""The heart of the matter: a question asked at a desk is answered from a phone's lock screen, and everybody sees it."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from chat.models import PushDevice
from chat.push import services
from disputes.models import Answer, Dispute, Question
from lib import clock
from tests.browser.stage import DESKTOP, PHONE, context_for, live_now, quiet, window
from tests.chat.conftest import make_dispute
from tests.factories import Cast, make_cast
from tests.live import Live
from tests.phone.worker import Driver, cards, drive, outbox, wait_sent
from tests.push.sink import Phone, Sink, running_sink

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# No push service is within reach of a test: the browser subscribes to ours, with keys that we hold.
SUBSCRIBE = """(facts) => {
  const subscription = {
    endpoint: facts.endpoint, unsubscribe: async () => true, toJSON: () => facts };
  PushManager.prototype.subscribe = async () => { window.isSubscribed = true; return subscription; };
  PushManager.prototype.getSubscription = async () => (window.isSubscribed ? subscription : null);
}"""


@pytest.fixture
def cast() -> Cast:
    """The people, committed."""
    return make_cast()


@pytest.fixture
def dispute(cast: Cast) -> Dispute:
    """A live dispute of Sam's customer."""
    return make_dispute(cast)


@pytest.fixture
def sink(live: Live, settings: object) -> Iterator[Sink]:
    """The push service that the running application may reach."""
    host = live.env["PUSH_INSIDE"]
    settings.PUSH_INSIDE = [host]
    with running_sink(int(host.rsplit(":", 1)[1])) as one:
        yield one


def phone_of(chromium: Browser, live: Live, user: User, subscription: dict[str, object]) -> Page:
    context = context_for(chromium, live, user, viewport=PHONE)
    context.grant_permissions(["notifications"], origin=live.url)
    context.add_init_script(f"({SUBSCRIBE})({json.dumps(subscription)})")
    page = context.new_page()
    page.goto("/m/")
    return page


def turn_on(page: Page, user: User) -> PushDevice:
    """Sam allows notifications, from the card of the inbox."""
    page.get_by_role("button", name="Turn notifications on").tap()
    expect(page.locator("#coach-push")).to_be_hidden()
    return PushDevice.objects.get(user=user)


def ask_from_the_desk(desk: Page, dispute: Dispute) -> Question:
    """Alice moves the dispute on, which asks Sam."""
    desk.goto(f"/disputes/{dispute.pk}/")
    live_now(desk)
    desk.get_by_role("button", name="Ask sales").click()
    expect(desk.get_by_role("log")).to_contain_text("Which price did you agree?")
    return Question.objects.get(dispute=dispute)


def pushed(driver: Driver, sink: Sink, keys: Phone, question: Question, user: User) -> str:
    """The question travels through the push service to the phone; the tag under which it is shown there."""
    services.tell_question(question, user, occasion="asked", at=clock.now())
    told = keys.read(sink.sent[-1].body)
    driver.push(told)
    driver.wait_shown(told["tag"], "Which price did you agree?")
    return str(told["tag"])


def test_asked_at_the_desk_answered_on_the_lock_screen_seen_by_a_third(
    cast: Cast, dispute: Dispute, live: Live, chromium: Browser, sink: Sink
) -> None:
    keys = Phone()
    phone = phone_of(chromium, live, cast.sam, {"endpoint": f"{sink.url}/send/sam", "keys": keys.keys})
    driver = drive(phone, live)
    turn_on(phone, cast.sam)
    third = window(chromium, live, cast.carl, viewport=DESKTOP)
    third.goto(f"/disputes/{dispute.pk}/")
    live_now(third)
    desk = window(chromium, live, cast.alice, viewport=DESKTOP)
    question = ask_from_the_desk(desk, dispute)
    tag = pushed(driver, sink, keys, question, cast.sam)

    driver.tap(tag, action="1")
    driver.wait_shown(tag, "✓ Your answer is recorded")
    for page in (desk, third):
        expect(page.locator(f"#card-{dispute.pk}")).to_contain_text("Prepare credit note")
        expect(page.get_by_role("log")).to_contain_text("The customer's price was agreed")
    dispute.refresh_from_db()
    assert dispute.stage.code == "prepare_credit"
    assert (Answer.objects.get().via, Answer.objects.get().answered_by) == ("push", cast.sam)
    expect(cards(phone)).to_have_count(0)
    quiet(desk)
    quiet(third)
    phone.context.close()


def test_the_same_in_a_tunnel_and_out_of_it(
    cast: Cast, dispute: Dispute, live: Live, chromium: Browser, sink: Sink
) -> None:
    keys = Phone()
    phone = phone_of(chromium, live, cast.sam, {"endpoint": f"{sink.url}/send/sam", "keys": keys.keys})
    driver = drive(phone, live)
    turn_on(phone, cast.sam)
    desk = window(chromium, live, cast.alice, viewport=DESKTOP)
    question = ask_from_the_desk(desk, dispute)
    tag = pushed(driver, sink, keys, question, cast.sam)

    phone.context.set_offline(True)
    driver.tap(tag, action="1")
    driver.wait_shown(tag, "Waiting for network")
    assert not Answer.objects.exists()
    assert len(outbox(phone)) == 1
    phone.context.set_offline(False)
    driver.sync()
    driver.wait_shown(tag, "✓ Your answer is recorded")
    expect(desk.locator(f"#card-{dispute.pk}")).to_contain_text("Prepare credit note")
    assert Answer.objects.count() == 1
    wait_sent(phone)
    quiet(desk)
    phone.context.close()
