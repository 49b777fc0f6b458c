"""What a customer has open, item by item, with what is disputed and what is promised for a day to come."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import QuerySet, Sum

from collections_app.decision import promised
from disputes.models import DisputeLine
from ledger.models import Customer, Invoice
from lib.money import ZERO

FIELDS = ("pk", "currency", "number", "issued_on", "due_on", "amount", "open_amount")
ITEMS = """
SELECT item.id, item.number, item.currency, item.issued_on, item.due_on, item.amount, item.open,
       LEAST(COALESCE(disputed.amount, 0.00), item.open), {promised}
FROM item LEFT JOIN disputed ON disputed.invoice_id = item.id
LEFT JOIN promised ON promised.invoice_id = item.id LEFT JOIN parted ON parted.invoice_id = item.id
ORDER BY item.currency, item.due_on, item.id
"""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice with what is open of it. `late` in days past due on the day (negative before it)."""

    invoice_id: int
    number: str
    currency: str
    issued_on: date
    due_on: date
    amount: Decimal
    open: Decimal
    disputed: Decimal
    promised: Decimal
    late: int

    @property
    def free(self) -> Decimal:
        """What is neither disputed nor promised for a day to come."""
        return self.open - self.disputed - self.promised

    @property
    def overdue(self) -> Decimal:
        """What of it may be asked for now."""
        return self.free if self.late > 0 else ZERO


def open_items(customer: Customer, on: date) -> list[OpenItem]:
    """Everything open, by currency, the oldest due first. One query, the facts of this moment."""
    invoices: QuerySet[Any, Any] = Invoice.objects.open_now().filter(customer=customer).order_by()
    live = DisputeLine.objects.filter(invoice__customer=customer, closed_on=None).order_by()
    lines = live.values("invoice_id").annotate(a=Sum("amount")).values_list("invoice_id", "a")
    named = [
        ("item(id, currency, number, issued_on, due_on, amount, open)", invoices.values_list(*FIELDS)),
        ("disputed(invoice_id, amount)", lines),
        *promised.parts(customer.entity, on, customer.pk),
    ]
    texts: list[str] = []
    params: list[Any] = []
    for name, queryset in named:
        text, values = queryset.query.sql_with_params()
        texts.append(f"{name} AS ({text})")
        params += values
    day = f"DATE '{on.isoformat()}'"
    parted = promised.parted(day).rstrip().rstrip(",")
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(texts)}, {parted}{ITEMS.format(promised=promised.PROMISED)}", params)
        return [OpenItem(*(*row, (on - row[4]).days)) for row in cursor.fetchall()]
