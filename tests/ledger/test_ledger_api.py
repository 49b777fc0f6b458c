"""The API of the ledger: the services behind it, refusals in problem details, strangers find nothing."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts import services as people
from accounts.models import User
from ledger.models import Allocation, ImportBatch, Invoice, Payment
from tests.factories import AT, Cast, make_invoice, make_payment, pay
from tests.ledger.intake_helpers import FILES

API = "/api/v1/"


class Caller:
    """Somebody who uses the API with a token."""

    def __init__(self, user: User) -> None:
        _token, key = people.make_token(user=user, name="tests", at=AT)
        self.client = Client(headers={"Authorization": f"Token {key}", "Accept-Language": "en"})

    def get(self, path: str, status: int = 200) -> Any:
        """The JSON behind a path."""
        answer = self.client.get(API + path)
        assert answer.status_code == status, answer.content
        return answer.json()

    def post(self, path: str, body: dict[str, Any], status: int = 201, key: str = "") -> Any:
        """Post JSON; the JSON that comes back."""
        headers = {"Idempotency-Key": key} if key else {}
        answer = self.client.post(
            API + path, json.dumps(body), content_type="application/json", headers=headers
        )
        assert answer.status_code == status, answer.content
        return answer.json()


@pytest.fixture
def alice(cast: Cast) -> Caller:
    """The credit manager."""
    return Caller(cast.alice)


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """Uploads of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "files"


def facts(cast: Cast, **more: Any) -> dict[str, Any]:
    """A new invoice for norte."""
    return {
        "customer": cast.norte.pk,
        "number": "A-1",
        "issued_on": "2026-03-01",
        "due_on": "2026-03-31",
        "amount": "121.00",
        "net": "100.00",
        "tax": "21.00",
        "currency": "EUR",
        "lines": [{"description": "Chairs", "quantity": "2", "unit_price": "50", "net": "100.00"}],
    } | more


@pytest.mark.parametrize("path", ["customers", "contacts", "invoices", "payments", "allocations", "imports"])
def test_everybody_gets_their_own_rows_only(cast: Cast, path: str) -> None:
    pay(make_invoice(cast.norte), "10.00")
    pay(make_invoice(cast.sur), "10.00")
    Caller(cast.alice).client.post(
        f"{API}imports/", {"entity": cast.entity.pk, "file": SimpleUploadedFile("a.csv", b"x")}
    )
    everything = Caller(cast.alice).get(f"{path}/")["results"]
    own = Caller(cast.sofia).get(f"{path}/")["results"]
    assert len(everything) == (1 if path == "imports" else 2)
    assert len(own) == (0 if path == "imports" else 1)
    foreign = Caller(cast.mallory)
    assert len(foreign.get(f"{path}/")["results"]) == (1 if path in {"customers", "contacts"} else 0)
    foreign.get(f"{path}/{everything[0]['id']}/", status=404)
    assert Client().get(f"{API}{path}/").status_code == 401


def test_an_invoice_is_recorded_once_with_its_lines(cast: Cast, alice: Caller) -> None:
    made = alice.post("invoices/", facts(cast))
    assert (made["amount"], made["allocated"], len(made["lines"])) == ("121.00", "0.00", 1)
    assert alice.post("invoices/", facts(cast))["id"] == made["id"]
    assert Invoice.objects.count() == 1
    refused = alice.post("invoices/", facts(cast, amount="122.00"), status=409)
    assert refused["type"] == "urn:zanjar:problem:document_differs"
    assert refused["status"] == 409


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"amount": "0.00"}, 422),
        ({"amount": "-5.00"}, 422),
        ({"amount": "many"}, 400),
        ({"currency": "euro"}, 400),
        ({"number": ""}, 400),
        ({"customer": 999_999_999}, 400),
        ({"issued_on": "yesterday"}, 400),
    ],
)
def test_what_has_the_wrong_shape_is_refused(
    cast: Cast, alice: Caller, change: dict[str, Any], status: int
) -> None:
    assert alice.post("invoices/", facts(cast, **change), status=status)["errors"]
    assert not Invoice.objects.exists()


def test_a_customer_of_another_entity_does_not_exist(cast: Cast, alice: Caller) -> None:
    alice.post("invoices/", facts(cast, customer=cast.foreign.pk), status=400)
    assert not Invoice.objects.exists()


