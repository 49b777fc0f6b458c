"""Every figure by every dimension: parts add up to the whole, and a past day stays what it was."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from accounts.choices import Role
from collections_app.models import Portfolio
from disputes import services as disputes
from reporting.reports import Options, build
from reporting.selectors.answers import OF_ANSWERS
from reporting.selectors.dimensions import OF_CUSTOMERS, OF_POSITION
from reporting.selectors.frame import make_frame
from tests.factories import make_customer, make_person
from tests.reporting.company import DISPUTED_AT, LATE, ON, Company, bill, contest

D = Decimal
DAY = timedelta(days=1)


def data(company: Company, name: str, as_of: date = ON, **options: Any) -> dict[str, Any]:
    """The JSON of a report on the whole company."""
    with override("en"):
        return build(name, make_frame(company.cast.entity, as_of), Options(**options)).data


@pytest.fixture
def busy(company: Company) -> Company:
    """A second dispute shares an invoice with the first one; Norte is in Carl's portfolio."""
    contest((company.a1, "200.00"), reason="quality", by=company.cast.alice, at=LATE)
    cast = company.cast
    Portfolio.objects.create(customer=cast.norte, collector=cast.carl, set_by=cast.alice, set_at=LATE)
    return company


@pytest.mark.parametrize("by", OF_POSITION)
def test_aging_and_dso_add_up_by_every_dimension(busy: Company, by: str) -> None:
    found = data(busy, "aging", by=by)
    for bucket, amount in found["buckets"].items():
        assert sum(D(row["buckets"][bucket]) for row in found["rows"]) == D(amount)
        assert sum(D(row["disputed"][bucket]) for row in found["rows"]) == D(found["disputed"][bucket])
    assert sum(D(row["unapplied"]) for row in found["rows"]) == D(found["unapplied"]) == -350
    dso = data(busy, "dispute-dso", by=by)
    assert sum(D(row["disputed"]) for row in dso.get("rows", [dso])) == D(dso["disputed"]) == 700
    if by not in OF_CUSTOMERS:
        whole = sum(row["dispute_dso"] for row in dso["rows"])
        assert whole == pytest.approx(dso["dispute_dso"], abs=0.002)


def test_what_is_owed_is_split_by_what_holds_it_up(busy: Company) -> None:
    found = {row["key"]: row for row in data(busy, "aging", by="reason")["rows"]}
    assert found["price"]["disputed"]["1_30"] == "400.00"
    assert (found["quality"]["buckets"]["1_30"], found["quality"]["disputed"]["1_30"]) == ("200.00", "200.00")
    assert found[""]["label"] == "Not in dispute"
    assert (found[""]["buckets"]["1_30"], found[""]["unapplied"]) == ("100.00", "-350.00")


def test_a_collector_has_the_figures_of_their_portfolio(busy: Company) -> None:
    rows = {row["label"]: row["total"] for row in data(busy, "aging", by="collector")["rows"]}
    assert rows == {"Carl": "1050.00", "No collector": "600.00"}
    frame = make_frame(busy.cast.entity, ON, filters={"collector": busy.cast.carl.pk})
    assert build("aging", frame, Options()).data["total"] == "1050.00"


@pytest.mark.parametrize("by", OF_CUSTOMERS)
def test_collection_effectiveness_adds_up_by_every_dimension(company: Company, by: str) -> None:
    found = data(company, "cei", by=by, first=date(2026, 2, 1), last=date(2026, 2, 28))
    rows = found.get("rows", [found])
    for key in ("receivables_begin", "sales", "receivables_end", "not_due_end"):
        assert sum(D(row[key]) for row in rows) == D(found[key])
    assert found["cei"] == round(100 / 2200 * 100, 3)


@pytest.mark.parametrize("by", OF_ANSWERS)
def test_outcomes_answers_and_causes_add_up_by_every_dimension(busy: Company, by: str) -> None:
    _ask_and_answer(busy)
    _close(busy, DISPUTED_AT + 4 * DAY)
    answers = data(busy, "answers", by=by)
    assert sum(row["answers"] for row in answers["rows"]) == answers["answers"] == 1
    if by in ("person", "team"):
        return
    outcomes = data(busy, "outcomes", by=by)
    assert sum(row["count"] for row in outcomes["rows"]) == outcomes["closed"] == 1
    assert [row["settled"] for row in outcomes["rows"]] == ["300.00"]
    pareto = data(busy, "pareto", by=by)
    assert sum(D(row["amount"]) for row in pareto["rows"]) == D(pareto["amount"]) == 200


