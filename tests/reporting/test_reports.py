"""Reports by name: the figures of the small company, worked out by hand, in the JSON that people and scripts
rely on.
"""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from disputes import services as disputes
from disputes.models import Dispute
from ledger.models import ExchangeRate
from lib.errors import DomainError
from reporting.reports import NAMES, Options, Report, build
from reporting.selectors.frame import make_frame
from tests.reporting.company import DISPUTED_AT, ON, Company, bill, contest, receive

D = Decimal


def report(company: Company, name: str, **options: Any) -> Report:
    """A report on the whole of Acme on 16 March 2026, in English."""
    frame = make_frame(company.cast.entity, options.pop("as_of", ON), known_at=options.pop("known_at", None))
    with override("en"):
        return build(name, frame, Options(**options))


def test_aging_has_the_agreed_shape(company: Company) -> None:
    data = report(company, "aging").data
    rows = data.pop("rows")
    assert data == {
        "as_of": "2026-03-16",
        "currency": "EUR",
        "buckets": {
            "not_due": "500.00",
            "1_30": "700.00",
            "31_60": "0.00",
            "61_90": "800.00",
            "over_90": "0.00",
        },
        "unapplied": "-350.00",
        "total": "1650.00",
        "disputed": {
            "not_due": "100.00",
            "1_30": "400.00",
            "31_60": "0.00",
            "61_90": "0.00",
            "over_90": "0.00",
        },
        "by": "customer",
    }
    assert [(row["key"], row["label"], row["total"]) for row in rows] == [
        ("C-001", "Comercial Norte, S.A.", "1050.00"),
        ("C-002", "Distribuciones Sur, S.L.", "600.00"),
    ]


def test_dso_of_the_small_company_is_what_one_works_out_by_hand(company: Company) -> None:
    """Owed 2,000. March 500 in 16 days, February 600 - 200 in 28, January 1,000 in 31, then 100 of
    December's 800.
    """
    assert report(company, "dso").data == {
        "as_of": "2026-03-16",
        "entity": "ACM",
        "currency": "EUR",
        "receivables": "2000.00",
        "method": "count-back",
        "dso": 78.875,
        "exhausted": False,
        "parts": {"not_due": 15.775, "late": 43.381, "disputed": 19.719},
        "dispute_dso": 19.719,
        "dispute_dso_marginal": 16.275,
        "best_possible_dso": 16.0,
        "average_days_delinquent": 62.875,
    }


def test_simple_dso_takes_the_sales_of_the_last_90_days(company: Company) -> None:
    """Since 17 December: 1,000 + 500 + 600 - 200 sold; 2,000 owed."""
    data = report(company, "dso", method="simple").data
    assert (data["method"], data["dso"]) == ("simple", round(2000 * 90 / 1900, 3))


def test_dso_by_salesperson_counts_back_each_ones_own_sales(company: Company) -> None:
    """Sam's 1,200: 500 in March, nothing in February, 700 of January's 1,000. Sofia's 800: all she sold but
    400.
    """
    data = report(company, "dso", by="salesperson").data
    rows = {row["label"]: row for row in data["rows"]}
    assert rows["Sam"]["dso"] == 16 + 28 + 21.7
    assert rows["Sam"]["parts"]["disputed"] == round(65.7 * 500 / 1200, 3)
    assert rows["Sofia"]["dso"] == 16 + 28 + 31 + round(400 / 800 * 31, 3)
    assert data["dso"] == 78.875


def test_owing_more_than_was_ever_sold_is_said_and_not_extrapolated(company: Company) -> None:
    bill(company.cast.sur, "CN-9", "900.00", date(2026, 1, 10), date(2026, 1, 10), kind="credit_note")
    found = report(company, "dso")
    assert (found.data["dso"], found.data["exhausted"]) == (16 + 28 + 31 + 31, True)
    assert found.notes == ["More than 106 days: the receivables are larger than all known sales."]


