"""What makes the app installable, and the cards it keeps: read as a phone reads them."""

from __future__ import annotations

import json
import struct
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chat.phone import installing, worker
from disputes import services as disputes
from tests.chat.conftest import make_dispute, say
from tests.factories import AT, Cast

CARDS = "/api/v1/question-cards/"


@pytest.mark.parametrize(
    ("language", "words"), [("es", "Preguntas"), ("fr", "Questions"), ("en", "Questions")]
)
@pytest.mark.django_db
def test_the_manifest_has_what_browsers_ask_for_in_the_readers_language(
    client: Client, language: str, words: str
) -> None:
    answer = client.get("/manifest.webmanifest", headers={"Accept-Language": language})
    assert answer["Content-Type"].startswith("application/manifest+json")
    told = json.loads(answer.content)
    assert (told["start_url"], told["scope"], told["display"], told["lang"]) == (
        "/m/",
        "/",
        "standalone",
        language,
    )
    assert told["shortcuts"][0]["name"] == words
    assert {(icon["sizes"], icon["purpose"]) for icon in told["icons"]} == {
        ("192x192", "any"),
        ("512x512", "any"),
        ("192x192", "maskable"),
        ("512x512", "maskable"),
    }
    for icon in told["icons"]:
        assert client.get(icon["src"]).status_code == 200


@pytest.mark.parametrize("name", sorted(installing.ICONS))
def test_every_icon_is_a_png_of_its_size(name: str) -> None:
    drawn = installing.icon(name)
    assert drawn.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", drawn[16:24])
    assert width == height == installing.ICONS[name]


def test_there_are_no_other_icons(client: Client) -> None:
    assert client.get("/app-icon-13.png").status_code == 404


@pytest.mark.django_db
def test_the_worker_is_one_classic_script_for_the_whole_site_and_never_stale(client: Client) -> None:
    answer = client.get("/sw.js")
    assert answer["Service-Worker-Allowed"] == "/"
    assert answer["Cache-Control"] == "no-cache"
    assert answer["Content-Type"].startswith("text/javascript")
    script = answer.content.decode()
    assert "\nimport " not in script
    assert "\nexport " not in script
    told = json.loads(script.split("\n", 1)[0].removeprefix("self.ZANJAR = ").removesuffix(";"))
    assert set(told["words"]) == {"es", "fr", "en"}
    assert told["words"]["es"]["waiting"] != told["words"]["fr"]["waiting"]
    for url in told["assets"]:
        assert url.startswith("/static/")
    assert len(told["version"]) == 16


def test_a_change_of_the_worker_is_another_version(monkeypatch: pytest.MonkeyPatch) -> None:
    before = worker.source()
    assert before == worker.source()
    monkeypatch.setattr(worker, "PARTS", ("store.js", "outbox.js"))
    assert worker.source().split("\n")[0] != before.split("\n")[0]


@pytest.mark.django_db
def test_only_somebody_signed_in_gets_a_token_and_it_opens_the_api(cast: Cast) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.get("/m/token/").status_code == 401
    strict.force_login(cast.sam)
    dispute = make_dispute(cast)
    asked = disputes.ask_question(
        dispute=dispute, asked_of=cast.sam, by=cast.alice, kind="yes_no", text="Agreed?", at=AT
    )
    url, body = f"/api/v1/questions/{asked.pk}/answer/", {"value": "yes", "via": "push"}
    assert strict.post(url, body, content_type="application/json").status_code == 403
    answer = strict.get("/m/token/")
    assert "no-store" in answer["Cache-Control"]
    told = answer.json()
    assert told["user"] == cast.sam.pk
    headers = {"X-CSRFToken": told["token"], "Idempotency-Key": "phone-1"}
    for _ in range(2):
        taken = strict.post(url, body, content_type="application/json", headers=headers)
        assert taken.status_code == 200
        assert taken.json()["answer"]["via"] == "push"
    wrong = strict.post(
        url, {"value": "yes", "via": "mail"}, content_type="application/json", headers=headers
    )
    assert wrong.status_code == 422


def cards_of(user: Any) -> Any:
    client = Client()
    client.force_login(user)
    answer = client.get(CARDS)
    assert answer["Cache-Control"] == "no-store"
    return answer.json()


@pytest.mark.django_db
def test_a_card_holds_its_context_and_each_sees_only_their_own(cast: Cast) -> None:
    dispute = make_dispute(cast)
    for number in range(4):
        say(dispute.room, cast.alice, f"Word {number}")
    asked = disputes.ask_question(
        dispute=dispute, asked_of=cast.sam, by=cast.alice, kind="yes_no", text="Agreed?", at=AT
    )
    told = cards_of(cast.sam)
    (card,) = told["cards"]
    assert told["user"] == cast.sam.pk
    assert (card["id"], card["customer"], card["amount"]) == (asked.pk, "Comercial Norte, S.A.", "€400.00")
    assert [one["body"] for one in card["messages"]] == ["Word 2", "Word 3"]
    assert card["options"] == [{"value": "yes", "label": "Yes"}, {"value": "no", "label": "No"}]
    assert card["said"] == "The price is not the one we agreed."
    assert card["excerpt"][0].endswith("€400.00")
    assert cards_of(cast.sofia)["cards"] == []
    assert cards_of(cast.mallory)["cards"] == []
    assert Client().get(CARDS).status_code == 401
    disputes.answer_question(question_id=asked.pk, value="yes", by=cast.sam, at=AT)
    assert cards_of(cast.sam)["cards"] == []


@pytest.mark.django_db
def test_eight_cards_cost_as_many_queries_as_one(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.sam)

    def ask_about(number: int) -> None:
        dispute = make_dispute(cast)
        say(dispute.room, cast.alice, f"Word {number}")
        disputes.ask_question(
            dispute=dispute, asked_of=cast.sam, by=cast.alice, kind="yes_no", text="Agreed?", at=AT
        )

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            client.get(CARDS)
        return len(asked)

    ask_about(0)
    queries()
    one = queries()
    for number in range(1, 8):
        ask_about(number)
    assert len(client.get(CARDS).json()["cards"]) == 8
    assert queries() == one


@pytest.mark.django_db
def test_the_page_of_the_phone_is_for_people_who_are_signed_in(cast: Cast, client: Client) -> None:
    assert client.get("/m/").status_code == 302
    client.force_login(cast.sam)
    page = client.get("/m/")
    assert "no-store" in page["Cache-Control"]
    assert b'rel="manifest"' in page.content
