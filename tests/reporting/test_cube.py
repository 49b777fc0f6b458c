"""The cube says what the rows say, whatever happens and whenever it is folded; and does not without a trigger."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections

from collections_app.models import EffectiveSegment, Portfolio
from disputes.models import DisputeLine
from ledger import services as ledger
from ledger.intake.undo import undo_import
from ledger.models import Allocation, Customer, ExchangeRate, ImportBatch, Invoice, Payment
from lib import books
from lib.clock import now
from reporting.cube.folding import LOCK
from reporting.cube.models import AgingCell, AgingKept, CustomerMark, CustomerStanding
from reporting.cube.reading import reading
from reporting.metrics.aging import Buckets
from reporting.selectors.frame import Frame, make_frame
from reporting.selectors.position import computed_position, position
from reporting.selectors.series import rates_on, standings_by
from tests.disputes.conftest import settle_constraints
from tests.ledger.intake_helpers import bring_rows
from tests.reporting.company import LATE, ON, Company, bill, contest, receive
from tests.reporting.cube import BY, DAY, D, Life, differs, fold, same, undone


def test_the_cube_is_read_for_every_dimension_but_those_of_disputes(company: Company) -> None:
    frame = make_frame(company.cast.entity, ON)
    assert reading(frame, "entity") is None
    assert fold(company) == 2
    assert all(reading(frame, by) for by in BY)
    assert not any(reading(frame, by) for by in ("reason", "department"))
    assert reading(make_frame(company.cast.entity, ON, known_at=LATE), "entity") is None
    assert reading(make_frame(company.cast.entity, ON - 8 * DAY), "entity") is None
    narrow = make_frame(company.cast.entity, ON, filters={"salesperson": company.cast.sam.pk})
    assert [by for by in BY if reading(narrow, by)] == ["entity", "salesperson", "currency", "customer"]
    assert reading(make_frame(company.cast.entity, ON, filters={"currency": "USD"}), "entity") is None
    same(company)
    assert fold(company) == 0


def test_what_is_read_comes_from_the_cells(company: Company) -> None:
    fold(company)
    AgingCell.objects.filter(dim="salesperson", due_on=company.b1.due_on).update(open=D("801.00"))
    found = position(make_frame(company.cast.entity, ON), "salesperson")
    assert found.total.open == 2001
    edges = Frame(
        company.cast.entity, ON, Customer.objects.all(), buckets=Buckets((75, 76)), piece=("entity", "")
    )
    assert position(edges, "salesperson").total.buckets == {
        "not_due": 500,
        "1_75": 1501,
        "76_76": 0,
        "over_76": 0,
    }
    receive(company.b1, "1.00", ON)
    assert series_of_today(company) == 1999
    # Sur is read from its rows now, and back in the cells, wrong as they were made, after the fold.
    assert position(make_frame(company.cast.entity, ON), "salesperson").total.open == 1999
    assert fold(company) == 1
    assert position(make_frame(company.cast.entity, ON), "salesperson").total.open == 2000


def series_of_today(company: Company) -> Decimal:
    """What a series says is open at its last day, by salesperson: nothing of it is kept."""
    frame = make_frame(company.cast.entity, ON)
    found = standings_by(frame, [ON], rates_on([ON], "EUR"), "salesperson")
    return sum((one.opens[0] + one.overdue for rows in found.values() for one in rows), D(0))


def place(company: Company, **row: Any) -> Portfolio:
    return Portfolio.objects.create(
        customer=company.cast.sur, collector=company.cast.carl, set_by=company.cast.alice, set_at=LATE, **row
    )


def loosen(company: Company) -> None:
    """Take back what was placed last."""
    last = Allocation.objects.filter(reverses=None).order_by("-pk")[0]
    ledger.reverse_allocation(allocation=last, on=ON, at=LATE)


def moved(**to: Any) -> Callable[[Company], object]:
    return lambda company: Customer.objects.filter(pk=company.cast.norte.pk).update(**to)


def deleted(table: str, guard: str, which: str) -> None:
    """Rows that only an undo may delete."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {guard}; DELETE FROM {table} WHERE {which}")


# Trigger, its table, what happens before the fold, and what it has to see.
Change = Callable[[Company], object]


def nothing(_company: Company) -> None:
    """Needs no preparation."""


