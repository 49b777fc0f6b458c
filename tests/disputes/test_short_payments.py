"""A customer pays less: the difference becomes a dispute, once, with the reason that the payer's words suggest."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.events import Event, emit, relay
from accounts.models import User
from disputes import services
from disputes.choices import Deed, Via
from disputes.guess import NOTHING, guess
from disputes.models import Dispute, DisputeLine, Reason, Told
from disputes.words import tell
from ledger.models import Invoice
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.factories import AT, PASSWORD, Cast, make_invoice, pay


def short(invoice: Invoice, amount: str, *, actor: User | None = None, **more: Any) -> Event:
    """The fact that the ledger writes when less than the invoice was paid."""
    data = {
        "invoice": invoice.pk,
        "amount": amount,
        "currency": invoice.currency,
        "transaction": 7,
        "text": "",
        "reason": "",
        "payment": 3,
    }
    return emit(
        stream="invoice",
        object_id=invoice.pk,
        entity_id=invoice.entity_id,
        kind="payment.short",
        actor=actor,
        at=AT,
        data={**data, **more},
    )


def heard(event: Event) -> None:
    assert relay(event.pk, at=AT)


@pytest.mark.parametrize(
    ("text", "reason", "quote"),
    [
        ("Factura F-12 menos 2 palés dañados", "quality", "dañados"),
        ("FAC 12 il manque deux palettes", "quantity", "il manque deux"),
        ("RE 12 abzgl. 2% Skonto", "price", "Skonto"),
        ("INV 12 less credit note CN-4", "already_paid", "less credit"),
        ("F-12 diferencia de precio acordado", "price", "diferencia de precio"),
        ("facture F12 déjà réglée le 3", "already_paid", "déjà réglée"),
        ("F12 doppelt berechnet", "duplicate", "doppelt berechnet"),
        ("F12 nicht erhalten", "delivery", "nicht erhalten"),
        ("no hemos recibido la mercancía", "delivery", "no hemos recibido"),
        ("INV 12 wrong VAT", "invoice_data", "wrong VAT"),
        ("SHORT SHIPPED 3 CARTONS", "quantity", "SHORT SHIPPED"),
    ],
)
def test_the_words_of_the_payer_suggest_a_reason(text: str, reason: str, quote: str) -> None:
    found = guess(text)
    assert (found.reason, found.quote) == (reason, quote)
    assert Decimal(0) < found.confidence <= 1


@pytest.mark.parametrize(
    "text", ["", "pago factura F-12", "INV-12 INV-13", "sin daños", "SEPA TRANSFER 12", "x" * 9000]
)
def test_without_evidence_nothing_is_guessed(text: str) -> None:
    assert guess(text) == NOTHING


def test_words_for_two_reasons_make_the_guess_less_sure() -> None:
    assert guess("broken").confidence > guess("broken, wrong price").confidence


def test_the_difference_becomes_a_dispute_once(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "800.00")
    event = short(invoice, "200.00", text="F-1 menos 2 palés rotos", actor=catalogue.carl)
    heard(event)
    Event.objects.filter(pk=event.pk).update(dispatched_at=None)
    heard(event)
    heard(short(invoice, "200.00", text="again"))

    dispute = Dispute.objects.get()
    assert (dispute.amount, dispute.reason.code) == (Decimal("200.00"), "quality")
    assert (dispute.opened_via, dispute.coordinator) == (Via.SHORT_PAYMENT, catalogue.carl)
    assert dispute.statement == "F-1 menos 2 palés rotos"
    assert Told.objects.get().deed == Deed.OPENED
    line = tell(Event.objects.get(kind="dispute.told"))
    assert "paid €200.00 short" in line.text
    assert "“rotos”" in line.detail
    settle_constraints()


def test_a_chosen_reason_wins_over_the_words_and_a_code_of_another_system_is_mapped(catalogue: Cast) -> None:
    for code, expected in (("delivery", "delivery"), ("PAID", "already_paid"), ("NONSENSE", "to_classify")):
        invoice = make_invoice(catalogue.norte)
        heard(short(invoice, "50.00", text="broken", reason=code))
        assert DisputeLine.objects.get(invoice=invoice).dispute.reason.code == expected


def test_a_part_that_is_disputed_already_gets_a_note_instead(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    known = open_one(catalogue, invoice=invoice, amount="200.00")
    pay(invoice, "800.00")
    heard(short(invoice, "200.00"))
    assert Dispute.objects.get() == known
    told = Told.objects.get()
    assert (told.dispute, told.deed) == (known, Deed.NOTED)
    assert Event.objects.filter(stream="dispute", object_id=known.pk, kind="dispute.told").count() == 1


def test_only_what_is_not_disputed_yet_is_disputed(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    known = open_one(catalogue, invoice=invoice, amount="100.00")
    pay(invoice, "800.00")
    heard(short(invoice, "200.00"))
    fresh = Dispute.objects.exclude(pk=known.pk).get()
    assert (fresh.amount, fresh.reason.code) == (Decimal("100.00"), "to_classify")
    assert Event.objects.filter(stream="dispute", object_id=known.pk, kind="dispute.told").exists()


def test_an_invoice_paid_meanwhile_gives_no_dispute_but_a_word(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "1000.00")
    heard(short(invoice, "200.00"))
    assert not Dispute.objects.exists()
    assert Told.objects.get().why == "nothing_open"


def test_an_entity_without_reasons_gets_the_catalogue(cast: Cast) -> None:
    Reason.objects.filter(entity=cast.entity).delete()
    heard(short(make_invoice(cast.norte), "200.00"))
    assert Dispute.objects.get().reason.code == "to_classify"


@pytest.mark.django_db(transaction=True)
def test_two_deliveries_at_once_open_one_dispute(catalogue: Cast) -> None:
    """Without `lock_invoices` both find nothing told before; the second breaks on the unique row and is lost."""
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "800.00")
    one = services.Short(invoice.pk, Decimal("200.00"), "EUR", "transaction:7")

    def attempt() -> Told | None:
        return services.take_short_payment(short=one, by=None, at=AT)

    results = both("ledger_invoice", invoice.pk, attempt, attempt)
    assert [type(result) for result in results] == [Told, Told]
    assert results[0] == results[1]
    assert Dispute.objects.count() == 1


def test_the_piece_for_the_payment_page_has_the_guess_chosen(client: Client, catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    address = f"/disputes/short-payment/?invoice={invoice.pk}&amount=200&text=palés+rotos"
    client.login(username=catalogue.carl.email, password=PASSWORD)
    page = client.get(address).content.decode()
    assert 'name="dispute_reason"' in page
    assert '<option value="quality" selected>' in page
    assert "“rotos”" in page
    client.login(username=catalogue.mallory.email, password=PASSWORD)
    assert client.get(address).status_code == 404
    client.login(username=catalogue.fin.email, password=PASSWORD)
    assert client.get(address).status_code == 404
