"""A new dispute on one page: find, add, calculate, open; errors where they belong, nothing typed is lost."""

from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import given
from hypothesis import strategies as st

from disputes.differences import line_amount
from disputes.models import Dispute, Evidence
from lib.money import q
from tests.disputes.conftest import open_one
from tests.disputes.test_mail import PNG
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import Cast, make_invoice


def test_invoices_are_found_added_and_taken_out_and_nothing_typed_is_lost(catalogue: Cast) -> None:
    first, second = make_invoice(catalogue.norte, number="N-1"), make_invoice(catalogue.norte, number="N-2")
    make_invoice(catalogue.sur, number="S-1")
    client = as_(catalogue.alice)
    found = text(client.post("/disputes/new/", {"words": "N-", "act": "find", "statement": "Too dear"}))
    assert "N-1" in found
    assert "N-2" in found
    assert "S-1" not in found
    assert "Too dear" in found
    body: dict[str, Any] = {
        "invoice": first.pk,
        "add": second.pk,
        f"mode-{first.pk}": "amount",
        f"amount-{first.pk}": "12,34",
    }
    added = text(client.post("/disputes/new/", body))
    assert added.count('name="invoice"') == 2
    assert 'value="12,34"' in added
    assert "€1,012.34" in added
    removed = text(client.post("/disputes/new/", {"invoice": [first.pk, second.pk], "drop": second.pk}))
    assert removed.count('name="invoice"') == 1
    assert not Dispute.objects.exists()


def test_it_starts_from_an_invoice_or_a_customer(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, number="N-9")
    client = as_(catalogue.sam)
    assert 'name="invoice"' in text(client.get(f"/disputes/new/?invoice={invoice.pk}"))
    assert "N-9" in text(client.get(f"/disputes/new/?customer={catalogue.norte.pk}"))


def test_a_dispute_on_the_same_invoice_is_shown_before_another_is_opened(
    dispute: Dispute, catalogue: Cast
) -> None:
    page = text(as_(catalogue.alice).get(f"/disputes/new/?invoice={dispute.lines.get().invoice_id}"))
    assert "is disputed already" in page
    assert dispute.ref in page
    assert "€700.00" in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_opening_leads_to_the_dispute(catalogue: Cast, headers: dict[str, str]) -> None:
    invoice = make_invoice(catalogue.norte)
    body = {"act": "open", "invoice": invoice.pk, "reason": "price", "statement": "Too dear"}
    answer = as_(catalogue.sam).post("/disputes/new/", body, headers=headers)
    dispute = Dispute.objects.get()
    assert (answer.headers.get("HX-Redirect") or answer.headers["Location"]) == f"/disputes/{dispute.pk}/"
    assert (dispute.amount, dispute.statement, dispute.opened_by) == (
        Decimal("1000.00"),
        "Too dear",
        catalogue.sam,
    )


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"reason": ""}, "Choose why the customer does not pay."),
        ({"mode": "amount", "amount": ""}, "Write the disputed amount."),
        ({"mode": "amount", "amount": "lots"}, "Write an amount, such as 1250.50."),
        ({"mode": "amount", "amount": "1000.01"}, "can still be disputed"),
        ({"mode": "amount", "amount": "0"}, "must be more than zero"),
        ({"mode": "lines"}, "Choose at least one line."),
        ({"statement": "x" * 4001}, "at most 4000 characters"),
        ({"none": "1"}, "Choose at least one invoice."),
    ],
)
def test_each_fault_is_told_where_it_is(catalogue: Cast, body: dict[str, str], sentence: str) -> None:
    pk = make_invoice(catalogue.norte).pk
    posted: dict[str, Any] = {
        "act": "open",
        "reason": body.get("reason", "price"),
        "statement": body.get("statement", ""),
    }
    if "none" not in body:
        posted |= {
            "invoice": pk,
            f"mode-{pk}": body.get("mode", "whole"),
            f"amount-{pk}": body.get("amount", ""),
        }
    answer = as_(catalogue.alice).post("/disputes/new/", posted)
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Dispute.objects.exists()


def test_an_invoice_of_which_nothing_is_left_says_so(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, "300.00")
    open_one(catalogue, amount="300.00", invoice=invoice)
    body = {"invoice": invoice.pk, "reason": "price", "act": "open"}
    answer = as_(catalogue.alice).post("/disputes/new/", body)
    assert answer.status_code == 422
    assert "Nothing of this invoice is left to dispute" in text(answer)
    assert Dispute.objects.count() == 1


