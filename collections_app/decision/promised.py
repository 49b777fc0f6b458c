"""What is promised of each invoice for a day to come, as SQL, for statements other than the decision itself."""

from datetime import date
from typing import Any

from django.db.models import F, QuerySet

from accounts.models import LegalEntity
from collections_app.choices import InstalmentStatus, PromiseStatus
from collections_app.decision.sql import PARTED
from collections_app.models import Instalment, InstalmentInvoice, Promise

Part = tuple[str, QuerySet[Any, Any]]


def parts(entity: LegalEntity, on: date, customer_id: int | None = None, currency: str = "") -> list[Part]:
    """The facts: one named query each, of the entity, or of one customer (and currency)."""
    promises = Promise.objects.filter(invoice__entity=entity, status=PromiseStatus.MADE, promised_on__gte=on)
    running: dict[str, Any] = {"plan__status": InstalmentStatus.RUNNING, "plan__entity": entity}
    if customer_id:
        promises = promises.filter(invoice__customer=customer_id)
        running["plan__customer"] = customer_id
    if currency:
        promises = promises.filter(invoice__currency=currency)
        running["plan__currency"] = currency
    # The parts of invoices that running agreements cover, those paid by now included.
    covered = InstalmentInvoice.objects.filter(**running).order_by()
    left = F("invoice__amount") - F("invoice__allocated")
    columns = ("plan_id", "invoice_id", "invoice__due_on", "amount", "left", "open_before")
    instalments = Instalment.objects.filter(**running).order_by()
    return [
        (
            "promised(invoice_id, amount, open_before)",
            promises.order_by().values_list("invoice_id", "amount", "open_before"),
        ),
        (
            "agreed(plan_id, invoice_id, due_on, amount, open, open_before)",
            covered.annotate(left=left).values_list(*columns),
        ),
        (
            "instalment(plan_id, due_on, amount, upto)",
            instalments.values_list("plan_id", "due_on", "amount", "upto"),
        ),
    ]


def parted(day: str) -> str:
    """The named queries behind `agreed` and `instalment`, up to `parted(invoice_id, rest, next_on, to_come)`."""
    return PARTED.format(day=day, left="open")


# What is promised for a day to come of an `item`, at most what is open and not disputed.
PROMISED = """
LEAST(GREATEST(COALESCE(promised.amount - GREATEST(promised.open_before - item.open, 0.00), 0.00), 0.00)
      + COALESCE(parted.to_come, 0.00),
      item.open - LEAST(COALESCE(disputed.amount, 0.00), item.open))"""
