"""The ledger as of a day: exact rows on a small company, equal to the plain definition on made-up ones."""

import random
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from disputes.models import DisputeLine
from disputes.selectors import disputed_subquery
from ledger import services as ledger
from ledger.models import Allocation, ExchangeRate, Invoice
from lib.errors import DomainError
from reporting.cube.folding import fold_aging
from reporting.errors import NoRate
from reporting.metrics.aging import Aging, Buckets
from reporting.metrics.position import Placed, disputed_amount, open_amount
from reporting.selectors.frame import make_frame
from reporting.selectors.items import items_behind
from reporting.selectors.position import computed_position, position
from reporting.selectors.rates import rates_of
from reporting.selectors.series import month_ends, rates_on, standings
from tests.factories import Cast
from tests.reporting.company import EARLY, LATE, ON, Company, bill, contest, receive

D = Decimal


def shown(aging: Aging) -> dict[str, str]:
    """What is not nothing, bucket by bucket."""
    found = {name: str(amount) for name, amount in aging.buckets.items() if amount}
    found |= {f"disputed {name}": str(amount) for name, amount in aging.disputed.items() if amount}
    return found | ({"unapplied": str(aging.unapplied)} if aging.unapplied else {})


def test_aging_of_the_small_company_is_what_one_works_out_by_hand(company: Company) -> None:
    found = position(make_frame(company.cast.entity, ON), "customer")
    assert shown(found.total) == {
        "not_due": "500.00",
        "1_30": "700.00",
        "61_90": "800.00",
        "disputed not_due": "100.00",
        "disputed 1_30": "400.00",
        "unapplied": "-350.00",
    }
    assert found.total.total == 1650
    norte, sur = found.rows
    assert (norte.key, norte.items, norte.aging.unapplied, norte.aging.total) == (
        "C-001",
        2,
        D(-150),
        D(1050),
    )
    assert (sur.key, sur.items, shown(sur.aging)) == ("C-002", 1, {"61_90": "800.00", "unapplied": "-200.00"})


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        (date(2026, 3, 11), {"not_due": "500.00", "1_30": "1300.00", "61_90": "800.00"}),
        (date(2026, 3, 9), {"not_due": "500.00", "1_30": "1300.00", "61_90": "800.00"}),
        (date(2026, 2, 19), {"1_30": "1600.00", "31_60": "800.00"}),
        (date(2026, 2, 14), {"not_due": "1000.00", "1_30": "600.00", "31_60": "800.00"}),
        (date(2025, 11, 30), {}),
    ],
)
def test_a_past_day_is_told_as_it_was(company: Company, on: date, expected: dict[str, str]) -> None:
    found = position(make_frame(company.cast.entity, on)).total
    assert {name: str(amount) for name, amount in found.buckets.items() if amount} == expected
    assert found.disputed_total == (500 if on >= date(2026, 3, 10) else 0)
    assert found.unapplied == (
        -200 if date(2026, 2, 1) <= on < date(2026, 3, 5) else -350 if on > ON else found.unapplied
    )


def test_as_known_at_an_earlier_moment_only_what_was_recorded_counts(company: Company) -> None:
    then = datetime(2026, 3, 9, 12, tzinfo=UTC)
    found = position(make_frame(company.cast.entity, ON, known_at=then)).total
    assert shown(found) == {
        "not_due": "500.00",
        "1_30": "1000.00",
        "31_60": "600.00",
        "61_90": "800.00",
        "unapplied": "-350.00",
    }
    before = position(make_frame(company.cast.entity, ON, known_at=EARLY - timedelta(seconds=1))).total
    assert shown(before) == {}


def test_the_edges_of_the_buckets_are_configurable(company: Company) -> None:
    frame = make_frame(company.cast.entity, ON)
    narrow = position(type(frame)(frame.entity, ON, frame.customers, buckets=Buckets((29, 80))))
    assert shown(narrow.total)["30_80"] == "1500.00"


def test_a_day_past_the_edge_falls_into_the_next_bucket(company: Company) -> None:
    assert position(make_frame(company.cast.entity, date(2026, 3, 17))).total.buckets["31_60"] == 700


