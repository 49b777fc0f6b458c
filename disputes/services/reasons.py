"""The reasons of a legal entity: the words people see, where each leads, and new ones of its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Language
from accounts.events import emit
from accounts.models import Department, LegalEntity, User
from disputes.editing import digest, own_code
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Reason, Route
from disputes.services.told import TO_CLASSIFY

STREAM = "reason"
# What people choose from; every one is drawn by the house's icon tag.
ICONS = (
    "circle-question-mark",
    "badge-euro",
    "truck",
    "package-x",
    "scale",
    "copy",
    "file-x",
    "banknote",
    "wrench",
    "percent",
    "calendar-x",
    "handshake",
    "shield-alert",
    "tags",
)


@dataclass(frozen=True, slots=True)
class ReasonInput:
    """A reason as somebody wants it."""

    labels: dict[str, str]
    examples: dict[str, str] = field(default_factory=dict)
    icon: str = ICONS[0]
    position: int = 0
    route: Route | None = None
    department: Department | None = None
    active: bool = True


def reason_facts(reason: Reason) -> dict[str, Any]:
    """A reason as plain data: what events tell, and what its digest is made of."""
    return {
        "labels": reason.labels,
        "examples": reason.examples,
        "icon": reason.icon,
        "position": reason.position,
        "route": reason.route_id,
        "department": reason.department_id,
        "active": reason.active,
    }


def reason_digest(reason: Reason) -> str:
    """What a reason is known by when somebody begins to change it."""
    return digest(reason_facts(reason))


@transaction.atomic
def set_reason(
    *,
    entity: LegalEntity,
    wanted: ReasonInput,
    by: User,
    at: datetime,
    reason: Reason | None = None,
    seen: str = "",
) -> Reason:
    """Change a reason, or add one with a code made from its words. Disputes keep their reason and their route.

    With `seen`, a digest, the change is refused when somebody else changed the reason meanwhile.
    """
    if not policy.may(by, "route.edit", entity.pk):
        raise RoleMayNot(_("Your role does not allow you to change reasons."), code="role_may_not")
    # One change of an entity's reasons at a time: codes and what others saw stay true.
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    target = Reason.objects.get(pk=reason.pk, entity=entity) if reason else Reason(entity=entity)
    before = reason_facts(target) if reason else None
    if before is not None and seen and digest(before) != seen:
        words = _(
            "Somebody changed this reason meanwhile. Your input is still here: compare, then save again."
        )
        raise IllegalAct(words, code="reason_changed_meanwhile")
    _check(entity, target, wanted)
    if reason is None:
        taken = Reason.objects.filter(entity=entity).values_list("code", flat=True)
        target.code = own_code(wanted.labels, taken, "reason")
    target.labels, target.examples, target.icon = wanted.labels, wanted.examples, wanted.icon
    target.position, target.active = wanted.position, wanted.active
    target.route, target.department = wanted.route, wanted.department
    target.save()
    data = {"code": target.code, "before": before, "after": reason_facts(target)}
    emit(
        stream=STREAM,
        object_id=target.pk,
        entity_id=entity.pk,
        kind="reason.set",
        actor=by,
        at=at,
        data=data,
    )
    return target


def _check(entity: LegalEntity, target: Reason, wanted: ReasonInput) -> None:
    errors: dict[str, str] = {}
    known = set(Language.values)
    words = [*wanted.labels.values(), *wanted.examples.values()]
    if not wanted.labels or not {*wanted.labels, *wanted.examples} <= known:
        errors["labels"] = _("Write the words in at least one language.")
    elif any(not isinstance(one, str) or not one.strip() or len(one) > 200 for one in words):
        errors["labels"] = _("Words have 1 to 200 characters.")
    if wanted.icon not in ICONS and wanted.icon != target.icon:
        errors["icon"] = _("Choose an icon from the list.")
    route, department = wanted.route, wanted.department
    if route is not None and (
        route.entity_id != entity.pk or not route.versions.filter(current=True).exists()
    ):
        errors["route"] = _("Choose a route of this company that has an edition in force.")
    if department is not None and department.entity_id != entity.pk:
        errors["department"] = _("Choose a department of this company.")
    if target.code == TO_CLASSIFY and not (wanted.active and route):
        errors["active"] = _("What nobody could classify goes to this reason: it stays in use, with a route.")
    if errors:
        raise FieldErrors(errors)
