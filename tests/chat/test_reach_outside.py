"""SMS, messengers and the letter of the day: what leaves the house, read back from real little servers."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import ReachRule, ReachWishes
from accounts.reach.choices import ReachEvent
from accounts.services import report_absence
from chat.models import Notification, Room
from chat.reach import digest, outside, services
from disputes import services as disputes
from disputes.models import Dispute
from lib import gsm
from lib.errors import FieldErrors
from lib.sealed import seal, unseal
from tests.chat.conftest import deliver, say
from tests.chat.test_reach_events import ask
from tests.factories import AT, Cast
from tests.mailroom.conftest import sink
from tests.mailroom.sink import Sink

__all__ = ["sink"]


class Gateway(HTTPServer):
    """A service that takes JSON; `status` is what it answers."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.taken: list[tuple[str, dict[str, Any]]] = []
        self.status = 200
        self.headers: dict[str, str] = {}

    @property
    def place(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"


class Handler(BaseHTTPRequestHandler):
    """Remembers what came."""

    server: Gateway

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.taken.append((self.path, json.loads(body)))
        self.send_response(self.server.status)
        for name, value in self.server.headers.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return None


@pytest.fixture
def gateway(settings: Any) -> Iterator[Gateway]:
    """A service on this machine, allowed by the operator."""
    settings.BRIDGE_HOSTS = ["127.0.0.1"]
    with Gateway() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def switch_on(user: Any, event: str, channel: str) -> None:
    ReachRule.objects.create(user=user, event=event, channel=channel, on=True, after_minutes=0)


@pytest.mark.django_db
def test_an_sms_has_a_link_that_answers_and_no_word_too_many(
    dispute: Dispute, cast: Cast, gateway: Gateway, settings: Any
) -> None:
    settings.SMS_URL = f"json://{gateway.place}/sms/{{to}}"
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(phone="612 345 678")
    switch_on(cast.sam, "question", "sms")
    question = ask(dispute, cast, text="¿Qué precio? " + "Más largo. " * 40)
    assert services.send_due(at=AT) == 1
    ((path, body),) = gateway.taken
    assert path == "/sms/+34612345678"
    text = body["message"]
    assert "í" not in text
    assert (gsm.length(text) or 999) <= 2 * gsm.PART
    secret = text.rsplit("/", 2)[-2]
    seen = disputes.look_at(secret=secret, at=AT)
    assert seen is not None
    assert (seen.question.pk, seen.state) == (question.pk, "open")
    assert secret not in json.dumps(list(Notification.objects.values()), default=str)


@pytest.mark.django_db
@pytest.mark.parametrize("phone", ["", "12", "call me"])
def test_a_number_that_cannot_be_dialled_is_none(dispute: Dispute, cast: Cast, phone: str) -> None:
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(phone=phone)
    switch_on(cast.sam, "question", "sms")
    ask(dispute, cast)
    assert not Notification.objects.filter(channel="sms").exists()


@pytest.mark.django_db
def test_without_a_service_an_sms_lies_beside_the_mails(
    dispute: Dispute, cast: Cast, settings: Any, tmp_path: Any
) -> None:
    settings.EMAIL_FILE_PATH = tmp_path
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(phone="+34612345678")
    switch_on(cast.sam, "question", "sms")
    ask(dispute, cast)
    assert services.send_due(at=AT) == 1
    (file,) = tmp_path.glob("sms_*.eml")
    assert "34612345678@sms.localhost" in file.read_text()


@given(st.text(max_size=400), st.sampled_from(["", "https://zanjar.example.com/a/" + "x" * 43 + "/"]))
def test_whatever_is_said_an_sms_fits_and_keeps_its_link(text: str, link: str) -> None:
    said = gsm.shorten(text, link)
    size = gsm.length(said)
    assert size <= 2 * gsm.PART if size is not None else len(said) <= 2 * 67
    assert said.endswith(link)


def bridge_to(user: Any, address: str, **more: Any) -> None:
    ReachWishes.objects.create(user=user, bridge=seal(address), bridge_hint="JSON", **more)


@pytest.mark.django_db
def test_a_messenger_hears_who_asks_what_and_where(dispute: Dispute, cast: Cast, gateway: Gateway) -> None:
    bridge_to(cast.sam, f"json://{gateway.place}/hook")
    ask(dispute, cast)
    assert services.send_due(at=AT) == 1
    ((_path, body),) = gateway.taken
    assert body["title"] == "Alice asks you"
    assert "/questions/" in body["message"]
    assert "Comercial Norte" in body["message"]


@pytest.mark.django_db
def test_a_private_person_is_told_nothing_of_the_matter(
    dispute: Dispute, cast: Cast, gateway: Gateway
) -> None:
    bridge_to(cast.sam, f"json://{gateway.place}/hook", private=True)
    ask(dispute, cast)
    services.send_due(at=AT)
    ((_path, body),) = gateway.taken
    assert "Norte" not in json.dumps(body)
    assert "Is it so" not in json.dumps(body)


@pytest.mark.django_db
def test_a_messenger_that_refuses_is_tried_again_and_then_given_up(
    dispute: Dispute, cast: Cast, gateway: Gateway
) -> None:
    bridge_to(cast.sam, f"json://{gateway.place}/hook")
    gateway.status = 500
    ask(dispute, cast)
    at = AT
    for _attempt in range(6):
        services.send_due(at=at)
        at += timedelta(hours=4 if at.hour < 17 else 16)
    row = Notification.objects.get(channel="bridge")
    assert (row.status, row.why, row.attempts) == ("failed", "gave_up", 6)


def test_a_redirect_is_not_followed(gateway: Gateway) -> None:
    gateway.status, gateway.headers = 307, {"Location": f"http://{gateway.place}/elsewhere"}
    assert outside.post(f"json://{gateway.place}/hook?redirect=yes", title="T", text="x") is False
    assert [path for path, _body in gateway.taken] == ["/hook"]


@pytest.mark.parametrize(
    "address",
    [
        "",
        "not an address",
        "file:///etc/passwd",
        "syslog://",
        "dbus://",
        "mailto://user:pass@gmail.com",
        "json://127.0.0.1:6379/",
        "json://localhost/",
        "json://169.254.169.254/latest/meta-data/",
        "json://[::1]/",
        "json://0x7f000001/",
        "json://10.1.2.3/",
        "ntfy://192.168.1.1/topic",
        "mmost://no-such-host.invalid/3ccdd113474722377935511fc85d3dd4",
        "matrix://user:pass@127.0.0.1/#room",
    ],
)
def test_an_address_into_our_own_network_or_to_a_program_is_refused(address: str) -> None:
    with pytest.raises(FieldErrors):
        outside.messenger(address)


def test_only_the_service_of_an_address_is_shown_and_what_is_sealed_opens_here_only(settings: Any) -> None:
    address = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#general"
    assert outside.hint_of(address) == "Slack"
    sealed = seal(address)
    assert "slack" not in sealed
    assert unseal(sealed) == address
    settings.SECRET_KEY = "another"
    assert unseal(sealed) == ""


@pytest.mark.django_db
def test_the_day_in_one_letter_comes_once_at_its_hour_and_not_when_there_is_nothing(
    room: Room, dispute: Dispute, cast: Cast, sink: Sink
) -> None:
    ReachWishes.objects.filter().delete()
    ask(dispute, cast)
    say(room, cast.alice, "Look at this.")
    early, due = AT.replace(hour=7, minute=50), AT.replace(hour=8, minute=5)
    assert digest.plan_digests(at=early) == 0
    digest.plan_digests(at=due)
    assert digest.plan_digests(at=due) == 0
    services.send_due(at=due)
    letters = {str(one["To"]): one for one in sink.accepted}
    assert "Mallory <mallory@aut.example>" not in letters
    sam = letters["Sam <sam@acm.example>"]
    body = sam.get_body(("plain",))
    assert body is not None
    words = body.get_content()
    assert "Is it so? (Comercial Norte" in words
    assert "Conversations you have not read" in words


@pytest.mark.django_db
def test_no_letter_of_the_day_on_a_sunday_an_absence_or_for_who_wants_none(
    room: Room, dispute: Dispute, cast: Cast
) -> None:
    ask(dispute, cast)
    sunday = AT.replace(hour=8, minute=5) + timedelta(days=6)
    assert digest.plan_digests(at=sunday) == 0
    report_absence(user=cast.sam, starts_on=AT.date(), ends_on=AT.date(), by=cast.sam, at=AT)
    ReachWishes.objects.create(user=cast.alice, digest=False)
    digest.plan_digests(at=AT.replace(hour=8, minute=5))
    told = set(Notification.objects.filter(event=ReachEvent.DIGEST).values_list("user__name", flat=True))
    assert not told & {"Sam", "Alice"}
    deliver()
