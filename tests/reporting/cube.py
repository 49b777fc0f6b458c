"""What the tests of the cube share: read and computed side by side, and a life in which everything can happen."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from collections_app.models import EffectiveSegment, Portfolio
from disputes import services as disputes
from ledger import services as ledger
from ledger.models import Allocation, Customer, Invoice, Payment
from lib.errors import DomainError
from reporting.cube.folding import fold_aging
from reporting.cube.reading import DIMS
from reporting.selectors.frame import Frame, make_frame
from reporting.selectors.position import computed_position, position
from reporting.selectors.series import Standing, computed_by, found_out_by, rates_on
from tests.disputes.conftest import settle_constraints
from tests.reporting.company import LATE, ON, Company, bill, contest, receive

D, DAY = Decimal, timedelta(days=1)
BY = (*DIMS, "currency", "customer")


def fold(company: Company) -> int:
    return fold_aging(entity=company.cast.entity, today=ON)


def frames(company: Company) -> list[tuple[Frame, str]]:
    """Everything by every dimension, two days around today, what a salesperson sees, single values of dimensions."""
    entity, sam = company.cast.entity, company.cast.sam
    chosen: list[dict[str, Any]] = [{"salesperson": "none"}, {"segment": "standard"}, {"country": "ES"}]
    made = [(make_frame(entity, ON), by) for by in BY]
    made += [(make_frame(entity, day), "salesperson") for day in (ON - 3 * DAY, ON + 20 * DAY)]
    made += [(make_frame(entity, ON, filters=filters), "entity") for filters in chosen]
    return [
        *made,
        (make_frame(entity, ON, user=sam), "salesperson"),
        (make_frame(entity, ON, filters={"currency": "EUR"}), "country"),
    ]


def same(company: Company) -> None:
    """Read or computed: the same rows in the same order."""
    for frame, by in frames(company):
        assert position(frame, by) == computed_position(frame, by), (frame.as_of, frame.piece, by)
    same_days(make_frame(company.cast.entity, ON))


def same_days(frame: Frame) -> None:
    """The last days of a series: read or computed. A value without anything may be missing."""
    days = [ON - 2 * DAY, ON]
    for by in BY:
        with_, without = (
            {key: rows for key, rows in read(frame, days, rates_on(days, "EUR"), by).items() if _any(rows)}
            for read in (found_out_by, computed_by)
        )
        assert with_ == without, by


def _any(standings: list[Standing]) -> bool:
    return any(any(one.opens) for one in standings)


def differs(company: Company) -> bool:
    """Whether the cube says something else than the rows."""
    return any(
        position(frame, by) != computed_position(frame, by) for frame, by in frames(company)[: len(BY)]
    )


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back."""
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


def some(rows: Any, which: int) -> Any:
    """One of them, by number."""
    found = list(rows if rows.ordered else rows.order_by("pk"))
    return found[which % len(found)]


