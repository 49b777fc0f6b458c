"""Handing over through the pages and the API: who may does, who may not changes nothing, strangers find nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from disputes import services
from disputes.models import Dispute, HandOver, Question
from lib import clock
from tests.factories import Cast


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def with_sam(question: Question) -> Dispute:
    """The dispute, held by Sam."""
    return question.dispute


def holder(dispute: Dispute) -> str:
    return Dispute.objects.get(pk=dispute.pk).holder_name


def test_the_page_hands_over_and_takes_back(with_sam: Dispute, catalogue: Cast) -> None:
    sam, url = as_(catalogue.sam), f"/disputes/{with_sam.pk}/"
    assert f"{url}hand-over/" in sam.get(url).content.decode()
    sheet = sam.get(f"{url}hand-over/").content.decode()
    assert 'name="until"' in sheet
    answer = sam.post(f"{url}hand-over/", {"to": catalogue.sofia.pk, "note": "on the road", "until": ""})
    assert answer.status_code == 302
    assert holder(with_sam) == "Sofia"
    page = sam.get(url).content.decode()
    assert f"{url}give-back/" in page
    assert "Take the dispute back" in page
    assert sam.post(f"{url}give-back/").status_code == 302
    assert holder(with_sam) == "Sam"
    assert f"{url}give-back/" not in sam.get(url).content.decode()


def test_what_is_wrong_stays_in_the_sheet(with_sam: Dispute, catalogue: Cast) -> None:
    url = f"/disputes/{with_sam.pk}/hand-over/"
    answer = as_(catalogue.sam).post(url, {"to": catalogue.carl.pk, "until": "2020-01-01T10:00"})
    assert answer.status_code == 422
    assert "within 90 days" in answer.content.decode()
    assert as_(catalogue.sam).post(url, {"to": catalogue.mallory.pk}).status_code == 422
    assert holder(with_sam) == "Sam"


@pytest.mark.parametrize("path", ["hand-over/", "give-back/"])
def test_a_stranger_finds_nothing_and_finance_changes_nothing(
    with_sam: Dispute, catalogue: Cast, path: str
) -> None:
    url, data = f"/disputes/{with_sam.pk}/{path}", {"to": catalogue.carl.pk}
    assert as_(catalogue.mallory).post(url, data).status_code == 404
    as_(catalogue.fin).post(url, data)
    assert holder(with_sam) == "Sam"
    assert not HandOver.objects.exists()


def post(user: User, url: str, data: dict[str, Any] | None = None) -> Any:
    return as_(user).post(url, data or {}, content_type="application/json")


def test_the_api_hands_over_for_a_time_and_gives_back(with_sam: Dispute, catalogue: Cast) -> None:
    until = (clock.now() + timedelta(days=1)).isoformat()
    body = {"dispute": with_sam.pk, "to": catalogue.sofia.pk, "until": until}
    made = post(catalogue.sam, "/api/v1/hand-overs/", body)
    assert made.status_code == 201
    assert (made.json()["kind"], made.json()["to_user"]) == ("delegation", catalogue.sofia.pk)
    back = f"/api/v1/hand-overs/{made.json()['id']}/give_back/"
    assert post(catalogue.mallory, back).status_code == 404
    assert post(catalogue.fin, back).status_code == 403
    assert holder(with_sam) == "Sofia"
    assert post(catalogue.sofia, back).json()["ended_at"]
    again = post(catalogue.sofia, back)
    assert again.status_code == 409
    assert again.json()["type"] == "urn:zanjar:problem:moved_on"
    assert holder(with_sam) == "Sam"


@pytest.mark.parametrize(
    ("who", "code"), [("mallory", 400), ("fin", 403), ("carl", 201), ("sofia", 400), ("alice", 201)]
)
def test_the_api_by_role(with_sam: Dispute, catalogue: Cast, who: str, code: int) -> None:
    """A dispute one may not see does not exist for the shape (400 with the field)."""
    body = {"dispute": with_sam.pk, "to": catalogue.eva.pk}
    answer = post(getattr(catalogue, who), "/api/v1/hand-overs/", body)
    assert answer.status_code == code
    assert holder(with_sam) == ("Eva" if code == 201 else "Sam")


def test_the_list_of_hand_overs_shows_only_what_one_may_see(with_sam: Dispute, catalogue: Cast) -> None:
    services.hand_over(dispute=with_sam, to=catalogue.carl, by=catalogue.sam, at=clock.now())
    rows = as_(catalogue.alice).get("/api/v1/hand-overs/").json()
    assert len(rows["results"]) == 1
    assert as_(catalogue.mallory).get("/api/v1/hand-overs/").json()["results"] == []


def test_the_card_says_whose_turn_it_is_with_the_sums_of_each_side(
    with_sam: Dispute, catalogue: Cast
) -> None:
    page = as_(catalogue.alice).get(f"/disputes/{with_sam.pk}/").content.decode()
    assert "Whose turn, since when" in page
    assert "Sam has it since" in page
