"""Every act, tried by everybody, over the pages and over the API: who may does it, who may not changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core import serializers
from django.db import transaction
from django.test import Client
from rest_framework.test import APIClient

from accounts.events import Event
from accounts.models import User
from disputes import selectors, services
from disputes.choices import CLOSED, QuestionKind
from disputes.lifecycle import ACTS, Act, available
from disputes.models import (
    Answer,
    Dispute,
    DisputeLine,
    Evidence,
    Macro,
    Outcome,
    Participation,
    PutOff,
    Question,
    Reason,
    Stay,
)
from lib import clock
from tests.disputes.conftest import open_one
from tests.factories import Cast

PEOPLE = ("alice", "carl", "sam", "sofia", "eva", "bill", "fin", "adam", "mallory", "paula", "guest")
TABLES = (Dispute, DisputeLine, Stay, Question, Answer, Outcome, Participation, Evidence, PutOff)
Data = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One act at both doors. `page` and `api` give the path's end and what is posted."""

    act: Act
    page: Callable[[Cast, Dispute], tuple[str, Data]]
    api: Callable[[Cast, Dispute], tuple[str, Data]]
    closed: bool = False
    # It names a second thing (a dispute, a macro) that not everybody sees: the form then knows of none.
    second: bool = False
    roles: frozenset[str] | None = None  # When the act asks for more than its row of the table.


def of_dispute(
    end: str, data: Callable[[Cast, Dispute], Data]
) -> Callable[[Cast, Dispute], tuple[str, Data]]:
    return lambda cast, dispute: (f"disputes/{dispute.pk}/{end}/", data(cast, dispute))


def of_question(end: str, data: Data) -> Callable[[Cast, Dispute], tuple[str, Data]]:
    return lambda cast, dispute: (f"questions/{dispute.questions.get().pk}/{end}/", data)


def the_line(cast: Cast, dispute: Dispute) -> DisputeLine:
    return dispute.lines.get(closed_on=None)


def reason(cast: Cast, code: str) -> int:
    return Reason.objects.get(entity=cast.entity, code=code).pk


def shared_macro(cast: Cast) -> Macro:
    """A week aside, for everybody who may."""
    step = {"do": "snooze", "for": "week"}
    return services.save_macro(entity=cast.entity, by=cast.alice, name="Week", steps=[step], shared=True)


ENDING = {"verdict": "partly", "resolution": "credit"}
QUESTION = {"kind": "text", "text": "Why?", "deadline": "none"}
ATTEMPTS = {
    "move": Attempt(
        Act.MOVE,
        of_dispute("move/ask_sales", lambda cast, d: {"stage": d.stage_id}),
        of_dispute("move", lambda cast, d: {"move": "ask_sales"}),
        roles=frozenset({"credit_manager", "collector", "admin"}),
    ),
    "ask": Attempt(
        Act.ASK,
        of_dispute("ask", lambda cast, d: QUESTION | {"asked_of": cast.sam.pk}),
        lambda cast, d: (
            "questions/",
            {"dispute": d.pk, "asked_of": cast.sam.pk, "kind": "text", "text": "Why?"},
        ),
    ),
    "change_lines": Attempt(
        Act.CHANGE_LINES,
        of_dispute("lines", lambda cast, d: {f"line-{the_line(cast, d).pk}": "120.00"}),
        of_dispute(
            "lines",
            lambda cast, d: {"lines": [{"invoice": the_line(cast, d).invoice_id, "amount": "120.00"}]},
        ),
    ),
    "change_reason": Attempt(
        Act.CHANGE_REASON,
        of_dispute("reason", lambda cast, d: {"reason": reason(cast, "quality")}),
        of_dispute("classify", lambda cast, d: {"reason": "quality"}),
    ),
    "assign": Attempt(
        Act.ASSIGN,
        of_dispute("assign", lambda cast, d: {"user": cast.carl.pk}),
        of_dispute("assign", lambda cast, d: {"user": cast.carl.pk}),
    ),
    "hand_over": Attempt(
        Act.HAND_OVER,
        of_dispute("hand-over", lambda cast, d: {"to": cast.carl.pk}),
        lambda cast, d: ("hand-overs/", {"dispute": d.pk, "to": cast.carl.pk}),
        roles=frozenset({"credit_manager", "collector", "admin"}),
    ),
    "close": Attempt(
        Act.CLOSE,
        of_dispute("close", lambda cast, d: ENDING | {"credit_amount": "20.00"}),
        of_dispute("close", lambda cast, d: ENDING | {"amount": "20.00"}),
    ),
    "set_cause": Attempt(
        Act.SET_CAUSE,
        of_dispute("cause", lambda cast, d: {"cause": reason(cast, "quality")}),
        of_dispute("cause", lambda cast, d: {"cause": "quality"}),
    ),
    "split": Attempt(
        Act.SPLIT,
        of_dispute(
            "split",
            lambda cast, d: {"reason": reason(cast, "price"), f"line-{the_line(cast, d).pk}": "20.00"},
        ),
        of_dispute("split", lambda cast, d: {"lines": [{"line": the_line(cast, d).pk, "amount": "20.00"}]}),
    ),
    "snooze": Attempt(
        Act.SNOOZE,
        of_dispute("snooze", lambda cast, d: {"nap": "week"}),
        of_dispute("snooze", lambda cast, d: {"nap": "week"}),
    ),
    "merge": Attempt(
        Act.MERGE,
        of_dispute("merge", lambda cast, d: {"into": open_one(cast).pk}),
        of_dispute("merge", lambda cast, d: {"other": open_one(cast).pk}),
        second=True,
    ),
    "macro": Attempt(
        Act.SNOOZE,
        lambda cast, d: (f"disputes/{d.pk}/macro/{shared_macro(cast).pk}/", {}),
        of_dispute("snooze", lambda cast, d: {"nap": "week"}),
        second=True,
    ),
    "reopen": Attempt(
        Act.REOPEN,
        of_dispute("reopen", lambda cast, d: {"note": "again"}),
        of_dispute("reopen", lambda cast, d: {"note": "again"}),
        closed=True,
    ),
}


