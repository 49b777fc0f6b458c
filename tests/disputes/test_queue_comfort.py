"""What makes a queue pleasant: priority, what is unread, who has it, the next one, and the palette."""

import re
from typing import Any

import pytest

from chat import services as talk
from disputes import queue, services
from disputes.models import Dispute
from lib import clock
from tests.disputes.conftest import open_one
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast, make_invoice


def graded(cast: Cast, *points: int) -> list[Dispute]:
    """Disputes with these priorities."""
    made = []
    for number in points:
        one = open_one(cast, amount="10.00")
        Dispute.objects.filter(pk=one.pk).update(priority=number)
        made.append(one)
    return made


def order(page: str) -> list[int]:
    return [int(pk) for pk in re.findall(r'id="row-(\d+)"', page)]


def test_the_queue_is_sorted_and_narrowed_by_priority(catalogue: Cast) -> None:
    low, high, middle = graded(catalogue, 10, 90, 50)
    client = as_(catalogue.alice)
    page = text(client.get("/disputes/?view=all&sort=priority"))
    assert order(page) == [high.pk, middle.pk, low.pk]
    assert "Priority 90" in page
    page = text(client.get("/disputes/?view=all&priority=50"))
    assert set(order(page)) == {high.pk, middle.pk}
    assert "At least 50 points" in page
    assert "Priority 90" not in text(client.get("/disputes/?view=all"))
    assert len(order(text(client.get("/disputes/?view=all&sort=age&priority=1")))) == 3


def test_pages_by_priority_follow_one_another(catalogue: Cast) -> None:
    made = graded(catalogue, 50, 10, 50, 90, 50, 0)
    seen: list[int] = []
    after, filters = "", {"view": "all", "sort": "priority"}
    while True:
        page = queue.page(catalogue.alice, queue.Filters(**filters, after=after), clock.now(), size=2)
        seen += [row.pk for row in page.rows]
        after = page.after
        if not after:
            break
    assert seen == [made[3].pk, made[0].pk, made[2].pk, made[4].pk, made[1].pk, made[5].pk]
    garbled = queue.Filters(view="all", sort="priority", after="x~1")
    assert len(queue.page(catalogue.alice, garbled, clock.now()).rows) == 6


def test_a_row_says_what_is_unread_and_who_has_it(dispute: Dispute, catalogue: Cast) -> None:
    room = talk.room_for_dispute(dispute=dispute, at=AT)
    for user in (catalogue.alice, catalogue.carl):
        talk.post_message(room=room, by=user, body="Well", client_token=f"comfort-{user.pk}", at=AT)
    last = talk.post_message(room=room, by=catalogue.carl, body="And?", client_token="comfort-again", at=AT)
    client = as_(catalogue.alice)
    page = text(client.get("/disputes/?view=all"))
    assert f'class="row is-unread" id="row-{dispute.pk}"' in page
    assert "2 unread messages" in page
    assert 'title="Alice" aria-hidden="true">A<' in page
    talk.mark_read(room=room, user=catalogue.alice, seq=last.seq, at=clock.now())
    row = text(client.get(f"/disputes/{dispute.pk}/row/", {"view": "all"}))
    assert "is-unread" not in row
    assert "unread message" not in row


def test_one_goes_on_to_the_next_and_back(catalogue: Cast) -> None:
    made = graded(catalogue, 10, 90, 50)
    low, high, middle = made
    client, kept = as_(catalogue.alice), "view=all&sort=priority"
    page = text(client.get(f"/disputes/{middle.pk}/?{kept}"))
    assert f'href="/disputes/{middle.pk}/next/?{kept.replace("&", "&amp;")}" data-key="]"' in page
    for way, start, end in (("next", high, middle), ("next", middle, low), ("previous", low, middle)):
        answer = client.get(f"/disputes/{start.pk}/{way}/?{kept}")
        assert answer["Location"] == f"/disputes/{end.pk}/?{kept}"
    services.withdraw_dispute(dispute=middle, by=catalogue.alice, at=clock.now())
    assert client.get(f"/disputes/{middle.pk}/next/?{kept}")["Location"].startswith(f"/disputes/{low.pk}/")
    over = client.get(f"/disputes/{low.pk}/next/?{kept}", follow=True)
    assert over.redirect_chain[0][0] == f"/disputes/?{kept}"
    assert "That was the last one." in text(over)
    first = client.get(f"/disputes/{high.pk}/previous/?{kept}", follow=True)
    assert "That was the first one." in text(first)
    # By deadline, backwards too, and for a stranger not at all.
    chain = [
        int(client.get(f"/disputes/{low.pk}/{way}/")["Location"].split("/")[2] or 0) for way in ("next",)
    ]
    assert chain == [high.pk]
    assert as_(catalogue.mallory).get(f"/disputes/{low.pk}/next/").status_code == 404


@pytest.mark.parametrize(
    ("typed", "seen", "unseen"),
    [
        ("", ["Dashboard", "Recent", "D-000001"], ["Nothing found"]),
        ("custom", ["Customers"], ["Dashboard"]),
        ("norte", ["D-000001", "Comercial Norte", "PAL-7"], ["Comercial Sur"]),
        ("PAL-7", ["D-000001", "PAL-7"], []),
        ("xyzzy", ["Nothing found."], ["role=\"option\" aria-selected=\"false\" tabindex"]),
    ],
)  # fmt: skip
def test_the_palette_finds_pages_disputes_customers_and_invoices(
    catalogue: Cast, typed: str, seen: list[str], unseen: list[str]
) -> None:
    open_one(catalogue, invoice=make_invoice(catalogue.norte, number="PAL-7"))
    found = text(as_(catalogue.alice).get("/find/", {"q": typed}, headers=HTMX))
    assert [word for word in seen if word not in found] == []
    assert [word for word in unseen if word in found] == []


def test_the_palette_shows_a_stranger_nothing_of_others(catalogue: Cast) -> None:
    open_one(catalogue, invoice=make_invoice(catalogue.norte, number="PAL-7"))
    found = text(as_(catalogue.mallory).get("/find/?q=PAL-7", headers=HTMX))
    assert "PAL-7" not in found
    assert "D-000001" not in found
    assert as_(catalogue.alice).post("/find/").status_code == 405


def test_the_palette_asks_the_same_for_few_and_many(
    catalogue: Cast, django_assert_max_num_queries: Any
) -> None:
    client = as_(catalogue.alice)
    open_one(catalogue)
    with django_assert_max_num_queries(12) as few:
        client.get("/find/?q=norte", headers=HTMX)
    for _ in range(8):
        open_one(catalogue)
    with django_assert_max_num_queries(len(few)):
        client.get("/find/?q=norte", headers=HTMX)
