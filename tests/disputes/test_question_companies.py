"""Two partner companies in one dispute: neither learns what the other was asked and answered, or that it is there."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from disputes import selectors, services
from disputes.models import Dispute, Question
from lib import clock
from tests.factories import AT, Cast, make_person

SECRETS = ("lagartija", "salamandra", "Lara", "Labs")


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def lara(catalogue: Cast, dispute: Dispute, partner: User) -> User:
    """Lara of the laboratory takes part beside Paula the carrier and was there first."""
    labs = people.add_department(entity=catalogue.entity, code="labs", name="Labs", outside=True)
    lara = make_person("Lara", catalogue.entity, Role.PARTNER, labs)
    for guest in (lara, partner):
        services.involve(dispute=dispute, user=guest, by=catalogue.alice, at=AT)
    return lara


@pytest.fixture
def asked(dispute: Dispute, catalogue: Cast, partner: User, lara: User) -> dict[str, Question]:
    """A question to the laboratory, answered, one to the carrier, and one to a salesperson of ours."""
    ask = {"dispute": dispute, "kind": "text", "by": catalogue.alice, "at": AT}
    found = {
        "lab": services.ask_question(asked_of=lara, text="Was it a lagartija?", **ask),
        "carrier": services.ask_question(asked_of=partner, text="Was it a tortuga?", **ask),
        "ours": services.ask_question(asked_of=catalogue.sam, text="What margin have we?", **ask),
    }
    services.answer_question(question_id=found["lab"].pk, value="A salamandra.", by=lara, at=AT)
    return found


def doors(user: User, dispute: Dispute, asked: dict[str, Question]) -> dict[str, str]:
    """Every page and address that tells of questions or of what happened, with what it says."""
    client, found = of(user), {}
    urls = [reverse(f"disputes:{name}", args=[dispute.pk]) for name in ("detail", "card", "timeline")]
    urls += [reverse("disputes:questions"), reverse("question-list"), reverse("answer-list")]
    urls += [reverse("dispute-events", args=[dispute.pk])]
    for one in asked.values():
        urls += [reverse("disputes:question_card", args=[one.pk]), reverse("question-detail", args=[one.pk])]
    for url in urls:
        answer = client.get(url)
        assert answer.status_code in (200, 404), url
        found[url] = answer.content.decode() if answer.status_code == 200 else ""
    return found


def test_a_company_learns_nothing_of_what_another_was_asked(
    dispute: Dispute, asked: dict[str, Question], partner: User
) -> None:
    for url, text in doors(partner, dispute, asked).items():
        assert [word for word in SECRETS if word in text] == [], url
        assert "margin" not in text, url
    assert list(selectors.questions_for(partner)) == [asked["carrier"]]


def test_each_sees_its_own_and_the_team_everything(
    dispute: Dispute, asked: dict[str, Question], catalogue: Cast, partner: User, lara: User
) -> None:
    for user, words in (
        (partner, ["tortuga"]),
        (lara, ["lagartija", "salamandra"]),
        (catalogue.alice, ["tortuga", "lagartija", "salamandra", "margin"]),
    ):
        texts = doors(user, dispute, asked)
        for name, url in (
            ("timeline", reverse("disputes:timeline", args=[dispute.pk])),
            ("events", reverse("dispute-events", args=[dispute.pk])),
        ):
            assert [word for word in words if word not in texts[url]] == [], (user.name, name)
    assert "tortuga" in doors(partner, dispute, asked)[reverse("disputes:card", args=[dispute.pk])]
    kinds = [event.kind for event in selectors.timeline(dispute, lara)]
    assert kinds[0] == "dispute.opened"
    assert kinds.count("question.asked") == kinds.count("question.answered") == 1


def test_a_colleague_of_the_company_sees_what_the_company_was_asked(
    dispute: Dispute, asked: dict[str, Question], catalogue: Cast, lara: User
) -> None:
    labs = lara.memberships.get().department
    lotte = make_person("Lotte", catalogue.entity, Role.PARTNER, labs)
    services.involve(dispute=dispute, user=lotte, by=catalogue.alice, at=AT)
    assert list(selectors.questions_for(lotte)) == [asked["lab"]]
    assert [
        user.name for user in selectors.participants(dispute, lotte) if user.name in ("Lara", "Paula")
    ] == ["Lara"]


def test_what_a_company_passed_on_to_the_team_is_the_teams(
    dispute: Dispute, asked: dict[str, Question], catalogue: Cast, partner: User
) -> None:
    url = reverse("question-forward", args=[asked["carrier"].pk])
    body = {"to": catalogue.carl.pk, "reason": "Not us"}
    answer = of(partner).post(url, body, "application/json")
    assert (answer.status_code, answer.json()["asked_of"]) == (200, catalogue.carl.pk)
    services.answer_question(
        question_id=asked["carrier"].pk, value="Our fault.", by=catalogue.carl, at=clock.now()
    )
    assert list(selectors.questions_for(partner)) == []
    for url, text in doors(partner, dispute, asked).items():
        assert "Our fault." not in text, url


def test_a_company_is_not_told_who_else_was_called_in(
    dispute: Dispute, asked: dict[str, Question], partner: User, lara: User
) -> None:
    called = {
        user.name: [e.data["name"] for e in selectors.timeline(dispute, user) if e.kind == "dispute.joined"]
        for user in (partner, lara)
    }
    assert called == {"Paula": ["Paula"], "Lara": ["Lara"]}
