"""The pages: queue, workspace, sheets, new dispute; with htmx and without; nothing for a stranger."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from disputes import queue, queue_sums, services
from disputes.models import Dispute, Question
from ledger import services as ledger
from lib import clock
from tests.disputes.conftest import open_one
from tests.factories import AT, ON, Cast, make_invoice

HTMX = {"HX-Request": "true"}


def as_(user: User) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user)
    return client


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_queue_shows_views_counts_totals_and_rows(dispute: Dispute, catalogue: Cast) -> None:
    page = text(as_(catalogue.alice).get("/disputes/?view=all"))
    assert dispute.ref in page
    assert "Comercial Norte" in page
    assert "€300.00" in page
    assert "D-000001" not in text(as_(catalogue.alice).get("/disputes/?view=closed"))


def test_counts_and_totals_are_one_query_each(
    dispute: Dispute, catalogue: Cast, django_assert_num_queries: Any
) -> None:
    at = clock.now()
    queue_sums.counts(catalogue.alice, at)
    with django_assert_num_queries(1):
        queue_sums.counts(catalogue.alice, at)
    with django_assert_num_queries(1):
        queue_sums.totals(catalogue.alice, queue.Filters(q="norte", reason="price", older_than=7), at)


def test_totals_follow_the_filter(catalogue: Cast) -> None:
    open_one(catalogue)
    open_one(catalogue, reason="quality", amount="40.00", invoice=make_invoice(catalogue.sur))
    at = clock.now()
    everything = queue_sums.totals(catalogue.alice, queue.Filters(), at)
    assert (everything.disputes, everything.customers, everything.amounts) == (
        2,
        2,
        [("EUR", Decimal("340.00"))],
    )
    quality = queue_sums.totals(catalogue.alice, queue.Filters(reason="quality"), at)
    assert (quality.disputes, quality.amounts) == (1, [("EUR", Decimal("40.00"))])


@pytest.mark.parametrize(
    ("words", "found"), [("norte", 1), ("D-000001", 1), ("1", 1), ("ACM-77", 1), ("sur", 0), ("d-2", 0)]
)
def test_search_finds_customer_reference_and_invoice(catalogue: Cast, words: str, found: int) -> None:
    open_one(catalogue, invoice=make_invoice(catalogue.norte, number="ACM-77x"))
    filters = queue.Filters(q=words)
    assert queue.filtered(catalogue.alice, filters, clock.now()).count() == found


def test_each_view_holds_what_it_says(question: Question, dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue, amount="10.00")
    services.make_move(dispute=other, move_code="ask_customer", by=catalogue.alice, at=AT)
    third = open_one(catalogue, amount="20.00")
    counts = queue_sums.counts(catalogue.alice, AT + timedelta(days=2))
    assert counts == {"triage": 1, "mine": 1, "late": 2, "sales": 1, "customer": 1, "snoozed": 0, "all": 3}
    at = AT + timedelta(days=2)
    for view, expected in {"triage": third, "sales": dispute, "customer": other}.items():
        rows = queue.page(catalogue.alice, queue.Filters(view=view), at).rows
        assert [row.pk for row in rows] == [expected.pk]


@pytest.mark.parametrize("view", ["all", "closed"])
def test_pages_follow_one_another_without_loss_or_repeat(catalogue: Cast, view: str) -> None:
    invoice = make_invoice(catalogue.norte, "9000.00")
    made = [
        open_one(catalogue, invoice=invoice, amount="10.00", at=AT + timedelta(minutes=n // 2))
        for n in range(7)
    ]
    services.make_move(dispute=made[3], move_code="ask_customer", by=catalogue.alice, at=AT)
    if view == "closed":
        for one in made:
            services.withdraw_dispute(dispute=one, by=catalogue.alice, at=AT + timedelta(hours=1))
    seen: list[int] = []
    after = ""
    while True:
        page = queue.page(catalogue.alice, queue.Filters(view=view, after=after), clock.now(), size=2)
        seen += [row.pk for row in page.rows]
        after = page.after
        if not after:
            break
    assert sorted(seen) == sorted(one.pk for one in made)
    assert len(seen) == 7


def test_a_garbled_place_or_filter_shows_the_beginning(dispute: Dispute, catalogue: Cast) -> None:
    client = as_(catalogue.alice)
    for query in (
        "after=x",
        "after=2026~1",
        "minimum=lots",
        "older_than=-1",
        "view=nowhere",
        "customer=x",
        "open=x",
    ):
        assert client.get(f"/disputes/?{query}").status_code == 200


def test_the_queue_costs_the_same_for_one_and_for_many(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    open_one(catalogue)
    client = as_(catalogue.alice)
    with django_assert_max_num_queries(14) as one:
        client.get("/disputes/?view=all")
    for _ in range(6):
        open_one(catalogue)
    with django_assert_max_num_queries(len(one)):
        assert text(client.get("/disputes/?view=all")).count('id="row-') == 7


def test_salespeople_see_their_customers_and_experts_what_they_take_part_in(
    dispute: Dispute, catalogue: Cast
) -> None:
    address = f"/disputes/{dispute.pk}/"
    expected = {
        "alice": 200,
        "carl": 200,
        "adam": 200,
        "fin": 200,
        "sam": 200,
        "sofia": 404,
        "eva": 404,
        "mallory": 404,
    }
    assert {who: as_(getattr(catalogue, who)).get(address).status_code for who in expected} == expected
    services.assign(dispute=dispute, department=catalogue.logistics, by=catalogue.alice, at=AT)
    assert as_(catalogue.eva).get(address).status_code == 200


def test_the_workspace_shows_the_route_the_moves_and_the_history(question: Question, catalogue: Cast) -> None:
    page = text(as_(catalogue.alice).get(f"/disputes/{question.dispute_id}/"))
    for words in (
        "Which price did you agree?",
        "Prepare credit note",
        "The invoice is right",
        "History",
        "Asked Sam",
    ):
        assert words in page


def test_the_card_of_the_page_and_the_fragment_are_the_same(dispute: Dispute, catalogue: Cast) -> None:
    client = as_(catalogue.fin)
    fragment = text(client.get(f"/disputes/{dispute.pk}/card/")).strip()
    assert "".join(fragment.split()) in "".join(text(client.get(f"/disputes/{dispute.pk}/")).split())


def test_finance_reads_without_buttons(dispute: Dispute, catalogue: Cast) -> None:
    page = text(as_(catalogue.fin).get(f"/disputes/{dispute.pk}/"))
    assert "/move/" not in page
    assert "/ask/" not in page


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_move_without_demands_is_one_press(
    dispute: Dispute, catalogue: Cast, headers: dict[str, str]
) -> None:
    address = f"/disputes/{dispute.pk}/move/ask_sales/"
    answer = as_(catalogue.alice).post(address, {"stage": dispute.stage_id}, headers=headers)
    assert answer.status_code == (200 if headers else 302)
    dispute.refresh_from_db()
    assert dispute.stage.code == "ask_sales"


def test_a_move_with_demands_opens_a_sheet_and_keeps_what_was_typed(
    dispute: Dispute, catalogue: Cast
) -> None:
    client, address = as_(catalogue.alice), f"/disputes/{dispute.pk}/move/not_a_dispute/"
    sheet = client.get(address, headers=HTMX)
    assert "data-autoopen" in text(sheet)
    assert "<html" in text(client.get(address))
    wrong = client.post(address, {"note": " "}, headers=HTMX)
    assert (wrong.status_code, wrong["HX-Retarget"]) == (422, "#sheet")
    right = client.post(address, {"note": "Paid by mistake"}, headers=HTMX)
    assert (right.status_code, right["HX-Retarget"]) == (200, f"#card-{dispute.pk}")
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.note) == ("withdrawn", "Paid by mistake")


def test_a_stale_press_shows_the_truth_with_the_reason(dispute: Dispute, catalogue: Cast) -> None:
    seen = dispute.stage_id
    services.make_move(dispute=dispute, move_code="ask_customer", by=catalogue.carl, at=AT)
    answer = as_(catalogue.alice).post(
        f"/disputes/{dispute.pk}/move/ask_sales/", {"stage": seen}, headers=HTMX
    )
    assert answer.status_code == 409
    assert "Somebody moved this dispute meanwhile" in text(answer)
    assert "Waiting for customer" in text(answer)


@pytest.mark.parametrize("act", ["assign", "reason", "lines", "close", "ask"])
def test_every_sheet_works_as_a_page_too(dispute: Dispute, catalogue: Cast, act: str) -> None:
    client, address = as_(catalogue.alice), f"/disputes/{dispute.pk}/{act}/"
    line = dispute.lines.get()
    body = {
        "assign": {"user": catalogue.eva.pk},
        "reason": {"reason": dispute.reason.pk},
        "lines": {f"line-{line.pk}": "120,50"},
        "close": {"verdict": "partly", "resolution": "credit", "credit_amount": "12.00"},
        "ask": {"asked_of": catalogue.sam.pk, "text": "Why?", "kind": "text", "deadline": "4h"},
    }[act]
    assert client.get(address).status_code == 200
    assert client.post(address, {}).status_code in (302, 422)
    answer = client.post(address, body)
    assert answer.status_code == 302
    assert answer["Location"] == f"/disputes/{dispute.pk}/"


def test_an_amount_above_what_is_open_is_told_at_its_field(dispute: Dispute, catalogue: Cast) -> None:
    line = dispute.lines.get()
    answer = as_(catalogue.alice).post(f"/disputes/{dispute.pk}/lines/", {f"line-{line.pk}": "1000.01"})
    assert answer.status_code == 422
    assert "can still be disputed" in text(answer)


def test_one_bad_row_does_not_stop_a_bulk_act(question: Question, dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue)
    client = as_(catalogue.alice)
    body = {"act": "ask_sales", "dispute": [dispute.pk, other.pk], "keep": "view=all"}
    page = text(client.post("/disputes/bulk/", body, follow=True))
    other.refresh_from_db()
    assert other.stage.code == "ask_sales"
    assert f"{dispute.ref}: This is not possible" in page
    assert "1 dispute changed." in page


def test_a_bulk_act_without_rows_or_with_a_garbled_address_says_so(catalogue: Cast) -> None:
    body = {"act": "take", "keep": "view=all\r\nX: y"}
    page = text(as_(catalogue.alice).post("/disputes/bulk/", body, follow=True))
    assert "Choose at least one dispute." in page


def test_new_disputes_are_counted_not_pushed_in(dispute: Dispute, catalogue: Cast) -> None:
    client = as_(catalogue.alice)
    before = {"since": (AT - timedelta(1)).isoformat()}
    assert "1 new dispute" in text(client.get("/disputes/fresh/", before))
    assert "new dispute" not in text(
        client.get("/disputes/fresh/", {"since": (AT + timedelta(1)).isoformat()})
    )
    assert client.get("/disputes/fresh/", {"since": "soon"}).status_code == 200


EVERY_DOOR = (
    "",
    "card/",
    "timeline/",
    "assign/",
    "reason/",
    "lines/",
    "close/",
    "reopen/",
    "ask/",
    "move/ask_sales/",
)


@pytest.mark.parametrize("who", ["mallory", "sofia"])
def test_a_stranger_gets_404_at_every_door(question: Question, catalogue: Cast, who: str) -> None:
    client = as_(getattr(catalogue, who))
    for door in EVERY_DOOR:
        assert client.get(f"/disputes/{question.dispute_id}/{door}").status_code == 404, door
        if door not in ("", "card/", "timeline/"):
            assert client.post(f"/disputes/{question.dispute_id}/{door}", {}).status_code == 404, door
    assert client.get(f"/questions/{question.pk}/").status_code == 404
    for door in ("answer", "withdraw"):
        assert client.post(f"/questions/{question.pk}/{door}/", {"value": "invoice"}).status_code == 404
    client.post("/disputes/bulk/", {"act": "take", "dispute": [question.dispute_id]})
    assert question.dispute.stays.count() == 2
    assert Client().get("/disputes/").status_code == 302


def test_line_differences_use_the_printed_lines(catalogue: Cast) -> None:
    lines = [
        ledger.LineFacts(net=Decimal(1000), description="Screws", quantity=Decimal(100), tax_rate=Decimal(21))
    ]
    invoice = make_invoice(catalogue.norte, "1210.00", lines=lines)
    line = invoice.lines.get()
    body = {
        "act": "open", "invoice": invoice.pk, f"mode-{invoice.pk}": "lines", f"line-{line.pk}": "on",
        f"agreed-{line.pk}": "9,50", "reason": "price",
    }  # fmt: skip
    answer = as_(catalogue.sam).post("/disputes/new/", body)
    dispute = Dispute.objects.get()
    assert answer["Location"] == f"/disputes/{dispute.pk}/"
    assert (dispute.amount, dispute.lines.get().invoice_line) == (Decimal("60.50"), line)
    assert dispute.opened_on >= ON
