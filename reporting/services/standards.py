"""What figures should be, and what time and money cost: dated rows, set by those who answer for the figures."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from reporting.models import CostRates, Target

SET = "report.standards"


@transaction.atomic
def set_target(
    *, entity: LegalEntity, measure: str, value: Decimal, from_on: date, by: User, at: datetime
) -> Target:
    """What a figure should be from a day on; the same figure and day again replaces the value.

    Raises PermissionDenied, ValidationError with the sentence for each field.
    """
    _must(by, entity)
    known = Target.objects.select_for_update().filter(entity=entity, measure=measure, from_on=from_on)
    row = known.first() or Target(entity=entity, measure=measure, from_on=from_on)
    row.value, row.set_by, row.set_at = value, by, at
    row.full_clean()
    row.save()
    _say(entity, "report.target", by, at, measure=measure, value=str(value), from_on=from_on.isoformat())
    return row


@transaction.atomic
def drop_target(*, target: Target, by: User, at: datetime) -> None:
    """Take a target away; dropping it twice is harmless."""
    _must(by, target.entity)
    if Target.objects.filter(pk=target.pk).delete()[0]:
        facts = {"measure": target.measure, "from_on": target.from_on.isoformat(), "value": str(target.value)}
        _say(target.entity, "report.target_dropped", by, at, **facts)


@transaction.atomic
def set_cost_rates(
    *,
    entity: LegalEntity,
    from_on: date,
    financing: Decimal,
    hour: Decimal,
    minutes: int,
    by: User,
    at: datetime,
) -> CostRates:
    """What time and money cost from a day on; the same day again replaces them. Raises as `set_target`."""
    _must(by, entity)
    known = CostRates.objects.select_for_update().filter(entity=entity, from_on=from_on)
    row = known.first() or CostRates(entity=entity, from_on=from_on)
    row.financing, row.hour, row.minutes, row.set_by, row.set_at = financing, hour, minutes, by, at
    row.full_clean()
    row.save()
    facts = {"financing": str(financing), "hour": str(hour), "minutes": minutes}
    _say(entity, "report.cost_rates", by, at, from_on=from_on.isoformat(), **facts)
    return row


@transaction.atomic
def drop_cost_rates(*, rates: CostRates, by: User, at: datetime) -> None:
    """Take rates away; dropping them twice is harmless."""
    _must(by, rates.entity)
    if CostRates.objects.filter(pk=rates.pk).delete()[0]:
        _say(rates.entity, "report.cost_rates_dropped", by, at, from_on=rates.from_on.isoformat())


def _must(by: User, entity: LegalEntity) -> None:
    if not policy.may(by, SET, entity.pk):
        raise PermissionDenied


def _say(entity: LegalEntity, kind: str, by: User, at: datetime, **data: object) -> None:
    emit(
        stream="entity", object_id=entity.pk, entity_id=entity.pk, kind=kind, actor=by, at=at, data=dict(data)
    )
