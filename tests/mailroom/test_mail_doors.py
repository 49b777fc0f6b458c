"""Mail through the API, from a provider's webhook and from the form of a machine without a mail server; who sees it."""

import base64
import hashlib
import hmac
import importlib
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import clear_url_caches

import config.urls
from accounts.services import make_token
from mailroom import services
from mailroom.choices import InboundSource, InboundStatus
from mailroom.inbound.reading import read_eml
from mailroom.models import InboundMail
from tests.disputes.test_pages import as_, text
from tests.factories import AT, Cast
from tests.mailroom.conftest import queue
from tests.mailroom.test_inbound import raw

RFC822 = "message/rfc822"


@pytest.fixture(autouse=True)
def files_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"


def deliver(client: Client, data: bytes, **headers: str) -> Any:
    return client.post("/api/v1/inbound/", data, content_type=RFC822, headers=headers)


def test_an_administrator_hands_over_a_mail_and_the_same_again_is_the_same(cast: Cast) -> None:
    adam = as_(cast.adam)
    first = deliver(adam, raw())
    assert (first.status_code, first.json()["said"], first.json()["status"]) == (201, "Hola", "new")
    again = deliver(adam, raw())
    assert (again.status_code, again.json()["id"]) == (200, first.json()["id"])


def test_a_token_delivers_and_one_that_may_only_read_does_not(cast: Cast) -> None:
    _row, key = make_token(user=cast.adam, name="script", at=AT)
    assert deliver(Client(), raw(), Authorization=f"Token {key}").status_code == 201
    _row, reader = make_token(user=cast.adam, name="reader", at=AT, read_only=True)
    assert deliver(Client(), raw("2@x.example"), Authorization=f"Token {reader}").status_code == 403
    assert deliver(Client(), raw("2@x.example")).status_code == 401
    for who in (cast.alice, cast.sam, cast.eva, cast.fin):
        assert deliver(as_(who), raw("2@x.example")).status_code == 403
    assert InboundMail.objects.count() == 1


def test_what_is_posted_must_be_a_mail_and_is_bounded(cast: Cast, settings: Any) -> None:
    settings.INBOUND_MAX_BYTES = 500
    adam = as_(cast.adam)
    assert adam.post("/api/v1/inbound/", {"x": 1}, content_type="application/json").status_code == 415
    assert deliver(adam, raw() + b"x" * 600).json()["reason"] == "too_large"


def received(cast: Cast) -> InboundMail:
    to = services.make_reply_address(
        entity=cast.entity, stream="dispute", object_id=1, owner=("user", cast.eva.pk), side="internal", at=AT
    )
    return services.receive(raw=raw(to=to), source=InboundSource.API, at=AT)


def test_who_reads_letters_reads_what_came_in_and_a_stranger_nothing(cast: Cast) -> None:
    mail = received(cast)
    pages = [f"/letters/in/{mail.pk}/", f"/letters/in/{mail.pk}/raw/", f"/api/v1/inbound/{mail.pk}/"]
    for page in [*pages, f"/api/v1/inbound/{mail.pk}/raw/", "/letters/in/"]:
        assert as_(cast.alice).get(page).status_code == 200
    for who in (cast.mallory, cast.sam, cast.eva):
        assert [as_(who).get(page).status_code for page in pages] == [404, 404, 404]
    assert as_(cast.alice).get(f"/letters/in/{mail.pk}/raw/").content == services.raw_of(mail)
    assert "ana@norte.example" in text(as_(cast.alice).get("/letters/in/"))
    assert "ana@norte.example" not in text(as_(cast.mallory).get("/letters/in/"))
    assert text(as_(cast.alice).get("/letters/in/?status=waiting")).count("ana@norte.example") == 0


def test_the_list_costs_the_same_however_long(cast: Cast, django_assert_num_queries: Any) -> None:
    alice = as_(cast.alice)
    received(cast)
    alice.get("/letters/in/")
    with django_assert_num_queries(6):
        alice.get("/letters/in/")
    for number in range(5):
        services.receive(raw=raw(f"{number}@y.example"), source=InboundSource.API, at=AT)
    with django_assert_num_queries(6):
        alice.get("/letters/in/")


def test_mail_of_which_nobody_knows_whose_it_is_is_the_administrators(cast: Cast) -> None:
    mail = services.receive(raw=raw(List_Id="<news.example>"), source=InboundSource.API, at=AT)
    assert mail.entity is None
    assert as_(cast.adam).get(f"/letters/in/{mail.pk}/").status_code == 200
    assert as_(cast.alice).get(f"/letters/in/{mail.pk}/").status_code == 404


