"""Money received, by the thousand. The identity makes a second call harmless."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from ledger.bulk.documents import YEARS
from ledger.bulk.reading import Row, with_customers
from ledger.bulk.sheet import CREATED, UNCHANGED, Sheet
from ledger.intake.amounts import CURRENCIES
from ledger.models import Customer, Payment

FACTS = ("customer_id", "received_on", "amount", "currency")
NAMES = ("customer", "received_on", "amount", "currency")


def take_payments(sheet: Sheet, rows: Iterable[Row]) -> None:
    """Record the payments that are not there yet; one with other facts than the recorded one is refused."""
    good = [pair for pair in with_customers(sheet, rows) if _fits(sheet, pair[0])]
    wanted: dict[str, Payment] = {}
    for row, customer in good:
        wanted.setdefault(row.data["identity"], _payment(sheet, row, customer))
    Payment.objects.bulk_create(wanted.values(), ignore_conflicts=True, batch_size=2000)
    recorded = {
        payment.identity: payment
        for payment in Payment.objects.filter(entity=sheet.entity, identity__in=wanted)
    }
    seen: set[int] = set()
    for row, customer in good:
        payment = recorded[row.data["identity"]]
        _tell(sheet, row, payment, _payment(sheet, row, customer), first=payment.pk not in seen)
        seen.add(payment.pk)


def _fits(sheet: Sheet, row: Row) -> bool:
    data = row.data
    currency = data.get("currency") or sheet.entity.currency
    if data["received_on"].year not in YEARS:
        sheet.refuse(row.index, "date_out_of_range", "received_on", value=str(data["received_on"]))
    elif currency not in CURRENCIES:
        sheet.refuse(row.index, "not_a_currency", "currency", value=currency)
    elif data["amount"] <= 0:
        sheet.refuse(row.index, "row_shape", "amount", message=_("The amount must be more than zero."))
    else:
        return True
    return False


def _payment(sheet: Sheet, row: Row, customer: Customer) -> Payment:
    data: dict[str, Any] = row.data
    return Payment(
        entity=sheet.entity,
        customer=customer,
        received_on=data["received_on"],
        amount=data["amount"],
        currency=data.get("currency") or sheet.entity.currency,
        identity=data["identity"],
        reference=data.get("reference", ""),
        method=data.get("method", ""),
        batch=sheet.batch,
        recorded_at=sheet.call.at,
    )


def _tell(sheet: Sheet, row: Row, recorded: Payment, said: Payment, *, first: bool) -> None:
    for fact, name in zip(FACTS, NAMES, strict=True):
        if getattr(recorded, fact) != getattr(said, fact):
            params = {"identity": recorded.identity, "field": name, "recorded": str(getattr(recorded, name))}
            sheet.refuse(row.index, "payment_differs", name, **params)
            return
    created = first and recorded.batch_id == sheet.batch.pk
    sheet.done(row.index, CREATED if created else UNCHANGED, recorded.pk)
