"""An absent salesperson, whose deputy answers on the phone by the link in a mail, without signing in."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import Absence
from accounts.reach.models import ReachWishes
from disputes import services
from disputes.models import Answer, AnswerLink
from lib import clock
from tests.browser.stage import DESKTOP, NARROW, live_now, quiet, window
from tests.disputes.conftest import open_one
from tests.factories import Cast, make_cast
from tests.live import Live
from tests.mailroom.conftest import sink
from tests.mailroom.sink import Sink

__all__ = ["sink"]
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def cast() -> Cast:
    """The people, committed, so that the running application sees them."""
    return make_cast()


def send_sam_away(cast: Cast) -> None:
    """Sam is on holiday, Sofia stands in; she reads French."""
    today = clock.today(cast.entity.time_zone)
    Absence.objects.create(
        user=cast.sam,
        starts_on=today - timedelta(days=1),
        ends_on=today + timedelta(days=9),
        deputy=cast.sofia,
    )
    type(cast.sofia).objects.filter(pk=cast.sofia.pk).update(language="fr")


def link_in_the_mail(sink: Sink) -> str:
    """The mail as it arrived at Sofia's: the address behind "the customer's price"."""
    (mail,) = sink.accepted
    assert str(mail["To"]) == "Sofia <sofia@acm.example>"
    assert "a une question pour vous" in str(mail["Subject"])
    body = mail.get_body(("plain",))
    assert body is not None
    found = re.findall(r"http\S+", body.get_content())
    return str(next(url for url in found if url.endswith("=customer")))


def answer_on_the_phone(phone: Page, address: str) -> None:
    """Twice opened, nothing answered; then pressed. No script, no cookie, 360 pixels."""
    for _ in range(2):
        phone.goto(address)
    assert not Answer.objects.exists()
    expect(phone.get_by_role("heading")).to_contain_text("Quel prix avez-vous convenu ?")
    assert phone.locator("body").bounding_box()["width"] <= NARROW["width"]  # type: ignore[index]
    phone.get_by_label("Note").fill("Confirmé par téléphone")
    phone.get_by_role("button", name="Envoyer la réponse").tap()
    expect(phone.get_by_role("status")).to_contain_text("Merci")
    assert phone.context.cookies() == []


def test_the_deputy_answers_by_link_and_the_dispute_moves(
    cast: Cast, live: Live, chromium: Browser, sink: Sink, settings: object
) -> None:
    settings.BASE_URL = live.url  # type: ignore[attr-defined]
    services.catalogue.install(cast.entity, at=clock.now())
    send_sam_away(cast)
    # Whatever the hour at which the tests run, weekends and holidays included.
    ReachWishes.objects.create(user=cast.sofia, quiet=False, only_working=False)
    dispute = open_one(cast, at=clock.now())
    desk = window(chromium, live, cast.alice, viewport=DESKTOP)
    desk.goto(f"/disputes/{dispute.pk}/")
    live_now(desk)
    desk.get_by_role("button", name="Ask sales").click()
    expect(desk.locator(f"#card-{dispute.pk}")).to_contain_text("Sofia")
    services.send_nudges(at=clock.now() + timedelta(minutes=6))
    address = link_in_the_mail(sink)
    phone = window(chromium, live, None, viewport=NARROW, java_script_enabled=False, locale="es-ES")
    answer_on_the_phone(phone, address)
    answer = Answer.objects.get()
    assert (answer.answered_by, answer.via, answer.note) == (cast.sofia, "link", "Confirmé par téléphone")
    assert AnswerLink.objects.get().used_from == "127.0.0.0/24"
    dispute.refresh_from_db()
    assert dispute.stage.code == "prepare_credit"
    expect(desk.locator(f"#card-{dispute.pk}")).to_contain_text("Prepare credit note")
    expect(desk.get_by_role("log")).to_contain_text("link in an e-mail")

    phone.goto(address)
    expect(phone.get_by_role("status")).to_contain_text("Merci")
    expect(phone.get_by_role("button")).to_have_count(0)
    quiet(desk)
    quiet(phone)
