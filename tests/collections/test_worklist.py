"""The worklist: who comes first and why, whose it is, page by page, with the same few queries."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.choices import Role
from collections_app.errors import CallError
from collections_app.models import Portfolio
from collections_app.services import calls, reviewing, worklist
from collections_app.services.calls import Result
from collections_app.services.learning import learn
from collections_app.services.pins import pin
from collections_app.worklist import rows
from collections_app.worklist.rows import ALL, MINE, TEAM
from lib import clock
from lib.money import ZERO
from tests.collections.conftest import House
from tests.factories import AT, ON, make_customer, make_invoice, make_person, pay

DAY = timedelta(days=1)


def work(house: House, user: Any = None, whose: str = ALL, days: int = 0, **more: Any) -> rows.WorkPage:
    facts: dict[str, Any] = {"why": "", "after": "", "on": ON + DAY * days, "at": AT + DAY * days}
    return rows.page(user=user or house.cast.carl, entity=house.cast.entity, whose=whose, **facts | more)


def names(page: rows.WorkPage) -> list[str]:
    return [row.customer.code for row in page.rows]


def test_the_larger_and_older_comes_first_and_what_is_disputed_or_promised_does_not_count(
    house: House,
) -> None:
    large, small = make_invoice(house.cast.norte, "5000.00"), make_invoice(house.cast.sur, "900.00")
    assert names(work(house)) == ["C-001", "C-002"]
    house.dispute(large, "4900.00")
    assert names(work(house)) == ["C-002", "C-001"]
    assert work(house).rows[1].facts.overdue == Decimal("100.00")
    house.promise(small, "900.00", 5)
    assert names(work(house)) == ["C-001"]


def test_a_broken_promise_comes_back_on_top_until_somebody_spoke_to_them(house: House) -> None:
    make_invoice(house.cast.norte, "50000.00")
    invoice = make_invoice(house.cast.sur, "100.00")
    house.promise(invoice, "100.00", 0)
    reviewing.review(entity=house.cast.entity, on=ON + DAY * 4, at=AT + DAY * 4)
    page = work(house, days=5)
    assert names(page) == ["C-002", "C-001"]
    assert "promise broken yesterday" in page.rows[0].why
    calls.finish_call(
        customer=house.cast.sur,
        result=Result("refused"),
        by=house.cast.carl,
        on=ON + DAY * 5,
        at=AT + DAY * 5,
    )
    assert names(work(house, days=5)) == ["C-001"]
    assert names(work(house, days=6)) == ["C-001", "C-002"]


def test_a_planned_call_is_on_the_list_though_nothing_is_overdue(house: House) -> None:
    calls.plan_call(customer=house.cast.norte, reason="other", due_on=ON + DAY, at=AT, by=house.cast.carl)
    assert names(work(house)) == []
    page = work(house, days=1)
    assert names(page) == ["C-001"]
    assert page.rows[0].reasons[:2] == ["nothing overdue without a dispute", "call planned for today"]


def test_the_reasons_are_words_with_their_points_which_add_up_to_the_score(house: House) -> None:
    for week in range(6):
        friday = ON - DAY * (3 + 7 * week)
        pay(
            make_invoice(house.cast.norte, "10.00", issued_on=friday - DAY * 60, due_on=friday - DAY * 20),
            on=friday,
        )
    make_invoice(house.cast.norte, "12400.00", due_on=ON - DAY * 35, issued_on=ON - DAY * 65)
    learn(entity=house.cast.entity, on=ON, at=AT)
    (row,) = work(house).rows
    assert row.why == (
        "€12,400.00 overdue 35 days, never called, usually pays on Friday, typically 20 days late"
    ).replace("€12", "€12")
    assert abs(sum((points for _words, points in row.points), ZERO) - row.facts.score) < Decimal("0.01")


def test_a_customer_of_another_than_the_standard_segment_says_so(house: House) -> None:
    make_invoice(house.cast.norte, "5000.00")
    pin(customer=house.cast.norte, segment="risky", reason="Doubtful", by=house.cast.alice, on=ON, at=AT)
    assert work(house).rows[0].reasons[-1] == "segment: Risky"


def test_mine_is_my_portfolio_my_customers_and_calls_planned_for_me(house: House) -> None:
    cast = house.cast
    third = make_customer(cast.entity, "C-003", "Tercero")
    for customer in (cast.norte, cast.sur, third):
        make_invoice(customer)
    assert names(work(house, cast.carl, MINE)) == []
    worklist.set_collector(customers=[cast.norte], collector=cast.carl, by=cast.alice, at=AT)
    calls.plan_call(customer=third, reason="other", due_on=ON, at=AT, assigned_to=cast.carl)
    assert sorted(names(work(house, cast.carl, MINE))) == ["C-001", "C-003"]
    assert names(work(house, cast.sofia, MINE)) == names(work(house, cast.sofia, ALL)) == ["C-002"]
    assert sorted(names(work(house, cast.carl, TEAM))) == ["C-002", "C-003"]
    mona = make_person("Mona", cast.entity, Role.COLLECTOR, cast.billing)
    worklist.set_collector(customers=[cast.sur], collector=mona, by=cast.alice, at=AT)
    assert "C-002" in names(work(house, mona, TEAM))
    assert "C-002" not in names(work(house, cast.carl, TEAM))


def test_only_who_makes_calls_there_has_a_portfolio(house: House) -> None:
    cast = house.cast
    for nobody in (cast.fin, cast.mallory):
        with pytest.raises(CallError, match="makes no calls"):
            worklist.set_collector(customers=[cast.norte], collector=nobody, by=cast.alice, at=AT)
    assert not Portfolio.objects.exists()
    give: dict[str, Any] = {"customers": [cast.norte], "by": cast.alice, "at": AT}
    assert worklist.set_collector(collector=cast.carl, **give) == 1
    assert worklist.set_collector(collector=cast.carl, **give) == 0
    assert worklist.set_collector(collector=None, **give) == 1


def test_who_is_put_off_comes_back_on_the_day_and_only_for_oneself(house: House) -> None:
    make_invoice(house.cast.norte)
    put: dict[str, Any] = {"customer": house.cast.norte, "by": house.cast.carl, "on": ON, "at": AT}
    worklist.put_off(until=ON + DAY * 2, **put)
    assert names(work(house)) == []
    assert names(work(house, house.cast.alice)) == ["C-001"]
    assert names(work(house, days=2)) == ["C-001"]
    with pytest.raises(CallError):
        worklist.put_off(until=ON, **put)
    worklist.take_up(customer=house.cast.norte, by=house.cast.carl)
    assert names(work(house)) == ["C-001"]


def test_pages_by_key_skip_nobody_and_show_nobody_twice(house: House) -> None:
    for number in range(7):
        make_invoice(make_customer(house.cast.entity, f"X-{number}", f"Cliente {number}"), "500.00")
    seen: list[str] = []
    after = ""
    while True:
        page = work(house, after=after, size=3)
        seen += names(page)
        after = page.after
        if not after:
            break
    assert len(seen) == len(set(seen)) == 7
    assert names(work(house, after="nonsense", size=3)) == seen[:3]


@pytest.mark.parametrize("why", ["broken", "planned", "late"])
def test_a_filter_shows_its_own(house: House, why: str) -> None:
    make_invoice(house.cast.norte)
    calls.plan_call(customer=house.cast.sur, reason="other", due_on=ON, at=AT)
    expected = {"broken": [], "planned": ["C-002"], "late": ["C-001"]}
    assert names(work(house, why=why)) == expected[why]


def in_house(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def overdue(house: House, count: int) -> None:
    today = clock.today("Europe/Madrid")
    for number in range(count):
        customer = make_customer(house.cast.entity, f"Y-{number}-{count}", f"Cliente {number} {count}")
        make_invoice(customer, "500.00", issued_on=today - DAY * 40, due_on=today - DAY * (number + 1))


def test_the_page_asks_the_same_number_of_queries_for_two_and_for_twenty(house: House) -> None:
    client, counts = in_house(house.cast.carl), []
    for count in (2, 20):
        overdue(house, count)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page = client.get("/collections/worklist/?whose=all")
        assert page.status_code == 200
        counts.append(len(captured))
    assert counts[0] == counts[1]


def test_next_leads_through_the_list_to_its_end(house: House) -> None:
    overdue(house, 3)
    client, seen = in_house(house.cast.carl), []
    url = "/collections/worklist/next/?whose=all&list=1"
    for _call in range(3):
        answer = client.get(url)
        seen.append(answer["Location"].split("?")[0])
        key = answer["Location"].split("after=")[1]
        url = f"/collections/worklist/next/?whose=all&list=1&after={key}"
    assert len(set(seen)) == 3
    assert client.get(url)["Location"].startswith("/collections/worklist/?")


def test_after_an_outcome_the_next_customer_is_on_the_screen(house: House) -> None:
    overdue(house, 2)
    client = in_house(house.cast.carl)
    first = client.get("/collections/worklist/next/?whose=all&list=1")["Location"]
    pk, key = first.split("/")[3], first.split("after=")[1].replace("%7E", "~")
    data = {"outcome": "no_answer", "list": "1", "whose": "all", "after": key, "entity": house.cast.entity.pk}
    then = client.post(f"/collections/call/{pk}/", data, follow=True)
    assert then.redirect_chain[-1][0].split("/")[3] != pk
    assert "no answer" in then.content.decode()


@pytest.mark.parametrize(("today", "counted"), [(ON, b""), (ON + DAY, b"1")])
def test_a_call_counts_from_the_day_it_is_where_the_company_is(
    house: House, monkeypatch: pytest.MonkeyPatch, today: date, counted: bytes
) -> None:
    """Around midnight that is not the day it is in London."""
    calls.plan_call(
        customer=house.cast.norte, reason="other", due_on=ON + DAY, at=AT, assigned_to=house.cast.carl
    )
    days = {"Europe/Madrid": today}
    monkeypatch.setattr(clock, "today", lambda zone=None: days.get(zone, ON))
    assert in_house(house.cast.carl).get("/collections/worklist/count/").content == counted


def test_the_counter_and_the_api_are_for_who_makes_calls(house: House) -> None:
    overdue(house, 1)
    today = clock.today("Europe/Madrid")
    calls.plan_call(
        customer=house.cast.norte, reason="other", due_on=today, at=AT, assigned_to=house.cast.carl
    )
    assert in_house(house.cast.carl).get("/collections/worklist/count/").content == b"1"
    assert in_house(house.cast.fin).get("/collections/worklist/count/").status_code == 403
    assert in_house(house.cast.fin).get("/collections/worklist/").status_code == 403
    url = f"/api/v1/worklist/?entity={house.cast.entity.pk}&whose=all"
    found = in_house(house.cast.carl).get(url).json()["results"]
    assert {row["name"] for row in found} == {"Comercial Norte, S.A.", "Cliente 0 1"}
    assert in_house(house.cast.mallory).get(url).status_code == 404
    assert in_house(house.cast.fin).get(url).status_code == 403
    body = {"customers": [house.cast.norte.pk], "collector": house.cast.carl.pk}
    collector = "/api/v1/worklist/collector/"
    json = "application/json"
    assert in_house(house.cast.carl).post(collector, body, content_type=json).status_code == 403
    assert in_house(house.cast.alice).post(collector, body, content_type=json).json() == {"changed": 1}
    rest = {"customer": house.cast.norte.pk, "until": (today + DAY).isoformat()}
    assert (
        in_house(house.cast.carl).post("/api/v1/worklist/rest/", rest, content_type=json).status_code == 204
    )