def test_those_who_only_read_may_not_write(cast: Cast) -> None:
    for user in (cast.fin, cast.sam):
        Caller(user).post("invoices/", facts(cast), status=403)
    assert not Invoice.objects.exists()


def test_an_idempotency_key_gives_the_first_answer_again(cast: Cast, alice: Caller) -> None:
    body = {"customer": cast.norte.pk, "received_on": "2026-03-10", "amount": "50.00", "currency": "EUR"}
    first = alice.post("payments/", body | {"identity": "B-1"}, key="abc")
    assert alice.post("payments/", body | {"identity": "B-1"}, key="abc") == first
    assert Payment.objects.count() == 1


def test_payments_are_placed_and_taken_back(cast: Cast, alice: Caller) -> None:
    invoice, payment = make_invoice(cast.norte, "100.00"), make_payment(cast.norte, "80.00")
    body = {"invoice": invoice.pk, "payment": payment.pk, "amount": "80.00", "on": "2026-03-16"}
    placed = alice.post("allocations/", body)
    assert placed["kind"] == "payment"
    assert alice.post("allocations/", body, status=409)["type"].startswith("urn:zanjar:problem:more_than")
    alice.post(f"allocations/{placed['id']}/reverse/", {})
    alice.post(f"allocations/{placed['id']}/reverse/", {}, status=409)
    invoice.refresh_from_db()
    assert invoice.allocated == Decimal("0.00")
    assert Allocation.objects.count() == 2


def test_an_allocation_names_exactly_one_source(cast: Cast, alice: Caller) -> None:
    invoice = make_invoice(cast.norte, "100.00")
    base = {"invoice": invoice.pk, "amount": "1.00", "on": "2026-03-16"}
    alice.post("allocations/", base, status=400)
    assert alice.post("allocations/", base | {"kind": "write_off"})["kind"] == "write_off"


def test_a_file_is_imported_and_its_rejects_are_listed(cast: Cast, alice: Caller) -> None:
    data = b"Number;Customer;Date;Amount\n1;A;2026-01-01;5\n2;A;2026-02-30;5\n"
    answer = alice.client.post(
        f"{API}imports/", {"entity": cast.entity.pk, "file": SimpleUploadedFile("a.csv", data)}
    )
    assert answer.status_code == 201
    made = answer.json()
    assert (made["status"], made["created"], made["rejected"], made["totals"]) == (
        "partly",
        1,
        1,
        {"EUR": "5.00"},
    )
    (reject,) = alice.get(f"imports/{made['id']}/rejects/")["results"]
    assert (reject["line"], reject["code"]) == (3, "not_a_date")
    assert "2026-02-30" in reject["message"]


def test_a_dry_run_can_be_confirmed_later(cast: Cast, alice: Caller) -> None:
    upload = SimpleUploadedFile("a.csv", (FILES / "facturas.csv").read_bytes())
    answer = alice.client.post(
        f"{API}imports/", {"entity": cast.entity.pk, "file": upload, "dry_run": "true"}
    ).json()
    assert (answer["status"], answer["created"], Invoice.objects.count()) == ("previewed", 4, 0)
    confirmed = alice.post(f"imports/{answer['id']}/confirm/", {}, status=200)
    assert (confirmed["status"], confirmed["created"]) == ("done", 4)
    alice.post(f"imports/{answer['id']}/confirm/", {}, status=409)


def test_only_those_who_import_may_send_files(cast: Cast) -> None:
    for user, status in ((cast.sam, 403), (cast.fin, 403), (cast.mallory, 400)):
        answer = Caller(user).client.post(
            f"{API}imports/", {"entity": cast.entity.pk, "file": SimpleUploadedFile("a.csv", b"x")}
        )
        assert answer.status_code == status
    assert not ImportBatch.objects.exists()


def test_lists_are_filtered_and_paged(cast: Cast, alice: Caller) -> None:
    for number in range(5):
        make_invoice(cast.norte, number=f"P-{number}")
    first = alice.get("invoices/?page_size=2")
    assert len(first["results"]) == 2
    assert first["next"]
    assert [row["number"] for row in alice.get("invoices/?number=P-3")["results"]] == ["P-3"]
    assert alice.get(f"invoices/?customer={cast.sur.pk}")["results"] == []