@pytest.mark.parametrize(
    ("by", "keys"),
    [
        ("entity", [""]),
        ("segment", ["standard"]),
        ("country", ["ES"]),
        ("currency", ["EUR"]),
    ],
)
def test_every_dimension_adds_up_to_the_whole(company: Company, by: str, keys: list[str]) -> None:
    found = position(make_frame(company.cast.entity, ON), by)
    assert [row.key for row in found.rows] == keys
    assert sum(row.aging.total for row in found.rows) == found.total.total == 1650


def test_a_salesperson_sees_the_figures_of_their_own_customers_only(company: Company) -> None:
    cast = company.cast
    assert position(make_frame(cast.entity, ON, user=cast.sam)).total.open == 1200
    assert position(make_frame(cast.entity, ON, user=cast.sofia)).total.open == 800
    assert position(make_frame(cast.entity, ON, user=cast.fin)).total.open == 2000
    assert position(make_frame(cast.entity, ON, user=cast.fin), "salesperson").rows[0].label == "Sam"
    assert position(make_frame(cast.entity, ON, user=cast.mallory)).total.open == 0
    assert position(make_frame(cast.entity, ON, user=cast.eva)).total.open == 0


def test_filters_narrow_the_figures(company: Company) -> None:
    cast = company.cast
    for filters, expected in (
        ({"customer": cast.norte.pk}, 1200),
        ({"salesperson": cast.sofia.pk}, 800),
        ({"salesperson": "none"}, 0),
        ({"segment": "key"}, 0),
        ({"country": "ES", "currency": "EUR"}, 2000),
        ({"currency": "USD"}, 0),
    ):
        assert position(make_frame(cast.entity, ON, filters=filters)).total.open == expected, filters


def test_the_same_few_queries_whatever_the_size(company: Company) -> None:
    """Two to compute; one more asks whether the sums by due date have it, before and after these are made."""
    frame = make_frame(company.cast.entity, ON)
    for count in (0, 40):
        for i in range(count):
            bill(company.cast.norte, f"M-{i}", "10.00", date(2026, 1, 1), date(2026, 1, 31))
        for ask, most in ((computed_position, 2), (position, 3)):
            with CaptureQueriesContext(connection) as queries:
                ask(frame, "customer")
            assert len(queries) == most
        fold_aging(entity=company.cast.entity, today=ON)
        with CaptureQueriesContext(connection) as queries:
            position(frame, "customer")
        assert len(queries) == 3


def test_amounts_in_another_currency_are_converted_at_the_rate_of_the_day(company: Company) -> None:
    entity = company.cast.entity
    usd = bill(company.cast.sur, "U-1", "333.33", date(2026, 1, 1), date(2026, 1, 31), currency="USD")
    ExchangeRate.objects.create(currency="USD", on=date(2026, 3, 13), per_euro=D("1.25"))
    ExchangeRate.objects.create(currency="USD", on=date(2026, 2, 27), per_euro=D("1.10"))
    found = position(make_frame(entity, ON), "currency")
    assert {row.key: row.aging.open for row in found.rows} == {"EUR": D(2000), "USD": D("266.66")}
    assert [(rate.currency, rate.on, rate.per_euro) for rate in found.rates] == [
        ("USD", date(2026, 3, 13), D("1.25"))
    ]
    assert position(make_frame(entity, date(2026, 3, 1), filters={"currency": "USD"})).total.open == D(
        "303.03"
    )
    contest((usd, "100.00"), by=company.cast.alice)
    assert position(make_frame(entity, ON)).total.disputed_total == 580


def test_a_missing_rate_is_named_with_its_currency_and_day(company: Company) -> None:
    bill(company.cast.sur, "U-1", "333.33", date(2026, 1, 1), date(2026, 1, 31), currency="GBP")
    ExchangeRate.objects.create(currency="GBP", on=ON - timedelta(days=31), per_euro=D("0.85"))
    with pytest.raises(NoRate, match=r"GBP.*2026-03-16"):
        position(make_frame(company.cast.entity, ON))
    with pytest.raises(NoRate, match="GBP"):
        rates_of(ON, "EUR").convert(D(1), "GBP")


def test_an_unknown_dimension_says_which_there_are(company: Company) -> None:
    with pytest.raises(DomainError, match="customer, segment, salesperson"):
        position(make_frame(company.cast.entity, ON), "shoe size")


