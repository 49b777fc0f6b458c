"""A flat file of receivables goes in through the importer, and every figure equals a reckoning by pandas alone.

RECEIVABLES_FILE names a larger file of the same columns to run this over; without it a small one of our own is used.
"""

import os
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd
import pytest
from django.utils.translation import override

from disputes.services import catalogue
from ledger.models import Invoice
from reporting.reports import Options, build
from reporting.selectors.frame import make_frame
from tests.factories import Cast
from tests.ledger.intake_helpers import bring, numbers
from tests.reporting import pandas_figures as plain
from tests.reporting.company import contest

OWN = Path(__file__).parent / "files" / "receivables.csv"
FILE = Path(os.environ.get("RECEIVABLES_FILE", OWN))


@pytest.fixture
def table(cast: Cast, tmp_path: Path) -> pd.DataFrame:
    """The file in the ledger: first the invoices, then what was disputed, then what was settled."""
    catalogue.install(cast.entity)
    raw, table = pd.read_csv(FILE, dtype=str), plain.read(str(FILE))
    unsettled = tmp_path / "invoices.csv"
    raw.drop(columns="SettledDate").to_csv(unsettled, index=False)
    assert numbers(bring(cast.entity, unsettled)) == (len(raw), 0, 0, 0)
    known = {invoice.number: invoice for invoice in Invoice.objects.filter(entity=cast.entity)}
    zone = ZoneInfo(cast.entity.time_zone)
    for row in table[table["part"] > 0].itertuples():
        at = datetime.combine(row.since.date(), time(10), zone)
        contest((known[row.number], str(Decimal(row.part) / 100)), by=cast.alice, at=at)
    settled = tmp_path / "settled.csv"
    raw.to_csv(settled, index=False)
    assert numbers(bring(cast.entity, settled))[3] == 0
    return table


def days_of(table: pd.DataFrame) -> list[date]:
    """Days to look at: spread over the life of the file, its ends, and one in the middle of a month."""
    first, last = table["issued"].min().date(), table["issued"].max().date()
    step = (last - first).days // 4
    spread = [first + timedelta(days=step * n) for n in range(1, 5)]
    return [*spread, last.replace(day=1) - timedelta(days=1), last + timedelta(days=45)]


def cents(amounts: dict[str, str]) -> dict[str, int]:
    """Amounts of a report in cents."""
    return {name: int(Decimal(amount) * 100) for name, amount in amounts.items()}


def report(cast: Cast, name: str, on: date, **options: Any) -> dict[str, Any]:
    """The data of a report on the whole company."""
    with override("en"):
        return build(name, make_frame(cast.entity, on), Options(**options)).data


def same(found: float | None, expected: float | None, within: float = 6e-4) -> bool:
    """Days and per cent to the third decimal; parts of a whole may differ by one thousandth, so that they add up."""
    if found is None or expected is None:
        return found is expected
    return abs(found - expected) <= within


def check_day(cast: Cast, table: pd.DataFrame, on: date) -> None:
    """Aging and the family of DSO on one day."""
    expected = plain.figures(table, on)
    aging, dso = report(cast, "aging", on), report(cast, "dso", on)
    assert cents(aging["buckets"]) == expected["buckets"]
    assert cents(aging["disputed"]) == expected["disputed"]
    assert int(Decimal(dso["receivables"]) * 100) == expected["owed"]
    assert dso["exhausted"] == (expected["dso"] is None)
    assert same(report(cast, "dso", on, method="simple")["dso"], expected["simple"])
    if expected["dso"] is not None:
        assert same(dso["dso"], expected["dso"])
        assert same(dso["best_possible_dso"], expected["best"])
        assert all(same(dso["parts"][name], part, 1.1e-3) for name, part in expected["parts"].items())
        assert sum(Decimal(str(part)) for part in dso["parts"].values()) == Decimal(str(dso["dso"]))
        assert same(dso["dispute_dso_marginal"], expected["marginal"])


def check_customers(cast: Cast, table: pd.DataFrame, on: date) -> None:
    """What each customer owes."""
    expected = {name: plain.aging(rows) for name, rows in plain.standing(table, on).groupby("customer")}
    rows = report(cast, "aging", on, by="customer")["rows"]
    assert {row["label"]: cents(row["buckets"]) for row in rows} == expected


def check_series(cast: Cast, table: pd.DataFrame, last: date) -> None:
    """Every point of a series over months."""
    series = report(cast, "dispute-dso", last, first=last - timedelta(days=200), last=last)["series"]
    assert len(series) >= 6
    for point in series:
        expected = plain.figures(table, date.fromisoformat(point["on"]))
        assert int(Decimal(point["disputed"]) * 100) == sum(expected["disputed"].values())
        if expected["dso"] is not None:
            assert same(point["dso"], expected["dso"])
            assert same(point["dispute_dso"], expected["parts"]["disputed"], 1.1e-3)


def test_every_figure_of_a_receivables_file_is_what_pandas_says(cast: Cast, table: pd.DataFrame) -> None:
    days = days_of(table)
    for on in days:
        check_day(cast, table, on)
    check_customers(cast, table, days[2])
    check_series(cast, table, days[3])
    quarter = days[3] - timedelta(days=89)
    found = report(cast, "cei", days[3], first=quarter, last=days[3])["cei"]
    assert same(found, plain.effectiveness(table, quarter, days[3]))