def test_dispute_dso_month_by_month(company: Company) -> None:
    data = report(company, "dispute-dso", first=date(2026, 1, 1)).data
    assert [(point["on"], point["disputed"]) for point in data["series"]] == [
        ("2026-01-31", "0.00"),
        ("2026-02-28", "0.00"),
        ("2026-03-16", "500.00"),
    ]
    assert [point["dso"] for point in data["series"]] == [62.0, round(28 + 31 + 700 / 800 * 31, 3), 78.875]
    assert (data["dispute_dso"], data["dispute_dso_marginal"]) == (19.719, 16.275)
    assert len(report(company, "dispute-dso").data["series"]) == 12


def test_a_series_says_for_each_day_what_the_report_of_that_day_says(company: Company) -> None:
    for point in report(company, "dispute-dso").data["series"]:
        alone = report(company, "dso", as_of=date.fromisoformat(point["on"])).data
        assert (point["dso"], point["dispute_dso"]) == (alone["dso"], alone["dispute_dso"])


def test_dispute_dso_by_customer(company: Company) -> None:
    rows = report(company, "dispute-dso", by="customer").data["rows"]
    assert [(row["label"], row["disputed"]) for row in rows] == [
        ("Comercial Norte, S.A.", "500.00"),
        ("Distribuciones Sur, S.L.", "0.00"),
    ]


def test_open_disputes_are_listed_with_their_age_and_stage(company: Company) -> None:
    data = report(company, "disputes").data
    assert data["open"] == {"count": 1, "amount": "500.00"}
    (row,) = data["rows"]
    assert (row["ref"], row["customer"], row["amount"]) == ("D-000001", "Comercial Norte, S.A.", "500.00")
    assert (row["opened_on"], row["age"], row["stage_days"]) == ("2026-03-10", 6, 6)
    assert (data["opened"], data["solved"], data["open_age_days"]["count"]) == (1, 0, 1)
    assert report(company, "disputes", as_of=date(2026, 3, 9)).data["rows"] == []


def test_two_disputes_never_claim_more_of_an_invoice_than_is_open(company: Company) -> None:
    contest(
        (company.a1, "250.00"), reason="delivery", by=company.cast.alice, at=DISPUTED_AT + timedelta(hours=1)
    )
    receive(company.a1, "200.00", ON)
    data = report(company, "pareto").data
    assert [(row["key"], row["amount"], row["share"], row["vital"]) for row in data["rows"]] == [
        ("price", "500.00", 83.333, True),
        ("delivery", "100.00", 16.667, False),
    ]
    assert data["amount"] == "600.00"
    assert report(company, "dispute-dso").data["disputed"] == "600.00"


@pytest.mark.parametrize(
    "by", ["reason", "root-cause", "route", "department", "customer", "salesperson", "stage"]
)
def test_a_pareto_adds_up_by_every_dimension(company: Company, by: str) -> None:
    data = report(company, "pareto", by=by).data
    assert (data["count"], data["amount"], len(data["rows"])) == (1, "500.00", 1)
    assert data["rows"][0]["label"]


def closed(company: Company, days: int) -> Dispute:
    """The dispute, settled by a credit of 300 so many days after it was opened."""
    return disputes.close_dispute(
        dispute=company.dispute,
        verdict="justified",
        resolution="credit",
        amount=D(300),
        by=company.cast.alice,
        at=DISPUTED_AT + timedelta(days=days),
    )


def test_a_closed_dispute_is_measured_and_its_money_freed(company: Company) -> None:
    closed(company, 4)
    data = report(company, "disputes").data
    assert (data["open"]["count"], data["solved"], data["resolution_days"]["median"]) == (0, 1, 4.0)
    outcomes = report(company, "outcomes").data
    assert (outcomes["closed"], outcomes["freed"], outcomes["justified"]) == (1, "200.00", 1)
    assert [(row["key"], row["settled"], row["median_days"]) for row in outcomes["rows"]] == [
        ("credit", "300.00", 4.0)
    ]
    past = report(company, "disputes", as_of=date(2026, 3, 13), known_at=DISPUTED_AT + timedelta(days=3)).data
    assert (past["open"]["count"], past["open"]["amount"], past["solved"]) == (1, "500.00", 0)


