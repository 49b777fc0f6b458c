"""Promises and dunning: what was kept, and what of the amount asked came in within 7, 14 and 30 days."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from collections_app.models import NoticeLine
from reporting.reports import Options, build
from reporting.selectors.frame import make_frame
from tests.collections.conftest import House, house
from tests.factories import ON, Cast, make_invoice, pay

__all__ = ["house"]
D = Decimal


def data(cast: Cast, name: str, as_of: date, **options: Any) -> dict[str, Any]:
    """The JSON of a report on the whole of Acme."""
    with override("en"):
        return build(name, make_frame(cast.entity, as_of), Options(**options)).data


def test_a_promise_is_kept_when_paid_in_full_by_its_day_and_grace(cast: Cast, house: House) -> None:
    kept, late, partly, running = (make_invoice(cast.norte, "100.00", number=f"P-{i}") for i in range(4))
    for invoice, days in ((kept, 5), (late, 5), (partly, 5), (running, 30)):
        house.promise(invoice, "80.00", days)
    pay(kept, "80.00", on=ON + timedelta(days=8))
    pay(late, "80.00", on=ON + timedelta(days=9))
    pay(partly, "79.99", on=ON + timedelta(days=1))
    found = data(cast, "promises", ON + timedelta(days=20), last=ON + timedelta(days=60))
    assert [(row["invoice"], row["state"], row["paid"]) for row in found["rows"]] == [
        ("P-0", "kept", "80.00"),
        ("P-1", "broken", "0.00"),
        ("P-2", "broken", "79.99"),
        ("P-3", "running", "0.00"),
    ]
    assert (found["kept"], found["broken"], found["running"], found["kept_rate"]) == (1, 2, 1, 33.333)


def test_a_promise_is_not_broken_before_its_grace_is_over(cast: Cast, house: House) -> None:
    house.promise(make_invoice(cast.norte, "100.00"), "100.00", 5)
    for days, state in ((5, "running"), (8, "running"), (9, "broken")):
        (row,) = data(cast, "promises", ON + timedelta(days=days), last=ON + timedelta(days=60))["rows"]
        assert row["state"] == state


@pytest.mark.django_db(transaction=True)
def test_dunning_is_measured_by_what_was_paid_since(cast: Cast, house: House) -> None:
    invoice = make_invoice(
        cast.norte, "1000.00", issued_on=ON - timedelta(days=40), due_on=ON - timedelta(days=10)
    )
    house.dun()
    line = NoticeLine.objects.get(invoice=invoice, counts=True)
    assert line.asked == 1000
    pay(invoice, "400.00", on=ON + timedelta(days=7))
    pay(invoice, "300.00", on=ON + timedelta(days=8))
    pay(invoice, "300.00", on=ON + timedelta(days=31))
    (row,) = data(cast, "dunning", ON + timedelta(days=40), first=ON, last=ON)["rows"]
    assert (row["step_days"], row["channel"], row["notices"], row["asked"]) == (
        line.step_days,
        "email",
        1,
        "1000.00",
    )
    assert (row["paid_7"], row["paid_14"], row["paid_30"]) == ("400.00", "700.00", "700.00")
    assert (row["share_7"], row["share_30"]) == (40.0, 70.0)
    assert data(cast, "dunning", ON + timedelta(days=40), first=ON + timedelta(days=1))["rows"] == []
    (row,) = data(cast, "dunning", ON + timedelta(days=7), first=ON, last=ON)["rows"]
    assert (row["paid_7"], row["paid_30"]) == ("400.00", "400.00")


def test_a_forecast_puts_each_part_into_its_week(cast: Cast, house: House) -> None:
    """Monday 16 March: 100 late, 60 of 100 promised for the 25th, 200 due on the 22nd less 50 disputed."""
    make_invoice(cast.norte, "100.00")
    promised = make_invoice(cast.norte, "100.00")
    house.promise(promised, "60.00", 9)
    house.dispute(make_invoice(cast.norte, "200.00", due_on=date(2026, 3, 22)), "50.00")
    found = data(cast, "forecast", ON)
    assert [(row["week"], row["promised"], row["due"], row["late"]) for row in found["rows"]] == [
        (None, "0.00", "0.00", "140.00"),
        ("2026-03-16", "0.00", "150.00", "0.00"),
        ("2026-03-23", "60.00", "0.00", "0.00"),
    ]
    assert (found["promised"], found["due"], found["late"]) == ("60.00", "150.00", "140.00")
