"""How answers are counted, who wants that, and the goals of teams."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import Department, LegalEntity, User
from lib.errors import FieldErrors
from reporting.models import ScoreRules, ScoreWishes, TeamGoal


@transaction.atomic
def set_rules(*, entity: LegalEntity, mode: str, by: User, at: datetime) -> ScoreRules:
    """Say how far answers are counted; raises PermissionDenied, ValidationError for an unknown mode."""
    _must(by, entity)
    row = ScoreRules.objects.select_for_update().filter(entity=entity).first() or ScoreRules(entity=entity)
    before = row.mode if row.pk else ""
    row.mode, row.changed_by, row.changed_at = mode, by, at
    row.full_clean()
    row.save()
    if before != mode:
        _say(entity, "score.rules", by, at, mode=mode, before=before)
    return row


@transaction.atomic
def set_wishes(*, user: User, on: bool, shared: bool) -> ScoreWishes:
    """Say whether to be counted and to be seen. What is not counted is not seen either."""
    wishes, _made = ScoreWishes.objects.update_or_create(
        user=user, defaults={"on": on, "shared": shared and on}
    )
    return wishes


@transaction.atomic
def set_goal(
    *,
    entity: LegalEntity,
    kind: str,
    target: Decimal,
    first_day: date,
    last_day: date,
    by: User,
    at: datetime,
    department: Department | None = None,
) -> TeamGoal:
    """Set a goal for a team; raises PermissionDenied, ValidationError with the sentence for each field."""
    _must(by, entity)
    if department is not None and department.entity_id != entity.pk:
        raise FieldErrors({"department": _("Choose a team of this legal entity.")})
    goal = TeamGoal(
        entity=entity,
        department=department,
        kind=kind,
        target=target,
        first_day=first_day,
        last_day=last_day,
        set_by=by,
        set_at=at,
    )
    goal.full_clean()
    goal.save()
    _say(entity, "score.goal", by, at, goal=goal.pk, what=kind, target=str(target))
    return goal


@transaction.atomic
def drop_goal(*, goal: TeamGoal, by: User, at: datetime) -> TeamGoal:
    """Take a goal away; dropping it twice is harmless."""
    _must(by, goal.entity)
    if TeamGoal.objects.filter(pk=goal.pk, dropped_at=None).update(dropped_at=at):
        _say(goal.entity, "score.goal_dropped", by, at, goal=goal.pk)
    goal.refresh_from_db()
    return goal


def _must(by: User, entity: LegalEntity) -> None:
    if not policy.may(by, "score.rules", entity.pk):
        raise PermissionDenied


def _say(entity: LegalEntity, kind: str, by: User, at: datetime, **data: object) -> None:
    emit(
        stream="entity", object_id=entity.pk, entity_id=entity.pk, kind=kind, actor=by, at=at, data=dict(data)
    )
