"""The letters a stage sends when a dispute comes to it: to whom, in which language, with which facts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import Demand, SendTo
from disputes.models import Dispute, DisputeLine, StageSend
from disputes.services.common import STREAM, day_of, tell
from ledger.models import Contact
from lib import formats
from lib.money import ZERO
from mailroom.envelope import usable
from mailroom.models import Letter
from mailroom.rendering import Table, Value
from mailroom.services import Draft, queue_letter, render, text_for

# Nobody is told twice that their claim has arrived, however often it is sorted again.
ONCE = "dispute.received"


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a letter goes and in which language."""

    name: str
    address: str
    language: str


def send_for_stage(dispute: Dispute, at: datetime) -> None:
    """Queue the letters of the stage the dispute has just come to, once for this stay.

    A letter nobody could get is not queued; the timeline says so. The caller holds the dispute's lock.
    """
    sends = list(dispute.stage.sends.all())
    if not sends:
        return
    stay = dispute.stays.order_by("-seq").values_list("seq", flat=True)[0]
    for send in sends:
        if send.to == SendTo.CUSTOMER and _held_back(dispute, send):
            continue
        recipient = recipient_of(dispute, send.to)
        facts: dict[str, object] = {"text": send.text, "to": send.to}
        facts |= {"name": recipient.name, "address": recipient.address}
        if not usable(recipient.address):
            tell(dispute, "dispute.not_sent", by=None, at=at, data=facts)
            continue
        letter = queue_letter(draft=_draft(dispute, send, recipient, stay, at), at=at)
        facts |= {"letter": letter.pk, "subject": letter.subject, "language": letter.language}
        tell(dispute, "dispute.letter", by=None, at=at, data=facts)


def _held_back(dispute: Dispute, send: StageSend) -> bool:
    """Whether this letter does not leave: the route writes to no customers, or they know already that it came."""
    if not dispute.route_version.route.writes_to_customers:
        return True
    written = Letter.objects.filter(about_stream=STREAM, about_id=dispute.pk, kind=send.text)
    return send.text == ONCE and written.exists()


def recipient_of(dispute: Dispute, to: str) -> Recipient:
    """The customer's billing contact (its own address without one), the salesperson or the coordinator."""
    customer = dispute.customer
    if to == SendTo.CUSTOMER:
        contacts = Contact.objects.filter(customer=customer).order_by("-is_billing", "pk")
        contact = next((one for one in contacts if one.is_billing and usable(one.email)), None)
        if contact is not None:
            return Recipient(contact.name, contact.email, contact.language or customer.language)
        return Recipient("", customer.email, customer.language)
    person: User | None = customer.salesperson if to == SendTo.SALESPERSON else dispute.coordinator
    if person is None or not person.is_active:
        person = dispute.coordinator
    return Recipient(person.name, person.email, person.language)


def _draft(dispute: Dispute, send: StageSend, recipient: Recipient, stay: int, at: datetime) -> Draft:
    text = text_for(kind=send.text, language=recipient.language, entity=dispute.entity)
    with translation.override(text.language):
        words = render(text=text, entity=dispute.entity, values=_values(dispute, recipient, at))
    return Draft(
        entity=dispute.entity,
        key=f"dispute:{dispute.pk}:{stay}:{send.text}:{send.to}",
        kind=send.text,
        to_address=recipient.address,
        to_name=recipient.name,
        words=words,
        about_stream=STREAM,
        about_id=dispute.pk,
    )


def _values(dispute: Dispute, recipient: Recipient, at: datetime) -> dict[str, Value]:
    """What the texts about disputes may say, in the active language."""
    facts = dispute.facts
    credit = facts.get(Demand.CREDIT_AMOUNT)
    return {
        "recipient": recipient.name,
        "customer": dispute.customer.name,
        "entity": dispute.entity.name,
        "date": formats.day(day_of(at, dispute.entity), "long"),
        "ref": dispute.ref,
        "reason": dispute.reason.label,
        "statement": dispute.statement,
        "amount": formats.money(dispute.amount, dispute.currency),
        "lines": _table(dispute),
        "invoices": ", ".join(dict.fromkeys(line.invoice.number for line in _lines(dispute))),
        "opened": formats.day(dispute.opened_on, "long"),
        "note": "",  # What colleagues wrote to each other is not for the customer.
        "credit_amount": _amount(credit, dispute.currency),
        "credit_note": str(facts.get(Demand.CREDIT_NOTE_NUMBER, "")),
    }


def _amount(value: object, currency: str) -> str:
    return formats.money(Decimal(str(value)), currency) if value else ""


def _lines(dispute: Dispute) -> list[DisputeLine]:
    return list(dispute.lines.filter(closed_on=None).select_related("invoice"))


def _table(dispute: Dispute) -> Table:
    """The invoices in dispute, each with its part."""
    sums: dict[tuple[str, date], Decimal] = {}
    for line in _lines(dispute):
        key = (line.invoice.number, line.invoice.issued_on)
        sums[key] = sums.get(key, ZERO) + line.amount
    rows = tuple(
        (number, formats.day(issued), formats.money(amount, dispute.currency))
        for (number, issued), amount in sums.items()
    )
    foot = ("", "", formats.money(dispute.amount, dispute.currency)) if len(rows) > 1 else ()
    return Table(
        head=(_("Invoice"), _("Date"), _("Disputed amount")), rows=rows, right=frozenset({2}), foot=foot
    )
