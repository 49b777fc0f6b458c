"""Every figure opens to its rows over the API, by the command and in files, and the rows add up to it."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from disputes import services as disputes
from lib.errors import DomainError
from reporting.metrics.aging import NOT_DUE
from reporting.reports import Options, build
from reporting.selectors.frame import make_frame
from tests.reporting.company import DISPUTED_AT, ON, Company

D = Decimal


def report(company: Company, name: str, **options: Any) -> dict[str, Any]:
    """The data of a report on the whole of Acme on 16 March 2026, in English."""
    with override("en"):
        return build(name, make_frame(company.cast.entity, ON), Options(**options)).data


def summed(data: dict[str, Any], key: str = "counted") -> Decimal:
    """The rows added up."""
    return sum((D(row[key]) for row in data["rows"]), D(0))


def test_the_invoices_of_each_age_add_up_to_the_aging(company: Company) -> None:
    aging = report(company, "aging")
    for bucket, amount in aging["buckets"].items():
        behind = report(company, "invoices", bucket=bucket)
        assert (summed(behind), behind["amount"]) == (D(amount), amount)
        assert {row["bucket"] for row in behind["rows"]} <= {bucket}
        disputed = report(company, "invoices", part="disputed", bucket=bucket)
        assert summed(disputed) == D(aging["disputed"][bucket])


def test_the_invoices_of_each_part_add_up_to_the_parts_of_the_dso(company: Company) -> None:
    dso = report(company, "dso")
    owed = D(dso["receivables"])
    for part, shown in dso["parts"].items():
        amount = summed(report(company, "invoices", part=part))
        assert round(float(amount / owed) * dso["dso"], 3) == pytest.approx(shown, abs=1.1e-3)
    assert summed(report(company, "invoices", part="overdue")) == owed - D(
        report(company, "aging")["buckets"][NOT_DUE]
    )
    assert summed(report(company, "invoices", part="undisputed")) == owed - D("500.00")


def test_a_row_says_which_invoice_it_is_and_what_counts_of_it(company: Company) -> None:
    (row, other) = report(company, "invoices", part="disputed")["rows"]
    assert (row["id"], row["number"], row["open"], row["disputed"], row["counted"]) == (
        company.a1.pk,
        "A-1",
        "700.00",
        "400.00",
        "400.00",
    )
    assert (row["due_on"], row["late"], other["number"], other["bucket"]) == (
        "2026-02-14",
        30,
        "A-2",
        "not_due",
    )


def test_the_months_of_the_dso_add_up_to_it(company: Company) -> None:
    data = report(company, "count-back")
    assert [(row["month"], row["taken"], row["days"]) for row in data["rows"]] == [
        ("2026-03-01", "500.00", 16.0),
        ("2026-02-01", "400.00", 28.0),
        ("2026-01-01", "1000.00", 31.0),
        ("2025-12-01", "100.00", 3.875),
    ]
    assert (data["dso"], data["exhausted"]) == (report(company, "dso")["dso"], False)


def test_what_was_settled_is_listed_with_what_was_given_up(company: Company) -> None:
    disputes.close_dispute(
        dispute=company.dispute,
        verdict="justified",
        resolution="credit",
        amount=D(300),
        by=company.cast.alice,
        at=DISPUTED_AT + timedelta(days=4),
    )
    (row,) = report(company, "settled")["rows"]
    assert (row["id"], row["outcome"], row["amount"], row["settled"], row["closed_on"]) == (
        company.dispute.pk,
        "credit",
        "500.00",
        "300.00",
        "2026-03-14",
    )
    assert report(company, "settled", last=(DISPUTED_AT + timedelta(days=3)).date())["rows"] == []


@pytest.mark.parametrize(
    ("options", "words"), [({"part": "lost"}, "not_due, overdue"), ({"bucket": "1_31"}, "1_30, 31_60")]
)
def test_what_there_is_not_is_answered_with_what_there_is(
    company: Company, options: dict[str, str], words: str
) -> None:
    with pytest.raises(DomainError, match=words):
        report(company, "invoices", **options)


def test_the_api_and_the_file_take_the_part_and_the_age(company: Company) -> None:
    client = Client()
    client.force_login(company.cast.fin)
    asked = {"as_of": ON.isoformat(), "part": "disputed", "bucket": "1_30"}
    data = client.get("/api/v1/reports/invoices/", asked).json()
    assert [(row["number"], row["counted"]) for row in data["rows"]] == [("A-1", "400.00")]
    file = client.get("/dashboard/files/invoices.csv", asked)
    assert (file.status_code, b"A-1" in file.content, b"B-1" in file.content) == (200, True, False)
    assert client.get("/api/v1/reports/invoices/", asked | {"part": "x"}).status_code == 422
