"""Learns how an entity's customers pay, and puts each of them in the segment that counts. Set-based, every day."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from accounts.models import LegalEntity
from collections_app.behaviour.learning import columns, learned
from collections_app.models import Behaviour, Segmentation
from collections_app.services.segments import locked, recompute
from ledger.models import Invoice
from ledger.selectors import worth

TABLE = Behaviour._meta.db_table


@transaction.atomic
def learn(*, entity: LegalEntity, on: date, at: datetime) -> None:
    """Behaviour as of the end of `on`, then the segments that follow from it. Harmless when repeated.

    Not going back: what was learned as of a later day stays.
    """
    row = locked(entity)
    if row.learned_on is not None and row.learned_on > on:
        return
    names = columns()
    kept = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    text, params = learned(entity, _rates(entity, on), on)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE} ({', '.join(names)}) {text} ON CONFLICT (customer_id) DO UPDATE SET {kept}",
            params,
        )
    Segmentation.objects.filter(pk=entity.pk).update(learned_on=on)
    recompute(entity=entity, by=None, on=on, at=at)


def due_for_learning(*, at: datetime) -> list[LegalEntity]:
    """The entities where a new day has begun since they were learned about."""
    known = dict(Segmentation.objects.values_list("entity_id", "learned_on"))
    return [
        entity
        for entity in LegalEntity.objects.order_by("pk")
        if (last := known.get(entity.pk)) is None or last < at.astimezone(ZoneInfo(entity.time_zone)).date()
    ]


def _rates(entity: LegalEntity, on: date) -> dict[str, Decimal]:
    """What one unit of each currency the entity invoices in is worth in its own, where a rate is known."""
    used = Invoice.objects.filter(entity=entity).exclude(currency=entity.currency).order_by()
    found = {entity.currency: Decimal(1)}
    for currency in sorted(used.values_list("currency", flat=True).distinct()):
        # A large amount, so that the rounding to cents says nothing.
        value = worth(Decimal(10**6), currency, entity.currency, on)
        if value is not None:
            found[currency] = value / Decimal(10**6)
    return found
