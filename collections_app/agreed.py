"""What is agreed with customers in instalments, as other parts of the house need it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import DecimalField, F, Q, Sum, Value
from django.db.models.functions import Greatest, Least

from collections_app.choices import InstalmentStatus
from collections_app.models import InstalmentInvoice, InstalmentPlan
from collections_app.schedules import Share, placed
from lib.money import ZERO

S = InstalmentStatus
MONEY: DecimalField[Decimal, Decimal] = DecimalField(max_digits=14, decimal_places=2)
# What came of the covered part of an invoice since the agreement was made, whatever paid it.
PAID = Least(
    Greatest(
        F("open_before") - (F("invoice__amount") - F("invoice__allocated")),
        Value(ZERO, output_field=MONEY),
        output_field=MONEY,
    ),
    F("amount"),
    output_field=MONEY,
)


@dataclass(frozen=True, slots=True)
class AgreedPart:
    """A part of an invoice and the day it has to be paid by, as agreed. Not reduced by what was paid since."""

    invoice_id: int
    due_on: date
    amount: Decimal
    # The day the customer agreed: before it the part was late as the invoice says.
    agreed_on: date = date.min


def agreed_parts(invoices: Collection[int], on: date) -> list[AgreedPart]:
    """The parts of these invoices that were in instalments on `on`, each with its day: late from the day after it.

    Instalments are placed on the invoices of their agreement in the order of their due dates. An agreement counts from
    the day on which the customer agreed until the day it ended (broken, cancelled: what is left is due as before; paid
    in full: it still says what was due when). Three queries, however many invoices.
    """
    ran = Q(plan__agreed_on__lte=on) & (
        Q(plan__ended_on=None) | Q(plan__ended_on__gt=on) | Q(plan__status=S.FULFILLED)
    )
    rows = InstalmentInvoice.objects.filter(ran, invoice__in=invoices).values("plan")
    plans = InstalmentPlan.objects.filter(pk__in=rows).prefetch_related("instalments", "invoices__invoice")
    wanted = set(invoices)
    return [
        AgreedPart(*part, plan.agreed_on or date.min)
        for plan in plans.order_by("pk")
        for part in placed(shares_of(plan), _covered(plan))
        if part[0] in wanted
    ]


def shares_of(plan: InstalmentPlan) -> list[Share]:
    """The instalments of an agreement, in order."""
    return [Share(row.due_on, row.amount) for row in sorted(plan.instalments.all(), key=lambda r: r.number)]


def _covered(plan: InstalmentPlan) -> list[tuple[int, Decimal]]:
    rows = sorted(plan.invoices.all(), key=lambda row: (row.invoice.due_on, row.invoice_id))
    return [(row.invoice_id, row.amount) for row in rows]


def paid_of(plans: Iterable[InstalmentPlan]) -> dict[int, Decimal]:
    """What was paid of each agreement since it was made. One query."""
    keys = [plan.pk for plan in plans]
    rows = InstalmentInvoice.objects.filter(plan__in=keys).order_by().values("plan").annotate(paid=Sum(PAID))
    found = {row["plan"]: row["paid"] for row in rows}
    return {pk: found.get(pk, ZERO) for pk in keys}
