"""Lays out the starting plans of an entity and publishes new versions of a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from accounts.models import LegalEntity, User
from collections_app.models import Plan, PlanVersion, Segment, Step
from mailroom.choices import Channel

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "plans.yaml"


@dataclass(frozen=True, slots=True)
class StepInput:
    """One step: `days` after the due date (negative before it), the kind of letter, its name per language."""

    days: int
    kind: str
    labels: dict[str, str] = field(default_factory=dict)
    channel: str = Channel.EMAIL


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of a version; see PlanVersion for their meaning."""

    minimum_amount: Decimal = Decimal("5.00")
    gap_days: int = 5
    answer_days: int = 8


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return loaded


@transaction.atomic
def install(entity: LegalEntity, *, at: datetime) -> None:
    """The shipped plans and segments; what the entity already has stays as it is."""
    LegalEntity.objects.select_for_update().get(pk=entity.pk)
    for code, data in _shipped().items():
        plan, created = Plan.objects.get_or_create(
            entity=entity, code=code, defaults={"labels": data["labels"]}
        )
        if created:
            publish_version(plan=plan, steps=[StepInput(**step) for step in data["steps"]], by=None, at=at)
        for segment in data["segments"]:
            Segment.objects.get_or_create(entity=entity, code=segment, defaults={"plan": plan})


@transaction.atomic
def publish_version(
    *, plan: Plan, steps: Sequence[StepInput], by: User | None, at: datetime, rules: Rules | None = None
) -> PlanVersion:
    """A new version of the plan, in force from the next decision on. Earlier ones stay as they were."""
    rules = rules or Rules()
    Plan.objects.select_for_update().get(pk=plan.pk)
    last = plan.versions.order_by("-number").first()
    plan.versions.filter(current=True).update(current=False)
    version = PlanVersion(
        plan=plan,
        number=(last.number if last else 0) + 1,
        minimum_amount=rules.minimum_amount,
        gap_days=rules.gap_days,
        answer_days=rules.answer_days,
        created_by=by,
        created_at=at,
    )
    version.full_clean()
    version.save()
    ordered = sorted(steps, key=lambda step: step.days)
    Step.objects.bulk_create(
        Step(
            version=version,
            position=place,
            days=step.days,
            kind=step.kind,
            labels=step.labels,
            channel=step.channel,
        )
        for place, step in enumerate(ordered, start=1)
    )
    return version
