"""Devices over the API and the page: one's own only, a shared phone belongs to whoever signed in last."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, transaction
from django.test import Client

from chat.models import PrivatePush, PushDevice
from chat.push import services
from chat.push.sending import Ended
from tests.factories import AT, Cast
from tests.push.conftest import add_device
from tests.push.sink import Phone, Sink

pytestmark = pytest.mark.django_db
URL = "/api/v1/push-devices/"


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def body_of(phone: Phone, endpoint: str = "https://push.example.com/send/1") -> dict[str, Any]:
    return {"endpoint": endpoint, "keys": phone.keys, "name": "Chrome · Android"}


def test_a_browser_subscribes_again_at_each_visit_and_is_one_device(cast: Cast) -> None:
    sam, phone = signed_in(cast.sam), Phone()
    assert sam.get(f"{URL}key/").json() == {"key": settings.VAPID_PUBLIC_KEY}
    for _ in range(2):
        made = sam.post(URL, body_of(phone), content_type="application/json")
        assert made.status_code == 201, made.content
    (listed,) = sam.get(URL).json()["results"]
    assert listed["name"] == "Chrome · Android"
    assert not {"endpoint", "p256dh", "auth"} & set(listed)
    device = PushDevice.objects.get()
    renewed = Phone()
    sam.post(URL, body_of(renewed), content_type="application/json")
    device.refresh_from_db()
    assert device.p256dh == renewed.keys["p256dh"]


def test_a_shared_browser_notifies_only_whoever_signed_in_last(cast: Cast) -> None:
    phone = Phone()
    for user in (cast.sam, cast.sofia):
        signed_in(user).post(URL, body_of(phone), content_type="application/json")
    assert [device.user for device in PushDevice.objects.all()] == [cast.sofia]


def test_somebody_elses_device_does_not_exist(cast: Cast, sink: Sink) -> None:
    device = add_device(cast.sam, sink, Phone())
    sofia = signed_in(cast.sofia)
    assert sofia.get(f"{URL}{device.pk}/").status_code == 404
    assert sofia.delete(f"{URL}{device.pk}/").status_code == 404
    assert sofia.post(f"{URL}{device.pk}/test/").status_code == 404
    assert sofia.post(f"/me/devices/{device.pk}/test/").status_code == 404
    sofia.post(f"/me/devices/{device.pk}/remove/")
    sofia.post(f"{URL}forget/", {"endpoint": device.endpoint}, content_type="application/json")
    assert PushDevice.objects.filter(pk=device.pk).exists()
    assert sink.sent == []
    assert Client().get(URL).status_code == 401


def test_the_test_says_what_became_of_it_and_removing_removes(cast: Cast, sink: Sink) -> None:
    phone = Phone()
    device, sam = add_device(cast.sam, sink, phone), signed_in(cast.sam)
    assert sam.post(f"{URL}{device.pk}/test/").json() == {"ended": Ended.SENT}
    assert phone.read(sink.sent[0].body)["title"] == "It works"
    page = sam.post(f"/me/devices/{device.pk}/test/", follow=True)
    assert "It should appear within seconds" in page.content.decode()
    sink.answers.append((410, {}))
    gone = sam.post(f"/me/devices/{device.pk}/test/", follow=True).content.decode()
    assert "takes no notifications any more" in gone
    other = add_device(cast.sam, sink, Phone(), "Tablet")
    assert "Tablet" in sam.get("/me/devices/").content.decode()
    sam.post(f"/me/devices/{other.pk}/remove/")
    assert not PushDevice.objects.exists()


def test_signing_out_forgets_the_browser_by_its_address(cast: Cast, sink: Sink) -> None:
    device = add_device(cast.sam, sink, Phone())
    sam = signed_in(cast.sam)
    for _ in range(2):
        answer = sam.post(f"{URL}forget/", {"endpoint": device.endpoint}, content_type="application/json")
        assert answer.status_code == 204
    assert not PushDevice.objects.exists()


@pytest.mark.parametrize("keys", [{"p256dh": "AAAA", "auth": "AAAA"}, {"p256dh": "!", "auth": "!"}])
def test_keys_that_no_browser_made_are_refused(cast: Cast, keys: dict[str, str]) -> None:
    body = {"endpoint": "https://push.example.com/send/1", "keys": keys}
    assert signed_in(cast.sam).post(URL, body, content_type="application/json").status_code == 422


def test_twenty_devices_are_enough(cast: Cast, sink: Sink) -> None:
    for number in range(22):
        add_device(cast.sam, sink, Phone(), f"Device {number}")
    assert PushDevice.objects.filter(user=cast.sam).count() == services.MOST_DEVICES


def test_each_decides_for_oneself_and_an_administrator_for_the_legal_entity(cast: Cast) -> None:
    sam, adam = signed_in(cast.sam), signed_in(cast.adam)
    url = f"{URL}privacy/"
    assert sam.get(url).json() == {"private": False, "entities": []}
    assert sam.post(url, {"private": True}, content_type="application/json").json()["private"] is True
    forced = {"private": True, "entity": cast.entity.pk}
    assert sam.post(url, forced, content_type="application/json").status_code == 403
    assert (
        adam.post(url, {**forced, "entity": cast.other.pk}, content_type="application/json").status_code
        == 400
    )
    assert adam.post(url, forced, content_type="application/json").json()["entities"] == [cast.entity.pk]
    assert services.is_private(cast.sofia, cast.entity.pk)
    assert not services.is_private(cast.mallory, cast.other.pk)
    adam.post("/me/devices/privacy/", {"private": "0", "entity": cast.entity.pk})
    assert sam.post("/me/devices/privacy/", {"private": "0", "entity": cast.entity.pk}).status_code == 404
    sam.post("/me/devices/privacy/", {"private": "0"})
    assert not PrivatePush.objects.exists()


def test_the_database_keeps_the_same_rules(cast: Cast, sink: Sink) -> None:
    device = add_device(cast.sam, sink, Phone())
    rows = PushDevice.objects.filter(pk=device.pk)
    for change, name in (
        ({"endpoint": "ftp://x/y"}, "push_endpoint_is_an_address"),
        ({"auth": ""}, "push_device_has_its_keys"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**change)
    with pytest.raises(IntegrityError, match="private_push_of_one"), transaction.atomic():
        PrivatePush.objects.create(user=cast.sam, entity=cast.entity, since=AT)
