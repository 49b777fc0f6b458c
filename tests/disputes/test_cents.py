"""Random splits, merges, payments, endings, reopenings: no disputed cent is lost, doubled, or beyond what is open."""

from collections import defaultdict
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import example, given
from hypothesis import strategies as st

from disputes import services
from disputes.models import Dispute, DisputeLine
from disputes.services import LineInput, Part
from ledger.models import Invoice
from lib import books
from lib.errors import DomainError
from lib.money import ZERO
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.test_merge_split import BOOKS
from tests.disputes.test_properties import slow_but_thorough, undone
from tests.factories import AT, Cast, make_invoice, pay

KEEPS = {"split", "merge"}
ADDS = {"open", "lines", "reopen"}
cents = st.integers(1, 120_000)
steps = st.lists(
    st.tuples(
        st.sampled_from(["open", "split", "split", "merge", "merge", "lines", "pay", "withdraw", "reopen"]),
        st.integers(0, 5),
        st.integers(0, 5),
        cents,
    ),
    min_size=3,
    max_size=14,
)
Sums = dict[int, Decimal]


def disputed() -> Sums:
    sums: defaultdict[int, Decimal] = defaultdict(lambda: ZERO)
    for invoice, amount in DisputeLine.objects.filter(closed_on=None).values_list("invoice", "amount"):
        sums[invoice] += amount
    return sums


def still_open() -> Sums:
    return {invoice.pk: invoice.amount - invoice.allocated for invoice in Invoice.objects.all()}


def pick(rows: list[Dispute], which: int) -> Dispute:
    return rows[which % len(rows)]


def act(cast: Cast, step: tuple[str, int, int, int], at: datetime) -> None:
    """One act by a manager on the disputes and invoices there are."""
    what, one, two, n = step
    amount = Decimal(n) / 100
    invoices = list(Invoice.objects.order_by("pk"))
    invoice = invoices[one % len(invoices)]
    rows = list(Dispute.objects.order_by("pk"))
    dispute, other = pick(rows, one), pick(rows, two)
    by = cast.adam
    if what == "open":
        open_one(cast, invoice=invoice, amount=str(amount), by=by, at=at)
    elif what == "split":
        lines = list(dispute.lines.filter(closed_on=None))
        parts = [Part(line.pk, None if place else amount) for place, line in enumerate(lines[: 1 + two % 2])]
        services.split_dispute(dispute=dispute, lines=parts, by=by, at=at)
    elif what == "merge":
        services.merge_disputes(into=dispute, other=other, by=by, at=at)
    elif what == "lines":
        wanted = [LineInput(invoice.pk, amount), LineInput(invoices[two % len(invoices)].pk, Decimal(1))]
        services.change_lines(dispute=dispute, lines=wanted, by=by, at=at)
    elif what == "pay" and invoice.allocated < invoice.amount:
        pay(invoice, str(min(amount, invoice.amount - invoice.allocated)), on=at.date())
    elif what == "withdraw":
        services.withdraw_dispute(dispute=dispute, by=by, at=at)
    else:
        services.reopen_dispute(dispute=dispute, by=by, at=at)


def check(what: str, before: Sums, after: Sums) -> None:
    """What one act may do to the disputed sums."""
    opened = still_open()
    for pk in before.keys() | after.keys():
        was, now = before.get(pk, ZERO), after.get(pk, ZERO)
        if what in KEEPS:
            assert now == was, f"{what} changed the disputed sum"
        elif what in ADDS:
            assert now <= max(was, opened[pk]), f"{what} disputes more than is open"
        else:
            assert now <= was, f"{what} disputes more than before"


@pytest.mark.django_db
@slow_but_thorough
@given(sequence=steps)
@example([("open", 0, 0, 5000), ("merge", 0, 1, 1), ("reopen", 1, 0, 1), ("split", 0, 0, 100)])
@example(
    [
        ("split", 0, 0, 10000),
        ("pay", 0, 0, 95000),
        ("merge", 1, 0, 1),
        ("withdraw", 1, 0, 1),
        ("reopen", 0, 0, 1),
    ]
)
def test_no_disputed_cent_is_lost_or_doubled(
    catalogue: Cast, sequence: list[tuple[str, int, int, int]]
) -> None:
    with undone():
        at = AT
        first, _second = (make_invoice(catalogue.norte) for _ in range(2))
        open_one(catalogue, invoice=first, amount="400.00")
        for step in sequence:
            at += timedelta(minutes=7)
            before = disputed()
            try:
                with transaction.atomic():
                    act(catalogue, step, at)
                    settle_constraints()
            except DomainError:
                assert disputed() == before
                continue
            check(step[0], before, disputed())
        assert list(books.run(BOOKS)) == []
