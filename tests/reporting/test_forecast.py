"""The cash forecast: each open and undisputed cent is expected once, on the ground that deserves most trust."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from collections_app.schedules import Share
from collections_app.services import instalments
from reporting.metrics.forecast import Covered, Due, still_to_come
from reporting.reports import Options, build
from reporting.selectors.frame import make_frame
from tests.collections.conftest import House, house
from tests.factories import AT, ON, make_invoice, pay

__all__ = ["house"]
D = Decimal
DAY = timedelta(days=1)
Shown = list[tuple[str | None, str, str, str, str]]


def forecast(house: House, as_of: date = ON, **options: Any) -> tuple[dict[str, Any], Shown]:
    """The report, and its weeks: promised, predicted, due, late."""
    with override("en"):
        found = build("forecast", make_frame(house.cast.entity, as_of), Options(**options)).data
    keys = ("week", "promised", "predicted", "due", "late")
    return found, [tuple(row[key] for key in keys) for row in found["rows"]]  # type: ignore[misc]


def test_instalments_are_expected_on_their_days_the_paid_ones_no_more(house: House) -> None:
    """1,000 and 500 in instalments of 600 and 900; 250 were paid, 100 of the later invoice are in dispute."""
    norte = house.cast.norte
    first, second = make_invoice(norte, "1000.00"), make_invoice(norte, "500.00", due_on=ON + 20 * DAY)
    make_invoice(norte, "70.00", due_on=ON + 9 * DAY)
    plan = instalments.make_plan(
        parts=[(first, D(1000)), (second, D(500))],
        shares=[Share(ON + 9 * DAY, D(600)), Share(ON + 30 * DAY, D(900))],
        by=house.cast.carl,
        on=ON,
        at=AT,
    )
    assert forecast(house)[1][0] == (None, "0.00", "0.00", "0.00", "1000.00")
    instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT)
    pay(first, "250.00", on=ON + DAY)
    house.dispute(second, "100.00")
    found, weeks = forecast(house, ON + DAY)
    assert weeks == [
        ("2026-03-23", "350.00", "0.00", "70.00", "0.00"),
        ("2026-04-13", "800.00", "0.00", "0.00", "0.00"),
    ]
    assert (found["promised"], found["due"], found["late"]) == ("1150.00", "70.00", "0.00")
    missed = forecast(house, ON + 12 * DAY)[1]
    assert missed[0] == (None, "0.00", "0.00", "0.00", "420.00")


def test_whoever_always_pays_ten_days_late_is_expected_ten_days_late(house: House) -> None:
    for days in (8, 10, 10, 11):
        invoice = make_invoice(house.cast.norte, "10.00")
        pay(invoice, on=invoice.due_on + days * DAY)
    coming = make_invoice(house.cast.norte, "100.00", due_on=ON + 4 * DAY)
    assert forecast(house)[1] == [("2026-03-16", "0.00", "0.00", "100.00", "0.00")]
    fifth = make_invoice(house.cast.norte, "10.00")
    pay(fifth, on=fifth.due_on + 30 * DAY)
    assert forecast(house)[1] == [("2026-03-30", "0.00", "100.00", "0.00", "0.00")]
    house.promise(coming, "60.00", 9)
    assert forecast(house)[1] == [
        ("2026-03-23", "60.00", "0.00", "0.00", "0.00"),
        ("2026-03-30", "0.00", "40.00", "0.00", "0.00"),
    ]


def test_a_past_forecast_stands_beside_what_came_in(house: House) -> None:
    invoice = make_invoice(house.cast.norte, "100.00", due_on=ON + 4 * DAY)
    late = make_invoice(house.cast.norte, "30.00")
    pay(invoice, "80.00", on=ON + 8 * DAY)
    pay(late, on=ON)
    found, _weeks = forecast(house, ON - DAY, last=ON + 8 * DAY)
    assert [(row["week"], row["due"], row["late"], row["came_in"]) for row in found["rows"]] == [
        (None, "0.00", "30.00", "0.00"),
        ("2026-03-16", "100.00", "0.00", "30.00"),
        ("2026-03-23", "0.00", "0.00", "80.00"),
    ]
    assert (found["came_in"], found["until"]) == ("110.00", "2026-03-24")
    assert forecast(house, ON - DAY)[0]["came_in"] == "0.00"


cents = st.integers(1, 10**6).map(lambda n: D(n) / 100)


@given(
    st.lists(st.tuples(cents, st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=5),
    st.integers(1, 6),
)
def test_what_an_agreement_still_brings_is_all_that_is_open_and_undisputed(
    parts: list[tuple[Decimal, int, int]], count: int
) -> None:
    cent = D("0.01")
    covered = []
    for number, (amount, paid, disputed) in enumerate(parts):
        left = amount - (amount * paid / 100).quantize(cent)
        free = left - (left * disputed / 100).quantize(cent)
        covered.append(Covered(number, ON + number * DAY, left, free))
    total = sum((amount for amount, *_rest in parts), D(0))
    equal = (total / count).quantize(cent)
    shares = [Due(ON + n * DAY, equal) for n in range(count - 1)]
    shares.append(Due(ON + count * DAY, total - equal * (count - 1)))
    coming = still_to_come(shares, covered)
    for part in covered:
        assert sum(one.amount for one in coming if one.invoice == part.invoice) == part.free
    assert [one.due_on for one in coming] == sorted(one.due_on for one in coming)
    for share in shares:
        assert sum(one.amount for one in coming if one.due_on == share.due_on) <= share.amount
