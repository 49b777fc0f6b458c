"""The API's own doors: tokens, problem details, idempotency."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS

from accounts import idempotency, services
from accounts.models import ApiToken, IdempotentAnswer
from lib import clock
from lib.throttle import PerPerson
from tests.factories import Cast


@pytest.fixture
def api(cast: Cast, client: Client) -> Client:
    """Alice's session."""
    client.force_login(cast.alice)
    return client


def post_token(client: Client, name: str = "ERP", **headers: str) -> Any:
    """Ask for a token."""
    return client.post("/api/v1/tokens/", {"name": name}, content_type="application/json", headers=headers)


def test_a_token_opens_the_api_until_it_is_revoked(cast: Cast, api: Client) -> None:
    made = post_token(api).json()
    key = {"Authorization": f"Token {made['key']}"}
    assert [e["code"] for e in Client().get("/api/v1/entities/", headers=key).json()["results"]] == ["ACM"]
    assert "key" not in api.get(f"/api/v1/tokens/{made['id']}/").json()
    assert api.delete(f"/api/v1/tokens/{made['id']}/").status_code == 204
    refused = Client().get("/api/v1/entities/", headers=key)
    assert refused.status_code == 401
    assert refused["Content-Type"] == "application/problem+json"


def test_a_read_only_token_may_not_write(cast: Cast) -> None:
    _, key = services.make_token(user=cast.alice, name="BI", at=clock.now(), read_only=True)
    answer = post_token(Client(), Authorization=f"Token {key}")
    assert answer.status_code == 403
    assert ApiToken.objects.count() == 1


def test_an_expired_token_opens_nothing(cast: Cast) -> None:
    at = clock.now()
    _, key = services.make_token(user=cast.alice, name="old", at=at, expires_at=at - timedelta(seconds=1))
    assert Client().get("/api/v1/entities/", headers={"Authorization": f"Token {key}"}).status_code == 401


@pytest.mark.django_db
def test_nobody_reads_nothing() -> None:
    assert Client().get("/api/v1/entities/").status_code == 401


def test_the_audit_trail_is_for_those_who_answer_for_the_entity(cast: Cast, client: Client) -> None:
    client.force_login(cast.alice)
    kinds = [event["kind"] for event in client.get("/api/v1/events/").json()["results"]]
    assert "entity.opened" in kinds
    client.force_login(cast.sam)
    assert client.get("/api/v1/events/").json()["results"] == []


def test_a_wrong_shape_is_told_field_by_field(api: Client) -> None:
    answer = api.post("/api/v1/tokens/", {}, content_type="application/json")
    assert answer.status_code == 400
    assert "name" in answer.json()["errors"]


def test_the_same_key_gets_the_same_answer_and_does_nothing_twice(api: Client) -> None:
    first = post_token(api, **{"Idempotency-Key": "k-1"})
    again = post_token(api, **{"Idempotency-Key": "k-1"})
    assert (again.status_code, again.json()) == (first.status_code, first.json())
    assert again["Idempotency-Replayed"] == "true"
    assert ApiToken.objects.count() == 1


def test_a_key_is_not_used_for_two_different_requests(api: Client) -> None:
    post_token(api, "one", **{"Idempotency-Key": "k-2"})
    assert post_token(api, "two", **{"Idempotency-Key": "k-2"}).status_code == 422
    assert ApiToken.objects.count() == 1


def test_a_retry_while_the_first_is_running_is_asked_to_wait(cast: Cast, api: Client) -> None:
    post_token(api, **{"Idempotency-Key": "k-3"})
    IdempotentAnswer.objects.update(status=None, body=None)
    assert post_token(api, **{"Idempotency-Key": "k-3"}).status_code == 409
    IdempotentAnswer.objects.update(created_at=clock.now() - idempotency.CLAIM_LASTS - timedelta(seconds=1))
    assert post_token(api, **{"Idempotency-Key": "k-3"}).status_code == 201


def test_too_many_requests_are_not_the_answer_for_good(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A phone sends again what it could not send, with the same key."""
    with monkeypatch.context() as strict:
        strict.setattr(PerPerson, "rate", "1/min", raising=False)
        api.get("/api/v1/tokens/")
        assert post_token(api, **{"Idempotency-Key": "k-6"}).status_code == 429
    assert post_token(api, **{"Idempotency-Key": "k-6"}).status_code == 201


def test_a_key_of_somebody_else_is_another_key(cast: Cast, api: Client, client: Client) -> None:
    post_token(api, **{"Idempotency-Key": "k-4"})
    client.force_login(cast.sam)
    assert post_token(client, **{"Idempotency-Key": "k-4"}).status_code == 201
    assert ApiToken.objects.filter(user=cast.sam).count() == 1


def test_old_answers_are_forgotten(api: Client) -> None:
    post_token(api, **{"Idempotency-Key": "k-5"})
    assert idempotency.forget_old_answers(at=clock.now()) == 0
    assert idempotency.forget_old_answers(at=clock.now() + timedelta(days=8)) == 1


def test_the_schema_describes_every_resource(api: Client) -> None:
    """Generating it warns of nothing: no name of an enumeration is made up from a collision."""
    GENERATOR_STATS.reset()
    with GENERATOR_STATS.silence():
        text = api.get("/api/schema/").content.decode()
    warned = [*GENERATOR_STATS._warn_cache, *GENERATOR_STATS._error_cache]
    GENERATOR_STATS.reset()
    assert not warned
    for resource in ("entities", "users", "departments", "absences", "tokens", "events"):
        assert f"/api/v1/{resource}/" in text
