"""Paying: references that the books read again, a code banks read, and a page that takes money once."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.cache import cache
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from accounts.events import timeline
from collections_app.choices import PayStatus
from collections_app.errors import PayRefused
from collections_app.models import PayOrder
from collections_app.paying import links
from collections_app.paying.links import Held, Link
from collections_app.services import paying
from ledger import references
from ledger.models import Payment
from mailroom.qr import Transfer
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay

IBAN = "ES9121000418450200051332"


@pytest.fixture
def shop(house: House, settings: object) -> House:
    """ACM takes payments on a page where no money moves."""
    settings.PAY_SANDBOX = True  # type: ignore[attr-defined]
    house.cast.entity.iban = IBAN
    house.cast.entity.settings = {"paying": {"provider": "sandbox"}}
    house.cast.entity.save()
    return house


@pytest.fixture(autouse=True)
def today(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' clock stands at the moment of the tests."""
    cache.clear()
    monkeypatch.setattr("lib.clock.timezone.now", lambda: AT)


def link_of(house: House) -> tuple[str, Link]:
    """The token of Norte's letter of today, and what it says."""
    token = links.make(customer_id=house.cast.norte.pk, currency="EUR", on=ON)
    found = links.read(token, on=ON)
    assert found
    return token, found[0]


@given(st.text(alphabet="ABCXYZ0123456789-/. ", max_size=30))
def test_every_reference_is_a_valid_one_or_none_and_holds_the_number(number: str) -> None:
    made = references.of_invoice(number)
    plain = re.sub(r"[^0-9A-Z]", "", number)
    if made:
        assert iso11649.is_valid(made)
        assert made[4:] == plain
        assert references.found_in(f"pago {references.shown(made)}")[0] == made
    else:
        assert not plain or len(plain) > 21 or re.fullmatch(r"K\d{1,18}", plain)


def test_the_reference_of_a_customer_is_read_again_and_is_no_invoices() -> None:
    made = references.of_customer(4711)
    assert references.customer_in(references.shown(made).lower()) == 4711
    assert references.of_invoice("K4711") == ""
    assert references.customer_in(references.of_invoice("F-4711")) is None


@given(st.integers(1, 10**9), st.integers(0, 10**9), st.dates(ON, ON + timedelta(days=5000)))
def test_a_token_says_what_it_was_made_for_and_any_change_makes_it_nobodys(
    customer: int, notice: int, on: object
) -> None:
    token = links.make(customer_id=customer, currency="EUR", on=on, notice_id=notice)  # type: ignore[arg-type]
    found = links.read(token, on=on)  # type: ignore[arg-type]
    assert found == (Link(customer, "EUR", notice, on + links.LIFE), Held.GOOD)  # type: ignore[operator]
    late = links.read(token, on=on + links.LIFE + timedelta(days=1))  # type: ignore[operator]
    assert late
    assert late[1] == Held.EXPIRED
    for place in (0, len(token) // 2, len(token) - 1):
        other = "a" if token[place] != "a" else "b"
        changed = token[:place] + other + token[place + 1 :]
        # The last sign of a signature carries bits that are not used; the comparison is of signs, not of bits.
        assert links.read(changed, on=on) is None  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"currency": "GBP"}, "euros only"),
        ({"iban": "ES0021000418450200051332"}, "wrong check digits"),
        ({"iban": ""}, "no account"),
        ({"amount": Decimal("1000000000.00")}, "more than the standard holds"),
        ({"amount": Decimal("0.00")}, "nothing"),
    ],
)
def test_no_code_where_no_bank_could_use_it(change: dict[str, object], why: str) -> None:
    facts: dict[str, object] = {
        "name": "Acme",
        "iban": IBAN,
        "amount": Decimal("12.50"),
        "currency": "EUR",
        "reference": references.of_customer(1),
    }
    assert Transfer.of(**facts)  # type: ignore[arg-type]
    assert Transfer.of(**(facts | change)) is None, why  # type: ignore[arg-type]


def test_a_reminder_carries_the_reference_the_code_and_the_page(shop: House) -> None:
    make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1), number="F-2026/17")
    shop.dun()
    mail = shop.mails()[0]
    text = shop.texts()[0]
    reference = references.of_invoice("F-2026/17")
    assert references.shown(reference) in text
    assert "ES91 2100 0418 4502 0005 1332" in text
    html = mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
    assert 'src="cid:pay-qr"' in html
    pictures = [part for part in mail.walk() if part.get_content_type() == "image/png"]
    assert [part["Content-ID"] for part in pictures] == ["<pay-qr>"]
    assert pictures[0].get_payload(decode=True).startswith(b"\x89PNG")  # type: ignore[union-attr]
    assert mail.get_content_type() == "multipart/alternative"
    address = re.search(r"/pay/[^/\s]+/", text)
    assert address
    assert Client().get(address[0]).status_code == 200


def test_the_page_asks_for_what_is_neither_disputed_nor_promised_nor_paid_now(shop: House) -> None:
    whole = make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=3))
    part = make_invoice(shop.cast.norte, "500.00", due_on=ON - timedelta(days=2))
    make_invoice(shop.cast.norte, "70.00", due_on=ON + timedelta(days=3))
    shop.dispute(part, "200.00")
    shop.promise(whole, "400.00", 5)
    token, link = link_of(shop)
    asked = paying.asked_now(link=link, on=ON)
    assert asked
    assert asked.total == Decimal("900.00"), "1000 - 400 and 500 - 200, nothing that is not due"
    page = Client().get(f"/pay/{token}/").content.decode()
    assert "900,00" in page
    assert "70,00" not in page
    pay(whole, "600.00")
    assert "300,00" in Client().get(f"/pay/{token}/").content.decode()