def _ask_and_answer(company: Company) -> None:
    sam, alice = company.cast.sam, company.cast.alice
    due = DISPUTED_AT + timedelta(hours=2)
    for hours, text in ((3, "Did you agree on this price?"), (0, "Since when?")):
        question = disputes.ask_question(
            dispute=company.dispute, asked_of=sam, kind="yes_no", text=text, by=alice, at=DISPUTED_AT, due_at=due
        )  # fmt: skip
        if hours:
            at = DISPUTED_AT + timedelta(hours=hours)
            disputes.answer_question(question_id=question.pk, value="yes", by=sam, at=at)


def _close(company: Company, at: Any) -> None:
    disputes.close_dispute(
        dispute=company.dispute, verdict="justified", resolution="credit", amount=D(300), by=company.cast.alice, at=at
    )  # fmt: skip


@pytest.mark.parametrize("by", [by for by in OF_CUSTOMERS if by not in {"entity", "currency"}])
def test_the_figures_of_each_value_are_those_of_its_customers_alone(busy: Company, by: str) -> None:
    """What a filter shows of one value is what the split says of it, now and in the period before."""
    _ask_and_answer(busy)
    filters = {"customer": {"C-001": busy.cast.norte.pk, "C-002": busy.cast.sur.pk}}
    rows = data(busy, "figures", by=by, first=date(2026, 3, 1))["rows"]
    assert rows
    for row in rows:
        value = filters.get(by, {}).get(row["key"], row["key"] or "none")
        frame = make_frame(busy.cast.entity, ON, filters={by: value})
        alone = build("figures", frame, Options(first=date(2026, 3, 1))).data["rows"]
        known = {figure["key"]: (figure["value"], figure["before"]) for figure in alone}
        assert {figure["key"]: (figure["value"], figure["before"]) for figure in row["figures"]} == known


def test_figures_by_take_as_many_queries_for_two_salespeople_as_for_nine(busy: Company) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            data(busy, "figures", by="salesperson")
        return len(queries)

    before = asked()
    for n in range(7):
        seller = make_person(f"Seller{n}", busy.cast.entity, Role.SALES)
        customer = make_customer(busy.cast.entity, f"S-{n}", f"Shop {n}", salesperson=seller)
        bill(customer, f"S-{n}", "10.00", date(2026, 1, 1), date(2026, 1, 31))
    assert asked() == before


def test_answers_are_counted_by_person_with_what_still_waits(company: Company) -> None:
    """Asked at 10:00 in Madrid, answered at 13:00, one hour past the deadline; the other question waits."""
    _ask_and_answer(company)
    found = data(company, "answers")
    (row,) = found["rows"]
    assert (row["label"], row["answers"], row["median"], row["working"], row["in_time"]) == (
        "Sam",
        1,
        3.0,
        3.0,
        0.0,
    )
    assert (row["waiting"], row["overdue"]) == (1, 1)
    assert found["first_answer_days"]["median"] == 0.125
    before = data(company, "answers", DISPUTED_AT.date() - DAY)
    assert (before["answers"], before["waiting"], before["rows"]) == (0, 0, [])


def test_a_dispute_opened_again_stays_closed_on_the_days_it_was(company: Company) -> None:
    _close(company, DISPUTED_AT + DAY)
    between = DISPUTED_AT.date() + 2 * DAY
    then = [data(company, name, between) for name in ("pareto", "outcomes", "disputes")]
    assert (then[0]["count"], then[1]["closed"], then[1]["reopened"]) == (0, 1, 0)
    disputes.reopen_dispute(dispute=company.dispute, by=company.cast.alice, at=DISPUTED_AT + 4 * DAY)
    assert [data(company, name, between) for name in ("pareto", "outcomes", "disputes")] == then
    now = data(company, "outcomes")
    assert (now["closed"], now["reopened"], now["reopened_rate"]) == (0, 1, 100.0)
    assert data(company, "pareto")["count"] == 1
