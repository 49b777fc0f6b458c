"""The business facts of the whole database in one number, whatever the keys of its rows."""

import hashlib
from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from accounts.models import Membership, User
from chat.models import Message, ReadMark
from collections_app.models import Notice, NoticeLine, Promise
from disputes.models import Answer, Dispute, DisputeLine, Outcome, Question, Stay
from ledger.models import Allocation, Contact, Customer, Invoice, InvoiceLine, Payment

DISPUTE = ("dispute__entity__code", "dispute__number")
FACTS: tuple[tuple[type[Any], tuple[str, ...]], ...] = (
    (User, ("email", "name", "language", "is_demo")),
    (Membership, ("user__email", "entity__code", "role", "department__code")),
    (Customer, ("entity__code", "code", "name", "tax_id", "segment", "salesperson__email", "terms_days", "email")),
    (Contact, ("customer__code", "name", "email", "is_billing")),
    (Invoice, ("entity__code", "kind", "number", "issued_on", "due_on", "amount", "allocated", "corrects__number")),
    (InvoiceLine, ("invoice__number", "position", "description", "quantity", "unit_price", "net")),
    (Payment, ("entity__code", "identity", "received_on", "amount", "allocated")),
    (Allocation, ("invoice__number", "kind", "amount", "allocated_on", "recorded_at")),
    (Dispute, ("entity__code", "number", "reason__code", "stage__code", "status", "amount", "opened_at", "due_at",
               "closed_at", "statement", "holder_side", "holder_user__email", "opened_by__email")),
    (DisputeLine, (*DISPUTE, "invoice__number", "amount", "quantity", "opened_on", "closed_on")),
    (Stay, (*DISPUTE, "seq", "stage__code", "started_at", "ended_at")),
    (Question, (*DISPUTE, "text", "status", "asked_of__email", "asked_at", "due_at")),
    (Answer, ("question__text", "value", "answered_by__email", "answered_at", "via")),
    (Outcome, (*DISPUTE, "verdict", "resolution", "amount", "decided_at")),
    (Message, ("room__dispute__number", "seq", "kind", "body", "author__email", "created_at")),
    (ReadMark, ("room__dispute__number", "user__email", "seq")),
    (Promise, ("invoice__number", "amount", "promised_on", "made_at", "status")),
    (Notice, ("entity__code", "customer__code", "on", "asked", "status", "reason")),
    (NoticeLine, ("invoice__number", "on", "asked", "why", "counts")),
)  # fmt: skip


def digest() -> str:
    """Hex SHA-256 of all facts, in an order that does not hang on keys."""
    return hashlib.sha256("\n".join(_facts()).encode()).hexdigest()


def _facts() -> Iterator[str]:
    for model, fields in FACTS:
        rows: QuerySet[Any, Any] = model._default_manager.values_list(*fields)
        yield model.__name__
        yield from sorted(map(repr, rows))
