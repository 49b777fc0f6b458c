"""Finding disputes by any word that the person may read."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.choices import Role
from accounts.models import User
from chat import services as talk
from chat.choices import JoinRoute
from disputes import queue, services
from disputes.models import Dispute, SearchText
from ledger import services as ledger
from lib import clock
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast, make_invoice, make_person


def found(user: User, words: str) -> list[Dispute]:
    rows = queue.filtered(User.objects.get(pk=user.pk), queue.Filters(q=words), clock.now())
    return list(rows.order_by("pk"))


@pytest.mark.parametrize(
    "words", ["norte", "NORTÉ", "acm-77", "M-77X", "palets", "rotos norte", "D-000001", "1", "comercial 77x"]
)
def test_customer_number_reference_and_statement_in_any_order(catalogue: Cast, words: str) -> None:
    invoice = make_invoice(catalogue.norte, number="ACM-77x")
    dispute = open_one(catalogue, invoice=invoice, statement="Dos PALETS llegaron rotos")
    open_one(catalogue, invoice=make_invoice(catalogue.sur, number="B-XX"))
    assert found(catalogue.alice, words) == [dispute]


@pytest.mark.parametrize("words", ["sur", "norte sur", "D-000002", "100%", "_", "palets rotos xyz"])
def test_what_nobody_wrote_finds_nothing(catalogue: Cast, words: str) -> None:
    open_one(catalogue, statement="Dos palets llegaron rotos")
    assert found(catalogue.alice, words) == []


def test_a_message_is_found_from_the_moment_it_is_said(dispute: Dispute, catalogue: Cast) -> None:
    room = talk.room_for_dispute(dispute=dispute, at=AT)
    talk.post_message(room=room, by=catalogue.sam, body="The crane broke", client_token="crane-crane", at=AT)
    for who in (catalogue.alice, catalogue.sam, catalogue.fin):
        assert found(who, "crane") == [dispute]
    assert found(catalogue.sofia, "crane") == []
    assert found(catalogue.mallory, "crane") == []


def test_lines_that_are_changed_bring_their_numbers(dispute: Dispute, catalogue: Cast) -> None:
    other = make_invoice(catalogue.norte, number="ZZ-900")
    lines = [services.LineInput(other.pk, dispute.amount)]
    services.change_lines(dispute=dispute, lines=lines, by=catalogue.alice, at=AT)
    assert found(catalogue.alice, "zz-900") == [dispute]


def test_a_customer_is_found_by_the_new_name(dispute: Dispute, catalogue: Cast) -> None:
    ledger.record_customer(entity=catalogue.entity, code="C-001", name="Grupo Ártico", at=AT)
    assert found(catalogue.alice, "artico") == [dispute]
    assert found(catalogue.alice, "norte") == []


def test_a_text_is_replaced_and_taken_out(dispute: Dispute, catalogue: Cast) -> None:
    facts = {"dispute_id": dispute.pk, "source": "evidence:1"}
    services.index_text(**facts, text="Albarán firmado")
    services.index_text(**facts, text="Foto del muelle")
    assert found(catalogue.alice, "albaran") == []
    assert found(catalogue.alice, "muelle") == [dispute]
    services.drop_text(**facts)
    assert found(catalogue.alice, "muelle") == []
    services.index_text(**facts, text="  ")
    assert not SearchText.objects.filter(**facts).exists()


def test_a_partner_finds_what_was_written_for_partners_while_they_were_there(
    dispute: Dispute, catalogue: Cast
) -> None:
    pat = make_person("Pat", catalogue.entity, Role.PARTNER)
    paul = make_person("Paul", catalogue.entity, Role.PARTNER)
    room = talk.room_for_dispute(dispute=dispute, at=AT)

    def say(body: str, side: str) -> None:
        talk.post_message(
            room=room, by=catalogue.alice, body=body, client_token=f"token {body}", at=AT, side=side
        )

    for guest in (pat, paul):
        services.involve(dispute=dispute, user=guest, by=catalogue.alice, at=AT)
    talk.join(room=room, user=paul, route=JoinRoute.INVITED, at=AT)
    say("earlier discount", "partner")
    talk.join(room=room, user=pat, route=JoinRoute.INVITED, at=AT)
    say("our secret margin", "internal")
    say("for the customer only", "customer")
    say("later pallets", "partner")
    assert found(pat, "pallets") == [dispute]
    assert found(paul, "discount") == [dispute]
    assert found(pat, "norte") == [dispute]
    for hidden in ("discount", "margin", "customer only"):
        assert found(pat, hidden) == [], hidden
    assert found(pat, "pallets margin") == []
    assert found(catalogue.alice, "pallets margin discount") == [dispute]


def test_a_text_for_partners_without_names_is_for_all_of_them(dispute: Dispute, catalogue: Cast) -> None:
    pat = make_person("Pat", catalogue.entity, Role.PARTNER)
    services.involve(dispute=dispute, user=pat, by=catalogue.alice, at=AT + timedelta(hours=1))
    services.index_text(dispute_id=dispute.pk, source="evidence:1", text="waybill", side="partner")
    services.index_text(dispute_id=dispute.pk, source="evidence:2", text="invoice draft")
    assert found(pat, "waybill") == [dispute]
    assert found(pat, "draft") == []


@pytest.mark.parametrize("bad", [{"text": ""}, {"side": "nobody"}, {"source": "dispute"}])
def test_the_database_refuses_nonsense(dispute: Dispute, bad: dict[str, Any]) -> None:
    good = {"dispute": dispute, "source": "message:1", "text": "words", "side": "internal"}
    with pytest.raises(IntegrityError, match="search_text"), transaction.atomic():
        SearchText.objects.create(**{**good, **bad})


def test_words_are_looked_up_in_the_index(dispute: Dispute, catalogue: Cast) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        texts = SearchText.objects.filter(text__contains="palets")
        assert "search_text_trgm" in texts.explain()
