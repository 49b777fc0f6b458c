"""The day as a person reads it: each customer, what is asked of them and why, or why not."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

from accounts.models import LegalEntity
from collections_app.choices import Grouping, Reason, Why
from collections_app.decision.book import Book
from collections_app.decision.items import Chosen, Item, by_customer, chosen
from collections_app.decision.sql import Scope
from collections_app.models import Notice, Step
from ledger.models import Contact, Customer
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
    # What tells it from the customer's other messages: the invoice it is about, or the contact it goes to.
    part: int = 0
    # Whom it goes to, where each contact has a message.
    contact: Contact | None = None

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
    picked: dict[tuple[int, str], list[Chosen]] = defaultdict(list)
    for row in chosen(scope):
        picked[row.customer_id, row.currency].append(row)
    grouped = {key: kept for key, found in by_customer(scope).items() if (kept := _shown(found, plan))}
    customers = Customer.objects.in_bulk({customer_id for customer_id, _ in grouped})
    contacts = _contacts(picked.values())
    rows = [
        _row(book, customers[key[0]], key[1], pick, part, contacts)
        for key, found in grouped.items()
        for pick, part in _parts(picked.get(key, []), found)
    ]
    return sorted(rows, key=lambda row: (row.outcome != "send", -row.asked, row.customer.name_key))


def _shown(found: list[Item], plan: str | None) -> list[Item]:
    """With one plan asked for, customers who follow another are not part of the day."""
    return [item for item in found if not (plan and item.plan_id is None)]


def _parts(picks: list[Chosen], found: list[Item]) -> Iterator[tuple[Chosen | None, list[Item]]]:
    """Each message with its items: all of them, or those it is about; what no message is about comes last."""
    if not any(pick.part for pick in picks):
        yield (picks[0] if picks else None), found
        return
    for pick in picks:
        yield pick, [item for item in found if item.invoice_id in pick.invoice_ids]
    own = {invoice for pick in picks for invoice in pick.invoice_ids}
    if rest := [item for item in found if item.invoice_id not in own]:
        yield None, rest


def _contacts(picks: Iterable[list[Chosen]]) -> dict[int, Contact]:
    """The contacts who have a message of their own; no query without any."""
    meant = {pick.part for each in picks for pick in each if pick.kind == Grouping.CONTACT and pick.part}
    return Contact.objects.in_bulk(meant) if meant else {}


def _row(
    book: Book,
    customer: Customer,
    currency: str,
    picked: Chosen | None,
    found: list[Item],
    contacts: dict[int, Contact],
) -> CustomerRow:
    if picked is None:
        return CustomerRow(customer, currency, None, ZERO, "skip", found[0].why, found)
    step = book.rules[picked.plan_id].steps[picked.step_days]
    reason = Reason(picked.reason)
    outcome = "skip" if reason else "send"
    contact = contacts.get(picked.part) if picked.kind == Grouping.CONTACT else None
    said = (customer, currency, step, picked.amount, outcome, reason, found)
    return CustomerRow(*said, part=picked.part, contact=contact)


def with_outcomes(rows: Iterable[CustomerRow], notices: Iterable[Notice]) -> list[CustomerRow]:
    """The same rows after a run: what became of each notice, and the amount its letter asks for."""
    done = {(notice.customer_id, notice.currency, notice.part): notice for notice in notices}
    return [_after(row, done.get((row.customer.pk, row.currency, row.part))) for row in rows]


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