def test_nobody_disputes_what_they_may_not_see(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    for who in (catalogue.sofia, catalogue.mallory):
        page = as_(who).post("/disputes/new/", {"act": "open", "invoice": invoice.pk, "reason": "price"})
        assert page.status_code == 422
        assert invoice.number not in text(page)
        assert as_(who).get(f"/disputes/new/?customer={catalogue.norte.pk}").status_code == 404
    for who in (catalogue.fin, catalogue.eva):
        assert as_(who).get("/disputes/new/").status_code == 403
    assert not Dispute.objects.exists()


def test_the_page_costs_the_same_for_one_and_for_many_invoices(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    ids = [make_invoice(catalogue.norte).pk for _ in range(5)]
    open_one(catalogue)
    client = as_(catalogue.alice)
    with django_assert_max_num_queries(16) as one:
        client.get(f"/disputes/new/?invoice={ids[0]}")
    with django_assert_max_num_queries(len(one)):
        client.get("/disputes/new/?" + "&".join(f"invoice={pk}" for pk in ids))


@pytest.mark.parametrize(
    ("missing", "agreed", "expected"),
    [
        (None, None, "1210.00"),
        ("10", None, "121.00"),
        (None, "9", "121.00"),
        ("10", "9", "229.90"),
        ("100", "9", "1210.00"),
    ],
)
def test_a_line_of_100_units_at_10_is_disputed_by_quantity_and_price(
    missing: str | None, agreed: str | None, expected: str
) -> None:
    amount = line_amount(
        net=Decimal(1000),
        quantity=Decimal(100),
        tax_rate=Decimal(21),
        missing=Decimal(missing) if missing else None,
        agreed_price=Decimal(agreed) if agreed else None,
    )
    assert amount == Decimal(expected)


amounts = st.decimals(0, 9999, places=2)


@given(
    net=amounts,
    quantity=st.decimals("0.001", 9999, places=3),
    part=st.integers(0, 100),
    rate=st.sampled_from([0, 4, 10, 21]),
)
def test_a_missing_part_never_costs_more_than_the_line(
    net: Decimal, quantity: Decimal, part: int, rate: int
) -> None:
    whole = q(net * (1 + Decimal(rate) / 100))
    amount = line_amount(net=net, quantity=quantity, tax_rate=Decimal(rate), missing=quantity * part / 100)
    assert 0 <= amount <= whole


def test_what_is_typed_is_kept_for_this_person_until_it_is_opened(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, number="N-77")
    client = as_(catalogue.sam)
    body = {
        "invoice": invoice.pk,
        "statement": "Half of it",
        f"mode-{invoice.pk}": "amount",
        f"amount-{invoice.pk}": "9,9",
    }
    assert "Draft saved at" in text(client.post("/disputes/new/draft/", body))
    restored = text(client.get("/disputes/new/"))
    for piece in ("N-77", "Half of it", 'value="9,9"', "Your draft of"):
        assert piece in restored
    assert "N-77" not in text(as_(catalogue.alice).get("/disputes/new/"))
    assert "Half of it" not in text(client.get(f"/disputes/new/?customer={catalogue.norte.pk}"))
    client.post("/disputes/new/", body | {"act": "open", "reason": "price"})
    assert Dispute.objects.get().amount == Decimal("9.90")
    assert "N-77" not in text(client.get("/disputes/new/"))


def test_a_draft_is_thrown_away_and_an_empty_form_is_none(catalogue: Cast) -> None:
    client = as_(catalogue.sam)
    client.post("/disputes/new/draft/", {"reason": "price"})
    assert "Your draft of" not in text(client.get("/disputes/new/"))
    client.post("/disputes/new/draft/", {"statement": "Half of it"})
    assert client.post("/disputes/new/", {"act": "fresh"}).status_code == 302
    assert "Half of it" not in text(client.get("/disputes/new/"))


def test_it_says_to_whom_it_goes_and_until_when_before_it_is_opened(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    page = text(
        as_(catalogue.alice).post("/disputes/new/", {"invoice": invoice.pk, "reason": "price", "act": "look"})
    )
    assert "Goes to Alice (To triage)" in page
    assert "until " in page


def test_a_photo_goes_with_it_and_one_that_is_refused_is_named(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    files = [SimpleUploadedFile("pallet.png", PNG), SimpleUploadedFile("evil.html", b"<html><script>")]
    body = {"act": "open", "invoice": invoice.pk, "reason": "price", "files": files}
    page = text(as_(catalogue.sam).post("/disputes/new/", body, follow=True))
    assert "evil.html: " in page
    assert [one.name for one in Evidence.objects.all()] == ["pallet.png"]
