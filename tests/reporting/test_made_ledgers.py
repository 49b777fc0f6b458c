"""Ledgers made up by hypothesis: any past day is told as pandas works it out from the made-up facts alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pandas as pd
from django.utils.translation import override
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from disputes import services as disputes
from disputes.services import catalogue
from reporting.reports import Options, build
from reporting.selectors.frame import make_frame
from tests.factories import Cast
from tests.plays import plays
from tests.reporting.company import bill, contest, receive
from tests.reporting.cube import undone
from tests.reporting.pandas_figures import aging, count_back

FIRST = date(2025, 10, 1)
D = Decimal


@dataclass(frozen=True, slots=True)
class Made:
    """An invoice with its payments (per cent of what is left, days after its issue) and its dispute (per cent of the
    invoice, first day, days until it is withdrawn: 0 never)."""

    ours: bool
    day: int
    terms: int
    cents: int
    paid: list[tuple[int, int]]
    disputed: tuple[int, int, int] | None

    @property
    def issued(self) -> date:
        return FIRST + timedelta(days=self.day)


invoices = st.builds(
    Made,
    ours=st.booleans(),
    day=st.integers(0, 150),
    terms=st.integers(0, 60),
    cents=st.integers(1, 5_000_000),
    paid=st.lists(st.tuples(st.integers(1, 100), st.integers(0, 120)), max_size=2),
    disputed=st.none() | st.tuples(st.integers(1, 100), st.integers(0, 60), st.integers(0, 40)),
)


def at(on: date) -> datetime:
    """Noon of a day."""
    return datetime.combine(on, time(12), UTC)


def payments(one: Made) -> list[tuple[int, date]]:
    """Cents and day of each payment, in the order they are booked."""
    left, found = one.cents, []
    for percent, after in one.paid:
        cents = left * percent // 100
        if cents:
            found.append((cents, one.issued + timedelta(days=after)))
            left -= cents
    return found


def contested(one: Made) -> tuple[int, date, date | None] | None:
    """Cents in dispute, from which day, until which."""
    if one.disputed is None:
        return None
    percent, after, days = one.disputed
    since = one.issued + timedelta(days=after)
    return max(one.cents * percent // 100, 1), since, since + timedelta(days=days) if days else None


def book(cast: Cast, made: list[Made]) -> None:
    """Write the made-up facts through the services."""
    for n, one in enumerate(made):
        customer = cast.norte if one.ours else cast.sur
        facts = (str(D(one.cents) / 100), one.issued, one.issued + timedelta(days=one.terms))
        invoice = bill(customer, f"M-{n}", *facts, at=at(one.issued))
        if (held := contested(one)) is not None:
            cents, since, until = held
            dispute = contest((invoice, str(D(cents) / 100)), by=cast.alice, at=at(since))
            if until is not None:
                disputes.withdraw_dispute(dispute=dispute, by=cast.alice, at=at(until))
        for cents, on in payments(one):
            invoice.refresh_from_db()
            receive(invoice, str(D(cents) / 100), on, at=at(on))


def standing(made: list[Made], on: date) -> pd.DataFrame:
    """What is open at the end of the day, from the made-up facts and nothing else."""
    rows = []
    for n, one in enumerate(made):
        held = contested(one)
        there = held is not None and held[1] <= on and (held[2] is None or on < held[2])
        rows.append((n, one.ours, one.issued, one.terms, one.cents, held[0] if there and held else 0))
    table = pd.DataFrame(rows, columns=["n", "ours", "issued", "terms", "cents", "asked"])
    paid = pd.DataFrame(
        [(n, cents, day) for n, one in enumerate(made) for cents, day in payments(one)],
        columns=["n", "paid", "day"],
    )
    sums = paid[paid["day"] <= on].groupby("n")["paid"].sum()
    table["cents"] -= table["n"].map(sums).fillna(0).astype(int)
    table = table[(table["issued"] <= on) & (table["cents"] > 0)].copy()
    table["late"] = (pd.Timestamp(on) - pd.to_datetime(table["issued"])).dt.days - table["terms"]
    table["disputed"] = table[["asked", "cents"]].min(axis=1)
    return table


def shown(cast: Cast, name: str, on: date, **options: Any) -> dict[str, Any]:
    """The data of a report on the whole company."""
    with override("en"):
        return build(name, make_frame(cast.entity, on), Options(**options)).data


def cents(amounts: dict[str, str]) -> dict[str, int]:
    return {name: int(D(amount) * 100) for name, amount in amounts.items()}


@settings(
    max_examples=plays(8),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    made=st.lists(invoices, min_size=1, max_size=5),
    after=st.lists(st.integers(0, 220), min_size=2, max_size=3),
)
def test_any_past_day_is_told_as_pandas_works_it_out(cast: Cast, made: list[Made], after: list[int]) -> None:
    with undone():
        catalogue.install(cast.entity)
        book(cast, made)
        sold = pd.DataFrame(
            {"issued": pd.to_datetime([one.issued for one in made]), "cents": [one.cents for one in made]}
        )
        for on in (FIRST + timedelta(days=days) for days in after):
            expected = standing(made, on)
            told, dso = shown(cast, "aging", on, by="salesperson"), shown(cast, "dso", on)
            assert cents(told["buckets"]) == aging(expected)
            assert cents(told["disputed"]) == aging(expected, "disputed")
            own = {ours: aging(rows) for ours, rows in expected.groupby("ours")}
            assert {row["label"] == "Sam": cents(row["buckets"]) for row in told["rows"]} == own
            owed = int(expected["cents"].sum())
            days = count_back(sold, on, owed) if owed else 0.0
            assert dso["exhausted"] == (days is None)
            assert days is None or abs(dso["dso"] - days) <= 6e-4
            assert sum(D(str(part)) for part in dso["parts"].values()) == D(str(dso["dso"]))
