"""Buckets, the cap of the disputed part, the position as of a day, Pareto and times: pure definitions."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.metrics.ages import Interval, percentile, times, wait_times
from reporting.metrics.aging import Buckets, OpenItem, Parts, aging, days_past_due, disputed_part
from reporting.metrics.pareto import Cause, first_and_other, pareto
from reporting.metrics.position import Placed, disputed_amount, open_amount

D = Decimal
T = date(2026, 3, 31)
AT = datetime(2026, 3, 31, 12, tzinfo=UTC)
EARLY = AT - timedelta(days=400)

dates = st.dates(date(2025, 1, 1), date(2027, 1, 1))
amounts = st.decimals(0, 10**7, places=2)
edges = st.sets(st.integers(1, 400), min_size=1, max_size=6).map(lambda found: Buckets(tuple(sorted(found))))


@pytest.mark.parametrize(
    ("days", "bucket"),
    [(-5, "not_due"), (0, "not_due"), (1, "1_30"), (30, "1_30"), (31, "31_60"), (60, "31_60"), (61, "61_90"),
     (90, "61_90"), (91, "over_90"), (4000, "over_90")],
)  # fmt: skip
def test_the_boundaries_of_the_default_buckets_are_exact(days: int, bucket: str) -> None:
    due = T - timedelta(days=days)
    assert days_past_due(due, T) == days
    assert Buckets().name_of(days) == bucket
    assert aging([OpenItem(due, D(7))], T).buckets[bucket] == 7


def test_edges_are_configurable_and_checked() -> None:
    assert Buckets((15, 45)).names == ("not_due", "1_15", "16_45", "over_45")
    for wrong in ((), (0,), (30, 30), (60, 30)):
        with pytest.raises(ValueError, match="growing"):
            Buckets(wrong)


@given(edges, dates)
def test_the_due_dates_of_each_bucket_say_the_same_as_its_days(buckets: Buckets, due: date) -> None:
    held = [
        name
        for name, first, last in buckets.due_dates(T)
        if (first is None or due >= first) and (last is None or due <= last)
    ]
    assert held == [buckets.name_of(days_past_due(due, T))]


@given(st.lists(st.tuples(dates, amounts, amounts)), edges, amounts)
def test_buckets_add_up_to_the_total(
    ledger: list[tuple[date, Decimal, Decimal]], buckets: Buckets, loose: Decimal
) -> None:
    items = [OpenItem(due, open_, min(open_, disputed)) for due, open_, disputed in ledger]
    result = aging(items, T, buckets=buckets, unapplied=-loose)
    assert sum(result.buckets.values()) + result.unapplied == result.total
    assert result.open == sum(item.open for item in items)
    assert result.parts.total == result.open
    assert all(result.disputed[name] <= amount for name, amount in result.buckets.items())


def test_a_disputed_amount_is_disputed_whatever_its_due_date() -> None:
    items = [OpenItem(T, D(100), D(40)), OpenItem(T - timedelta(days=45), D(300), D(60))]
    assert aging(items, T).parts == Parts(not_due=D(60), late=D(240), disputed=D(100))
    assert aging(items, T).overdue == 300


def test_no_more_is_disputed_than_is_open() -> None:
    assert disputed_part(D(100), [D(30), D(40)]) == 70
    assert disputed_part(D(50), [D(30), D(40)]) == 50
    assert disputed_part(D(50), []) == 0


def placed(amount: str, on: date, known: datetime = EARLY, until: date | None = None) -> Placed:
    return Placed(D(amount), on, known, until, AT if until else None)


def test_the_position_of_a_past_day_and_of_an_earlier_knowledge() -> None:
    invoice = placed("1000", T - timedelta(days=60))
    paid = [placed("300", T - timedelta(days=10)), placed("200", T - timedelta(days=20), known=AT)]
    assert open_amount(invoice, paid, T) == 500
    assert open_amount(invoice, paid, T, known_at=AT - timedelta(seconds=1)) == 700
    assert open_amount(invoice, paid, T - timedelta(days=11)) == 800
    assert open_amount(invoice, paid, T - timedelta(days=61)) == 0


def test_a_line_closed_today_no_longer_counts_but_did_to_those_who_did_not_know() -> None:
    line = placed("400", T - timedelta(days=30), until=T)
    assert disputed_amount(D(500), [line], T) == 0
    assert disputed_amount(D(500), [line], T - timedelta(days=1)) == 400
    assert disputed_amount(D(500), [line], T, known_at=AT - timedelta(seconds=1)) == 400
    assert disputed_amount(D(100), [line], T - timedelta(days=1)) == 100


@given(st.lists(st.tuples(dates, st.decimals(0, 100, places=2)), max_size=10), dates, dates)
def test_what_is_open_only_falls_as_days_pass(
    paid: list[tuple[date, Decimal]], one: date, other: date
) -> None:
    invoice = placed("1000", date(2025, 1, 1))
    allocations = [placed(str(amount), on) for on, amount in paid]
    earlier, later = sorted((one, other))
    assert 0 <= open_amount(invoice, allocations, later) <= open_amount(invoice, allocations, earlier) <= 1000


def test_pareto_orders_by_amount_or_count_and_marks_the_vital_few() -> None:
    causes = [
        Cause("p", "Price", 5, D(50)),
        Cause("d", "Delivery", 9, D(30)),
        Cause("q", "Quality", 1, D(20)),
    ]
    rows = pareto(causes)
    assert [(row.cause.key, row.share, row.cumulative, row.vital) for row in rows] == [
        ("p", D(50), D(50), True),
        ("d", D(30), D(80), True),
        ("q", D(20), D(100), False),
    ]
    assert [row.cause.key for row in pareto(causes, by="count")] == ["d", "p", "q"]
    with pytest.raises(ValueError, match="amount or by count"):
        pareto(causes, by="label")


def test_a_pareto_of_nothing_has_no_share() -> None:
    (row,) = pareto([Cause("p", "Price", 0, D(0))])
    assert (row.share, row.vital) == (D(0), False)


@given(st.lists(st.tuples(st.integers(0, 50), amounts), max_size=12), st.integers(2, 6))
def test_the_rest_of_a_pareto_is_added_up_not_dropped(found: list[tuple[int, Decimal]], most: int) -> None:
    causes = [Cause(str(i), str(i), count, amount) for i, (count, amount) in enumerate(found)]
    short = first_and_other(causes, most, "Other")
    assert len(short) <= most
    assert sum(c.amount for c in short) == sum(c.amount for c in causes)
    assert sum(c.count for c in short) == sum(c.count for c in causes)


def test_times_interpolate_as_spreadsheets_do() -> None:
    found = times([timedelta(days=n) for n in (1, 2, 3, 10)])
    assert (found.count, found.median, found.mean) == (4, timedelta(days=2.5), timedelta(days=4))
    assert found.p90 == timedelta(days=7.9)
    assert times([]).median is None
    assert percentile([timedelta(hours=1)], Fraction(9, 10)) == timedelta(hours=1)


@given(st.lists(st.integers(1, 10_000), min_size=1, max_size=20), st.integers(-1, 20))
def test_every_minute_of_a_dispute_belongs_to_exactly_one_stay(minutes: list[int], still: int) -> None:
    start, stays = EARLY, []
    for i, length in enumerate(minutes):
        end = start + timedelta(minutes=length)
        stays.append(Interval(1, f"s{i % 3}", f"h{i % 2}", "ours", start, None if i == still else end))
        start = end
        if i == still:
            break
    until = start + timedelta(minutes=5)
    closed = all(stay.end for stay in stays)
    for key in (lambda s: s.stage, lambda s: s.holder, lambda s: s.side):
        assert (
            sum(wait_times(stays, until, key).values(), timedelta()) == (start if closed else until) - EARLY
        )