TRIGGERS: list[tuple[str, str, Change, Change]] = [
    ("invoices_mark_customers", "ledger_invoice", nothing, lambda c: bill(c.cast.sur, "X", "7.00", ON, ON)),
    (
        "gone_invoices_mark_customers", "ledger_invoice", lambda c: bill(c.cast.sur, "X", "7.00", ON, ON),
        lambda _c: Invoice.objects.filter(number="X").delete(),
    ),
    (
        "due_dates_mark_customer", "ledger_invoice", nothing,
        lambda c: Invoice.objects.filter(pk=c.a1.pk).update(due_on=ON + 9 * DAY),
    ),
    ("payments_mark_customers", "ledger_payment", nothing, lambda c: pay(c, "5.00")),
    (
        "gone_payments_mark_customers", "ledger_payment", lambda c: pay(c, "5.00"),
        lambda _c: Payment.objects.filter(identity="5.00").delete(),
    ),
    (
        "payers_mark_customer", "ledger_payment", lambda c: pay(c, "5.00"),
        lambda c: Payment.objects.filter(identity="5.00").update(customer=c.cast.sur),
    ),
    ("allocations_mark_customers", "ledger_allocation", nothing, loosen),
    (
        "returns_mark_customers", "ledger_paymentreturn", lambda c: pay(c, "5.00"),
        lambda _c: ledger.return_payment(payment=Payment.objects.get(identity="5.00"), on=ON, at=LATE),
    ),
    (
        "lines_mark_customers", "disputes_disputeline", nothing,
        lambda c: contest((c.b1, "10.00"), by=c.cast.alice, at=LATE),
    ),
    (
        "changed_lines_mark_customers", "disputes_disputeline", nothing,
        lambda c: Life(c).close(0),
    ),
    (
        "gone_lines_mark_customers", "disputes_disputeline", nothing,
        lambda c: DisputeLine.objects.filter(invoice=c.a1).delete(),
    ),
    (
        "gone_allocations_mark_customers", "ledger_allocation", nothing,
        lambda c: deleted("ledger_allocation", "allocation_is_append_only", f"invoice_id = {c.a1.pk}"),
    ),
    ("moved_customers_mark", "ledger_customer", nothing, moved(country="FR")),
    ("portfolios_mark_customers", "collections_app_portfolio", nothing, place),
    (
        "changed_portfolios_mark", "collections_app_portfolio", place,
        lambda c: Portfolio.objects.update(collector=c.cast.alice),
    ),
    (
        "gone_portfolios_mark_customers", "collections_app_portfolio", place,
        lambda _c: Portfolio.objects.all().delete(),
    ),
    ("segments_mark_customers", "collections_app_effectivesegment", nothing, lambda c: segment(c)),
    (
        "changed_segments_mark", "collections_app_effectivesegment", lambda c: segment(c),
        lambda _c: EffectiveSegment.objects.update(segment="risky"),
    ),
    (
        "gone_segments_mark_customers", "collections_app_effectivesegment", lambda c: segment(c),
        lambda _c: EffectiveSegment.objects.all().delete(),
    ),
]  # fmt: skip


def pay(company: Company, amount: str) -> Payment:
    return ledger.record_payment(
        customer=company.cast.norte,
        received_on=ON,
        amount=D(amount),
        currency="EUR",
        identity=amount,
        at=LATE,
    )


def segment(company: Company) -> EffectiveSegment:
    return EffectiveSegment.objects.create(customer=company.cast.norte, segment="key", since=ON)


@pytest.mark.parametrize("place", range(len(TRIGGERS)), ids=[row[0] for row in TRIGGERS])
def test_every_trigger_is_needed_and_with_it_the_change_counts_at_once(company: Company, place: int) -> None:
    trigger, table, before, change = TRIGGERS[place]
    before(company)
    fold(company)
    settle_constraints()
    for state, wrong in (("DISABLE", True), ("ENABLE", False)):
        with undone():
            with connection.cursor() as cursor:
                cursor.execute(f"ALTER TABLE {table} {state} TRIGGER {trigger}")
            change(company)
            assert differs(company) == wrong
            if not wrong:
                assert CustomerMark.objects.exists()
                same(company)
                fold(company)
                same(company)