@pytest.mark.parametrize("by", ["stage", "holder", "side", "department"])
def test_every_minute_of_a_dispute_is_counted_once(company: Company, by: str) -> None:
    disputes.assign(
        dispute=company.dispute,
        user=company.cast.carl,
        by=company.cast.alice,
        at=DISPUTED_AT + timedelta(days=1),
    )
    closed(company, 4)
    data = report(company, "wait-time", by=by).data
    assert data["minutes"] == 4 * 24 * 60
    assert sum(row["minutes"] for row in data["rows"]) == 4 * 24 * 60
    assert round(sum(row["share"] for row in data["rows"])) == 100


def test_wait_time_is_cut_at_the_edges_of_the_period(company: Company) -> None:
    closed(company, 4)
    data = report(company, "wait-time", first=date(2026, 3, 12), last=date(2026, 3, 12)).data
    assert data["minutes"] == 24 * 60


def test_cei_of_a_period_by_hand(company: Company) -> None:
    """February: 1,800 owed before, 400 sold; 2,100 owed after (700 + 600 + 800), nothing of it not yet due."""
    data = report(company, "cei", first=date(2026, 2, 1), last=date(2026, 2, 28)).data
    assert (data["receivables_begin"], data["sales"], data["receivables_end"]) == (
        "1800.00",
        "400.00",
        "2100.00",
    )
    assert data["cei"] == round(100 / 2200 * 100, 3)


def test_answers_are_timed_from_question_to_answer(company: Company) -> None:
    question = disputes.ask_question(
        dispute=company.dispute,
        asked_of=company.cast.sam,
        kind="yes_no",
        text="Did you agree on this price?",
        by=company.cast.alice,
        at=DISPUTED_AT,
        due_at=DISPUTED_AT + timedelta(hours=2),
    )
    disputes.answer_question(
        question_id=question.pk, value="yes", by=company.cast.sam, at=DISPUTED_AT + timedelta(hours=3)
    )
    answers = report(company, "wait-time").data["answers"]
    assert (answers["count"], answers["median"], answers["in_time"]) == (1, 0.125, 0)


def test_foreign_amounts_show_the_rate_they_were_converted_with(company: Company) -> None:
    bill(company.cast.sur, "U-1", "500.00", date(2026, 1, 1), date(2026, 1, 31), currency="USD")
    ExchangeRate.objects.create(currency="USD", on=date(2026, 3, 13), per_euro=D("1.25"))
    found = report(company, "dso")
    assert found.data["receivables"] == "2400.00"
    assert found.data["rates"] == [{"currency": "USD", "on": "2026-03-13", "per_euro": "1.250000"}]
    assert ("Exchange rate", "1 EUR = 1.25 USD (13 Mar 2026)") in found.facts


def test_a_period_that_ends_before_it_begins_is_refused(company: Company) -> None:
    with override("en"), pytest.raises(DomainError) as refused:
        report(company, "cei", first=date(2026, 3, 2), last=date(2026, 3, 1))
    with override("en"):
        assert "ends before it begins" in str(refused.value)


def test_as_known_at_travels_through_every_report(company: Company) -> None:
    known_at = datetime(2026, 3, 9, tzinfo=UTC)
    assert report(company, "dso", known_at=known_at).data["receivables"] == "2900.00"
    assert report(company, "pareto", known_at=known_at).data["rows"] == []
    assert report(company, "aging", known_at=known_at).data["known_at"] == "2026-03-09T00:00:00+00:00"


# Interest asks for disputes, contracts, rates, what was claimed and what was waived; waiting for working hours.
# The aging of today asks what changed since it was added up; the last days of a series do, too.
MOST_QUERIES = {"interest": 9, "wait-time": 9, "costs": 8, "answers": 7, "figures": 34, "cei": 9}
MOST_QUERIES |= {"series": 7, "dispute-dso": 7}


@pytest.mark.parametrize("name", NAMES)
def test_each_report_needs_the_same_few_queries_whatever_the_size(company: Company, name: str) -> None:
    counts = []
    for batch in range(2):
        with CaptureQueriesContext(connection) as queries:
            report(company, name)
        counts.append(len(queries))
        for i in range(15):
            extra = bill(company.cast.norte, f"Q-{batch}-{i}", "10.00", date(2026, 1, 1), date(2026, 1, 31))
            contest((extra, "5.00"), reason="quality", by=company.cast.alice)
    assert counts[0] == counts[1]
    assert counts[0] <= MOST_QUERIES.get(name, 6)
