"""The cube says what the rows say, whatever happens to the ledger and whenever it is folded."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ledger.models import ExchangeRate
from reporting.cube.models import CustomerMark
from reporting.cube.reading import reading
from reporting.selectors.frame import make_frame
from tests.reporting.company import ON, Company
from tests.reporting.cube import ACTS, DAY, D, Life, fold, same, undone


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    lived=st.lists(st.tuples(st.sampled_from([*ACTS, "fold"]), st.integers(0, 11)), min_size=3, max_size=15)
)
def test_whatever_happens_read_and_computed_are_the_same(
    company: Company, lived: list[tuple[str, int]]
) -> None:
    with undone():
        ExchangeRate.objects.create(currency="USD", on=ON - 7 * DAY, per_euro=D("1.0837"))
        life = Life(company)
        fold(company)
        for what, which in lived:
            life.happen(what, which)
        assert reading(make_frame(company.cast.entity, ON), "entity")
        same(company)
        fold(company)
        same(company)
        assert not CustomerMark.objects.exists()
    company.dispute.refresh_from_db()


@pytest.mark.parametrize("what", ACTS)
def test_every_act_of_a_life_can_happen(company: Company, what: str) -> None:
    """So that the test above does not pass because everything is refused."""
    ExchangeRate.objects.create(currency="USD", on=ON - 7 * DAY, per_euro=D("1.0837"))
    life = Life(company)
    fold(company)
    for before in {"drop": ["bill"], "reopen": ["close"], "place": ["pay_loose"]}.get(what, []):
        getattr(life, before)(3)
    getattr(life, what)(2)
    same(company)
