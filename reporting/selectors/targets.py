"""Targets of a legal entity: which one holds on a day, and who may see and set them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from accounts import policy
from accounts.models import LegalEntity, User
from reporting.models import CostRates, Target

Person = User | AnonymousUser
READ, SET = "report.read", "report.standards"


def targets_for(user: Person) -> QuerySet[Target]:
    """The targets of the entities whose figures the person reads."""
    return Target.objects.filter(entity__in=policy.scope(user).entities(READ)).select_related(
        "entity", "set_by"
    )


def cost_rates_for(user: Person) -> QuerySet[CostRates]:
    """The rates of the entities where the person may set them: what an hour costs is not for everybody."""
    rows = CostRates.objects.filter(entity__in=policy.scope(user).entities(SET))
    return rows.select_related("entity", "set_by")


def entities_set_by(user: Person) -> QuerySet[LegalEntity]:
    """Where the person may set targets and rates."""
    return LegalEntity.objects.filter(pk__in=policy.scope(user).entities(SET)).order_by("code")


def targets_on(entity: LegalEntity, on: date) -> dict[str, Decimal]:
    """The target of each figure that has one on that day. One query."""
    rows = (
        Target.objects.filter(entity=entity, from_on__lte=on)
        .order_by("measure", "-from_on")
        .distinct("measure")
    )
    return dict(rows.values_list("measure", "value"))
