"""Claims late interest and recovery costs with a numbered debit note, and cancels one with another document."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity, User
from collections_app.choices_interest import NoteKind
from collections_app.errors import InterestError
from collections_app.interest.facts import settings_of
from collections_app.interest.position import Position, interest_for, line_data
from collections_app.models import DebitNote, DebitNoteLine
from ledger.models import Customer, Invoice
from lib import formats
from lib.money import ZERO


def claimable(
    *, customer: Customer, currency: str, until: date, on: date, invoices: Collection[int] | None = None
) -> list[Position]:
    """What a debit note of that day would claim of the customer, invoice by invoice: interest to the end of `until`,
    by the disputes, payments, claims and waivers as they are on `on`."""
    rows = Invoice.objects.filter(customer=customer, currency=currency)
    if invoices is not None:
        rows = rows.filter(pk__in=invoices)
    found = interest_for(rows, on, until=until)
    return [one for one in found.values() if one.claimable > 0]


@transaction.atomic
def issue_note(
    *,
    customer: Customer,
    currency: str,
    until: date,
    by: User,
    on: date,
    at: datetime,
    invoices: Collection[int] | None = None,
    expected: Decimal | None = None,
) -> DebitNote:
    """Claim interest to the end of `until` and the flat sums, of these invoices or of all late ones.

    Locks the invoices, so that what is claimed once is not claimed twice. `expected` is the total the person saw:
    another one is refused. Raises InterestError: nothing to claim, a rate not known yet, below the minimum.
    """
    if until > on:
        raise InterestError(_("Interest is claimed to today at most."), code="until_future")
    late = Invoice.objects.filter(customer=customer, currency=currency, kind="invoice", due_on__lt=on)
    late = late.filter(pk__in=invoices) if invoices is not None else late
    list(late.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    found = claimable(customer=customer, currency=currency, until=until, on=on, invoices=invoices)
    total = sum((one.claimable for one in found), ZERO)
    _may_be_claimed(found, total, expected, until)
    _not_too_small(total, customer, currency)
    entity = LegalEntity.objects.select_for_update(no_key=True).get(pk=customer.entity_id)
    habits = settings_of(entity.pk)
    note = DebitNote(
        entity=entity,
        customer=customer,
        kind=NoteKind.DEBIT,
        year=on.year,
        number=_next_number(entity, NoteKind.DEBIT, on.year),
        issued_on=on,
        until=until,
        due_on=on + timedelta(days=habits.payment_days),
        currency=currency,
        interest=sum((one.interest for one in found), ZERO),
        fees=sum((one.fee for one in found), ZERO),
        total=total,
        facts=_parties(entity, customer),
        issued_by=by,
        issued_at=at,
    )
    note.full_clean(exclude=["cancels"])
    note.save()
    DebitNoteLine.objects.bulk_create([_line(note, one, until) for one in found])
    _say(note, "interest.claimed", by, at)
    return note


def _may_be_claimed(found: list[Position], total: Decimal, expected: Decimal | None, until: date) -> None:
    if not found:
        raise InterestError(_("There is nothing to claim here."), code="nothing_to_claim")
    if expected is not None and total != expected:
        sentence = _("It is %(amount)s now: something changed meanwhile. Look at it again.")
        shown = formats.money(total, found[0].paper.currency)
        raise InterestError(sentence % {"amount": shown}, code="changed_meanwhile")
    again = DebitNoteLine.objects.filter(
        invoice__in=[one.paper.pk for one in found if one.interest],
        last_day=until,
        standing=True,
        interest__gt=0,
    )
    if again.exists():
        sentence = _(
            "Interest to this day was claimed already: what came to it meanwhile is claimed to a later day."
        )
        raise InterestError(sentence, code="claimed_to_this_day")
    unknown = [line.first for one in found for line in one.explanation.lines if not line.known]
    if unknown:
        sentence = _(
            "The rate that counts on %(day)s is not known yet. Import it, or claim to an earlier day."
        )
        raise InterestError(sentence % {"day": formats.day(min(unknown))}, code="rate_not_known")


def _not_too_small(total: Decimal, customer: Customer, currency: str) -> None:
    minimum = settings_of(customer.entity_id).minimum
    if total < minimum:
        sentence = _("Below %(amount)s no debit note is made.")
        raise InterestError(sentence % {"amount": formats.money(minimum, currency)}, code="below_minimum")


def _next_number(entity: LegalEntity, kind: NoteKind, year: int) -> int:
    """The number after the last one; the caller holds the entity's row, so that no two take the same."""
    rows = DebitNote.objects.filter(entity=entity, kind=kind, year=year)
    return (rows.aggregate(last=Max("number"))["last"] or 0) + 1


