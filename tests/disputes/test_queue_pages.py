"""The queue's pages: pane, rows, filters, own views, macros, acts on many, undo; nothing for a stranger."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Event
from disputes import queue_sums, services
from disputes.models import Dispute, Macro, SavedView
from lib import clock
from tests.disputes.conftest import open_one
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast, make_invoice

STEPS = [{"do": "assign", "user": "me"}, {"do": "snooze", "for": "week"}]


def make_macro(cast: Cast, **more: Any) -> Macro:
    facts = {
        "entity": cast.entity,
        "by": cast.alice,
        "name": "Park it",
        "steps": STEPS,
        "shared": True,
        **more,
    }
    return services.save_macro(**facts)


def test_opening_a_row_fetches_the_pane_alone(
    dispute: Dispute, catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    page = text(
        as_(catalogue.alice).get(
            f"/disputes/?view=all&open={dispute.pk}", headers={**HTMX, "HX-Target": "pane"}
        )
    )
    assert f'id="card-{dispute.pk}"' in page
    assert 'id="rows"' not in page


def test_a_row_follows_what_happens_and_goes_when_the_view_no_longer_shows_it(
    dispute: Dispute, catalogue: Cast
) -> None:
    client, address = as_(catalogue.alice), f"/disputes/{dispute.pk}/row/"
    assert f'id="row-{dispute.pk}"' in text(client.get(address, {"view": "triage"}))
    services.make_move(dispute=dispute, move_code="ask_customer", by=catalogue.carl, at=AT)
    assert text(client.get(address, {"view": "triage"})) == ""
    assert "Waiting for customer" in text(client.get(address, {"view": "all"}))


def test_the_head_alone_after_an_act(dispute: Dispute, catalogue: Cast) -> None:
    head = text(as_(catalogue.alice).get("/disputes/?view=all", headers={**HTMX, "HX-Target": "queue-tabs"}))
    assert head.count("hx-swap-oob") == 2
    assert "€300.00" in head
    assert 'id="rows"' not in head


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ("customer_name=norte", 1), ("customer_name=sur", 0), ("status=open", 1), ("status=to_approve", 0),
        ("minimum=300", 1), ("minimum=300,01", 0), ("maximum=299.99", 0), ("maximum=300", 1),
        ("older_than=7", 1), ("coordinator={alice}", 1), ("coordinator={carl}", 0), ("holder={sam}", 0),
        ("reason=price", 1), ("reason=quality", 0), ("q=norte+F-1", 1), ("customer={norte}", 1),
    ],
)  # fmt: skip
def test_every_filter_narrows_rows_and_totals(catalogue: Cast, given: str, found: int) -> None:
    open_one(catalogue, invoice=make_invoice(catalogue.norte, number="F-1"))
    given = given.format(
        alice=catalogue.alice.pk, carl=catalogue.carl.pk, sam=catalogue.sam.pk, norte=catalogue.norte.pk
    )
    page = text(as_(catalogue.alice).get(f"/disputes/?view=all&{given}"))
    assert page.count('<li class="row"') == found
    assert f"<strong>{found}</strong> dispute" in page


def test_a_filter_is_saved_under_a_name_and_becomes_a_tab(dispute: Dispute, catalogue: Cast) -> None:
    client = as_(catalogue.alice)
    kept = "view=all&reason=price&evil=1&minimum=100"
    assert client.get("/disputes/views/new/", {"filters": kept}).status_code == 200
    body = {"name": "Price", "filters": kept, "shared": catalogue.entity.pk}
    answer = client.post("/disputes/views/new/", body)
    view = SavedView.objects.get()
    assert view.filters == {"view": "all", "reason": "price", "minimum": "100"}
    assert view.entity == catalogue.entity
    page = text(client.get(answer["Location"]))
    assert "Price<span" in page
    assert page.count('<li class="row"') == 1
    assert "Price" in text(as_(catalogue.fin).get("/disputes/"))
    assert client.post("/disputes/views/new/", body).status_code == 422
    assert client.post(f"/disputes/views/{view.pk}/", {"name": "Renamed"}).status_code == 302
    assert SavedView.objects.filter(name="Renamed", filters__reason="price", entity=None).count() == 1
    for act in ("up", "drop"):
        assert client.post(f"/disputes/views/{view.pk}/{act}/").status_code == 302
    assert not SavedView.objects.exists()
    assert client.get("/disputes/views/").status_code == 200


def test_own_views_cost_no_query_each(catalogue: Cast, django_assert_max_num_queries: Any) -> None:
    client = as_(catalogue.alice)
    services.save_view(by=catalogue.alice, name="v0", filters={"view": "all", "reason": "price"})
    with django_assert_max_num_queries(16) as one:
        client.get("/disputes/?view=all")
    for number in range(1, 6):
        services.save_view(by=catalogue.alice, name=f"v{number}", filters={"view": "mine", "q": "norte"})
    with django_assert_max_num_queries(len(one)):
        client.get("/disputes/?view=all")


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_snooze_wake_take_and_macro_from_the_card(
    dispute: Dispute, catalogue: Cast, headers: dict[str, str]
) -> None:
    client, base = as_(catalogue.alice), f"/disputes/{dispute.pk}"
    status = 200 if headers else 302
    assert client.get(f"{base}/snooze/", headers=headers).status_code == 200
    assert client.post(f"{base}/snooze/", {"nap": ""}, headers=headers).status_code == 422
    assert client.post(f"{base}/snooze/", {"nap": "week"}, headers=headers).status_code == status
    dispute.refresh_from_db()
    assert dispute.snoozed_until is not None
    assert "Snoozed until" in text(client.get(f"{base}/"))
    assert client.post(f"{base}/wake/", headers=headers).status_code == status
    assert client.post(f"{base}/take/", headers=headers).status_code == status
    now = Dispute.objects.values_list("snoozed_until", "holder_user").get(pk=dispute.pk)
    assert now == (None, catalogue.alice.pk)
    macro = make_macro(catalogue)
    assert client.post(f"{base}/macro/{macro.pk}/", headers=headers).status_code == status
    dispute.refresh_from_db()
    assert dispute.snoozed_until is not None


def test_a_stale_macro_is_told(dispute: Dispute, catalogue: Cast) -> None:
    macro, seen = make_macro(catalogue), Event.objects.filter(object_id=dispute.pk, stream="dispute").count()
    services.assign(dispute=dispute, user=catalogue.sam, by=catalogue.carl, at=AT)
    address = f"/disputes/{dispute.pk}/macro/{macro.pk}/"
    answer = as_(catalogue.alice).post(address, {"seen": seen}, headers=HTMX)
    assert answer.status_code == 409
    assert "Carl changed this dispute meanwhile" in text(answer)
    dispute.refresh_from_db()
    assert dispute.holder_user == catalogue.sam


def test_a_duplicate_goes_into_another_of_the_same_customer(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue, amount="40.00")
    foreign = open_one(catalogue, amount="40.00", invoice=make_invoice(catalogue.sur))
    client, address = as_(catalogue.alice), f"/disputes/{other.pk}/merge/"
    sheet = text(client.get(address))
    assert dispute.ref in sheet
    assert foreign.ref not in sheet
    assert client.post(address, {"into": foreign.pk}).status_code == 422
    assert client.post(address, {"into": dispute.pk}).status_code == 302
    other.refresh_from_db()
    assert (other.is_open, other.merged_into) == (False, dispute)


@pytest.mark.parametrize(
    ("body", "changed"),
    [
        ({"act": "take"}, True), ({"act": "assign", "user": "{sam}"}, True), ({"act": "assign"}, False),
        ({"act": "classify", "reason": "quality"}, True), ({"act": "snooze", "nap": "week"}, True),
        ({"act": "snooze", "nap": "never"}, False), ({"act": "macro", "macro": "{macro}"}, True),
        ({"act": "macro", "macro": "0"}, False), ({"act": "explode"}, False),
    ],
)  # fmt: skip
def test_acts_on_many(dispute: Dispute, catalogue: Cast, body: dict[str, str], changed: bool) -> None:
    services.assign(dispute=dispute, user=catalogue.carl, by=catalogue.carl, at=AT)
    names = {"sam": catalogue.sam.pk, "macro": make_macro(catalogue).pk}
    body = {name: value.format(**names) for name, value in body.items()}
    seq = Event.objects.filter(object_id=dispute.pk).count()
    page = text(
        as_(catalogue.alice).post(
            "/disputes/bulk/", {**body, "dispute": [dispute.pk], "keep": "view=all"}, follow=True
        )
    )
    assert (Event.objects.filter(object_id=dispute.pk).count() > seq) is changed
    assert ("1 dispute changed." in page) is changed


def test_undo_takes_back_the_last_act_on_many(catalogue: Cast) -> None:
    many = [open_one(catalogue, at=clock.now() - timedelta(hours=1)) for _ in range(2)]
    client = as_(catalogue.alice)
    body = {"act": "snooze", "nap": "week", "dispute": [one.pk for one in many], "keep": "view=all"}
    assert 'data-key="z"' in text(client.post("/disputes/bulk/", body, follow=True))
    page = text(client.post("/disputes/undo/", {"keep": "view=all"}, follow=True))
    assert f"{many[0].ref} is as it was." in page
    assert queue_sums.counts(catalogue.alice, clock.now())["snoozed"] == 0
    assert "There is nothing to undo." in text(as_(catalogue.carl).post("/disputes/undo/", follow=True))


def test_a_macro_is_made_changed_told_in_words_and_deleted(catalogue: Cast) -> None:
    client = as_(catalogue.alice)
    body = {
        "name": "Wait for sales", "reason": "price", "move": "ask_sales", "assign": f"user:{catalogue.sam.pk}",
        "ask_to": "salesperson", "ask_text": "Well?", "nap": "3d", "then": "close", "shared": "on",
    }  # fmt: skip
    assert client.get("/disputes/macros/new/").status_code == 200
    assert client.post("/disputes/macros/new/", {"name": "Empty", "then": "next"}).status_code == 422
    assert client.post("/disputes/macros/new/", body).status_code == 302
    macro = Macro.objects.get()
    assert [step["do"] for step in macro.steps] == ["classify", "move", "assign", "ask", "snooze"]
    page = text(client.get("/disputes/macros/"))
    for words in ("Change the reason to “Price”", "Assign to Sam", "Ask The customer", "Back to the list"):
        assert words in page
    assert "Wait for sales" in text(client.get(f"/disputes/macros/{macro.pk}/"))
    assert client.post(f"/disputes/macros/{macro.pk}/", {**body, "assign": "me"}).status_code == 302
    macro.refresh_from_db()
    assert macro.steps[2] == {"do": "assign", "user": "me"}
    assert client.post(f"/disputes/macros/{macro.pk}/drop/").status_code == 302
    assert not Macro.objects.exists()


def test_the_page_of_macros_costs_the_same_for_one_and_many(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    client = as_(catalogue.alice)
    make_macro(
        catalogue, steps=[{"do": "assign", "user": catalogue.sam.pk}, {"do": "classify", "reason": "price"}]
    )
    with django_assert_max_num_queries(16) as one:
        client.get("/disputes/macros/")
    for number in range(5):
        make_macro(catalogue, name=f"m{number}", steps=[{"do": "classify", "reason": "price"}, *STEPS])
    with django_assert_max_num_queries(len(one)):
        client.get("/disputes/macros/")


def test_a_stranger_finds_nothing_and_a_reader_changes_nothing(dispute: Dispute, catalogue: Cast) -> None:
    macro = make_macro(catalogue, shared=False)
    view = services.save_view(by=catalogue.alice, name="Mine", filters={})
    doors = ("snooze", "wake", "take", "merge", f"macro/{macro.pk}")
    for who in ("mallory", "sofia"):
        client = as_(getattr(catalogue, who))
        assert client.get(f"/disputes/{dispute.pk}/row/").status_code == 404
        for door in doors:
            assert client.post(f"/disputes/{dispute.pk}/{door}/", {"nap": "week"}).status_code == 404, door
        assert client.post(f"/disputes/views/{view.pk}/drop/").status_code == 404
        assert client.get(f"/disputes/views/{view.pk}/").status_code == 404
        assert client.post(f"/disputes/macros/{macro.pk}/drop/").status_code == 404
        client.post("/disputes/bulk/", {"act": "take", "dispute": [dispute.pk]})
    assert as_(catalogue.fin).get("/disputes/macros/").status_code == 403
    before = Event.objects.count()
    for who in ("fin", "sam"):
        client = as_(getattr(catalogue, who))
        for door in doors[:3]:
            answer = client.post(f"/disputes/{dispute.pk}/{door}/", {"nap": "week"}, headers=HTMX)
            assert answer.status_code in (200, 409)
    assert Event.objects.count() == before
    assert (SavedView.objects.count(), Macro.objects.count()) == (1, 1)
    assert Client().get("/disputes/views/").status_code == 302
