"""The collector's desk on the last day: portfolios, calls to be made and made, an agreement that runs."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from collections_app.choices import CallReason
from collections_app.schedules import MONTH, equal
from collections_app.services import calls, instalments, remarks, worklist
from collections_app.services.calls import Result
from collections_app.services.promises import Said
from demo.cast import House
from demo.dice import at_clock, words
from disputes.models import DisputeLine
from ledger.models import Customer, Invoice
from lib.money import ZERO


def call_round(house: House, last: date) -> None:
    """What lies on the desk on the morning of `last`."""
    late = _late(house, last)
    if len(late) < 4:
        return
    # The day's last acts, in this order: a customer's timeline runs forward.
    at = at_clock(house.entity, last, 17, 5)
    worklist.set_collector(customers=late[:12], collector=house.collector, by=house.manager, at=at)
    talk = words("talk")[house.language]["calls"]
    _spread(house, last, late[0])
    for customer, reason, about in zip(
        late[1:4], (CallReason.OVERDUE, CallReason.CALL_BACK, CallReason.OVERDUE), talk["about"], strict=False
    ):
        calls.plan_call(
            customer=customer,
            reason=reason,
            due_on=last,
            at=at_clock(house.entity, last, 17, 15),
            by=house.collector,
            assigned_to=house.collector,
            contact=customer.contacts.order_by("-is_billing", "pk").first(),
            about=about,
        )
    for customer, outcome, notes in zip(
        late[4:7], ("paid", "message", "refused"), talk["notes"], strict=False
    ):
        calls.finish_call(
            customer=customer,
            result=Result(outcome, notes=notes, seconds=140),
            by=house.collector,
            on=last,
            at=at_clock(house.entity, last, 17, 20),
            contact=customer.contacts.order_by("-is_billing", "pk").first(),
            reason=CallReason.OVERDUE,
        )
    remarks.write_remark(
        customer=late[1], text=talk["remark"], by=house.collector, at=at_clock(house.entity, last, 17, 25)
    )


def _late(house: House, last: date) -> list[Customer]:
    """Who owes most of what nobody contests, the largest first."""
    contested = DisputeLine.objects.filter(closed_on=None).values("invoice")
    home = house.entity.currency
    rows = (
        Invoice.objects.filter(entity=house.entity, due_on__lt=last, currency=home)
        .open_now()
        .exclude(pk__in=contested)
    )
    sums: dict[Customer, Decimal] = {}
    for invoice in rows.select_related("customer"):
        sums[invoice.customer] = sums.get(invoice.customer, ZERO) + invoice.amount - invoice.allocated
    return sorted(sums, key=lambda customer: (-sums[customer], customer.code))


def _spread(house: House, last: date, customer: Customer) -> None:
    """The largest debtor pays their oldest invoices in three instalments."""
    contested = DisputeLine.objects.filter(closed_on=None).values("invoice")
    rows = (
        Invoice.objects.filter(customer=customer, due_on__lt=last, currency=house.entity.currency)
        .open_now()
        .exclude(pk__in=contested)
    )
    parts = [(one, one.amount - one.allocated) for one in rows.order_by("due_on", "pk")[:3]]
    at = at_clock(house.entity, last, 17, 10)
    total = sum((amount for _one, amount in parts), ZERO)
    plan = instalments.make_plan(
        parts=parts,
        shares=equal(total, 3, last + timedelta(days=5), MONTH, parts[0][0].currency),
        by=house.collector,
        on=last,
        at=at,
        said=Said(contact=customer.contacts.order_by("-is_billing", "pk").first()),
    )
    instalments.agree_plan(plan_id=plan.pk, by=house.collector, on=last, at=at)
