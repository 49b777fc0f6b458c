"""Merging, splitting, causes, kin, mass disputes and weights over pages and API; nothing for a stranger."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from disputes import kin
from disputes.models import Dispute, Mass, PriorityWeights, Reason
from ledger.models import InvoiceLine
from tests.disputes.conftest import open_one
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import Cast, make_invoice

API = "/api/v1/disputes"


def post(user: User, url: str, body: dict[str, Any]) -> Any:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client.post(url, body, content_type="application/json")


def test_the_sheets_open_and_do_it(dispute: Dispute, catalogue: Cast) -> None:
    other, alice = open_one(catalogue), as_(catalogue.alice)
    sheet = text(alice.get(f"/disputes/{dispute.pk}/absorb/", headers=HTMX))
    assert other.ref in sheet
    answer = alice.post(f"/disputes/{dispute.pk}/absorb/", {"other": other.pk}, headers=HTMX)
    assert answer.headers["HX-Retarget"] == f"#card-{dispute.pk}"
    assert "€600.00" in text(answer)
    line = dispute.lines.filter(closed_on=None).first()
    assert line is not None
    reason = Reason.objects.get(entity=catalogue.entity, code="delivery")
    body = {"reason": reason.pk, f"line-{line.pk}": "1000"}
    wrong = alice.post(f"/disputes/{dispute.pk}/split/", body, headers=HTMX)
    assert wrong.status_code == 422
    assert "at most €300.00" in text(wrong)
    assert (
        alice.post(f"/disputes/{dispute.pk}/split/", body | {f"line-{line.pk}": "99,50"}).status_code == 302
    )
    new = Dispute.objects.get(split_from=dispute)
    assert (new.amount, new.reason) == (Decimal("99.50"), reason)
    assert dispute.ref in text(alice.get(f"/disputes/{new.pk}/"))
    assert alice.post(f"/disputes/{dispute.pk}/cause/", {"cause": reason.pk}).status_code == 302
    dispute.refresh_from_db()
    assert dispute.root_cause == reason


def test_the_api_does_the_same(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue)
    merged = post(catalogue.carl, f"{API}/{dispute.pk}/merge/", {"other": other.pk})
    assert (merged.status_code, merged.json()["amount"]) == (200, "600.00")
    again = post(catalogue.carl, f"{API}/{dispute.pk}/merge/", {"other": other.pk})
    assert again.status_code == 409
    line = dispute.lines.filter(closed_on=None).first()
    assert line is not None
    body = {"lines": [{"line": line.pk, "amount": "100.00"}], "reason": "delivery"}
    split = post(catalogue.carl, f"{API}/{dispute.pk}/split/", body)
    assert (split.status_code, split.json()["split_from"], split.json()["reason"]) == (
        201,
        dispute.pk,
        "delivery",
    )
    assert post(catalogue.carl, f"{API}/{dispute.pk}/split/", {"lines": []}).status_code == 400
    caused = post(catalogue.carl, f"{API}/{dispute.pk}/cause/", {"cause": "delivery"})
    assert caused.json()["root_cause"] == "delivery"
    assert as_(catalogue.carl).get(f"{API}/{dispute.pk}/kin/").json()["related"][0]["why"] != []


@pytest.mark.parametrize(
    ("what", "body"),
    [("merge", {"other": 1}), ("split", {"lines": [{"line": 1}]}), ("cause", {"cause": "delivery"})],
)
def test_strangers_find_nothing_and_roles_that_may_not_change_nothing(
    dispute: Dispute, catalogue: Cast, what: str, body: dict[str, Any]
) -> None:
    other = open_one(catalogue)
    body = {"other": other.pk} if what == "merge" else body
    page = "absorb" if what == "merge" else what
    for url in (f"{API}/{dispute.pk}/{what}/", f"/disputes/{dispute.pk}/{page}/"):
        assert post(catalogue.mallory, url, body).status_code == 404
    assert post(catalogue.sam, f"{API}/{dispute.pk}/{what}/", body).status_code == 403
    form = (
        {"other": other.pk} if what == "merge" else {"reason": dispute.reason_id, "cause": dispute.reason_id}
    )
    line = dispute.lines.get()
    answer = as_(catalogue.sam).post(
        f"/disputes/{dispute.pk}/{page}/", form | {f"line-{line.pk}": "1"}, headers=HTMX
    )
    assert answer.status_code == 409
    dispute.refresh_from_db()
    assert (dispute.amount, dispute.root_cause) == (Decimal("300.00"), None)
    assert Dispute.objects.active().count() == 2


def test_kin_is_told_with_its_why(catalogue: Cast, django_assert_max_num_queries: Any) -> None:
    one = make_invoice(catalogue.norte, order_reference="PO-7")
    two = make_invoice(catalogue.norte, order_reference="PO-7")
    far = make_invoice(catalogue.sur)
    for invoice in (one, far):
        InvoiceLine.objects.create(invoice=invoice, position=1, description="Aceite 5 L", net=Decimal(100))
    said = "The discount of 3 % of our contract is missing"
    lines = {i.pk: i.lines.first() for i in (one, far)}
    dispute = open_one(catalogue, invoice=one, statement=said)
    order = open_one(catalogue, invoice=two)
    alike = open_one(catalogue, invoice=far, statement="the discount of 5 % of our contract is missing!")
    for row in (dispute, alike):
        line = row.lines.get()
        assert lines[line.invoice_id] is not None
        type(line).objects.filter(pk=line.pk)._raw_delete(using="default")  # type: ignore[attr-defined]
        type(line).objects.create(
            dispute=row, invoice_id=line.invoice_id, invoice_line=lines[line.invoice_id], amount=line.amount,
            opened_on=line.opened_on, recorded_at=line.recorded_at,
        )  # fmt: skip
    assert [(k.dispute, k.why) for k in kin.related(catalogue.alice, dispute)] == [
        (order, ["the same order: PO-7"])
    ]
    found = kin.similar(catalogue.alice, dispute)
    assert found[0].dispute == alike
    assert found[0].why[0].startswith("written alike: ")
    assert found[0].why[1] == "the same product: Aceite 5 L"
    assert [k.dispute for k in kin.similar(catalogue.sam, dispute)] == []
    client = as_(catalogue.alice)
    with django_assert_max_num_queries(22) as few:
        assert alike.ref in text(client.get(f"/disputes/{dispute.pk}/beside/"))
    allowed = len(few)
    for _ in range(5):
        open_one(catalogue, statement=said, invoice=make_invoice(catalogue.norte))
    with django_assert_max_num_queries(allowed):
        client.get(f"/disputes/{dispute.pk}/beside/")
    assert as_(catalogue.mallory).get(f"/disputes/{dispute.pk}/beside/").status_code == 404


def test_a_mass_dispute_from_page_to_decision(dispute: Dispute, catalogue: Cast) -> None:
    other, alice = open_one(catalogue, invoice=make_invoice(catalogue.sur)), as_(catalogue.alice)
    page = text(alice.get(f"/disputes/mass/new/?dispute={dispute.pk}&dispute={other.pk}&title=Oil"))
    assert 'value="Oil"' in page
    assert alice.post("/disputes/mass/new/", {"title": "Oil", "dispute": [dispute.pk]}).status_code == 422
    answer = alice.post("/disputes/mass/new/", {"title": "Oil", "dispute": [dispute.pk, other.pk]})
    mass = Mass.objects.get()
    assert answer.headers["Location"] == f"/disputes/mass/{mass.pk}/"
    assert "Oil" in text(alice.get(f"/disputes/{dispute.pk}/"))
    assert "Oil" in text(alice.get("/disputes/mass/"))
    detached = alice.post(f"/disputes/mass/{mass.pk}/detach/{other.pk}/")
    assert detached.status_code == 302
    decision = {"verdict": "partly", "resolution": "credit", "percent": "50"}
    assert alice.post(f"/disputes/mass/{mass.pk}/", decision | {"percent": "101"}).status_code == 422
    done = text(alice.post(f"/disputes/mass/{mass.pk}/", decision))
    assert "1 dispute closed" in done
    dispute.refresh_from_db()
    other.refresh_from_db()
    assert (dispute.outcome.amount, other.is_open) == (Decimal("150.00"), True)
    assert not Mass.objects.get().is_open


def test_mass_disputes_over_the_api(dispute: Dispute, catalogue: Cast) -> None:
    other, third = (open_one(catalogue, invoice=make_invoice(catalogue.sur)) for _ in range(2))
    url = "/api/v1/mass-disputes/"
    body = {
        "entity": catalogue.entity.pk,
        "title": "Oil",
        "cause": "price",
        "disputes": [dispute.pk, other.pk],
    }
    made = post(catalogue.carl, url, body)
    assert (made.status_code, made.json()["progress"]["amounts"]) == (201, {"EUR": "600.00"})
    one = f"{url}{made.json()['id']}/"
    assert len(post(catalogue.carl, f"{one}add/", {"disputes": [third.pk]}).json()["children"]) == 3
    assert len(post(catalogue.carl, f"{one}detach/", {"dispute": other.pk}).json()["children"]) == 2
    decision = {"verdict": "justified", "resolution": "credit", "percent": "10"}
    assert post(catalogue.carl, f"{one}decide/", decision).status_code == 403
    done = post(catalogue.alice, f"{one}decide/", decision).json()
    assert done == {"closed": [dispute.ref, third.ref], "waiting": [], "refused": []}
    assert as_(catalogue.alice).get(f"{url}suggestions/").json() == []


def test_mass_disputes_are_nothing_for_strangers(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue)
    body = {"entity": catalogue.entity.pk, "title": "Oil", "disputes": [dispute.pk, other.pk]}
    mass = post(catalogue.carl, "/api/v1/mass-disputes/", body).json()["id"]
    for who in (catalogue.mallory, catalogue.sam):
        assert as_(who).get(f"/disputes/mass/{mass}/").status_code == 404
        assert as_(who).post(f"/disputes/mass/{mass}/detach/{other.pk}/").status_code == 404
        assert as_(who).get(f"/api/v1/mass-disputes/{mass}/").status_code == 404
        assert post(who, f"/api/v1/mass-disputes/{mass}/decide/", {}).status_code == 404
    assert post(catalogue.mallory, "/api/v1/mass-disputes/", body).status_code == 400
    assert post(catalogue.sam, "/api/v1/mass-disputes/", body).status_code in (400, 403)
    assert as_(catalogue.mallory).get(f"/disputes/mass/new/?dispute={dispute.pk}").status_code == 404
    assert as_(catalogue.eva).get("/disputes/mass/").status_code == 403
    fin = as_(catalogue.fin).post(f"/disputes/mass/{mass}/", {"verdict": "partly", "resolution": "credit"})
    assert fin.status_code == 422
    assert Dispute.objects.active().count() == 2


def test_the_list_of_mass_disputes_costs_the_same_for_many(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    def make(n: int) -> None:
        for _ in range(n):
            ids = [open_one(catalogue).pk for _ in range(2)]
            body = {"entity": catalogue.entity.pk, "title": "Oil", "disputes": ids}
            assert post(catalogue.carl, "/api/v1/mass-disputes/", body).status_code == 201

    make(1)
    client = as_(catalogue.alice)
    client.get("/disputes/mass/")
    with django_assert_max_num_queries(14) as few:
        client.get("/disputes/mass/")
    allowed = len(few)
    make(3)
    with django_assert_max_num_queries(allowed):
        client.get("/disputes/mass/")


def test_weights_over_the_api(catalogue: Cast) -> None:
    url = f"/api/v1/dispute-priorities/{catalogue.entity.pk}/"

    def put(user: User, body: dict[str, Any]) -> Any:
        client = as_(user)
        return client.put(url, body, content_type="application/json")

    assert put(catalogue.alice, {"amount": 30}).json()["amount"] == 30
    assert put(catalogue.alice, {"age": 90}).status_code == 422
    for who in (catalogue.carl, catalogue.mallory):
        assert put(who, {"amount": 1}).status_code == 404
    assert PriorityWeights.objects.get().amount == 30


def test_a_sheet_on_a_page_of_its_own_is_a_plain_form_that_says_what_is_wrong(
    dispute: Dispute, catalogue: Cast
) -> None:
    client = as_(catalogue.alice)
    url = f"/disputes/{dispute.pk}/lines/"
    page = client.get(url).content.decode()
    form = page[page.index('<form class="form') : page.index("</form>", page.index('<form class="form'))]
    assert "hx-post" not in form
    wrong = client.post(url, {f"line-{dispute.lines.get().pk}": "abc", "stage": dispute.stage_id})
    assert wrong.status_code == 422
    assert "Write an amount" in wrong.content.decode()
    assert "hx-post" in text(client.get(url, headers=HTMX))
