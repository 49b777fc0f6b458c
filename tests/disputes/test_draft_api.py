"""The draft of a new dispute over the API: the form goes on from it, and it is nobody else's."""

from __future__ import annotations

from typing import Any

from django.test import Client

from accounts.models import User
from disputes.models import NewDraft
from tests.factories import Cast, make_invoice

URL = "/api/v1/dispute-drafts/mine/"


def call(user: User, method: str, body: Any = None) -> Any:
    """A request of that person."""
    client = Client()
    client.force_login(user)
    return getattr(client, method)(URL, body, content_type="application/json")


def test_a_draft_is_kept_shown_in_the_form_and_dropped(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, "1210.00")
    assert call(catalogue.alice, "get").status_code == 404
    body = {
        "invoices": [{"invoice": invoice.pk, "amount": "300.00"}],
        "reason": "price",
        "statement": "Too dear",
    }
    told = call(catalogue.alice, "put", body).json()
    assert told["invoices"] == [{"invoice": invoice.pk, "mode": "amount", "amount": "300.00"}]
    assert call(catalogue.alice, "get").json()["statement"] == "Too dear"
    client = Client()
    client.force_login(catalogue.alice)
    page = client.get("/disputes/new/")
    assert str(page.context["draft"].total) == "300.00"
    assert page.context["draft"].reason == "price"
    assert call(catalogue.alice, "delete").status_code == 204
    assert not NewDraft.objects.exists()


def test_what_cannot_be_disputed_or_says_nothing_is_refused(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, "1210.00")
    for body in (
        {},
        {"statement": "  "},
        {"invoices": [{"invoice": 0}]},
        {"invoices": [{"invoice": invoice.pk, "amount": "x"}]},
    ):
        assert call(catalogue.alice, "put", body).status_code in (400, 422)
    foreign = {"invoices": [{"invoice": invoice.pk}]}
    assert call(catalogue.mallory, "put", foreign).status_code in (400, 403, 422)
    assert not NewDraft.objects.exists()


def test_each_person_has_their_own(catalogue: Cast) -> None:
    call(catalogue.alice, "put", {"statement": "mine"})
    assert call(catalogue.carl, "get").status_code == 404
    assert call(catalogue.carl, "delete").status_code == 204
    assert NewDraft.objects.get().user == catalogue.alice