def test_a_blocked_sender_is_unblocked_on_the_page_or_through_the_api(cast: Cast) -> None:
    for number in range(2):
        services.block_sender(entity=cast.entity, address=f"x{number}@y.example", by=cast.alice, at=AT)
    listed = as_(cast.alice).get("/api/v1/blocked-senders/").json()["results"]
    assert len(listed) == 2
    assert as_(cast.mallory).post(f"/letters/in/blocked/{listed[0]['id']}/").status_code == 404
    assert as_(cast.alice).post(f"/letters/in/blocked/{listed[0]['id']}/").status_code == 302
    assert as_(cast.mallory).delete(f"/api/v1/blocked-senders/{listed[1]['id']}/").status_code == 404
    assert as_(cast.alice).delete(f"/api/v1/blocked-senders/{listed[1]['id']}/").status_code == 204
    assert as_(cast.alice).get("/api/v1/blocked-senders/").json()["results"] == []


def test_a_mail_in_a_file_is_answered_as_its_recipient(cast: Cast, files: Path) -> None:
    letter = services.deliver(letter_id=queue(cast).pk, at=AT)
    name = f"{next(files.glob('*.eml')).name}"
    page = f"/dev/mail/{name}/"
    assert "Answer as the recipient" in text(as_(cast.alice).get(page))
    file = SimpleUploadedFile("note.txt", b"signed", content_type="text/plain")
    assert as_(cast.alice).post(f"{page}reply/", {"text": "Vale", "file": file}).status_code == 302
    mail = InboundMail.objects.get()
    assert (mail.from_address, mail.said, mail.letter_id) == ("ana@norte.example", "Vale", letter.pk)
    assert [one.data for one in read_eml(services.raw_of(mail)).files] == [b"signed"]
    assert as_(cast.mallory).post(f"{page}reply/", {"text": "No"}).status_code == 404
    assert InboundMail.objects.count() == 1


@pytest.fixture
def webhooks(settings: Any) -> Any:
    """The addresses of the providers, which exist only with a secret."""
    settings.ANYMAIL = {"WEBHOOK_SECRET": "us:pw", "MAILGUN_WEBHOOK_SIGNING_KEY": "k"}
    importlib.reload(config.urls)
    clear_url_caches()
    yield
    settings.ANYMAIL = {"WEBHOOK_SECRET": ""}
    importlib.reload(config.urls)
    clear_url_caches()


def basic(words: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(words.encode()).decode()}


def mailgun(data: bytes, key: str = "k") -> dict[str, str]:
    signature = hmac.new(key.encode(), b"1700000000token", hashlib.sha256).hexdigest()
    return {
        "timestamp": "1700000000", "token": "token", "signature": signature, "body-mime": data.decode(),
        "recipient": "reply+x@zanjar.example", "sender": "ana@norte.example",
    }  # fmt: skip


def test_a_provider_brings_a_mail_with_its_secret_only(cast: Cast, webhooks: None) -> None:
    url = "/anymail/mailgun/inbound_mime/"
    assert Client().post(url, mailgun(raw()), headers=basic("us:wrong")).status_code == 400
    assert Client().post(url, mailgun(raw(), "other"), headers=basic("us:pw")).status_code == 400
    assert not InboundMail.objects.exists()
    assert Client().post(url, mailgun(raw()), headers=basic("us:pw")).status_code == 200
    mail = InboundMail.objects.get()
    assert (mail.source, mail.status, mail.said) == (InboundSource.WEBHOOK, InboundStatus.NEW, "Hola")
    assert "reply+x@zanjar.example" in mail.recipients


def test_a_provider_that_sends_the_parts_brings_the_same(cast: Cast, webhooks: None) -> None:
    body = {
        "FromFull": {"Email": "ana@norte.example", "Name": "Ana"}, "From": "ana@norte.example", "Subject": "Re: x",
        "ToFull": [{"Email": "reply+x@zanjar.example", "Name": ""}], "TextBody": "Vale\n",
        "Headers": [{"Name": "Message-ID", "Value": "<9@norte.example>"}],
        "Attachments": [{"Name": "a.txt", "Content": base64.b64encode(b"hi").decode(), "ContentType": "text/plain"}],
    }  # fmt: skip
    sent = Client().post(
        "/anymail/postmark/inbound/", body, content_type="application/json", headers=basic("us:pw")
    )
    assert sent.status_code == 200
    mail = InboundMail.objects.get()
    assert (mail.identity, mail.said, [one["name"] for one in mail.files]) == (
        "9@norte.example",
        "Vale",
        ["a.txt"],
    )


def test_without_a_secret_there_are_no_webhooks(cast: Cast) -> None:
    assert Client().post("/anymail/mailgun/inbound_mime/", mailgun(raw())).status_code == 404
