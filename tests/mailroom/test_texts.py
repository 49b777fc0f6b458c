"""Texts edited in the browser, and the company's paper."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from lib import clock
from mailroom.models import Template
from tests.collections.conftest import House, house
from tests.factories import Cast, make_invoice

__all__ = ["house"]
PLACE = "/letters/texts/"
KEY = {"entity": "ACM", "kind": "dunning.firm", "language": "es", "channel": "email"}
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" fill="#036"/></svg>'


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_a_text_is_shown_kept_and_reset_and_a_name_nobody_fills_is_refused(cast: Cast) -> None:
    alice = client_of(cast.alice)
    page = alice.get(PLACE, KEY).content.decode()
    assert "overdue_total" in page
    refused = alice.post(PLACE, KEY | {"subject": "Pago", "body": "{{ password }}"})
    assert refused.status_code == 422
    assert "“password”" in refused.content.decode()
    assert not Template.objects.exists()
    assert alice.post(PLACE, KEY | {"subject": "Pago", "body": "{{ total }} ya"}).status_code == 302
    assert Template.objects.get().body == "{{ total }} ya"
    assert alice.post(f"{PLACE}reset/", KEY).status_code == 302
    assert not Template.objects.exists()


@pytest.mark.parametrize("channel", ["sms", "post"])
def test_each_channel_has_its_own_words(cast: Cast, channel: str) -> None:
    alice = client_of(cast.alice)
    key = KEY | {"channel": channel}
    assert alice.post(PLACE, key | {"subject": "Pago", "body": "{{ total }} ya"}).status_code == 302
    assert Template.objects.get().channel == channel
    assert "{{ total }} ya" in alice.get(PLACE, key).content.decode()
    assert "{{ total }} ya" not in alice.get(PLACE, KEY).content.decode()


def test_the_preview_has_a_real_customers_figures_in_a_frame_that_may_run_nothing(house: House) -> None:
    on = clock.today("Europe/Madrid")
    make_invoice(
        house.cast.norte, "4321.00", issued_on=on - timedelta(days=60), due_on=on - timedelta(days=20)
    )
    alice = client_of(house.cast.alice)
    body = "{{ customer }}: {{ overdue_total }}\n\n{{> pay}}"
    shown = alice.post(f"{PLACE}try/", KEY | {"subject": "x", "body": body})
    assert "Comercial Norte" in shown.content.decode()
    assert "4.321,00" in shown.content.decode()
    assert shown["Content-Security-Policy"].startswith("sandbox;")
    assert not Template.objects.exists()
    short = alice.post(f"{PLACE}try/", KEY | {"channel": "sms", "body": "{{ overdue_total }}"})
    assert "4.321,00" in short.content.decode()
    wrong = alice.post(f"{PLACE}try/", KEY | {"subject": "x", "body": "{{ nothing }}"})
    assert "“nothing”" in wrong.content.decode()
    pdf = alice.post(f"{PLACE}try/", KEY | {"channel": "post", "subject": "x", "body": body, "as": "pdf"})
    assert pdf.content.startswith(b"%PDF")


@pytest.mark.parametrize("path", [PLACE, "/letters/paper/", "/letters/paper/pdf/", "/collections/paying/"])
def test_only_those_who_may_change_plans_come_here(cast: Cast, path: str) -> None:
    for who in (cast.carl, cast.sam, cast.fin, cast.mallory):
        assert client_of(who).get(path, {"entity": "ACM"}).status_code == 404
    assert client_of(cast.alice).get(path, {"entity": "ACM"}).status_code == 200


def test_the_paper_is_kept_with_its_logo_and_shown(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    alice = client_of(cast.alice)
    data = {"address": "Calle 1\n28001 Madrid", "registry": "RM Madrid", "place": "Madrid"}
    logo = SimpleUploadedFile("logo.svg", SVG, "image/svg+xml")
    assert alice.post("/letters/paper/?entity=ACM", data | {"logo": logo}).status_code == 302
    cast.entity.refresh_from_db()
    head = cast.entity.settings["letterhead"]
    assert head["logo"].startswith("letterhead/ACM-")
    assert head["place"] == "Madrid"
    assert alice.get("/letters/paper/pdf/?entity=ACM").content.startswith(b"%PDF")
    assert alice.post("/letters/paper/?entity=ACM", data | {"drop_logo": "on"}).status_code == 302
    cast.entity.refresh_from_db()
    assert "logo" not in cast.entity.settings["letterhead"]


def test_saving_the_paper_again_keeps_its_logo(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path
    alice = client_of(cast.alice)
    for data in ({"logo": SimpleUploadedFile("l.svg", SVG, "image/svg+xml")}, {"place": "Bilbao"}):
        assert alice.post("/letters/paper/?entity=ACM", data).status_code == 302
    cast.entity.refresh_from_db()
    assert set(cast.entity.settings["letterhead"]) >= {"logo", "place"}


@pytest.mark.parametrize("content", [b"GIF89a....", b"<svg broken", b"\x89PNG\r\n\x1a\nnothing", b"text"])
def test_a_logo_that_cannot_stand_on_paper_is_refused(
    cast: Cast, settings: Any, tmp_path: Any, content: bytes
) -> None:
    settings.MEDIA_ROOT = tmp_path
    logo = SimpleUploadedFile("logo.png", content, "image/png")
    answer = client_of(cast.alice).post("/letters/paper/?entity=ACM", {"logo": logo})
    assert answer.status_code == 422
    cast.entity.refresh_from_db()
    assert "letterhead" not in cast.entity.settings


def test_the_provider_of_payments_is_chosen_among_those_of_this_installation(
    cast: Cast, settings: Any
) -> None:
    settings.PAY_SANDBOX = True
    alice = client_of(cast.alice)
    assert alice.post("/collections/paying/?entity=ACM", {"provider": "sandbox"}).status_code == 302
    cast.entity.refresh_from_db()
    assert cast.entity.settings["paying"] == {"provider": "sandbox"}
    settings.PAY_SANDBOX = False
    assert alice.post("/collections/paying/?entity=ACM", {"provider": "sandbox"}).status_code == 422


def test_the_api_does_what_the_pages_of_settings_do(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.MEDIA_ROOT, settings.PAY_SANDBOX = tmp_path, True
    alice, json = client_of(cast.alice), "application/json"
    place = "/api/v1/letterheads/ACM/"
    assert alice.get(place).json()["has_logo"] is False
    told = alice.put(place, {"place": "Bilbao", "window": "FR"}, content_type=json).json()
    assert (told["place"], told["window"]) == ("Bilbao", "FR")
    assert alice.put(place, {"window": "XX"}, content_type=json).status_code == 400
    assert alice.get(f"{place}specimen/").content.startswith(b"%PDF")
    paying = "/api/v1/payment-providers/ACM/"
    assert alice.get(paying).json() == {"provider": "", "choices": ["sandbox"]}
    assert alice.put(paying, {"provider": "sandbox"}, content_type=json).json()["provider"] == "sandbox"
    assert alice.put(paying, {"provider": "bank"}, content_type=json).status_code == 400
    for path in (place, paying):
        assert client_of(cast.carl).put(path, {"provider": ""}, content_type=json).status_code == 403
        assert client_of(cast.mallory).get(path).status_code == 404
