"""Whatever is imported, paid, placed, credited, booked from the bank, taken back and undone, in whatever order:
the books are clean, agree with a plain list, and the past changes only by what is dated back."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from hypothesis.stateful import run_state_machine_as_test as run

from ledger import services
from ledger.bank import decide
from ledger.bank.statements import Entry
from ledger.errors import LedgerError
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.intake.undo import undo_import
from ledger.models import Allocation, BankTransaction, ImportBatch, Invoice, Payment, PaymentReturn
from lib import books
from tests.factories import AT, Cast, make_cast
from tests.ledger.bank_helpers import Bank, moved, statement
from tests.ledger.books_model import Model, Paper, Placed

FIRST = date(2026, 2, 1)
LAST = FIRST + timedelta(days=40)
HEADER = "Number;Customer code;Issue date;Due date;Amount"
AMOUNTS = ("50.00", "75.50", "bad", "-20.00")
days = st.integers(0, 20).map(lambda n: FIRST + timedelta(days=n))
cents = st.integers(1, 9_000).map(lambda n: Decimal(n).scaleb(-2))
pick = st.integers(0, 99)
lists = st.lists(
    st.tuples(st.integers(1, 6), st.sampled_from(AMOUNTS), st.sampled_from(["", "2026-05-01", "2026-06-01"])),
    min_size=1,
    max_size=4,
)


def issued(number: int) -> date:
    return FIRST + timedelta(days=2 * number)


class Sequences(RuleBasedStateMachine):
    """One life of a ledger. Each is taken back at its end."""

    cast: ClassVar[Cast]
    folder: ClassVar[Path]

    @initialize()
    def begin(self) -> None:
        self.savepoint = transaction.savepoint()
        self.model, self.step = Model(), 0
        self.batches: list[int] = []
        self.known: list[tuple[datetime, date, dict[int, Decimal]]] = []
        for number, amount, note in (
            ("A-1001", "80.00", ""),
            ("A-1002", "45.50", ""),
            ("G-1003", "30.00", "note"),
        ):
            facts = services.DocumentFacts(
                number=number, issued_on=FIRST, due_on=LAST, amount=Decimal(amount), currency="EUR",
                kind="credit_note" if note else "invoice",
            )  # fmt: skip
            document = services.record_document(customer=self.cast.norte, facts=facts, at=self.at)
            self.model.documents[document.pk] = Paper(document.amount, FIRST, bool(note))
        self.pay(Decimal("60.00"), FIRST + timedelta(days=3))

    def teardown(self) -> None:
        """The check of the books is the last word."""
        found = [finding.as_json() for finding in books.run()]
        transaction.savepoint_rollback(self.savepoint)
        assert found == []

    @property
    def at(self) -> datetime:
        """A moment after everything before."""
        self.step += 1
        return AT + timedelta(minutes=self.step)

    @contextmanager
    def act(self, earliest: date) -> Iterator[datetime]:
        """An action dated `earliest` or later: the days before it keep their figures."""
        on, at = earliest - timedelta(days=1), self.at
        before = stored(on)
        yield at
        assert stored(on) == before
        self.known.append((at, LAST, stored(LAST, at)))

    # --- files --------------------------------------------------------------------------------------
    @rule(rows=lists)
    def import_list(self, rows: list[tuple[int, str, str]]) -> None:
        """New, repeated, changed and refused rows; the model keeps the first good one of each number."""
        named = [(f"{'K' if amount[0] == '-' else 'N'}-{n}", n, amount, due) for n, amount, due in rows]
        path = self.folder / "rows.csv"
        texts = [f"{name};C-00{1 + n % 2};{issued(n)};{due};{amount}" for name, n, amount, due in named]
        # A list in which no amount can be read is no list: a known row stands in front.
        path.write_text("\n".join([HEADER, f"A-1001;C-001;{FIRST};;80.00", *texts]) + "\n")
        recorded = set(Invoice.objects.values_list("number", flat=True))
        fresh: dict[str, Paper] = {}
        for name, n, amount, _due in named:
            if amount != "bad" and name not in recorded:
                fresh.setdefault(name, Paper(abs(Decimal(amount)), issued(n), amount[0] == "-"))
        with self.act(min(issued(n) for n, _amount, _due in rows)) as at:
            result = import_file(Job(path=path, entity=self.cast.entity, at=at, day=at.date()))
            assert result.error is None
            assert result.created == len(fresh)
        for name, paper in fresh.items():
            self.model.documents[Invoice.objects.get(number=name).pk] = paper
        self.batches.append(int(result.batch_id or 0))

    @precondition(lambda self: self.batches)
    @rule(which=pick)
    def undo(self, which: int) -> None:
        """An import of documents on which nothing stands goes without a trace; the others are refused."""
        batch = ImportBatch.objects.get(pk=self.batches[which % len(self.batches)])
        mine = set(Invoice.objects.filter(batch=batch).values_list("pk", flat=True))
        touched = {pk for row in self.model.placed for pk in (row.invoice, row.note)}
        try:
            with transaction.atomic():
                undo_import(batch=batch, by=None, at=self.at)
        except LedgerError:
            return
        assert not mine & touched, "something stood on it"
        for pk in mine:
            del self.model.documents[pk]
        self.batches.remove(batch.pk)
        self.known.clear()

    # --- money --------------------------------------------------------------------------------------
    @rule(amount=cents, day=days)
    def more_money(self, amount: Decimal, day: date) -> None:
        self.pay(amount, day)

    def pay(self, amount: Decimal, day: date) -> None:
        """Money received, not placed yet."""
        with self.act(day) as at:
            payment = services.record_payment(
                customer=self.cast.norte, received_on=day, amount=amount, currency="EUR",
                identity=f"P-{self.step}", at=at,
            )  # fmt: skip
        self.model.payments[payment.pk] = Paper(amount, day)

    @rule(
        which=pick,
        source=pick,
        kind=st.sampled_from(["payment", "note", "write_off"]),
        amount=cents,
        day=days,
    )
    def place(self, which: int, source: int, kind: str, amount: Decimal, day: date) -> None:
        """Accepted exactly when the plain list has room for it, on its day and on every later one."""
        invoices = [pk for pk, paper in self.model.documents.items() if not paper.is_note]
        notes = [pk for pk, paper in self.model.documents.items() if paper.is_note]
        sources: list[int | None] = {
            "payment": list(self.model.payments),
            "note": notes,
            "write_off": [None],
        }[kind]  # type: ignore[assignment, list-item]
        if not invoices or not sources:
            return
        invoice, from_ = invoices[which % len(invoices)], sources[source % len(sources)]
        payment, note = (from_, None) if kind == "payment" else (None, from_)
        owner = self.model.payments[payment] if payment else self.model.documents[note] if note else None
        day = max(day, self.model.documents[invoice].day, owner.day if owner else day)
        new = Placed(invoice, payment, note, amount, day)
        fits = self.model.fits(new)
        with self.act(day) as at:
            try:
                with transaction.atomic():
                    services.allocate(
                        invoice=Invoice.objects.get(pk=invoice), amount=amount, on=day, at=at,
                        payment=Payment.objects.get(pk=payment) if payment else None,
                        credit_note=Invoice.objects.get(pk=note) if note else None,
                        kind="" if from_ else "write_off",
                    )  # fmt: skip
            except LedgerError:
                assert not fits
                return
        assert fits
        self.model.placed.append(new)

    @rule(which=pick, day=days)
    def reverse(self, which: int, day: date) -> None:
        """Once, and never before the day it was placed."""
        rows = list(Allocation.objects.filter(reverses=None).order_by("pk"))
        if not rows:
            return
        row = rows[which % len(rows)]
        day, again = max(day, row.allocated_on), Allocation.objects.filter(reverses=row).exists()
        with self.act(day) as at:
            try:
                services.reverse_allocation(allocation=row, on=day, at=at)
            except LedgerError:
                assert again
                return
        assert not again
        self.model.placed.append(Placed(row.invoice_id, row.payment_id, row.credit_note_id, -row.amount, day))

    # --- the bank -----------------------------------------------------------------------------------
    def bank(self, entry: Entry, earliest: date) -> None:
        """A statement comes in; what it booked is noted as it stands in the ledger."""
        with pytest.MonkeyPatch.context() as patch, self.act(earliest) as at:
            desk = Bank(patch, self.folder)
            desk.statements = [
                statement(entry, number=str(self.step), on=entry.booked_on, until=entry.booked_on)
            ]
            desk.path.write_text(f"{self.step}")
            result = import_file(Job(path=desk.path, entity=self.cast.entity, at=at, day=LAST))
            assert result.error is None, result.error
        self.note_what_is_new()

    def note_what_is_new(self) -> None:
        """Rows that the bank's desk wrote, in their order; each must have room in the plain list."""
        for payment in Payment.objects.exclude(pk__in=self.model.payments):
            self.model.payments[payment.pk] = Paper(payment.amount, payment.received_on)
        rows = list(Allocation.objects.order_by("pk"))[len(self.model.placed) :]
        for row in rows:
            new = Placed(row.invoice_id, row.payment_id, row.credit_note_id, row.amount, row.allocated_on)
            assert row.amount < 0 or self.model.fits(new)
            self.model.placed.append(new)
        for back in PaymentReturn.objects.order_by("pk")[len(self.model.returns) :]:
            self.model.returns.append((back.payment_id, back.amount, back.returned_on))

    @rule(which=pick, day=days, whole=st.booleans(), amount=cents)
    def money_on_the_account(self, which: int, day: date, whole: bool, amount: Decimal) -> None:
        """Money that names an invoice, with its open amount or another one."""
        left = [(pk, rest) for pk, rest in self.model.open().items() if rest > 0]
        if not left:
            return
        pk, rest = left[which % len(left)]
        number = Invoice.objects.get(pk=pk).number
        sum_ = rest if whole else amount
        entry = moved(
            str(sum_), on=day, text=number, end_to_end_id=f"E-{self.step}", reference=f"R{self.step}"
        )
        self.bank(entry, min(day, FIRST))

    @rule(which=pick)
    def take_the_match_back(self, which: int) -> None:
        rows = list(BankTransaction.objects.filter(status__in=["allocated", "part"]).order_by("pk"))
        if not rows:
            return
        row = rows[which % len(rows)]
        try:
            with transaction.atomic():
                decide.reverse(transaction=row, at=self.at)
        except LedgerError:
            assert PaymentReturn.objects.filter(payment=row.payment).exists()
        self.note_what_is_new()

    @rule(which=pick, day=days)
    def bounce(self, which: int, day: date) -> None:
        """The bank takes money back: its invoices are open again from that day on."""
        rows = list(BankTransaction.objects.filter(status__in=["allocated", "part"]).order_by("pk"))
        if not rows:
            return
        row = rows[which % len(rows)]
        day = max(day, row.booked_on)
        facts: dict[str, Any] = {
            "end_to_end_id": row.end_to_end_id,
            "returned": True,
            "return_reason": "AC04",
        }
        self.bank(moved(str(-row.amount), on=day, reference=f"B{self.step}", **facts), day)

    # --- what always holds --------------------------------------------------------------------------
    @invariant()
    def open_amounts_are_those_of_the_plain_list(self) -> None:
        for day in (FIRST + timedelta(days=7), FIRST + timedelta(days=14), LAST):
            assert stored(day) == self.model.open(day)
        now = {row.pk: row.amount - row.allocated for row in Invoice.objects.invoices()}
        assert now == self.model.open()

    @invariant()
    def what_was_known_then_is_still_told(self) -> None:
        """As known at a moment, a day's figures never change, whatever is dated back later."""
        for at, on, figures in self.known[-3:]:
            assert stored(on, at) == figures


def stored(on: date, known_at: datetime | None = None) -> dict[int, Decimal]:
    """Invoice -> what is open of it at the end of a day, as the ledger tells it."""
    return {row.pk: row.open_amount for row in Invoice.objects.with_open_as_of(on, known_at)}


@pytest.mark.django_db
def test_whatever_happens_the_books_agree_with_a_plain_list(tmp_path: Path) -> None:
    Sequences.cast, Sequences.folder = make_cast(), tmp_path
    run(
        Sequences,
        settings=settings(
            max_examples=6,
            stateful_step_count=22,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