class Life:
    """Everything that can happen to the small company, by number."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.count = 0

    def bill(self, which: int) -> None:
        customer, issued = self.customer(which), ON + (which % 5 - 3) * DAY
        bill(
            customer, f"N-{self.count}", f"{which * 7 % 90 + 10}.55", issued, issued + which % 40 * DAY,
            kind="credit_note" if which % 4 == 0 else "invoice", currency="USD" if which % 5 == 1 else "EUR",
        )  # fmt: skip

    def pay(self, which: int) -> None:
        invoice = self.invoice(which)
        left = invoice.amount - invoice.allocated
        receive(
            invoice,
            str(left if which % 3 == 0 else (left / 3).quantize(D("0.01"))),
            ON + (which % 4 - 2) * DAY,
        )

    def pay_loose(self, which: int) -> None:
        ledger.record_payment(
            customer=self.customer(which), received_on=ON + (which % 5 - 3) * DAY, amount=D(which + 1),
            currency="USD" if which % 6 == 1 else "EUR", identity=f"loose {self.count}", at=LATE,
        )  # fmt: skip

    def place(self, which: int) -> None:
        payment = some(Payment.objects.filter(identity__startswith="loose"), which)
        ledger.allocate(
            invoice=self.invoice(which), amount=D(1), on=ON + which % 2 * DAY, at=LATE, payment=payment
        )

    def settle_with_credit(self, which: int) -> None:
        note = Invoice.objects.filter(kind="credit_note").order_by("-pk")[0]
        ledger.allocate(invoice=self.invoice(which), amount=D(3), on=ON, at=LATE, credit_note=note)

    def take_back(self, which: int) -> None:
        rows = Allocation.objects.filter(reverses=None).exclude(reversal__isnull=False)
        ledger.reverse_allocation(allocation=some(rows, which), on=ON + which % 3 * DAY, at=LATE)

    def bounce(self, which: int) -> None:
        payment = some(Payment.objects.order_by("-pk"), which)
        ledger.return_payment(payment=payment, on=ON + which % 3 * DAY, at=LATE)

    def give_payment(self, which: int) -> None:
        Payment.objects.filter(identity="loose").update(customer=self.customer(which))

    def contest(self, which: int) -> None:
        contest((self.invoice(which), str(which + 5)), by=self.company.cast.alice, at=LATE - which % 3 * DAY)

    def change_lines(self, which: int) -> None:
        line = disputes.LineInput(self.company.a1.pk, D(which * 20 + 10))
        disputes.change_lines(dispute=self.company.dispute, lines=[line], by=self.company.cast.alice, at=LATE)

    def close(self, which: int) -> None:
        disputes.close_dispute(
            dispute=self.company.dispute, verdict="unjustified", resolution="rejected", amount=D(0),
            by=self.company.cast.alice, at=LATE + which % 2 * DAY,
        )  # fmt: skip

    def reopen(self, _which: int) -> None:
        disputes.reopen_dispute(
            dispute=self.company.dispute, by=self.company.cast.alice, at=LATE + DAY, note="again"
        )

    def move_due_date(self, which: int) -> None:
        Invoice.objects.filter(pk=self.invoice(which).pk).update(due_on=ON + (which * 9 - 60) * DAY)

    def give_customer(self, which: int) -> None:
        cast = self.company.cast
        to = (cast.sam, cast.sofia, None)[which % 3]
        fields: dict[str, Any] = {"segment": f"s{which % 2}"} if which % 2 else {"salesperson": to}
        Customer.objects.filter(pk=self.customer(which // 2).pk).update(**fields)

    def collect(self, which: int) -> None:
        people = [self.company.cast.carl, self.company.cast.alice]
        Portfolio.objects.update_or_create(
            customer=self.customer(which),
            defaults={"collector": people[which % 2], "set_by": people[1], "set_at": LATE},
        )
        Portfolio.objects.filter(customer=self.customer(which + 1)).delete()

    def decide_segment(self, which: int) -> None:
        EffectiveSegment.objects.update_or_create(
            customer=self.customer(which), defaults={"segment": f"t{which % 2}", "since": ON}
        )

    def drop(self, which: int) -> None:
        Invoice.objects.filter(number__startswith="N-", allocated=0).order_by("-pk")[which % 2].delete()

    def fold(self, _which: int) -> None:
        fold(self.company)

    def customer(self, which: int) -> Customer:
        return (self.company.cast.norte, self.company.cast.sur)[which % 2]

    def invoice(self, which: int) -> Any:
        return some(Invoice.objects.filter(kind="invoice"), which)

    def happen(self, what: str, which: int) -> None:
        """One of them; what the rules or the database refuse changes nothing."""
        self.count += 1
        try:
            with transaction.atomic():
                getattr(self, what)(which)
                settle_constraints()
        except (DomainError, ValidationError, IntegrityError, ZeroDivisionError, IndexError):
            self.company.dispute.refresh_from_db()


ACTS = sorted(name for name in vars(Life) if name[0] != "_" and name not in ("customer", "invoice", "happen"))
