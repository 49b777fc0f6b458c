"""What a customer has open, item by item, with what is disputed and what is promised for a day to come."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from collections_app.decision import promised
from collections_app.decision.facts import named, standing
from collections_app.models import LegalFileLine
from ledger.models import Customer, Invoice
from lib.money import ZERO

FIELDS = ("pk", "currency", "number", "issued_on", "due_on", "amount", "open_amount")
ITEMS = """
SELECT item.id, item.number, item.currency, item.issued_on, item.due_on, item.amount, item.open,
       LEAST(COALESCE(disputed.amount, 0.00), item.open), {promised},
       EXISTS (SELECT 1 FROM {file_line} l WHERE l.invoice_id = item.id AND l.closed_on IS NULL)
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
    # Whether a legal file has it: nobody else asks for it.
    pursued: bool
    late: int

    @property
    def free(self) -> Decimal:
        """What is neither disputed nor promised for a day to come."""
        return self.open - self.disputed - self.promised

    @property
    def overdue(self) -> Decimal:
        """What of it may be asked for now."""
        return self.free if self.late > 0 and not self.pursued else ZERO


def open_items(customer: Customer, on: date) -> list[OpenItem]:
    """Everything open, by currency, the oldest due first. One query, the facts of this moment."""
    invoices: QuerySet[Any, Any] = Invoice.objects.open_now().filter(customer=customer).order_by()
    facts = [
        ("item(id, currency, number, issued_on, due_on, amount, open)", invoices.values_list(*FIELDS)),
        standing(Q(invoice__customer=customer)),
        *promised.parts(customer.entity, on, customer.pk),
    ]
    texts, params = named(facts)
    day = f"DATE '{on.isoformat()}'"
    parted = promised.parted(day).rstrip().rstrip(",")
    items = ITEMS.format(promised=promised.PROMISED, file_line=LegalFileLine._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {', '.join(texts)}, {parted}{items}", params)
        return [OpenItem(*(*row, (on - row[4]).days)) for row in cursor.fetchall()]
