"""The words of a reminder: who it goes to, in which language, with which figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from django.utils import translation

from accounts.models import LegalEntity
from collections_app.decision.book import Rule
from collections_app.decision.items import Item
from collections_app.models import Step
from collections_app.paying.terms import Terms, terms_of
from ledger import references
from ledger.models import Contact, Customer
from lib import formats
from lib.money import ZERO
from mailroom.catalogue import Text, late_payment_law
from mailroom.envelope import usable
from mailroom.rendering import Table, Value
from mailroom.services import Rendered, render, text_for

Texts = dict[tuple[int, str, str], Text]
WORDS = Path(__file__).parent.parent / "catalogue" / "words.yaml"


@cache
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a reminder goes and in which language."""

    name: str
    address: str
    language: str


@dataclass(frozen=True, slots=True)
class Reminder:
    """What a reminder says: the items it asks for, on which day, by which plan."""

    entity: LegalEntity
    customer: Customer
    recipient: Recipient
    currency: str
    on: date
    rule: Rule
    items: Sequence[Item]
    notice_id: int | None = None

    @property
    def step(self) -> Step:
        """The level of the message: that of its most advanced item."""
        return self.rule.steps[max(item.step_days for item in self.items if item.step_days is not None)]

    @property
    def asked(self) -> Decimal:
        """What it asks for in all."""
        return _sum(self.items)

    @property
    def terms(self) -> Terms:
        """How to pay it: what is late, or what falls due when nothing is."""
        overdue = [item for item in self.items if item.late > 0] or self.items
        return terms_of(
            entity=self.entity,
            customer_id=self.customer.pk,
            numbers=[item.number for item in overdue],
            amount=_sum(overdue),
            currency=self.currency,
            on=self.on,
            notice_id=self.notice_id,
        )


def recipient_of(customer: Customer, contact: Contact | None) -> Recipient:
    """The contact who gets reminders; the customer's own address when there is no such contact."""
    if contact and usable(contact.email):
        return Recipient(contact.name, contact.email, contact.language)
    return Recipient("", customer.email, contact.language if contact else customer.language)


def write(reminder: Reminder, texts: Texts | None = None) -> Rendered:
    """The letter in the recipient's language. Names only what is asked for. `texts` keeps what was read before."""
    kept = {} if texts is None else texts
    key = (reminder.entity.pk, reminder.step.kind, reminder.recipient.language)
    if key not in kept:
        kept[key] = text_for(kind=key[1], language=key[2], entity=reminder.entity)
    text = kept[key]
    with translation.override(text.language):
        values = _values(reminder, text.language)
    return render(text=text, entity=reminder.entity, values=values)


def _values(reminder: Reminder, language: str) -> dict[str, Value]:
    entity, currency = reminder.entity, reminder.currency
    overdue = [item for item in reminder.items if item.late > 0]
    coming = [item for item in reminder.items if item.late <= 0]
    partial = any(item.asked < item.open for item in reminder.items)
    terms = reminder.terms
    deadline = reminder.on + timedelta(days=reminder.rule.answer_days)
    return {
        "recipient": reminder.recipient.name,
        "customer": reminder.customer.name,
        "entity": entity.name,
        "date": formats.day(reminder.on, "long"),
        "overdue": _table(reminder.currency, overdue, language),
        "overdue_total": formats.money(_sum(overdue), currency),
        "coming": _table(reminder.currency, coming, language),
        "coming_total": formats.money(_sum(coming), currency),
        "total": formats.money(_sum(reminder.items), currency),
        "partial": "1" if partial else "",
        "iban": terms.iban_shown,
        "reference": references.shown(terms.reference),
        "pay_url": terms.url,
        "pay": terms.box(_words().get(language) or _words()["en"]),
        "deadline": formats.day(deadline, "long"),
        "reminded": "1" if any((item.last_days or 0) > 0 for item in overdue) else "",
        "law": late_payment_law(language, entity.country),
    }


def _sum(items: Sequence[Item]) -> Decimal:
    return sum((item.asked for item in items), ZERO)


def _table(currency: str, items: Sequence[Item], language: str) -> Table:
    """Invoice, due date, days late; what is open and withheld too, when that differs from what is asked."""
    words = _words().get(language) or _words()["en"]
    late = any(item.late > 0 for item in items)
    partial = any(item.asked < item.open for item in items)
    columns = [
        "invoice",
        "due_on",
        *(["late"] if late else []),
        *(["open", "withheld"] if partial else []),
        "to_pay",
    ]

    def cells(item: Item) -> tuple[str, ...]:
        shown = {
            "invoice": item.number,
            "due_on": formats.day(item.due_on),
            "late": str(item.late),
            "open": formats.money(item.open, currency),
            "withheld": formats.money(item.disputed + item.promised, currency),
            "to_pay": formats.money(item.asked, currency),
        }
        return tuple(shown[column] for column in columns)

    total = formats.money(_sum(items), currency)
    return Table(
        head=tuple(words[column] for column in columns),
        rows=tuple(cells(item) for item in items),
        right=frozenset(range(2, len(columns))),
        foot=(words["total"], *[""] * (len(columns) - 2), total),
    )
