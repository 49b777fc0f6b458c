"""What stands of an invoice and is not asked for: what is in dispute, and what was granted and has not come.

A dispute may end before its credit note, new invoice or write-off is in the ledger. Until it is, or until billing
refuses it, the granted part stands as it did while it was disputed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from disputes.choices_outcome import RequestState
from disputes.models import CreditArrival, CreditRequestLine, DisputeLine
from lib.money import ZERO

Sums = QuerySet[Any, Any]


def disputed_parts(invoice: Q, on: date | None = None) -> Sums:
    """`(invoice_id, amount)` of each invoice that is in dispute now, or was at the end of `on`.

    `invoice` is a condition on lines (`Q(invoice__customer=...)`).
    """
    then = Q(closed_on=None)
    if on is not None:
        then = Q(opened_on__lte=on) & (then | Q(closed_on__gt=on))
    rows = DisputeLine.objects.filter(invoice, then).order_by().values("invoice_id")
    return rows.annotate(total=Sum("amount")).values_list("invoice_id", "total")


def granted_parts(invoice: Q, on: date | None = None) -> Sums:
    """`(invoice_id, amount)` of what ended disputes give and the ledger does not have: now, or at the end of `on`.

    One row per request and invoice; `invoice` is a condition on lines, as for `disputed_parts`. A document that billing
    has named and that has not arrived still stands; once something came of it, what differs was looked at.
    """
    came = CreditArrival.objects.order_by()
    ended = Q(request__dispute__closed_on__isnull=False)
    waits = Q(request__state=RequestState.REQUESTED)
    if on is not None:
        came = came.filter(at__date__lte=on)
        ended = Q(request__dispute__closed_on__lte=on, request__requested_at__date__lte=on)
        waits = Q(request__ended_at=None) | Q(request__ended_at__date__gt=on)
    nothing = ~Exists(came.filter(line__request=OuterRef("request_id")))
    waits |= Q(nothing, request__state=RequestState.ISSUED) & ~Q(request__number="")
    arrived = came.filter(line=OuterRef("pk")).values("line").annotate(total=Sum("amount")).values("total")
    rows = CreditRequestLine.objects.filter(invoice, ended, waits).order_by()
    left = rows.annotate(left=F("amount") - Coalesce(Subquery(arrived), ZERO)).filter(left__gt=0)
    return left.values_list("invoice_id", "left")


def standing_of(invoices: Iterable[Any], on: date | None = None) -> dict[int, Decimal]:
    """Invoice -> what stands of it now, or stood at the end of `on`. Two queries.

    `invoices` are invoices, their keys, or a queryset of them. It may be more than what is open.
    """
    invoice = Q(invoice__in=invoices)
    found: dict[int, Decimal] = dict(disputed_parts(invoice, on))
    for pk, left in granted_parts(invoice, on):
        found[pk] = found.get(pk, ZERO) + left
    return found
