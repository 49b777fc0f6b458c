"""The words of a reminder: who it goes to, in which language, with which figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml
from django.utils import translation

from accounts.models import LegalEntity
from collections_app.decision.book import Rule
from collections_app.decision.dealing import Share
from collections_app.decision.items import Item
from collections_app.models import Step
from collections_app.paying.terms import Terms, terms_of
from ledger import references
from ledger.models import Contact, Customer
from lib import formats
from lib.money import ZERO
from lib.phones import mobile
from mailroom.catalogue import Text, late_payment_law
from mailroom.choices import Channel
from mailroom.envelope import usable
from mailroom.paper.address import lines_of
from mailroom.rendering import Table, Value
from mailroom.services import Paper, Rendered, render, render_short, text_for

Texts = dict[tuple[int, str, str, str], Text]
WORDS = Path(__file__).parent.parent / "catalogue" / "words.yaml"


@cache
def _words() -> dict[str, dict[str, str]]:
    loaded: dict[str, dict[str, str]] = yaml.safe_load(WORDS.read_text(encoding="utf-8"))
    return loaded


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a reminder goes and in which language: by e-mail, by SMS (E.164) and by post (line by line)."""

    name: str
    address: str
    language: str
    mobile: str = ""
    postal: str = ""

    def by(self, channel: str) -> str:
        """Where a message of this channel goes; paper goes to `postal`."""
        if channel == Channel.SMS:
            return self.mobile
        return "" if channel in (Channel.POST, Channel.PORTAL) else self.address


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
    # Which invoices do not go along, in the recipient's language; empty when all that should do.
    enclosed: str = ""
    # What its contact deals with; None when it is about all that the customer owes.
    share: Share | None = None

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


def pay_words(language: str) -> dict[str, str]:
    """The words of the box to pay in."""
    return _words().get(language) or _words()["en"]


def channel_of(step: Step) -> Channel:
    """How the message of a step travels; whatever has no channel of its own goes by e-mail."""
    return Channel(step.channel) if step.channel in Channel.values else Channel.EMAIL


def recipient_of(customer: Customer, contact: Contact | None) -> Recipient:
    """The contact who gets reminders; the customer's own address when there is no such contact."""
    country, home = customer.country, customer.entity.country
    name = contact.name if contact else ""
    phone = mobile(contact.phone, country or home) if contact else ""
    postal = lines_of(
        name=customer.name, attention=name, address=customer.address, country=country, home=home
    )
    if contact and usable(contact.email) and not contact.undeliverable_since:
        return Recipient(contact.name, contact.email, contact.language, phone, postal)
    language = contact.language if contact else customer.language
    return Recipient("", customer.email, language, phone, postal)


def write(reminder: Reminder, texts: Texts | None = None) -> Rendered:
    """The letter in the recipient's language. Names only what is asked for. `texts` keeps what was read before."""
    kept = {} if texts is None else texts
    channel = channel_of(reminder.step)
    key = (reminder.entity.pk, reminder.step.kind, reminder.recipient.language, channel)
    if key not in kept:
        kept[key] = text_for(kind=key[1], language=key[2], entity=reminder.entity, channel=channel)
    text = kept[key]
    if reminder.enclosed and "{{ enclosed }}" not in text.body:
        # A text of one's own that says nothing of it.
        text = replace(text, body=text.body.rstrip() + "\n\n{{ enclosed }}\n")
    with translation.override(text.language):
        values = values_of(reminder, text.language)
    if channel == Channel.SMS:
        return render_short(text=text, entity=reminder.entity, values=values)
    return render(text=text, entity=reminder.entity, values=values)


def paper_of(reminder: Reminder) -> Paper | None:
    """What a reminder on paper needs beside its words; an e-mail needs none."""
    if channel_of(reminder.step) != Channel.POST:
        return None
    reference = references.shown(reminder.terms.reference)
    return Paper(reminder.recipient.postal, reminder.on, reference, reminder.asked, reminder.currency)


def values_of(reminder: Reminder, language: str) -> dict[str, Value]:
    """What the names of a reminder's text stand for, in this (active) language."""
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
        "pay": terms.box(pay_words(language)),
        "deadline": formats.day(deadline, "long"),
        "reminded": "1" if any((item.last_days or 0) > 0 for item in overdue) else "",
        "paper": "1" if channel_of(reminder.step) == Channel.POST else "",
        "enclosed": reminder.enclosed,
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

    total = formats.money(_sum(items), currency)
    return Table(
        head=tuple(words[column] for column in columns),
        rows=tuple(tuple(_cell(column, item, currency) for column in columns) for item in items),
        right=frozenset(range(2, len(columns))),
        foot=(words["total"], *[""] * (len(columns) - 2), total),
    )


def _cell(column: str, item: Item, currency: str) -> str:
    """One cell of the table."""
    if column == "invoice":
        return item.number
    if column == "due_on":
        return formats.day(item.due_on)
    if column == "late":
        return str(item.late)
    amounts = {"open": item.open, "withheld": item.disputed + item.promised, "to_pay": item.asked}
    return formats.money(amounts[column], currency)
