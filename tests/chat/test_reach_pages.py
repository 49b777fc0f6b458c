"""The page of notifications, the journal, and the same over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from accounts.models import ReachRule, ReachWishes, User
from accounts.reach import whereabouts
from chat.models import Mute, Notification, Room
from chat.reach import counting, services
from disputes.models import Dispute, Question
from lib import clock
from tests.chat.test_reach_events import ask
from tests.chat.test_reach_outside import Gateway, gateway, switch_on
from tests.factories import AT, Cast

__all__ = ["gateway"]
pytestmark = pytest.mark.django_db
PAGE = "/me/notifications/"
WISHES = {
    "quiet": "on",
    "quiet_from": "21:00",
    "quiet_until": "06:30",
    "daily_cap": "12",
    "digest": "on",
    "digest_at": "09:00",
}


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_page_explains_what_would_happen_and_keeps_what_is_chosen(cast: Cast) -> None:
    client = signed_in(cast.sam)
    page = client.get(PAGE).content.decode()
    assert "E-mail" in page
    done = client.post(PAGE, {**WISHES, "question-email": "15", "message-push": "off", "mention-push": ""})
    assert (done.status_code, done["Location"]) == (302, PAGE)
    rules = set(
        ReachRule.objects.filter(user=cast.sam).values_list("event", "channel", "on", "after_minutes")
    )
    assert rules == {("question", "email", True, 15), ("message", "push", False, 0)}
    assert ReachWishes.objects.get(user=cast.sam).daily_cap == 12
    client.post(PAGE, {**WISHES, "question-email": "", "message-push": ""})
    assert not ReachRule.objects.filter(user=cast.sam).exists()


@pytest.mark.parametrize(
    "wrong",
    [{"daily_cap": "0"}, {"quiet_until": "21:00"}, {"question-email": "99"}, {"digest_at": "noon"}],
)
def test_what_makes_no_sense_is_refused_and_nothing_changes(cast: Cast, wrong: dict[str, str]) -> None:
    assert signed_in(cast.sam).post(PAGE, {**WISHES, **wrong}).status_code == 422
    assert not ReachWishes.objects.exists()
    assert not ReachRule.objects.exists()


def test_an_sms_for_every_message_cannot_be_chosen_by_any_door(cast: Cast) -> None:
    rule = {"event": "message", "channel": "sms", "on": True, "after_minutes": 0}
    answer = _put(cast.sam, "rules", {"rules": [rule]})
    assert answer.status_code == 422
    signed_in(cast.sam).post(PAGE, {**WISHES, "message-sms": "0"})
    assert not ReachRule.objects.exists()


def test_a_messenger_is_connected_and_its_address_is_never_shown(cast: Cast, gateway: Gateway) -> None:
    client, address = signed_in(cast.sam), f"json://{gateway.place}/very-secret"
    assert client.post(f"{PAGE}messenger/", {"bridge": address}).status_code == 302
    for page in (client.get(PAGE), client.get("/api/v1/reach/wishes/")):
        assert "127.0.0.1" in page.content.decode()
        assert "very-secret" not in page.content.decode()
    row = ReachWishes.objects.get(user=cast.sam)
    assert "secret" not in row.bridge + row.bridge_hint
    assert client.post(f"{PAGE}messenger/", {"bridge": "file:///etc/passwd"}).status_code == 422
    client.post(f"{PAGE}messenger/", {"bridge": ""})
    assert ReachWishes.objects.get(user=cast.sam).bridge == ""


def test_a_test_goes_over_every_channel_at_any_hour(cast: Cast, gateway: Gateway) -> None:
    client = signed_in(cast.sam)
    client.post(f"{PAGE}messenger/", {"bridge": f"json://{gateway.place}/hook"})
    assert client.post(f"{PAGE}test/").status_code == 302
    assert [body["title"] for _path, body in gateway.taken] == ["It works"]
    assert Notification.objects.get(event="trial", channel="bridge").status == "sent"


def test_managers_set_what_holds_for_all_and_others_do_not(cast: Cast) -> None:
    url = "/notifications/"
    assert signed_in(cast.sam).get(url).status_code == 403
    data = {"entity": cast.entity.pk, "message-email": "off"}
    assert signed_in(cast.alice).post(url, data).status_code == 302
    assert ReachRule.objects.get(entity=cast.entity).on is False
    assert signed_in(cast.alice).post(url, {**data, "entity": cast.other.pk}).status_code == 404
    rule = {"event": "message", "channel": "push", "on": False}
    for person, code in ((cast.alice, 200), (cast.sam, 403), (cast.mallory, 400)):
        answer = _put(person, "house", {"entity": cast.entity.pk, "rules": [rule]})
        assert answer.status_code == code


def _put(user: User, what: str, data: dict[str, Any]) -> Any:
    return signed_in(user).put(f"/api/v1/reach/{what}/", data, content_type="application/json")


def test_the_api_does_what_the_page_does(cast: Cast) -> None:
    answer = _put(cast.sam, "wishes", {"private": True, "quiet_from": "22:15"})
    assert (answer.status_code, answer.json()["private"]) == (200, True)
    rule = {"event": "question", "channel": "email", "on": True, "after_minutes": 45}
    assert _put(cast.sam, "rules", {"rules": [rule]}).json() == [rule]
    assert signed_in(cast.sam).get("/api/v1/reach/preview/").json()["sentences"]


def test_who_asked_sees_how_the_question_arrived_and_a_stranger_nothing(dispute: Dispute, cast: Cast) -> None:
    question = ask(dispute, cast)
    url = f"/questions/{question.pk}/told/"
    page = signed_in(cast.alice).get(url).content.decode()
    assert "E-mail" in page
    assert "Sam" in page
    assert signed_in(cast.mallory).get(url).status_code == 404


def test_what_failed_is_listed_counted_and_tried_again_by_who_looks_after_it(
    dispute: Dispute, cast: Cast, gateway: Gateway, settings: Any
) -> None:
    settings.SMS_URL = f"json://{gateway.place}/{{to}}"
    type(cast.sam).objects.filter(pk=cast.sam.pk).update(phone="612345678")
    switch_on(cast.sam, "question", "sms")
    ask(dispute, cast)
    row = Notification.objects.get(channel="sms")
    now = clock.now()
    Notification.objects.filter(pk=row.pk).update(
        status="failed", why="gave_up", detail="No answer.", ended_at=now
    )
    assert counting.counts()[1] == 1
    assert "No answer." in signed_in(cast.alice).get("/notifications/").content.decode()
    for person, code in ((cast.mallory, 404), (cast.carl, 404), (cast.sam, 403)):
        answer = signed_in(person).post(f"/api/v1/notifications/{row.pk}/retry/")
        assert answer.status_code == code
    assert signed_in(cast.alice).post(f"/notifications/{row.pk}/retry/").status_code == 302
    assert services.send_due(at=now) >= 0
    row.refresh_from_db()
    assert row.status in ("sent", "waiting")


def test_a_room_is_muted_and_heard_again_by_who_may_read_it(room: Room, cast: Cast) -> None:
    client, url = signed_in(cast.sam), f"/rooms/{room.pk}/mute/"
    assert 'aria-pressed="false"' in client.get(url).content.decode()
    client.post(url, {"muted": "on"})
    assert 'aria-pressed="true"' in client.get(url).content.decode()
    answer = _put(cast.sam, "mute", {"room": room.pk, "muted": False})
    assert answer.status_code == 200
    assert not Mute.objects.exists()
    assert signed_in(cast.mallory).post(url, {"muted": "on"}).status_code == 404
    assert _put(cast.mallory, "mute", {"room": room.pk, "muted": True}).status_code == 400


def test_a_page_in_use_says_so(cast: Cast) -> None:
    client = signed_in(cast.sam)
    assert client.post("/here/", {"tab": "a", "state": "active"}).status_code == 204
    assert whereabouts.is_here(cast.sam.pk)
    client.post("/here/", {"tab": "b", "state": "idle"})
    assert whereabouts.is_here(cast.sam.pk)
    client.post("/here/", {"tab": "a", "state": "idle"})
    assert not whereabouts.is_here(cast.sam.pk)


def test_an_urgent_question_is_asked_shown_and_counted(dispute: Dispute, cast: Cast) -> None:
    client = signed_in(cast.alice)
    data = {
        "asked_of": cast.sam.pk,
        "text": "Where is the lorry?",
        "kind": "text",
        "deadline": "4h",
        "urgent": "It leaves at five.",
    }
    answer = client.post(f"/disputes/{dispute.pk}/ask/", data)
    assert answer.status_code in (200, 204, 302)
    question = Question.objects.get(urgent="It leaves at five.")
    with translation.override("en"):
        assert "It leaves at five." in client.get(f"/questions/{question.pk}/").content.decode()
        assert client.get("/notifications/").content.decode().count("Alice") >= 1
    body = {"dispute": dispute.pk, "asked_of": cast.sam.pk, "kind": "text", "text": "And?", "urgent": "no"}
    assert client.post("/api/v1/questions/", body, content_type="application/json").status_code == 422
    assert AT
