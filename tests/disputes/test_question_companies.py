"""Two partner companies in one dispute: neither learns what the other was asked and answered, or that it is there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from disputes import selectors, services
from disputes.models import Dispute, Question
from lib import clock
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast, make_person

SECRETS = ("lagartija", "salamandra", "Lara", "Labs")


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


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


def test_while_another_company_has_it_a_company_does_not_learn_which(
    dispute: Dispute, asked: dict[str, Question], catalogue: Cast, partner: User, lara: User
) -> None:
    Dispute.objects.filter(pk=dispute.pk).update(facts={"agreed": "axolotl", "promised_on": "axolotl"})
    labs = lara.memberships.get().department
    services.assign(dispute=dispute, department=labs, by=catalogue.alice, at=AT)
    url, card = reverse("dispute-detail", args=[dispute.pk]), reverse("disputes:card", args=[dispute.pk])
    shown = {user.name: of(user).get(url).json() for user in (partner, lara, catalogue.alice)}
    assert labs is not None
    assert {name: (one["holder_department"], one["facts"] == {}) for name, one in shown.items()} == {
        "Paula": (None, True),
        "Lara": (labs.pk, True),
        "Alice": (labs.pk, False),
    }
    seen = of(partner).get(card).content.decode()
    assert "A partner" in seen
    assert "Labs" not in seen
    assert "axolotl" not in seen
    assert "Labs" not in of(partner).get(reverse("disputes:list") + "?view=all").content.decode()
    assert "Labs" in of(lara).get(card).content.decode()
    waits = reverse("dispute-waits-detail", args=[dispute.pk])
    assert (of(partner).get(waits).status_code, of(catalogue.alice).get(waits).status_code) == (404, 200)


def test_a_company_sees_of_the_branches_its_own(catalogue: Cast, partner: User) -> None:
    labs = people.add_department(entity=catalogue.entity, code="labs", name="Labs", outside=True)
    lara = make_person("Lara", catalogue.entity, Role.PARTNER, labs)
    dispute = open_one(catalogue, reason="delivery")
    services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT)
    services.give_branch(dispute=dispute, branch="logistics", department=labs, by=catalogue.alice, at=AT)
    for guest in (lara, partner):
        services.involve(dispute=dispute, user=guest, by=catalogue.alice, at=AT)
    url, seen = reverse("branch-list") + f"?dispute={dispute.pk}", {}
    for user in (partner, lara, catalogue.alice):
        card = of(user).get(reverse("disputes:card", args=[dispute.pk])).content.decode()
        seen[user.name] = (len(of(user).get(url).json()["results"]), "Labs" in card)
    assert seen == {"Paula": (0, False), "Lara": (1, True), "Alice": (2, True)}


def test_what_the_team_settles_inside_is_not_told_to_guests(
    dispute: Dispute, asked: dict[str, Question], catalogue: Cast, partner: User
) -> None:
    services.snooze(dispute=dispute, by=catalogue.alice, until=AT + timedelta(days=2), at=AT)
    kinds = {
        user.name: {event.kind for event in selectors.timeline(dispute, user)}
        for user in (partner, catalogue.alice)
    }
    assert "dispute.snoozed" in kinds["Alice"] - kinds["Paula"]
    assert "dispute.opened" in kinds["Paula"]