def test_an_import_and_its_undo(company: Company, tmp_path: Path) -> None:
    fold(company)
    rows = [f"I-{n};C-00{n % 3};Someone;2026-03-01;2026-03-{n + 10};10{n}.00;EUR;" for n in range(9)]
    batch = ImportBatch.objects.get(pk=bring_rows(company.cast.entity, tmp_path, *rows).batch_id)
    ImportBatch.objects.filter(pk=batch.pk).update(finished_at=now())
    same(company)
    fold(company)
    assert CustomerStanding.objects.count() == 3
    undo_import(batch=batch, by=company.cast.alice, at=now())
    assert CustomerMark.objects.exists()
    same(company)
    fold(company)
    same(company)
    assert CustomerStanding.objects.count() == 2


def test_a_statement_about_many_customers_marks_them_all_and_the_cube_is_made_anew(company: Company) -> None:
    fold(company)
    entity = company.cast.entity
    many = Customer.objects.bulk_create(
        [
            Customer(entity=entity, code=f"M{n}", name=f"M{n}", name_key=f"m{n}", recorded_at=LATE)
            for n in range(2001)
        ]
    )
    Invoice.objects.bulk_create(
        [
            Invoice(
                entity=entity, customer=one, kind="invoice", number=one.code, issued_on=ON, due_on=ON, amount=D(1),
                currency="EUR", recorded_at=LATE,
            )
            for one in many
        ],
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE ledger_customer; ANALYZE ledger_invoice")
    assert list(CustomerMark.objects.values_list("entity", "customer_id")) == [(entity.pk, None)]
    frame = make_frame(entity, ON)
    assert reading(frame, "entity") is None
    assert position(frame).total.open == 4001
    assert fold(company) == 2003
    assert reading(frame, "entity")
    assert position(frame) == computed_position(frame)


def test_what_changes_between_the_two_queries_is_not_missed(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    fold(company)
    frame = make_frame(company.cast.entity, ON)

    def late(of: Frame, by: str) -> Any:
        how = reading(of, by)
        receive(company.b1, "100.00", ON, at=LATE + DAY)
        return how

    monkeypatch.setattr("reporting.selectors.position.reading", late)
    assert position(frame).total.open == 1900


def test_three_queries_whatever_the_size(company: Company, django_assert_num_queries: Any) -> None:
    frame = make_frame(company.cast.entity, ON)
    fold(company)
    for n in range(0, 40, 20):
        for i in range(n):
            bill(company.cast.norte, f"M-{i}", "10.00", date(2026, 1, 1), date(2026, 1, 31))
        with django_assert_num_queries(3):
            position(frame, "salesperson")


def test_the_check_of_the_books_finds_a_cell_that_is_wrong(company: Company) -> None:
    fold(company)
    assert list(books.run(["aging.cube"])) == []
    AgingCell.objects.filter(dim="country", due_on=company.b1.due_on).update(disputed=D("0.01"))
    (found,) = books.run(["aging.cube"])
    assert found.difference.name == "country ES"
    AgingKept.objects.all().delete()
    assert fold(company) == 2
    assert list(books.run(["aging.cube"])) == []


def test_another_currency_of_the_entity_makes_the_cube_anew(company: Company) -> None:
    fold(company)
    entity = company.cast.entity
    ExchangeRate.objects.create(currency="USD", on=ON, per_euro=D("1.25"))
    entity.currency = "USD"
    entity.save()
    assert reading(make_frame(entity, ON), "entity") is None
    assert fold(company) == 2
    assert position(make_frame(entity, ON)) == computed_position(make_frame(entity, ON))
    assert position(make_frame(entity, ON)).total.open == 2500


@pytest.mark.django_db(transaction=True)
def test_while_one_folds_another_does_not_and_nobody_waits(company: Company) -> None:
    fold(company)
    with connections["default"].copy().cursor() as other:
        other.execute("SELECT pg_advisory_lock(%s, %s)", [LOCK, company.cast.entity.pk])
        receive(company.b1, "100.00", ON)
        assert fold(company) == 0
        assert position(make_frame(company.cast.entity, ON)).total.open == 1900
        other.connection.close()
    assert fold(company) == 1
    assert position(make_frame(company.cast.entity, ON)).total.open == 1900