def test_a_fully_disputed_invoice_is_not_named_on_the_page(shop: House) -> None:
    mine = make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=3))
    shop.dispute(mine)
    token, _link = link_of(shop)
    page = Client().get(f"/pay/{token}/").content.decode()
    assert mine.number not in page
    assert "Nada que pagar" in page


def test_paying_on_the_page_is_money_received_and_the_next_letter_does_not_ask_for_it(shop: House) -> None:
    invoice = make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1))
    token, _link = link_of(shop)
    client = Client()
    answer = client.post(f"/pay/{token}/")
    assert answer.status_code == 302
    sandbox = answer["Location"]
    assert "no se mueve dinero" in client.get(sandbox).content.decode()
    assert not Payment.objects.exists()
    for _again in range(2):
        assert client.post(sandbox, {"act": "pay"})["Location"] == f"/pay/{token}/"
    payment = Payment.objects.get()
    assert (payment.amount, payment.method, payment.unapplied) == (Decimal("1000.00"), "online", Decimal(0))
    invoice.refresh_from_db()
    assert invoice.allocated == invoice.amount
    assert "payment.online" in [event.kind for event in timeline("customer", shop.cast.norte.pk)]
    assert "Nada que pagar" in client.get(f"/pay/{token}/").content.decode()
    shop.dun()
    assert shop.mails() == []


def test_two_tabs_pay_once(shop: House) -> None:
    make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1))
    token, link = link_of(shop)
    one, two = (paying.open_order(link=link, token=token, on=ON, at=AT) for _ in range(2))
    paying.settle(order=one, link=link, on=ON, at=AT)
    with pytest.raises(PayRefused, match=r"ha cambiado|has changed"):
        paying.settle(order=two, link=link, on=ON, at=AT)
    assert Payment.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_order_settled_at_once_is_booked_once(shop: House) -> None:
    """Forced: the second comes when the first has the rows and has not committed.

    Seen to fail without the locks of the customer and the order in `paying.settle`: the second read the order as
    open and was told that nothing is left of the invoice, instead of being answered with the payment.
    """
    make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1))
    token, link = link_of(shop)
    order = paying.open_order(link=link, token=token, on=ON, at=AT)
    troubles: list[Exception] = []

    def second() -> None:
        try:
            paying.settle(order=order, link=link, on=ON, at=AT)
        except Exception as error:  # whatever it is, the test shows it
            troubles.append(error)
        finally:
            connection.close()

    with transaction.atomic():
        paying.settle(order=order, link=link, on=ON, at=AT)
        other = threading.Thread(target=second)
        other.start()
        other.join(1)
        assert other.is_alive(), "it waits"
    other.join(20)
    assert troubles == []
    assert Payment.objects.count() == 1


def test_strangers_get_404_and_an_old_link_says_so(shop: House) -> None:
    token, _link = link_of(shop)
    client = Client()
    assert client.get(f"/pay/{token[:-1]}x/").status_code == 404
    assert client.get("/pay/1-eur-0-1a-AAAAAAAAAAAAAAAAAAAAAA/").status_code == 404
    assert client.get("/pay/order/nothing/").status_code == 404
    old = links.make(customer_id=shop.cast.norte.pk, currency="EUR", on=ON - timedelta(days=61))
    answer = client.get(f"/pay/{old}/")
    assert answer.status_code == 410
    assert "caducado" in answer.content.decode()


def test_the_page_speaks_the_customers_language_and_tells_nobody_its_address(shop: House) -> None:
    shop.cast.norte.language = "fr"
    shop.cast.norte.save()
    make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1))
    token, _link = link_of(shop)
    answer = Client().get(f"/pay/{token}/")
    assert 'lang="fr"' in answer.content.decode()
    assert "Payer" in answer.content.decode()
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


def test_without_a_provider_there_is_no_link_and_no_button_and_the_sandbox_needs_leave(
    shop: House, settings: object
) -> None:
    make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1))
    token, _link = link_of(shop)
    settings.PAY_SANDBOX = False  # type: ignore[attr-defined]
    assert Client().post(f"/pay/{token}/").status_code == 409
    page = Client().get(f"/pay/{token}/").content.decode()
    assert "ES91 2100" in page
    assert "<form" not in page
    shop.dun()
    assert "/pay/" not in shop.texts()[0]


def test_somebody_who_looks_too_often_waits(shop: House, monkeypatch: pytest.MonkeyPatch) -> None:
    token, _link = link_of(shop)
    monkeypatch.setattr("collections_app.views.paying.LOOKS", 2)
    client = Client()
    assert [client.get(f"/pay/{token}/").status_code for _ in range(3)] == [200, 200, 429]


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"status": "paid", "ended_at": AT}, "pay_order_paid_iff_booked"),
        ({"status": "given_up"}, "pay_order_ended_iff_not_open"),
        ({"amount": 0}, "pay_order_asks_something"),
        ({"status": "x"}, "pay_order_status_is_known|pay_order_ended"),
    ],
)
def test_the_database_keeps_orders_true(shop: House, change: dict[str, object], guard: str) -> None:
    make_invoice(shop.cast.norte, "1000.00", due_on=ON - timedelta(days=1))
    token, link = link_of(shop)
    order = paying.open_order(link=link, token=token, on=ON, at=AT)
    assert order.status == PayStatus.OPEN
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        PayOrder.objects.filter(pk=order.pk).update(**change)
