"""The day as a person reads it: each customer, what is asked of them and why, or why not."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from accounts.models import LegalEntity
from collections_app.choices import Reason, Why
from collections_app.decision.book import Book
from collections_app.decision.items import Chosen, Item, by_customer, chosen
from collections_app.decision.sql import Scope
from collections_app.models import Notice, Step
from ledger.models import Customer
from lib.money import ZERO


@dataclass(frozen=True, slots=True)
class Figures:
    """What is open, and the parts of it that are disputed and promised."""

    open: Decimal
    disputed: Decimal
    promised: Decimal


@dataclass(frozen=True, slots=True)
class CustomerRow:
    """One customer and currency of the day. `outcome` is `send`, `skip` or, after a run, the notice's status."""

    customer: Customer
    currency: str
    step: Step | None
    asked: Decimal
    outcome: str
    why: Reason | Why
    items: list[Item] = field(default_factory=list)
    notice_id: int | None = None

    @property
    def sentence(self) -> str:
        """Why nothing goes, in the active language; empty for a message that goes."""
        return str(self.why.label)

    @property
    def all(self) -> Figures:
        """Over all invoices shown, asked for or not."""
        return _figures(self.items)

    @property
    def due(self) -> Figures:
        """Over the invoices asked for: asked = open - disputed - promised."""
        return _figures(item for item in self.items if item.why == Why.ASKED)


def _figures(found: Iterable[Item]) -> Figures:
    listed = list(found)
    return Figures(
        open=sum((item.open for item in listed), ZERO),
        disputed=sum((item.disputed for item in listed), ZERO),
        promised=sum((item.promised for item in listed), ZERO),
    )


def preview(*, entity: LegalEntity, on: date, plan: str | None = None) -> list[CustomerRow]:
    """What a run on `on` would do, customer by customer, the largest amount first. Writes nothing."""
    book = Book.of(entity, plan)
    if not book.rules:
        return []
    scope = Scope(book, on)
    picked = {(row.customer_id, row.currency): row for row in chosen(scope)}
    grouped = {key: kept for key, found in by_customer(scope).items() if (kept := _shown(found, plan))}
    customers = Customer.objects.in_bulk({customer_id for customer_id, _ in grouped})
    rows = [_row(book, customers[key[0]], key[1], picked.get(key), found) for key, found in grouped.items()]
    return sorted(rows, key=lambda row: (row.outcome != "send", -row.asked, row.customer.name_key))


def _shown(found: list[Item], plan: str | None) -> list[Item]:
    """With one plan asked for, customers who follow another are not part of the day."""
    return [item for item in found if not (plan and item.plan_id is None)]


def _row(
    book: Book, customer: Customer, currency: str, picked: Chosen | None, found: list[Item]
) -> CustomerRow:
    if picked is None:
        return CustomerRow(customer, currency, None, ZERO, "skip", found[0].why, found)
    step = book.rules[picked.plan_id].steps[picked.step_days]
    reason = Reason(picked.reason)
    outcome = "skip" if reason else "send"
    return CustomerRow(customer, currency, step, picked.amount, outcome, reason, found)


def with_outcomes(rows: Iterable[CustomerRow], notices: Iterable[Notice]) -> list[CustomerRow]:
    """The same rows after a run: what became of each notice, and the amount its letter asks for."""
    done = {(notice.customer_id, notice.currency): notice for notice in notices}
    return [_after(row, done.get((row.customer.pk, row.currency))) for row in rows]


def _after(row: CustomerRow, notice: Notice | None) -> CustomerRow:
    if notice is None or row.step is None:
        return row
    return replace(
        row,
        asked=notice.asked,
        outcome=notice.status,
        why=Reason(notice.reason),
        notice_id=notice.pk,
    )