@pytest.fixture
def everybody(catalogue: Cast, partner: User, dispute: Dispute) -> dict[str, User]:
    """The cast by name. Paula the partner and Eva the expert take part; `guest` is nobody signed in."""
    for person in (partner, catalogue.eva):
        services.involve(dispute=dispute, user=person, by=catalogue.alice, at=clock.now())
    people = {name: getattr(catalogue, name) for name in PEOPLE if hasattr(catalogue, name)}
    return people | {"paula": partner}


def seen_by(person: User | None, dispute: Dispute) -> bool:
    return person is not None and selectors.disputes_for(person).filter(pk=dispute.pk).exists()


def allowed(attempt: Attempt, person: User | None, dispute: Dispute) -> bool:
    """Whether the table lets this person do it now (the table itself is tested cell by cell elsewhere)."""
    if person is None or not seen_by(person, dispute):
        return False
    roles = {row.role for row in person.memberships.filter(entity=dispute.entity_id)}
    return attempt.act in available(dispute.status, roles) and (
        attempt.roles is None or bool(roles & attempt.roles)
    )


def picture(dispute: Dispute) -> tuple[list[str], int]:
    """Everything there is about disputes: what an act that is refused must leave as it was."""
    rows = [serializers.serialize("json", table.objects.order_by("pk")) for table in TABLES]
    return rows, Event.objects.filter(stream="dispute").count()


def at_the_page(person: User | None, path: str, data: Data) -> int:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client.post(f"/{path}", data, headers={"HX-Request": "true"}).status_code


def at_the_api(person: User | None, path: str, data: Data) -> int:
    client = APIClient()
    if person is not None:
        client.force_login(person)
    return int(client.post(f"/api/v1/{path}", data, format="json").status_code)


def unchanged(
    refused: int, door: str, person: User | None, dispute: Dispute, *, second: bool = False
) -> bool:
    """Whether this is the right way to say no: who sees nothing hears 404, nobody signed in is sent away."""
    if person is None:
        return refused in (302, 401, 403)
    if not seen_by(person, dispute):
        return refused == 404 or (door == "api" and refused == 400)
    return refused in (403, 409) or (second and refused in (400, 404, 422))


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("name", ATTEMPTS)
def test_who_may_does_it_and_who_may_not_changes_nothing(
    name: str, door: str, dispute: Dispute, everybody: dict[str, User], catalogue: Cast
) -> None:
    attempt = ATTEMPTS[name]
    if attempt.closed:
        services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=clock.now())
        dispute.refresh_from_db()
    path, data = (attempt.page if door == "page" else attempt.api)(catalogue, dispute)
    post = at_the_page if door == "page" else at_the_api
    did, before = [], picture(dispute)
    for who in PEOPLE:
        person = everybody.get(who)
        with transaction.atomic():
            status = post(person, path, data)
            after = picture(dispute)
            if allowed(attempt, person, dispute):
                assert status in (200, 201, 302), (who, status)
                assert after != before, who
                did.append(who)
            else:
                assert unchanged(status, door, person, dispute, second=attempt.second), (who, status)
                assert after == before, who
            transaction.set_rollback(True)
    assert did, "somebody may"
    assert not {"mallory", "sofia", "bill", "fin", "guest"} & set(did)


@pytest.mark.parametrize("door", ["page", "api"])
@pytest.mark.parametrize("act", ["answer", "withdraw", "forward", "later"])
def test_a_question_is_answered_by_whom_it_concerns_and_withdrawn_by_who_asked(
    act: str, door: str, dispute: Dispute, everybody: dict[str, User], catalogue: Cast
) -> None:
    services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind=QuestionKind.TEXT, text="Why?", by=catalogue.carl,
        at=clock.now(),
    )  # fmt: skip
    may = {"withdraw": {"carl", "alice", "adam"}}.get(act, {"sam", "alice", "adam"})
    given = {
        "answer": {"value": "Because."},
        "withdraw": {},
        "forward": {"to": catalogue.bill.pk, "reason": "His"},
        "later": {"later": "30m"},
    }[act]
    path, data = of_question(act, given)(catalogue, dispute)
    post = at_the_page if door == "page" else at_the_api
    before = picture(dispute)
    for who in PEOPLE:
        person = everybody.get(who)
        with transaction.atomic():
            status = post(person, path, data)
            assert (picture(dispute) != before) is (who in may), (who, status)
            if who in may:
                assert status in (200, 302), (who, status)
            elif who == "paula":
                assert status == 404, "what a colleague of ours is asked does not exist for a guest"
            else:
                # The sheets of a question are only there for whom it concerns.
                hidden = act in ("forward", "later")
                assert unchanged(status, door, person, dispute, second=hidden), (who, status)
            transaction.set_rollback(True)


@pytest.mark.parametrize(
    "name", [name for name, attempt in ATTEMPTS.items() if not ACTS[attempt.act].statuses & set(CLOSED)]
)
def test_a_closed_dispute_lets_nobody_do_it(name: str, dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue)
    path, data = ATTEMPTS[name].api(catalogue, dispute)
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=clock.now())
    before = picture(other)
    assert at_the_api(catalogue.adam, path, data) == 409
    assert picture(other) == before
