"""Bulk calls of the API: good rows go in, bad ones are listed, the same call again changes nothing."""

import json
import time
from datetime import date
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from accounts import services as people
from accounts.choices import Role
from accounts.models import User
from ledger.intake import write
from ledger.models import Contact, Customer, ImportBatch, ImportChange, Invoice, Payment, RejectedRow
from lib import books, http
from tests.factories import AT, Cast, make_cast, make_invoice
from tests.ledger.test_ledger_api import Caller


@pytest.fixture
def alice(cast: Cast) -> Caller:
    """The credit manager."""
    return Caller(cast.alice)


def send(who: Caller, what: str, rows: Any, *, status: int = 200, key: str = "") -> Any:
    """A bulk call; the JSON that comes back."""
    return who.post(f"{what}/bulk/", rows, status=status, key=key)


def statuses(answer: dict[str, Any]) -> list[str]:
    return [row["status"] for row in answer["rows"]]


def invoice(number: str, **more: Any) -> dict[str, Any]:
    """A row of an invoice for norte."""
    row = {"customer_code": "C-001", "number": number, "issued_on": "2026-03-01", "amount": "121.00"}
    return {name: value for name, value in (row | more).items() if value is not None}


# Row -> code and field.
REFUSED = {
    3: ("row_shape", "amount"),
    4: ("unknown_customer", "customer_code"),
    5: ("unknown_customer", "customer"),
    6: ("which_customer", "customer"),
    7: ("row_unknown_field", "amout"),
    8: ("date_out_of_range", "issued_on"),
    9: ("due_too_early", "due_on"),
    10: ("not_a_currency", "currency"),
    11: ("row_shape", "amount"),
    12: ("row_shape", "lines.1.net"),
    13: ("row_not_object", ""),
    14: ("row_other_facts", "number"),
    16: ("row_other_facts", "number"),
}


def test_good_invoices_go_in_and_each_bad_one_is_told_with_field_and_sentence(
    cast: Cast, alice: Caller
) -> None:
    make_invoice(cast.norte, "50.00", number="K-1", issued_on=date(2026, 3, 1), due_on=date(2026, 3, 31))
    rows = [
        invoice("A-1", net="100.00", tax="21.00", lines=[{"net": "100.00", "description": "Chairs"}]),
        invoice("A-2", kind="credit_note", corrects="A-1"),
        invoice("K-1", amount="50.00", due_on="2026-04-15"),
        invoice("K-1x", amount="abc"),
        invoice("K-2", customer_code="NOBODY"),
        invoice("K-3", customer=cast.foreign.pk, customer_code=None),
        invoice("K-4", customer_code=None),
        invoice("K-5", amout="1"),
        invoice("K-6", issued_on="0202-01-01"),
        invoice("K-7", due_on="2026-02-01"),
        invoice("K-8", currency="EEE"),
        invoice("K-9", amount="-5"),
        invoice("K-10", lines=[{"net": "1"}, {"description": "no net"}]),
        ["no", "object"],
        invoice("A-1", amount="122.00"),
        invoice("A-1"),
        invoice("K-1", amount="51.00"),
    ]
    answer = send(alice, "invoices", rows)
    assert [answer[name] for name in ("created", "updated", "unchanged", "rejected")] == [2, 1, 1, 13]
    assert statuses(answer)[:4] == ["created", "created", "updated", "rejected"]
    told = {
        row["index"]: (row["code"], row["field"]) for row in answer["rows"] if row["status"] == "rejected"
    }
    assert told == REFUSED
    assert all(row["message"] and "%(" not in row["message"] for row in answer["rows"] if "code" in row)
    first = Invoice.objects.get(number="A-1")
    assert (first.pk, first.lines.count()) == (answer["rows"][0]["id"], 1)
    assert Invoice.objects.get(number="A-2").corrects == first
    assert Invoice.objects.get(number="K-1").due_on == date(2026, 4, 15)


def test_the_same_call_again_changes_nothing_and_the_import_remembers_both(cast: Cast, alice: Caller) -> None:
    rows = [invoice(f"N-{n}") for n in range(20)] + [invoice("", amount="1")]
    first, again = send(alice, "invoices", rows), send(alice, "invoices", {"rows": rows, "entity": "acm"})
    assert (first["created"], again["created"], again["unchanged"]) == (20, 0, 20)
    assert [row["id"] for row in first["rows"]] == [row["id"] for row in again["rows"]]
    batch = ImportBatch.objects.get(pk=first["import"])
    assert (batch.source, batch.status, batch.created, batch.rejected, batch.by) == (
        "api",
        "partly",
        20,
        1,
        cast.alice,
    )
    reject = RejectedRow.objects.get(batch=batch)
    assert (reject.line, reject.column) == (21, "number")
    assert ["amount", "1"] in reject.raw
    assert list(books.run()) == []


