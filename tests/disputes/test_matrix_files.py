"""Files, taking a dispute and mass disputes: each act by every role over page and API; who may not changes nothing."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from disputes import services
from disputes.models import Dispute, Evidence
from lib import clock
from tests.disputes import papers
from tests.disputes.conftest import open_one
from tests.disputes.test_matrix import PEOPLE, everybody, picture, seen_by
from tests.factories import Cast

__all__ = ["everybody"]

OFFICE = {"alice", "carl", "adam"}
Data = dict[str, Any]


@dataclass(frozen=True)
class Attempt:
    """The same act at both doors, and who may."""

    who: set[str]
    page: Callable[[Dispute, Evidence], tuple[str, Data]]
    api: Callable[[Dispute, Evidence], tuple[str, Data]]


def a_file() -> Data:
    return {"file": ContentFile(papers.png(), name="new.png")}


def both_of(dispute: Dispute) -> list[int]:
    """It and the other one of the same entity."""
    return list(Dispute.objects.filter(entity=dispute.entity_id).order_by("pk").values_list("pk", flat=True))


ATTEMPTS = {
    "add a file": Attempt(
        OFFICE | {"sam", "eva", "paula"},
        lambda d, one: (f"disputes/{d.pk}/evidence/", a_file()),
        lambda d, one: ("evidence/", a_file() | {"dispute": d.pk}),
    ),
    "share a file": Attempt(
        OFFICE,
        lambda d, one: (f"disputes/{d.pk}/evidence/{one.pk}/share/", {"side": "customer"}),
        lambda d, one: (f"evidence/{one.pk}/share/", {"side": "customer"}),
    ),
    "redact a file": Attempt(
        OFFICE,
        lambda d, one: (f"disputes/{d.pk}/evidence/{one.pk}/redact/", {"reason": "names", "sure": "on"}),
        lambda d, one: (f"evidence/{one.pk}/redact/", {"reason": "names"}),
    ),
    "take": Attempt(
        OFFICE,
        lambda d, one: (f"disputes/{d.pk}/take/", {}),
        lambda d, one: (f"disputes/{d.pk}/assign/", {"user": "me"}),
    ),
    "open a mass dispute": Attempt(
        OFFICE,
        lambda d, one: ("disputes/mass/new/", {"dispute": both_of(d), "title": "One lorry"}),
        lambda d, one: (
            "mass-disputes/",
            {"entity": d.entity_id, "title": "One lorry", "disputes": both_of(d)},
        ),
    ),
}


def post(door: str, person: User | None, path: str, data: Data) -> int:
    """The status of the answer: forms at the page, multipart or JSON at the API."""
    if door == "page":
        client = Client()
        if person is not None:
            client.force_login(person)
        return client.post(f"/{path}", data, headers={"HX-Request": "true"}).status_code
    api = APIClient()
    if person is not None:
        api.force_login(person)
    if data.get("user") == "me":
        data = {"user": person.pk if person else 0}
    form = "multipart" if "file" in data else "json"
    return int(api.post(f"/api/v1/{path}", data, format=form).status_code)


@pytest.fixture
def photo(dispute: Dispute, catalogue: Cast) -> Evidence:
    """A picture for our side only, in a dispute that a department has; there is a second dispute."""
    services.assign(dispute=dispute, department=catalogue.logistics, by=catalogue.alice, at=clock.now())
    open_one(catalogue)
    return services.add_evidence(
        dispute=dispute, file=papers.png(colour=(1, 2, 3)), name="box.png", by=catalogue.alice, at=clock.now()
    )


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("name", ATTEMPTS)
def test_who_may_does_it_and_who_may_not_changes_nothing(
    name: str, door: str, dispute: Dispute, photo: Evidence, everybody: dict[str, User]
) -> None:
    attempt, before = ATTEMPTS[name], picture(dispute)
    for who in PEOPLE:
        person = everybody.get(who)
        path, data = (attempt.page if door == "page" else attempt.api)(dispute, photo)
        with transaction.atomic():
            status = post(door, person, path, data)
            if who in attempt.who:
                assert status in (200, 201, 302), (who, status)
                assert picture(dispute) != before, who
            else:
                assert status in refusals(door, person, dispute), (who, status)
                assert picture(dispute) == before, who
            transaction.set_rollback(True)


def refusals(door: str, person: User | None, dispute: Dispute) -> set[int]:
    """How this person may hear no: nobody signed in is sent away, who sees nothing hears that there is nothing."""
    if person is None:
        return {302, 401, 403}
    if not seen_by(person, dispute):
        # At the page of mass disputes the role alone may be told, before any dispute is looked for.
        return {404, 403} if door == "page" else {404, 400, 403}
    # A file that is for our side only does not exist for a partner.
    return {403, 409, 404, 400}
