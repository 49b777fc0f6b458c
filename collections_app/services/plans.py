"""Lays out the starting plans of an entity; drafts, tries and publishes versions of a plan; says who follows which."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity, User
from collections_app.choices import Climb, Grouping, Release, Resume, StepChannel
from collections_app.errors import PlanError
from collections_app.models import Plan, PlanVersion, Segment, Step
from lib.errors import FieldErrors
from mailroom.catalogue import shipped

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "plans.yaml"
MOST_STEPS = 20
LETTERS = "dunning."


@dataclass(frozen=True, slots=True)
class StepInput:
    """One step: `days` after the due date (negative before it), the kind of letter, its name per language, what goes
    along, and the conditions under which it is taken (empty ones are none; see Step)."""

    days: int
    kind: str
    labels: dict[str, str] = field(default_factory=dict)
    channel: str = StepChannel.EMAIL
    attach: list[str] = field(default_factory=list)
    from_amount: Decimal | None = None
    from_count: int | None = None
    countries: list[str] = field(default_factory=list)
    segments: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Rules:
    """The figures of a version; see PlanVersion for their meaning."""

    minimum_amount: Decimal = Decimal("5.00")
    gap_days: int = 5
    answer_days: int = 8
    climb: str = Climb.JUMP
    grouping: str = Grouping.CUSTOMER
    cool_days: int = 0
    resume: str = Resume.NEXT
    cap_messages: int | None = None
    cap_days: int = 30
    working_days: bool = False
    hour_from: int = 0
    hour_until: int = 24
    bank_days: int | None = None
    release: str = Release.AUTOMATIC
    release_above: Decimal | None = None
    release_percent: int | None = None

    @classmethod
    def of(cls, version: PlanVersion) -> Rules:
        """The figures of a version that stands."""
        return cls(**{name: getattr(version, name) for name in cls.__dataclass_fields__})


@cache
def _shipped() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return loaded


def letter_kinds() -> list[str]:
    """The kinds of letter a step can send, in the order of the catalogue."""
    return sorted({kind for kind, _language in shipped() if kind.startswith(LETTERS)})


@transaction.atomic
def install(entity: LegalEntity, *, at: datetime) -> None:
    """The shipped plans and segments; what the entity already has stays as it is."""
    LegalEntity.objects.select_for_update().get(pk=entity.pk)
    for code, data in _shipped().items():
        plan, created = Plan.objects.get_or_create(
            entity=entity, code=code, defaults={"labels": data["labels"]}
        )
        if created:
            rules = Rules(**data.get("rules", {}))
            steps = [StepInput(**step) for step in data["steps"]]
            publish_version(plan=plan, steps=steps, by=None, at=at, rules=rules)
        for segment in data["segments"]:
            Segment.objects.get_or_create(entity=entity, code=segment, defaults={"plan": plan})


@transaction.atomic
def create_plan(
    *, entity: LegalEntity, labels: Mapping[str, str], by: User, at: datetime, like: Plan | None = None
) -> Plan:
    """A new plan with a draft: the steps of `like`, or of the shipped standard plan. Nobody follows it yet."""
    LegalEntity.objects.select_for_update().get(pk=entity.pk)
    named = {language: words.strip() for language, words in labels.items() if words.strip()}
    if not named:
        raise FieldErrors({"name": _("Give the plan a name.")})
    stem = slugify(next(iter(named.values())))[:32] or "plan"
    taken = set(entity.plans.filter(code__startswith=stem).values_list("code", flat=True))
    code = next(c for c in (stem, *(f"{stem}-{n}" for n in range(2, len(taken) + 3))) if c not in taken)
    plan = Plan.objects.create(entity=entity, code=code, labels=named)
    if like is None:
        data = _shipped()["standard"]
        steps, rules = [StepInput(**step) for step in data["steps"]], Rules(**data.get("rules", {}))
    else:
        current = like.versions.get(current=True)
        steps, rules = steps_of(current), Rules.of(current)
    save_draft(plan=plan, steps=steps, rules=rules, by=by, at=at)
    return plan


def steps_of(version: PlanVersion) -> list[StepInput]:
    """The steps of a version, by days."""
    names = StepInput.__dataclass_fields__
    return [
        StepInput(**{name: getattr(step, name) for name in names}) for step in version.steps.order_by("days")
    ]


@transaction.atomic
def save_draft(
    *, plan: Plan, steps: Sequence[StepInput], rules: Rules, by: User | None, at: datetime
) -> PlanVersion:
    """The plan's draft, in place of an earlier one. Nothing changes for customers until it is published.

    Raises FieldErrors for steps or figures that cannot be.
    """
    Plan.objects.select_for_update().get(pk=plan.pk)
    _check_steps(steps)
    _remove_draft(plan)
    return _write(plan, steps, rules, by, at)


@transaction.atomic
def discard_draft(*, plan: Plan) -> None:
    """The draft goes; harmless without one. A plan that never was in force goes out of use with it."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    _remove_draft(plan)
    if not plan.versions.exists():
        plan.active = False
        plan.save(update_fields=["active"])


@transaction.atomic
def publish_draft(*, plan: Plan, by: User | None, at: datetime) -> PlanVersion:
    """The draft comes into force with the next decision; the version before it stays as it was. Raises PlanError."""
    Plan.objects.select_for_update().get(pk=plan.pk)
    draft = plan.versions.filter(draft=True).first()
    if draft is None:
        raise PlanError(_("This plan has no draft. Somebody has published or discarded it."), code="no_draft")
    plan.versions.filter(current=True).update(current=False)
    draft.draft, draft.current, draft.created_by, draft.created_at = False, True, by, at
    draft.save(update_fields=["draft", "current", "created_by", "created_at"])
    emit(
        stream="plan",
        object_id=plan.pk,
        entity_id=plan.entity_id,
        kind="plan.published",
        actor=by,
        at=at,
        data={"plan": plan.code, "version": draft.number},
    )
    return draft


@transaction.atomic
def publish_version(
    *, plan: Plan, steps: Sequence[StepInput], by: User | None, at: datetime, rules: Rules | None = None
) -> PlanVersion:
    """A new version of the plan, in force from the next decision on. Earlier ones stay as they were."""
    save_draft(plan=plan, steps=steps, rules=rules or Rules(), by=by, at=at)
    return publish_draft(plan=plan, by=by, at=at)


@transaction.atomic
def follow(*, entity: LegalEntity, code: str, plan: Plan | None, by: User, at: datetime) -> None:
    """The customers of a segment follow `plan` from the next decision on; without one a person decides."""
    if plan and (
        plan.entity_id != entity.pk or not plan.active or not plan.versions.filter(current=True).exists()
    ):
        raise PlanError(
            _("Publish the plan first: only a plan in force can be followed."), code="not_in_force"
        )
    Segment.objects.update_or_create(entity=entity, code=code, defaults={"plan": plan})
    emit(
        stream="plan",
        object_id=plan.pk if plan else 0,
        entity_id=entity.pk,
        kind="plan.followed",
        actor=by,
        at=at,
        data={"segment": code, "plan": plan.code if plan else ""},
    )


def _check_steps(steps: Sequence[StepInput]) -> None:
    """Whether the steps can stand side by side."""
    days = [step.days for step in steps]
    if not steps or len(steps) > MOST_STEPS:
        raise FieldErrors({"steps": _("A plan has between 1 and %(most)d steps.") % {"most": MOST_STEPS}})
    if len(days) != len(set(days)):
        raise FieldErrors({"steps": _("Two steps cannot stand on the same day.")})
    if any(step.channel not in StepChannel.values for step in steps):
        raise FieldErrors({"steps": _("A step goes by e-mail, SMS, post, call or on the customer's page.")})
    unknown = [step.kind for step in steps if step.kind not in letter_kinds()]
    if unknown:
        raise FieldErrors({"steps": _("There is no letter of this kind: %(kind)s.") % {"kind": unknown[0]}})


def _remove_draft(plan: Plan) -> None:
    drafts = plan.versions.filter(draft=True)
    Step.objects.filter(version__in=drafts).delete()
    drafts.delete()


def _write(
    plan: Plan, steps: Sequence[StepInput], rules: Rules, by: User | None, at: datetime
) -> PlanVersion:
    last = plan.versions.order_by("-number").first()
    version = PlanVersion(
        plan=plan,
        number=(last.number if last else 0) + 1,
        current=False,
        draft=True,
        created_by=by,
        created_at=at,
        **asdict(rules),
    )
    ordered = sorted(steps, key=lambda step: step.days)
    rows = [
        Step(version=version, position=place, **asdict(step)) for place, step in enumerate(ordered, start=1)
    ]
    try:
        version.full_clean()
        version.save()
        for row in rows:
            row.full_clean(exclude=["version"], validate_unique=False)
    except ValidationError as error:
        raise FieldErrors({"steps": " ".join(error.messages)}) from error
    Step.objects.bulk_create(rows)
    return version