def _parties(entity: LegalEntity, customer: Customer) -> dict[str, Any]:
    """Who claims from whom, as it stands on the document."""
    return {
        "entity": {
            "name": entity.name,
            "tax_id": entity.tax_id,
            "iban": entity.iban,
            "country": entity.country,
        },
        "customer": {
            "name": customer.name,
            "code": customer.code,
            "tax_id": customer.tax_id,
            "address": customer.address,
            "language": customer.language,
        },
    }


def _line(note: DebitNote, one: Position, until: date) -> DebitNoteLine:
    paper = one.paper
    return DebitNoteLine(
        note=note,
        invoice_id=paper.pk,
        last_day=until,
        explanation=[line_data(line) for line in one.explanation.lines],
        waived=one.waived,
        interest=one.interest,
        fee=one.fee,
        facts={
            "number": paper.number,
            "issued_on": paper.issued_on.isoformat(),
            "due_on": paper.due_on.isoformat(),
            "amount": f"{paper.amount:.2f}",
        },
    )


@transaction.atomic
def cancel_note(*, note_id: int, reason: str, by: User, on: date, at: datetime) -> DebitNote:
    """Cancel a debit note with a document of its own; what it claimed may be claimed or waived again.

    Raises InterestError when it is cancelled already, or is itself such a document.
    """
    note = DebitNote.objects.select_related("customer").get(pk=note_id)
    lines = list(note.lines.order_by("invoice_id"))
    ids = [line.invoice_id for line in lines]
    list(Invoice.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    entity = LegalEntity.objects.select_for_update(no_key=True).get(pk=note.entity_id)
    if note.kind != NoteKind.DEBIT or DebitNote.objects.filter(cancels=note).exists():
        raise InterestError(_("This debit note is cancelled already."), code="cancelled_already")
    counter = DebitNote(
        entity=entity,
        customer=note.customer,
        kind=NoteKind.COUNTER,
        year=on.year,
        number=_next_number(entity, NoteKind.COUNTER, on.year),
        issued_on=on,
        until=note.until,
        due_on=on,
        currency=note.currency,
        interest=note.interest,
        fees=note.fees,
        total=note.total,
        facts=note.facts,
        cancels=note,
        reason=reason.strip(),
        issued_by=by,
        issued_at=at,
    )
    counter.full_clean()
    counter.save()
    DebitNoteLine.objects.bulk_create(_mirrored(counter, line) for line in lines)
    DebitNoteLine.objects.filter(note=note).update(standing=False)
    _say(counter, "interest.cancelled", by, at)
    return counter


def _mirrored(counter: DebitNote, line: DebitNoteLine) -> DebitNoteLine:
    return DebitNoteLine(
        note=counter,
        invoice_id=line.invoice_id,
        last_day=line.last_day,
        explanation=line.explanation,
        waived=line.waived,
        interest=line.interest,
        fee=line.fee,
        facts=line.facts,
        standing=False,
    )


def _say(note: DebitNote, kind: str, by: User, at: datetime) -> None:
    """The event that an ERP books by: no revenue is booked here."""
    facts = {"note": note.pk, "number": note.ref, "interest": str(note.interest), "fees": str(note.fees)}
    facts |= {"total": str(note.total), "currency": note.currency, "until": note.until.isoformat()}
    facts |= {"cancels": note.cancels.ref if note.cancels else None, "reason": note.reason}
    emit(
        stream="customer",
        object_id=note.customer_id,
        entity_id=note.entity_id,
        kind=kind,
        actor=by,
        at=at,
        data=facts,
    )
