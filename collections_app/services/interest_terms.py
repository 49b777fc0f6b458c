"""What contracts say about late interest, and an entity's habits with it."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction

from accounts.events import emit
from accounts.models import LegalEntity, User
from collections_app.choices_interest import TermsBasis
from collections_app.models import InterestSettings, InterestTerms
from ledger.models import Customer


@transaction.atomic
def set_terms(
    *,
    entity: LegalEntity,
    customer: Customer | None,
    since: date,
    basis: str,
    value: Decimal | None,
    note: str,
    by: User,
    at: datetime,
) -> InterestTerms:
    """What counts from that day on, for one customer or for all of the entity; the same day again replaces it.

    Raises ValidationError when the value does not fit. Debit notes that were issued stay as they are.
    """
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    row = InterestTerms.objects.filter(entity=entity, customer=customer, since=since).first()
    row = row or InterestTerms(entity=entity, customer=customer, since=since)
    row.basis, row.note, row.set_by, row.set_at = basis, note, by, at
    row.value = value if basis in (TermsBasis.RATE, TermsBasis.MARGIN) else None
    row.full_clean(validate_unique=False)
    row.save()
    emit(
        stream="customer" if customer else "entity",
        object_id=customer.pk if customer else entity.pk,
        entity_id=entity.pk,
        kind="interest.terms",
        actor=by,
        at=at,
        data={"since": since.isoformat(), "basis": basis, "value": str(row.value or ""), "note": note},
    )
    return row


@transaction.atomic
def set_habits(
    *,
    entity: LegalEntity,
    charge_from: date | None,
    in_letters: str,
    payment_days: int,
    minimum: Decimal,
    by: User,
    at: datetime,
) -> InterestSettings:
    """From which due day on invoices are charged, what reminders say, and how debit notes are made."""
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    row = InterestSettings.objects.filter(entity=entity).first() or InterestSettings(entity=entity)
    row.charge_from, row.in_letters = charge_from, in_letters
    row.payment_days, row.minimum = payment_days, minimum
    row.full_clean()
    row.save()
    facts = {"charge_from": charge_from.isoformat() if charge_from else None, "in_letters": in_letters}
    emit(
        stream="entity",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind="interest.habits",
        actor=by,
        at=at,
        data=facts | {"payment_days": payment_days, "minimum": str(minimum)},
    )
    return row
