"""The API of disputes: every act, every refusal, and nothing for a stranger."""

from decimal import Decimal
from typing import Any

import pytest
from rest_framework.test import APIClient

from accounts.models import User
from disputes.models import Dispute, Question
from tests.disputes.conftest import open_one
from tests.factories import Cast, make_invoice

API = "/api/v1"


def as_(user: User) -> APIClient:
    client = APIClient()
    client.force_login(user)
    return client


def post(user: User, path: str, body: dict[str, Any]) -> Any:
    return as_(user).post(f"{API}/{path}/", body, format="json", headers={"Accept-Language": "en"})


def test_a_dispute_is_opened_read_moved_answered_and_closed(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    lines = [{"invoice": invoice.pk, "amount": "300.00"}]
    body = {"customer": catalogue.norte.pk, "reason": "price", "lines": lines, "statement": "Too dear"}
    made = post(catalogue.sam, "disputes", body)
    assert made.status_code == 201, made.data
    assert (made.data["ref"], made.data["amount"], made.data["opened_via"]) == ("D-000001", "300.00", "api")
    pk = made.data["id"]
    moved = post(catalogue.alice, f"disputes/{pk}/move", {"move": "ask_sales", "stage": "to_triage"})
    assert (moved.status_code, moved.data["stage"]) == (200, "ask_sales")
    listed = as_(catalogue.sam).get(f"{API}/questions/?status=open").data["results"]
    assert [option["value"] for option in listed[0]["options"]] == ["invoice", "customer", "other"]
    answered = post(catalogue.sam, f"questions/{listed[0]['id']}/answer", {"value": "customer"})
    assert answered.data["answer"]["value"] == "customer"
    late = post(catalogue.alice, f"questions/{listed[0]['id']}/answer", {"value": "invoice"})
    assert (
        late.status_code,
        late.data["code"] if "code" in late.data else late.data["type"],
        late.data["by"],
    ) == (
        409,
        "urn:zanjar:problem:already_answered",
        "Sam",
    )
    short = post(catalogue.bill, f"disputes/{pk}/move", {"move": "credit_sent"})
    assert (short.status_code, set(short.data["fields"])) == (422, {"credit_amount", "credit_note_number"})
    fields = {"credit_amount": "300.00", "credit_note_number": "CN-1"}
    done = post(catalogue.bill, f"disputes/{pk}/move", {"move": "credit_sent", "fields": fields})
    assert (done.data["status"], done.data["outcome"]["resolution"]) == ("solved", "credit")
    kinds = [row["kind"] for row in as_(catalogue.fin).get(f"{API}/disputes/{pk}/events/").data]
    assert kinds == [
        "dispute.opened", "dispute.moved", "question.asked", "question.answered", "dispute.moved", "dispute.closed",
        "credit.issued",
    ]  # fmt: skip
    assert as_(catalogue.sam).get(f"{API}/answers/").data["results"][0]["via"] == "api"


def test_a_stale_move_is_409_and_a_wrong_body_400(dispute: Dispute, catalogue: Cast) -> None:
    stale = post(catalogue.alice, f"disputes/{dispute.pk}/move", {"move": "ask_sales", "stage": "ask_sales"})
    assert stale.status_code == 409
    assert post(catalogue.alice, f"disputes/{dispute.pk}/move", {}).status_code == 400
    assert post(catalogue.alice, "disputes", {"reason": "price"}).status_code == 400


def test_too_much_is_422_at_its_line(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    lines = [{"invoice": invoice.pk, "amount": "1000.01"}]
    answer = post(
        catalogue.alice, "disputes", {"customer": catalogue.norte.pk, "reason": "price", "lines": lines}
    )
    assert (answer.status_code, list(answer.data["fields"])) == (422, ["lines.0.amount"])


def test_the_same_key_opens_one_dispute(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    body = {
        "customer": catalogue.norte.pk,
        "reason": "price",
        "lines": [{"invoice": invoice.pk, "amount": "10"}],
    }
    client = as_(catalogue.alice)
    first, second = (
        client.post(f"{API}/disputes/", body, format="json", headers={"Idempotency-Key": "k1"})
        for _ in range(2)
    )
    assert first.status_code == second.status_code == 201
    assert first.json()["id"] == second.json()["id"]
    assert Dispute.objects.count() == 1


def test_managers_assign_classify_change_lines_close_and_reopen(dispute: Dispute, catalogue: Cast) -> None:
    path, alice = f"disputes/{dispute.pk}", catalogue.alice
    assert post(alice, f"{path}/assign", {"user": catalogue.eva.pk}).data["holder_user"] == catalogue.eva.pk
    assert post(alice, f"{path}/classify", {"reason": "quality"}).data["reason"] == "quality"
    lines = [{"invoice": dispute.lines.get().invoice_id, "amount": "120.00"}]
    assert post(alice, f"{path}/lines", {"lines": lines}).data["amount"] == "120.00"
    closed = post(alice, f"{path}/close", {"verdict": "partly", "resolution": "credit", "amount": "20.00"})
    assert Decimal(closed.data["outcome"]["amount"]) == 20
    assert post(alice, f"{path}/reopen", {"note": "again"}).data["status"] == "open"


def test_a_question_is_asked_and_taken_back(dispute: Dispute, catalogue: Cast) -> None:
    body = {"dispute": dispute.pk, "asked_of": catalogue.sam.pk, "kind": "date", "text": "When?"}
    asked = post(catalogue.alice, "questions", body)
    assert (asked.status_code, asked.data["text"]) == (201, "When?")
    assert post(catalogue.alice, f"questions/{asked.data['id']}/withdraw", {}).data["status"] == "withdrawn"


@pytest.mark.parametrize("who", ["fin", "sam", "eva"])
def test_who_may_not_decide_gets_403_or_404(dispute: Dispute, catalogue: Cast, who: str) -> None:
    body = {"verdict": "partly", "resolution": "credit"}
    answer = post(getattr(catalogue, who), f"disputes/{dispute.pk}/close", body)
    assert answer.status_code == (404 if who == "eva" else 403)
    dispute.refresh_from_db()
    assert dispute.is_open


ACTS = ("move", "assign", "classify", "lines", "close", "reopen")


def test_a_stranger_finds_nothing_and_changes_nothing(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    for who in (catalogue.mallory, catalogue.sofia):
        for act in ACTS:
            assert post(who, f"disputes/{dispute.pk}/{act}", {"move": "ask_sales"}).status_code == 404
        for path in (f"disputes/{dispute.pk}", f"disputes/{dispute.pk}/events", f"questions/{question.pk}"):
            assert as_(who).get(f"{API}/{path}/").status_code == 404
        for act in ("answer", "withdraw"):
            assert post(who, f"questions/{question.pk}/{act}", {"value": "invoice"}).status_code == 404
        for rows in ("disputes", "questions", "answers"):
            assert as_(who).get(f"{API}/{rows}/").data["results"] == []
    assert as_(catalogue.mallory).get(f"{API}/dispute-reasons/").data["results"] == []
    assert as_(catalogue.mallory).get(f"{API}/routes/").data["results"] == []
    invoice = make_invoice(catalogue.norte)
    body = {
        "customer": catalogue.norte.pk,
        "reason": "price",
        "lines": [{"invoice": invoice.pk, "amount": "1"}],
    }
    assert post(catalogue.mallory, "disputes", body).status_code == 400
    question.refresh_from_db()
    assert question.is_open
    assert APIClient().get(f"{API}/disputes/").status_code == 401


def test_the_list_costs_the_same_for_one_and_for_many(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    open_one(catalogue)
    client = as_(catalogue.alice)
    with django_assert_max_num_queries(10) as one:
        client.get(f"{API}/disputes/")
    for _ in range(4):
        open_one(catalogue)
    with django_assert_max_num_queries(len(one)):
        assert len(client.get(f"{API}/disputes/").data["results"]) == 5


def test_routes_are_listed_whole(catalogue: Cast, django_assert_max_num_queries: Any) -> None:
    client = as_(catalogue.alice)
    with django_assert_max_num_queries(12):
        routes = client.get(f"{API}/routes/").data["results"]
    assert len(routes) == 8
    assert all(route["versions"][0]["stages"][0]["moves"] for route in routes)