def test_a_document_without_due_date_follows_the_customers_terms(cast: Cast, alice: Caller) -> None:
    Customer.objects.filter(pk=cast.norte.pk).update(terms_days=10)
    send(alice, "invoices", [invoice("T-1")])
    assert Invoice.objects.get(number="T-1").due_on == date(2026, 3, 11)


def test_customers_are_named_by_id_code_or_tax_id(cast: Cast, alice: Caller) -> None:
    Customer.objects.filter(pk=cast.norte.pk).update(tax_id="ES B-1234567 4")
    rows = [
        invoice("C-1", customer=cast.norte.pk, customer_code=None),
        invoice("C-2", customer_tax_id="esb12345674", customer_code=None),
    ]
    assert send(alice, "invoices", rows)["created"] == 2
    assert set(Invoice.objects.values_list("customer", flat=True)) == {cast.norte.pk}
    Customer.objects.filter(pk=cast.sur.pk).update(tax_id="ESB12345674")
    row = invoice("C-3", customer_tax_id="ESB12345674", customer_code=None)
    assert send(alice, "invoices", [row])["rows"][0]["code"] == "ambiguous_customer"


def test_payments_go_in_once_by_their_identity(cast: Cast, alice: Caller) -> None:
    row = {"customer_code": "C-001", "received_on": "2026-03-02", "amount": "10.00", "identity": "bank-1"}
    rows = [row, row | {"amount": "11.00"}, row, row | {"identity": "bank-2"}, row | {"amount": "0"}]
    answer = send(alice, "payments", rows)
    assert statuses(answer) == ["created", "rejected", "unchanged", "created", "rejected"]
    assert answer["rows"][1]["code"] == "payment_differs"
    assert "10.00" in answer["rows"][1]["message"]
    assert statuses(send(alice, "payments", rows))[::2] == ["unchanged", "unchanged", "rejected"]
    assert list(Payment.objects.order_by("identity").values_list("identity", "amount")) == [
        ("bank-1", Decimal("10.00")),
        ("bank-2", Decimal("10.00")),
    ]
    assert list(books.run()) == []


def test_customers_are_made_and_changed_by_their_code(cast: Cast, alice: Caller) -> None:
    rows = [
        {
            "code": "B-1",
            "name": "Bár, S.L.",
            "tax_id": "B1",
            "terms_days": 45,
            "salesperson_email": cast.sam.email,
        },
        {"code": "C-001", "name": "Norte Nuevo", "credit_limit": "1000.00"},
        {"code": "C-002"},
        {"code": "B-2"},
        {"code": "C-002", "name": "Otra"},
        {"code": "B-3", "name": "X", "country": "Spain"},
        {"code": "B-4", "name": "X", "salesperson_email": cast.mallory.email},
        {"code": "B-1", "name": "Bár, S.L."},
    ]
    answer = send(alice, "customers", rows)
    assert statuses(answer) == [
        "created", "updated", "unchanged", "rejected", "rejected", "rejected", "rejected", "unchanged"
    ]  # fmt: skip
    assert [row["code"] for row in answer["rows"] if "code" in row] == [
        "customer_without_name", "row_other_facts", "row_shape", "unknown_salesperson"
    ]  # fmt: skip
    norte = Customer.objects.get(code="C-001")
    assert (norte.name, norte.name_key, norte.credit_limit) == (
        "Norte Nuevo",
        "norte nuevo",
        Decimal("1000.00"),
    )
    assert norte.salesperson == cast.sam, "what is not given stays"
    changes = ImportChange.objects.filter(batch=answer["import"], customer=norte)
    assert set(changes.values_list("field", "before")) == {
        ("name", "Comercial Norte, S.A."),
        ("name_key", "comercial norte, s.a."),
        ("credit_limit", ""),
    }
    assert statuses(send(alice, "customers", rows[:3])) == ["unchanged"] * 3


def test_a_customer_is_made_with_all_that_is_given(cast: Cast, alice: Caller) -> None:
    row = {"code": "B-1", "name": "Bár, S.L.", "terms_days": 45, "salesperson_email": cast.sam.email}
    assert statuses(send(alice, "customers", [row])) == ["created"]
    made = Customer.objects.get(code="B-1")
    assert (made.name_key, made.terms_days, made.salesperson, made.language) == (
        "bar, s.l.",
        45,
        cast.sam,
        "es",
    )


