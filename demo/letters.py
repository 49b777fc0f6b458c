"""Paper and addresses: formal notices by post, a batch that was posted, letters that wait, a dead address."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime

from accounts import services as people
from accounts.models import LegalEntity
from collections_app.choices import Why
from collections_app.decision.book import Book, Rule
from collections_app.decision.items import Item, by_customer
from collections_app.decision.sql import Scope
from collections_app.services.letters import Reminder, recipient_of, write
from demo.cast import House
from demo.dice import at_clock
from demo.quiet import hear
from ledger import references
from ledger.models import Contact, Customer
from mailroom import services as mailroom
from mailroom.choices import Channel, LetterStatus
from mailroom.models import Letter
from mailroom.services import Draft, Paper

PAPER = {
    "ES": {
        "address": "Polígono Industrial Ugaldeguren, nave 14\n48160 Derio (Bizkaia)",
        "phone": "+34 944 000 100",
        "email": "cobros@herramientas-cantabrico.example",
        "place": "Derio",
        "registry": "Registro Mercantil de Bizkaia, tomo 4217, folio 88, hoja BI-31904",
        "capital": "Capital social 601.000 €",
    },
    "FR": {
        "address": "12 rue des Charpentiers\n44600 Saint-Nazaire",
        "phone": "+33 2 99 00 01 00",
        "email": "recouvrement@outillage-atlantique.example",
        "place": "Saint-Nazaire",
        "registry": "RCS Saint-Nazaire 812 345 678 · TVA intracommunautaire FR 12 812345678",
        "capital": "SAS au capital de 240 000 €",
    },
}
PRINTED, WAITING = 4, 3
BOUNCED = "550 5.1.1 The email account that you tried to reach does not exist"


def furnish(house: House, at: datetime) -> None:
    """The company's paper, and a page on which customers can pretend to pay."""
    values = {"letterhead": PAPER[house.entity.country], "paying": {"provider": "sandbox"}}
    for part, told in values.items():
        people.change_settings(entity=house.entity, part=part, values=told, by=house.manager, at=at)


def post(house: House, last: date) -> None:
    """The worst debts get the formal notice on paper: some printed and posted, some still in the tray."""
    house.entity.refresh_from_db()
    at = at_clock(house.entity, last, 9, 30)
    reminders = _formal(house.entity, last)[: PRINTED + WAITING]
    for reminder in reminders[:PRINTED]:
        _queue(reminder, at)
    if Letter.objects.filter(entity=house.entity, status=LetterStatus.TRAY).exists():
        batch = mailroom.make_batch(entity=house.entity, by=house.collector, at=at)
        mailroom.pdf_of_batch(batch=batch)
        mailroom.mark_posted(batch=batch, by=house.collector, at=at_clock(house.entity, last, 12, 15))
    for reminder in reminders[PRINTED:]:
        _queue(reminder, at_clock(house.entity, last, 12, 40))
    _bounce(house, last)
    hear()


def _formal(entity: LegalEntity, on: date) -> list[Reminder]:
    """A formal notice for everything that is late and neither disputed nor promised, the largest first."""
    book = Book.of(entity)
    rows: list[Reminder] = []
    for (customer_id, currency), found in by_customer(Scope(book, on)).items():
        rule = book.rules.get(found[0].plan_id or 0)
        due = _asked(found, rule) if rule else []
        if rule is None or not due or max(item.late for item in due) < rule.last:
            continue
        customer = Customer.objects.select_related("entity").get(pk=customer_id)
        contact = Contact.objects.filter(customer=customer, is_billing=True).first()
        rows.append(Reminder(entity, customer, recipient_of(customer, contact), currency, on, rule, due))
    return sorted(rows, key=lambda row: (-row.asked, row.customer.code))


def _asked(found: list[Item], rule: Rule) -> list[Item]:
    late = [item for item in found if item.late > 0 and item.open > item.disputed + item.promised]
    return [replace(item, why=Why.ASKED, step_days=rule.last) for item in late]


def _queue(reminder: Reminder, at: datetime) -> None:
    reference = references.shown(reminder.terms.reference)
    paper = Paper(reminder.recipient.postal, reminder.on, reference, reminder.asked, reminder.currency)
    draft = Draft(
        entity=reminder.entity,
        key=f"post:{reminder.customer.pk}:{reminder.on.isoformat()}",
        kind=reminder.step.kind,
        to_address="",
        to_name=reminder.recipient.name or reminder.customer.name,
        words=write(reminder),
        about_stream="customer",
        about_id=reminder.customer.pk,
        channel=Channel.POST,
        paper=paper,
    )
    mailroom.deliver(letter_id=mailroom.queue_letter(draft=draft, at=at).pk, at=at)


def _bounce(house: House, last: date) -> None:
    """The last reminder but two came back: whoever read that mailbox has left."""
    sent = Letter.objects.filter(
        entity=house.entity, status=LetterStatus.SENT, channel=Channel.EMAIL, kind__startswith="dunning."
    ).order_by("-pk")
    for letter in sent[2:3]:
        mailroom.bounce_letter(
            message_id=letter.message_id, detail=BOUNCED, at=at_clock(house.entity, last, 10, 5)
        )
    hear()
