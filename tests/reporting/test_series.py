"""A series says for each day what the reports of that day say; made-up ledgers equal a naive reckoning by pandas."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from django.utils.translation import override

from disputes import services as disputes
from disputes.models import DisputeLine
from ledger.models import Allocation, ExchangeRate, Invoice
from lib.errors import DomainError
from reporting.reports import Options, build
from reporting.reports.series import days_of
from reporting.selectors.dimensions import OF_CUSTOMERS
from reporting.selectors.flow import Period
from reporting.selectors.frame import make_frame
from reporting.selectors.series import rates_on, standings_by
from tests.factories import Cast
from tests.reporting.company import ON, Company, bill, contest, receive

D = Decimal
DAY = timedelta(days=1)
START = date(2025, 12, 1)


def data(company: Company, name: str, as_of: date = ON, **options: Any) -> dict[str, Any]:
    with override("en"):
        return build(name, make_frame(company.cast.entity, as_of), Options(**options)).data


def test_each_point_is_what_the_reports_of_its_day_say(company: Company) -> None:
    bill(company.cast.sur, "U-1", "500.00", date(2026, 1, 5), date(2026, 3, 14), currency="USD")
    for day in range(1, 80, 4):
        ExchangeRate.objects.create(
            currency="USD", on=date(2025, 12, 31) + day * DAY, per_euro=D(100 + day) / 80
        )
    found = data(company, "series", first=date(2026, 3, 8), step="day")
    (row,) = found["rows"]
    assert len(row["points"]) == 9
    for point in (row["points"][0], row["points"][3], row["points"][8]):
        on = date.fromisoformat(point["on"])
        aging, dso = data(company, "aging", on), data(company, "dso", on)
        assert point["buckets"] == aging["buckets"]
        assert D(point["in_dispute"]) == sum(D(amount) for amount in aging["disputed"].values())
        names = {"dso": "dso", "marginal": "dispute_dso_marginal", "best_possible": "best_possible_dso"}
        assert {key: point[key] for key in names} == {key: dso[name] for key, name in names.items()}
        assert {key: point[key] for key in dso["parts"]} == dso["parts"]
        cei = data(company, "cei", on, first=on, last=on)
        assert point["cei"] == cei["cei"]


@pytest.mark.parametrize("by", OF_CUSTOMERS)
def test_a_series_adds_up_by_every_dimension(company: Company, by: str) -> None:
    whole = data(company, "series", first=date(2026, 2, 1))["rows"][0]["points"]
    rows = data(company, "series", first=date(2026, 2, 1), by=by)["rows"]
    for place, point in enumerate(whole):
        for key in ("receivables", "in_dispute"):
            assert sum(D(row["points"][place][key]) for row in rows) == D(point[key])
    assert by == "entity" or all(row["label"] for row in rows)


def test_steps_end_at_sundays_and_months_and_at_the_period() -> None:
    period = Period(date(2026, 2, 26), date(2026, 3, 10))
    assert days_of(period, "month") == [date(2026, 2, 28), date(2026, 3, 10)]
    assert days_of(period, "week") == [date(2026, 3, 1), date(2026, 3, 8), date(2026, 3, 10)]
    assert len(days_of(period, "day")) == 13
    with pytest.raises(DomainError, match="year"):
        days_of(period, "year")
    with pytest.raises(DomainError, match="1200"):
        days_of(Period(date(2020, 1, 1), ON), "day")


def made_up(cast: Cast, seed: int) -> None:
    """Thirty invoices of both customers, paid, reversed and disputed at random."""
    dice = random.Random(seed)
    disputes.catalogue.install(cast.entity)
    for number in range(30):
        issued = START + dice.randrange(80) * DAY
        amount = D(dice.randrange(100, 100_000)) / 100
        invoice = bill(
            dice.choice((cast.norte, cast.sur)), f"R-{number}", str(amount), issued, issued + dice.randrange(60) * DAY
        )  # fmt: skip
        if dice.random() < 0.6:
            part = (amount * dice.randrange(1, 100) / 100).quantize(D("0.01"))
            if part:
                receive(invoice, str(part), issued + dice.randrange(40) * DAY)
        if dice.random() < 0.6 and (left := Invoice.objects.get(pk=invoice.pk)).amount > left.allocated:
            at = datetime(2025, 12, 1, 9, tzinfo=UTC) + (issued - START) + dice.randrange(40) * DAY
            dispute = contest((invoice, str(left.amount - left.allocated)), by=cast.alice, at=at)
            if dice.random() < 0.5:
                disputes.close_dispute(
                    dispute=dispute, verdict="unjustified", resolution="rejected", amount=D(0), by=cast.alice,
                    at=at + dice.randrange(1, 40) * DAY,
                )  # fmt: skip


@pytest.mark.parametrize("seed", range(2))
def test_made_up_ledgers_equal_a_naive_reckoning(cast: Cast, seed: int) -> None:
    made_up(cast, seed)
    days = [START + n * DAY for n in range(0, 130, 7)]
    frame = make_frame(cast.entity, days[-1])
    found = standings_by(frame, days, rates_on(days, "EUR"), "customer")
    naive = reckon(days)
    for code, standings in found.items():
        for standing in standings:
            expected = naive.get((code, standing.day), {})
            for place, name in enumerate(frame.buckets.names):
                opened, disputed = expected.get(name, (D(0), D(0)))
                assert (standing.opens[place], standing.disputes[place]) == (opened, disputed), (
                    standing.day,
                    name,
                )


def reckon(days: list[date]) -> dict[tuple[str, date], dict[str, tuple[Decimal, Decimal]]]:
    """The same, invoice by invoice and day by day, from the rows as they lie in the tables."""
    invoices = pd.DataFrame(
        Invoice.objects.filter(kind="invoice").values("pk", "customer__code", "issued_on", "due_on", "amount")
    )
    paid = pd.DataFrame(Allocation.objects.values("invoice", "allocated_on", "amount"))
    lines = pd.DataFrame(DisputeLine.objects.values("invoice", "opened_on", "closed_on", "amount"))
    found: dict[tuple[str, date], dict[str, tuple[Decimal, Decimal]]] = {}
    for day in days:
        for row in invoices[invoices.issued_on <= day].itertuples():
            placed = sum(paid[(paid.invoice == row.pk) & (paid.allocated_on <= day)].amount, D(0))
            left = row.amount - placed
            live = lines[(lines.invoice == row.pk) & (lines.opened_on <= day)]
            live = live[live.closed_on.isna() | (live.closed_on > day)]
            disputed = min(left, sum(live.amount, D(0)))
            late = (day - row.due_on).days
            name = (
                "not_due" if late <= 0 else "1_30" if late <= 30 else "31_60" if late <= 60
                else "61_90" if late <= 90 else "over_90"
            )  # fmt: skip
            sums = found.setdefault((row.customer__code, day), {})
            before = sums.get(name, (D(0), D(0)))
            sums[name] = (before[0] + left, before[1] + disputed)
    return found