def test_contacts_are_known_by_their_address_and_one_gets_the_reminders(cast: Cast, alice: Caller) -> None:
    old = Contact.objects.get(customer=cast.norte)
    rows = [
        {"customer_code": "C-001", "name": "Ana", "email": "ana@norte.example", "is_billing": True},
        {"customer_code": "C-001", "email": old.email.upper(), "phone": "600"},
        {"customer_code": "C-002", "name": "Luis"},
        {"customer_code": "C-002"},
        {"customer_code": "C-002", "name": "Eva", "email": "no address"},
    ]
    answer = send(alice, "contacts", rows)
    assert statuses(answer) == ["created", "updated", "created", "rejected", "rejected"]
    old.refresh_from_db()
    assert (old.phone, old.is_billing) == ("600", False)
    assert Contact.objects.get(customer=cast.norte, is_billing=True).name == "Ana"
    again = send(alice, "contacts", [rows[0], rows[2]])
    assert statuses(again) == ["unchanged", "unchanged"]
    assert Contact.objects.filter(customer=cast.norte).count() == 2


def test_lines_of_json_are_taken_too_and_a_broken_one_is_a_rejected_row(cast: Cast, alice: Caller) -> None:
    lines = [json.dumps(invoice("L-1")), "{broken", "", json.dumps(invoice("L-2")), '{"amount": NaN}']
    answer = alice.client.post(
        "/api/v1/invoices/bulk/", "\n".join(lines), content_type="application/x-ndjson"
    ).json()
    assert statuses(answer) == ["created", "rejected", "created", "rejected"]
    assert {row["code"] for row in answer["rows"] if "code" in row} == {"row_not_json"}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [([], 422, "no_rows"), ({"entity": "ACM"}, 422, "no_rows"), ([{}] * 10_001, 413, "too_many_rows")],
)
def test_nothing_and_too_much_are_refused_with_a_sentence(
    cast: Cast, alice: Caller, body: Any, status: int, code: str
) -> None:
    answer = send(alice, "invoices", body, status=status)
    assert answer["type"].endswith(code)
    assert answer["detail"]
    assert not ImportBatch.objects.exists()


