"""The pages of customers and invoices: who sees what, what they say, and what they cost."""

from datetime import date, timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from ledger.models import Invoice
from ledger.paging import page_by
from tests.factories import ON, Cast, make_customer, make_invoice, make_payment, pay


def browser(user: User) -> Client:
    """A client signed in as the person."""
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client


def text_of(client: Client, url: str) -> str:
    """The page behind the address."""
    answer = client.get(url)
    assert answer.status_code == 200, url
    return answer.content.decode()


@pytest.fixture
def books(cast: Cast) -> list[Invoice]:
    """Four documents: open and late at norte, paid at norte, not due at sur, a credit note at norte."""
    late = make_invoice(cast.norte, "1000.00", number="LATE-1")
    paid = make_invoice(cast.norte, "500.00", number="PAID-1")
    pay(paid, on=date(2026, 2, 20))
    today = date.today()  # noqa: DTZ011
    fresh = make_invoice(
        cast.sur, "300.00", number="NEW-1", issued_on=today, due_on=today + timedelta(days=30)
    )
    credit = make_invoice(cast.norte, "80.00", number="CN-1", kind="credit_note")
    return [late, paid, fresh, credit]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ("", {"LATE-1", "NEW-1"}),
        ("?state=overdue", {"LATE-1"}),
        ("?state=paid", {"PAID-1"}),
        ("?state=credit_notes", {"CN-1"}),
        ("?state=all", {"LATE-1", "PAID-1", "NEW-1", "CN-1"}),
        ("?state=all&q=late", {"LATE-1"}),
        ("?state=all&q=comercial+nórte", {"LATE-1", "PAID-1", "CN-1"}),
        ("?bucket=not_due", {"NEW-1"}),
        ("?state=nonsense&bucket=nonsense&customer=x&after=x", {"LATE-1", "NEW-1"}),
    ],
)
def test_invoices_are_found_by_state_age_and_words(
    cast: Cast, books: list[Invoice], query: str, shown: set[str]
) -> None:
    page = text_of(browser(cast.alice), reverse("ledger:invoices") + query)
    assert {invoice.number for invoice in books if f">{invoice.number}</a>" in page} == shown


def test_salespeople_see_their_own_customers_only(cast: Cast, books: list[Invoice]) -> None:
    page = text_of(browser(cast.sofia), reverse("ledger:invoices") + "?state=all")
    assert "NEW-1" in page
    assert "LATE-1" not in page
    assert "1000" not in page
    customers = text_of(browser(cast.sofia), reverse("ledger:customers"))
    assert cast.sur.name in customers
    assert cast.norte.name not in customers


def test_strangers_find_nothing(cast: Cast, books: list[Invoice]) -> None:
    for user in (cast.mallory, cast.eva):
        client = browser(user)
        assert client.get(reverse("ledger:invoice", args=[books[0].pk])).status_code == 404
        assert client.get(reverse("ledger:customer", args=[cast.norte.pk])).status_code == 404
        assert "LATE-1" not in text_of(client, reverse("ledger:invoices") + "?state=all")
    sofia = browser(cast.sofia)
    assert sofia.get(reverse("ledger:invoice", args=[books[0].pk])).status_code == 404
    assert sofia.get(reverse("ledger:customer", args=[cast.norte.pk])).status_code == 404
    assert Client().get(reverse("ledger:invoices")).status_code == 302


def test_an_invoice_shows_what_is_open_and_what_was_placed(cast: Cast, books: list[Invoice]) -> None:
    pay(books[0], "250.00", on=date(2026, 3, 1))
    page = text_of(browser(cast.alice), reverse("ledger:invoice", args=[books[0].pk]))
    assert "€750.00" in page
    assert "€250.00" in page
    assert "Overdue" in page
    assert f"?invoice={books[0].pk}" in page


def test_only_open_invoices_offer_a_dispute_and_only_to_those_who_may(
    cast: Cast, books: list[Invoice]
) -> None:
    late, paid, _fresh, credit = books
    alice, fin = browser(cast.alice), browser(cast.fin)
    assert "Open a dispute" in text_of(alice, reverse("ledger:invoice", args=[late.pk]))
    for document in (paid, credit):
        assert "Open a dispute" not in text_of(alice, reverse("ledger:invoice", args=[document.pk]))
    assert "Open a dispute" not in text_of(fin, reverse("ledger:invoice", args=[late.pk]))


def test_a_customer_shows_aging_invoices_payments_and_contacts(cast: Cast, books: list[Invoice]) -> None:
    make_payment(cast.norte, "77.00", identity="LOOSE-1")
    client, here = browser(cast.alice), reverse("ledger:customer", args=[cast.norte.pk])
    page = text_of(client, here)
    assert "€1,000.00" in page
    assert "bucket=over_90" in page
    assert "CN-1" in page
    assert "LOOSE-1" in text_of(client, f"{here}?tab=payments")
    assert "payables@c-001.example" in text_of(client, f"{here}?tab=contacts")
    assert text_of(client, f"{here}?tab=disputes")


def test_names_of_customers_cannot_carry_markup(cast: Cast) -> None:
    make_customer(cast.entity, "C-9", "<script>alert(1)</script>")
    page = text_of(browser(cast.alice), reverse("ledger:customers"))
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;alert(1)" in page


@pytest.mark.parametrize("name", ["invoices", "customers"])
def test_lists_cost_the_same_for_few_and_many(
    cast: Cast, name: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_invoice(cast.norte, "10.00")
    client = browser(cast.alice)
    url = reverse(f"ledger:{name}")
    client.get(url)
    cost = 6 if name == "invoices" else 5
    with django_assert_num_queries(cost):
        client.get(url)
    for number in range(12):
        customer = make_customer(cast.entity, f"X-{number}", f"Customer {number}", salesperson=cast.sam)
        make_invoice(customer, "10.00")
    with django_assert_num_queries(cost):
        client.get(url)


def test_the_page_of_an_invoice_costs_the_same_for_few_and_many_allocations(
    cast: Cast, books: list[Invoice], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, url = browser(cast.alice), reverse("ledger:invoice", args=[books[0].pk])
    pay(books[0], "1.00")
    client.get(url)
    with django_assert_num_queries(9):
        client.get(url)
    for _ in range(5):
        pay(books[0], "1.00")
    with django_assert_num_queries(9):
        client.get(url)


def test_pages_by_key_show_every_row_once_in_order(cast: Cast) -> None:
    for number in range(17):
        make_invoice(cast.norte, "10.00", issued_on=ON - timedelta(days=number // 4))
    rows, after, seen = Invoice.objects.all(), "", []
    while True:
        page = page_by(rows, ("-issued_on", "-id"), after, size=5)
        seen += [invoice.pk for invoice in page.rows]
        after = page.after
        if not after:
            break
    assert seen == list(rows.order_by("-issued_on", "-id").values_list("pk", flat=True))


def test_customers_page_by_name(cast: Cast) -> None:
    for number in range(60):
        make_customer(cast.entity, f"X-{number}", f"Same Name {number % 3}")
    client, url = browser(cast.alice), reverse("ledger:customers")
    first = client.get(url)
    page = first.context["page"]
    second = client.get(url, {"after": page.after}).context["page"]
    both = [customer.pk for customer in [*page.rows, *second.rows]]
    assert len(both) == len(set(both)) == 62