def test_the_invoices_behind_a_figure_add_up_to_it(company: Company) -> None:
    frame = make_frame(company.cast.entity, ON)
    late = items_behind(frame, part="late")
    assert [(row.number, row.open, row.disputed, row.late) for row in late.rows] == [
        ("B-1", D(800), D(0), 75),
        ("A-1", D(700), D(400), 30),
    ]
    assert (late.found, late.amount) == (2, D(1100))
    assert items_behind(frame, part="disputed").amount == 500
    assert items_behind(frame, part="undisputed", bucket="1_30").amount == 300
    assert items_behind(frame, part="open", page=2, size=2).rows[0].number == "A-2"
    assert items_behind(frame, bucket="over_90").rows == []


def made_up(cast: Cast, seed: int) -> None:
    """A ledger with payments, reversals, credit notes and partial disputes at random days and moments."""
    rng = random.Random(seed)
    for n in range(25):
        customer = rng.choice([cast.norte, cast.sur])
        issued = date(2025, 12, 1) + timedelta(days=rng.randrange(100))
        at = datetime(2025, 12, 1, 12, tzinfo=UTC) + timedelta(days=rng.randrange(100))
        amount = rng.randrange(1000, 100_000)
        invoice = bill(
            customer,
            f"R-{seed}-{n}",
            str(D(amount) / 100),
            issued,
            issued + timedelta(days=rng.randrange(60)),
            at=at,
        )
        if rng.random() < 0.5:
            contest(
                (invoice, str(D(rng.randrange(1, amount)) / 100)),
                by=cast.alice,
                at=LATE - timedelta(days=rng.randrange(15)),
            )
        for _ in range(rng.randrange(3)):
            invoice.refresh_from_db()
            if left := int((invoice.amount - invoice.allocated) * 100):
                paid, days = D(rng.randrange(1, left + 1)) / 100, rng.randrange(60)
                receive(
                    invoice,
                    str(paid),
                    issued + timedelta(days=days),
                    at=at + timedelta(days=rng.randrange(40)),
                )
        if rng.random() < 0.2 and (last := invoice.allocations.first()):
            ledger.reverse_allocation(
                allocation=last,
                on=last.allocated_on + timedelta(days=5),
                at=last.recorded_at + timedelta(days=9),
            )


def by_definition(on: date, known_at: datetime | None) -> tuple[Decimal, Decimal]:
    """Open and disputed in all, row by row."""
    open_, disputed = D(0), D(0)
    for invoice in Invoice.objects.filter(kind="invoice"):
        facts = Placed(invoice.amount, invoice.issued_on, invoice.recorded_at)
        paid = [
            Placed(a.amount, a.allocated_on, a.recorded_at)
            for a in Allocation.objects.filter(invoice=invoice)
        ]
        lines = [
            Placed(line.amount, line.opened_on, line.recorded_at, line.closed_on, line.closed_recorded_at)
            for line in DisputeLine.objects.filter(invoice=invoice)
        ]
        left = open_amount(facts, paid, on, known_at)
        open_ += left
        disputed += disputed_amount(left, lines, on, known_at)
    return open_, disputed


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_one_statement_says_the_same_as_the_plain_definition(cast: Cast, seed: int) -> None:
    from disputes.services import catalogue

    catalogue.install(cast.entity)
    made_up(cast, seed)
    days = [date(2025, 12, 20), *month_ends(date(2026, 3, 10), 3), ON]
    moments = [None, datetime(2026, 1, 15, tzinfo=UTC), datetime(2026, 3, 5, tzinfo=UTC)]
    for known_at in moments:
        frame = make_frame(cast.entity, ON, known_at=known_at)
        series = standings(frame, days, rates_on(days, "EUR"))
        for day, point in zip(days, series, strict=True):
            found = position(frame.at(day)).total
            assert (found.open, found.disputed_total) == by_definition(day, known_at)
            assert (point.parts, point.not_due) == (found.parts, found.buckets["not_due"])


def test_what_dunning_asks_and_what_reports_say_is_the_same(cast: Cast) -> None:
    from disputes.services import catalogue

    catalogue.install(cast.entity)
    made_up(cast, 4)
    rows = Invoice.objects.open_as_of(ON).annotate(disputed=disputed_subquery(ON))
    open_ = sum(row.open_amount for row in rows)
    disputed = sum(min(row.disputed, row.open_amount) for row in rows)
    found = position(make_frame(cast.entity, ON)).total
    assert [found.open, found.disputed_total] == [open_, disputed]