def test_a_body_beyond_the_bound_is_a_413_with_or_without_a_key(
    cast: Cast, alice: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(http, "BULK_BYTES", 1000)
    rows = [invoice(f"N-{n}") for n in range(50)]
    assert "fewer rows" in send(alice, "invoices", rows, status=413)["detail"]
    assert "fewer rows" in send(alice, "invoices", rows, status=413, key="k")["detail"]


def test_an_idempotency_key_replays_the_whole_answer_of_a_large_call(cast: Cast, alice: Caller) -> None:
    rows = [invoice(f"N-{n}", order_reference="x" * 100) for n in range(9_999)] + [invoice("", amount="1")]
    assert len(json.dumps(rows)) > 2_000_000, "beyond Django's bound for forms"
    first = send(alice, "invoices", rows, key="one")
    answer = alice.client.post(
        "/api/v1/invoices/bulk/", json.dumps(rows), content_type="application/json",
        headers={"Idempotency-Key": "one"},
    )  # fmt: skip
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert answer.json() == first
    assert first["created"] == 9_999
    assert ImportBatch.objects.count() == 1


def test_ten_thousand_invoices_take_a_few_seconds(cast: Cast, alice: Caller) -> None:
    rows = [invoice(f"N-{n}", due_on="2026-04-01", net="100.00", tax="21.00") for n in range(10_000)]
    began = time.monotonic()
    assert send(alice, "invoices", rows)["created"] == 10_000
    assert time.monotonic() - began < 20


@pytest.mark.parametrize("what", ["invoices", "payments", "customers", "contacts"])
def test_who_may_not_write_sends_nothing_and_strangers_find_no_entity(cast: Cast, what: str) -> None:
    for who in (cast.sam, cast.eva, cast.fin):
        assert send(Caller(who), what, [{"code": "X", "name": "X"}], status=403)
    stranger = Caller(cast.mallory)
    send(stranger, what, {"rows": [{}], "entity": "ACM"}, status=404)
    assert send(stranger, what, [{"customer_code": "C-001", "name": "X"}])["created"] == 0
    assert not Invoice.objects.exists()


def test_who_writes_in_several_entities_says_which(cast: Cast) -> None:
    people.give_role(user=cast.alice, entity=cast.other, role=Role.COLLECTOR, at=AT)
    both = Caller(User.objects.get(pk=cast.alice.pk))
    assert "ACM, OTH" in send(both, "invoices", [invoice("A-1")], status=422)["detail"]
    answer = send(both, "invoices", {"entity": str(cast.entity.pk), "rows": [invoice("A-1")]})
    assert answer["created"] == 1
    answer = both.client.post(
        "/api/v1/invoices/bulk/?entity=OTH", json.dumps([invoice("A-1")]), content_type="application/json"
    ).json()
    assert answer["rows"][0]["code"] == "unknown_customer"


def test_customers_and_contacts_one_by_one(cast: Cast, alice: Caller) -> None:
    body = {
        "entity": cast.entity.pk,
        "code": "ONE",
        "name": "One",
        "salesperson": cast.sam.pk,
        "country": "ES",
    }
    made = alice.post("customers/", body)
    assert (made["name"], made["salesperson"]) == ("One", cast.sam.pk)
    assert alice.post("customers/", body | {"name": "Uno"})["id"] == made["id"]
    path = f"/api/v1/customers/{made['id']}/"
    changed = alice.client.patch(path, json.dumps({"terms_days": 15}), content_type="application/json").json()
    assert (changed["name"], changed["terms_days"], changed["country"]) == ("Uno", 15, "ES")
    contact = alice.post("contacts/", {"customer": made["id"], "name": "Ana", "email": "a@one.example"})
    path = f"/api/v1/contacts/{contact['id']}/"
    changed = alice.client.patch(
        path, json.dumps({"is_billing": True}), content_type="application/json"
    ).json()
    assert (changed["is_billing"], changed["email"]) == (True, "a@one.example")
    sam = Caller(cast.sam)
    assert sam.client.patch(path, "{}", content_type="application/json").status_code == 403
    stranger = Caller(cast.mallory)
    assert stranger.client.patch(path, "{}", content_type="application/json").status_code == 404
    stranger.post("contacts/", {"customer": made["id"], "name": "Bo"}, status=400)
    stranger.post("customers/", body, status=400)


def test_while_the_cache_is_away_nobody_is_throttled_and_nothing_breaks(
    cast: Cast, alice: Caller, settings: Any
) -> None:
    backend = "django.core.cache.backends.redis.RedisCache"
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": "redis://127.0.0.1:1/0"}}
    assert alice.get("invoices/")["results"] == []
    assert send(alice, "invoices", [invoice("A-1")])["created"] == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_the_same_call_twice_at_once_goes_in_once(monkeypatch: pytest.MonkeyPatch) -> None:
    cast = make_cast()
    callers = [Caller(cast.alice), Caller(cast.carl)]
    answers: list[Any] = []
    # Widen the gap between deciding what is new and writing it.
    monkeypatch.setattr(write, "INSERT", f"SELECT pg_sleep(0.4); {write.INSERT}")

    def call(who: Caller) -> None:
        try:
            answers.append(send(who, "invoices", [invoice("A-1")]))
        finally:
            connection.close()

    threads = [Thread(target=call, args=(who,)) for who in callers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer["created"] for answer in answers) == [0, 1]
    assert Invoice.objects.count() == 1


@pytest.mark.services
@pytest.mark.django_db(transaction=True)
def test_a_call_waits_for_an_import_into_the_same_entity() -> None:
    cast = make_cast()
    alice = Caller(cast.alice)
    answers: list[Any] = []

    def call() -> None:
        try:
            answers.append(send(alice, "invoices", [invoice("A-1")]))
        finally:
            connection.close()

    thread = Thread(target=call)
    with transaction.atomic():
        write.lock_entity(cast.entity.pk)
        thread.start()
        thread.join(0.6)
        assert thread.is_alive(), "the import holds the entity"
    thread.join()
    assert answers[0]["created"] == 1


def test_a_session_may_call_it_too_and_the_schema_describes_it(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.alice)
    answer = client.post(
        "/api/v1/invoices/bulk/", json.dumps([invoice("A-1")]), content_type="application/json"
    )
    assert answer.status_code == 200
    schema = client.get("/api/schema/", {"format": "json"}).json()["paths"]
    for what in ("invoices", "payments", "customers", "contacts"):
        body = schema[f"/api/v1/{what}/bulk/"]["post"]["requestBody"]["content"]
        assert set(body) == {"application/json", "application/x-ndjson"}
