"""Invoices and credit notes, one by one. Files go in by the thousand through ledger.intake."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger.choices import InvoiceKind
from ledger.errors import LedgerError
from ledger.models import Contact, Customer, Invoice, InvoiceLine

FACTS = ("customer_id", "issued_on", "amount", "currency")


@dataclass(frozen=True, slots=True)
class LineFacts:
    """One line as printed; amounts in the document's currency."""

    net: Decimal
    description: str = ""
    quantity: Decimal | None = None
    unit: str = ""
    unit_price: Decimal | None = None
    tax_rate: Decimal | None = None


@dataclass(frozen=True, slots=True)
class DocumentFacts:
    """What a document says. `amount` includes tax and is positive for credit notes too."""

    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    currency: str
    kind: str = InvoiceKind.INVOICE
    net: Decimal | None = None
    tax: Decimal | None = None
    order_reference: str = ""
    note: str = ""
    lines: Sequence[LineFacts] = field(default_factory=tuple)


@transaction.atomic
def record_document(
    *,
    customer: Customer,
    facts: DocumentFacts,
    at: datetime,
    by: User | None = None,
    corrects: Invoice | None = None,
    contact: Contact | None = None,
) -> Invoice:
    """The invoice or credit note with these facts.

    The same document twice is the same row. A document that contradicts a recorded one is refused: what was
    issued is corrected by a new document.
    """
    Customer.objects.select_for_update().get(pk=customer.pk)
    known = Invoice.objects.filter(entity_id=customer.entity_id, kind=facts.kind, number=facts.number).first()
    if known is not None:
        return _same(known, customer, facts)
    document = Invoice(
        entity_id=customer.entity_id,
        customer=customer,
        kind=facts.kind,
        number=facts.number,
        issued_on=facts.issued_on,
        due_on=facts.due_on,
        amount=facts.amount,
        net=facts.net,
        tax=facts.tax,
        currency=facts.currency,
        order_reference=facts.order_reference,
        note=facts.note,
        corrects=corrects,
        contact=_of(customer.pk, contact),
        recorded_at=at,
    )
    document.full_clean()
    document.save(force_insert=True)
    InvoiceLine.objects.bulk_create(_lines(document, facts.lines))
    emit(
        stream="invoice",
        object_id=document.pk,
        entity_id=document.entity_id,
        kind="invoice.recorded",
        actor=by,
        at=at,
        data={"number": document.number, "amount": str(document.amount), "currency": document.currency},
    )
    return document


@transaction.atomic
def choose_contact(
    *, document: Invoice, contact: Contact | None, at: datetime, by: User | None = None
) -> Invoice:
    """The document with whoever deals with it at the customer, or nobody. Files do not change that any more.

    The same choice again is no change. Raises LedgerError for a contact of another customer.
    """
    document = Invoice.objects.select_for_update(of=("self",)).get(pk=document.pk)
    before, document.contact = document.contact_id, _of(document.customer_id, contact)
    if before == document.contact_id:
        return document
    document.save(update_fields=["contact"])
    emit(
        stream="invoice",
        object_id=document.pk,
        entity_id=document.entity_id,
        kind="invoice.contact_changed",
        actor=by,
        at=at,
        data={"number": document.number, "before": before, "contact": document.contact_id},
    )
    return document


def _of(customer_id: int, contact: Contact | None) -> Contact | None:
    """The contact, when it is one of the customer's. Raises LedgerError."""
    if contact is not None and contact.customer_id != customer_id:
        raise LedgerError(_("Choose a contact of this customer."), code="not_their_contact")
    return contact


def _lines(document: Invoice, lines: Sequence[LineFacts]) -> list[InvoiceLine]:
    return [
        InvoiceLine(
            invoice=document,
            position=position,
            description=line.description,
            quantity=line.quantity,
            unit=line.unit,
            unit_price=line.unit_price,
            net=line.net,
            tax_rate=line.tax_rate,
        )
        for position, line in enumerate(lines, start=1)
    ]


def _same(known: Invoice, customer: Customer, facts: DocumentFacts) -> Invoice:
    said = (customer.pk, facts.issued_on, facts.amount, facts.currency)
    if said != tuple(getattr(known, name) for name in FACTS):
        raise LedgerError(
            _(
                "%(number)s is already recorded with other facts. Record a credit note or a new invoice instead."
            )
            % {"number": known.number},
            code="document_differs",
        )
    return known
