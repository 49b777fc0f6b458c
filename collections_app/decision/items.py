"""The decision as rows: what is said about each open item, and about each customer."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, Self

from django.db import connection

from collections_app.choices import Why
from collections_app.decision import choosing, sql
from collections_app.decision.book import Book
from collections_app.decision.facts import ANY_CURRENCY, ANY_CUSTOMER, ANY_NOTICE
from collections_app.decision.sql import Scope
from lib.money import ZERO

# The columns in the order of Item and Chosen.
ITEM_ROWS = """
SELECT id, number, customer_id, currency, plan, due_on, late, open, disputed, promised, step, last_days, why
FROM judged ORDER BY late DESC, id
"""
CHOSEN_ROWS = """
SELECT customer_id, currency, plan, part, top, amount, ids, contact_id, on_account, reason, kind FROM chosen"""


@dataclass(frozen=True, slots=True)
class Item:
    """One open invoice, its facts on the day, what is asked of it and why. `late` in days past due."""

    invoice_id: int
    number: str
    customer_id: int
    currency: str
    plan_id: int | None
    due_on: date
    late: int
    open: Decimal
    disputed: Decimal
    promised: Decimal
    step_days: int | None
    last_days: int | None
    why: Why

    @property
    def sentence(self) -> str:
        """Why it is asked for or left alone, in the active language."""
        return str(self.why.label)

    @property
    def asked(self) -> Decimal:
        """What the letter asks for: open less disputed less promised, or nothing."""
        return self.open - self.disputed - self.promised if self.why == Why.ASKED else ZERO


@dataclass(frozen=True, slots=True)
class Chosen:
    """One customer and currency with something to ask for: how much, at which step, or why not today.

    `part` is what tells it from the customer's other messages, by `kind`: the invoice or the contact of a plan that
    writes one message for each; 0: the message is about everything, or nobody has an address.
    """

    customer_id: int
    currency: str
    plan_id: int
    part: int
    step_days: int
    amount: Decimal
    invoice_ids: list[int]
    contact_id: int | None
    on_account: Decimal
    reason: str
    kind: str


def items(scope: Scope) -> list[Item]:
    """Every open item within reach of a plan, most overdue first."""
    text, params = sql.judged(scope)
    return _items(text, params)


@dataclass(frozen=True, slots=True)
class OneCustomer:
    """The decision for one customer at a time, its SQL written once for a book and a day."""

    text: str
    params: list[Any]

    @classmethod
    def of(cls, book: Book, on: date) -> Self:
        """The statement with stand-ins for the customer, the currency and the notice."""
        return cls(*sql.judged(Scope(book, on, ANY_CUSTOMER, ANY_CURRENCY, ANY_NOTICE)))

    def items(self, customer_id: int, currency: str, ignoring: int) -> list[Item]:
        """As `items`, for this customer and currency, as if the notice `ignoring` were not there."""
        real = {ANY_CUSTOMER: customer_id, ANY_CURRENCY: currency, ANY_NOTICE: ignoring}
        return _items(self.text, [real.get(value, value) for value in self.params])


def _items(text: str, params: list[Any]) -> list[Item]:
    rows = _rows(text + ITEM_ROWS, params)
    return [Item(*(*row[:-1], Why(row[-1]))) for row in rows]


def by_customer(scope: Scope) -> dict[tuple[int, str], list[Item]]:
    """The items of each customer and currency, but those with no step due yet."""
    grouped: dict[tuple[int, str], list[Item]] = defaultdict(list)
    for item in items(scope):
        if item.why != Why.NOT_DUE:
            grouped[item.customer_id, item.currency].append(item)
    return grouped


def chosen(scope: Scope) -> list[Chosen]:
    """Every customer and currency that something would be asked of, with the reason when it does not go."""
    text, params = choosing.chosen(scope)
    return [Chosen(*row) for row in _rows(text + CHOSEN_ROWS, params)]


def _rows(text: str, params: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows
