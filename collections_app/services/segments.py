"""The rules that say in which segment customers are: starting set, drafts, versions in force, and what follows."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.events import Said, emit, emit_all
from accounts.models import LegalEntity, User
from collections_app.errors import SegmentError
from collections_app.models import EffectiveSegment, Segmentation, SegmentRule, SegmentRules
from collections_app.segmenting.conditions import Condition, read_all
from collections_app.segmenting.deciding import Move, store
from ledger.choices import Segment
from ledger.segments import tells_segments
from lib.errors import FieldErrors

CATALOGUE = Path(__file__).parent.parent / "catalogue" / "segments.yaml"
MOST_RULES, MOST_CONDITIONS = 30, 12


@dataclass(frozen=True, slots=True)
class RuleInput:
    """If all conditions hold: this segment; empty, the declared one counts."""

    segment: str
    conditions: list[Condition]


@cache
def starting_rules() -> list[RuleInput]:
    """The rules that ship with the product."""
    rows: list[dict[str, Any]] = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    return [RuleInput(row["segment"], read_all(row["conditions"])) for row in rows]


def inputs_of(version: SegmentRules | None) -> list[RuleInput]:
    """The rules of a version, in order; without one, those the product ships with."""
    if version is None:
        return list(starting_rules())
    return [RuleInput(rule.segment, read_all(rule.conditions)) for rule in version.rules.all()]


def locked(entity: LegalEntity) -> Segmentation:
    """The entity's lock: held by whoever changes its rules, or the segments of its customers."""
    Segmentation.objects.bulk_create([Segmentation(entity=entity)], ignore_conflicts=True)
    return Segmentation.objects.select_for_update().get(pk=entity.pk)


@transaction.atomic
def install(entity: LegalEntity, *, at: datetime) -> None:
    """The starting rules, in force; what the entity already has stays as it is."""
    locked(entity)
    if not SegmentRules.objects.filter(entity=entity).exists():
        _write(entity, starting_rules(), None, at, current=True)


@transaction.atomic
def save_draft(
    *,
    entity: LegalEntity,
    rules: Sequence[RuleInput],
    by: User,
    at: datetime,
    base: int | None = None,
) -> SegmentRules:
    """The draft, in place of an earlier one. Nothing changes for customers until it is published.

    Raises FieldErrors for rules that cannot be, and SegmentError when `base`, the version the person looked at
    (0: none), is no longer what a change starts from.
    """
    locked(entity)
    if base is not None and base != _start(entity):
        raise SegmentError(
            _("Somebody has changed the rules in the meantime. Look at them again."), code="rules_changed"
        )
    _check(rules)
    SegmentRules.objects.filter(entity=entity, draft=True).delete()
    return _write(entity, rules, by, at, current=False)


def _start(entity: LegalEntity) -> int:
    """What a change starts from: the draft, else the rules in force; 0 without any."""
    rows = SegmentRules.objects.filter(entity=entity).filter(Q(draft=True) | Q(current=True))
    return rows.order_by("-draft").values_list("pk", flat=True).first() or 0


@transaction.atomic
def discard_draft(*, entity: LegalEntity) -> None:
    """The draft goes; harmless without one."""
    locked(entity)
    SegmentRules.objects.filter(entity=entity, draft=True).delete()


@transaction.atomic
def publish_draft(*, entity: LegalEntity, by: User, on: date, at: datetime) -> SegmentRules:
    """The draft comes into force, and every customer is in the segment that follows. Raises SegmentError."""
    locked(entity)
    draft = SegmentRules.objects.filter(entity=entity, draft=True).first()
    if draft is None:
        raise SegmentError(_("There is no draft. Somebody has published or discarded it."), code="no_draft")
    SegmentRules.objects.filter(entity=entity, current=True).update(current=False)
    draft.draft, draft.current, draft.created_by, draft.created_at = False, True, by, at
    draft.save(update_fields=["draft", "current", "created_by", "created_at"])
    rules = list(draft.rules.all())
    moved = recompute(entity=entity, by=by, on=on, at=at)
    emit(
        stream="segments",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind="segments.published",
        actor=by,
        at=at,
        data={
            "version": draft.number,
            "rules": [{"segment": rule.segment, "conditions": rule.conditions} for rule in rules],
            "moved": len(moved),
        },
    )
    return draft


def rules_in_force(entity: LegalEntity) -> list[SegmentRule]:
    """The rules that decide now, in order."""
    return list(SegmentRule.objects.filter(version__entity=entity, version__current=True))


@tells_segments
def counting(customers: Collection[int]) -> dict[int, str]:
    """The segments that rules or people say, for whoever asks the ledger (routes, priorities)."""
    rows = EffectiveSegment.objects.filter(customer__in=customers, segment__isnull=False)
    return {pk: segment for pk, segment in rows.values_list("customer", "segment") if segment}


def recompute(
    *, entity: LegalEntity, by: User | None, on: date, at: datetime, customer_id: int | None = None
) -> list[Move]:
    """Stores the segment that counts for every customer (or one) and says at each what has changed and why.

    The caller holds the entity's lock.
    """
    rules = rules_in_force(entity)
    moved = store(entity, rules, on, customer_id)
    conditions = {rule.pk: rule.conditions for rule in rules}
    said = [Said(one.customer_id, "customer.segment", _because(one, conditions)) for one in moved]
    emit_all(stream="customer", said=said, entity_id=entity.pk, actor=by, at=at)
    return moved


def _because(move: Move, conditions: dict[int, Any]) -> dict[str, Any]:
    said: dict[str, Any] = {"segment": move.segment, "was": move.was, "because": None}
    if move.rule_id is not None:
        said["because"] = {"conditions": conditions[move.rule_id], "figures": move.read_figures()}
    return said


def _check(rules: Sequence[RuleInput]) -> None:
    """Whether these can be an entity's rules."""
    if len(rules) > MOST_RULES:
        raise FieldErrors({"rules": _("There can be at most %(most)d rules.") % {"most": MOST_RULES}})
    for rule in rules:
        if rule.segment and rule.segment not in Segment.values:
            raise FieldErrors({"segment": _("There is no such segment.")})
        if not 0 < len(rule.conditions) <= MOST_CONDITIONS:
            raise FieldErrors({"conditions": _("A rule needs at least one condition.")})


def _write(
    entity: LegalEntity, rules: Sequence[RuleInput], by: User | None, at: datetime, *, current: bool
) -> SegmentRules:
    last = SegmentRules.objects.filter(entity=entity).order_by("-number").first()
    version = SegmentRules.objects.create(
        entity=entity,
        number=(last.number if last else 0) + 1,
        current=current,
        draft=not current,
        created_by=by,
        created_at=at,
    )
    SegmentRule.objects.bulk_create(
        SegmentRule(
            version=version,
            position=place,
            segment=rule.segment,
            conditions=[one.data for one in rule.conditions],
        )
        for place, rule in enumerate(rules, start=1)
    )
    return version
