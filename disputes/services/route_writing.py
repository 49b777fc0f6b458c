"""Writing routes: a draft beside the edition in force, then activating it. What disputes follow never changes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.errors import IllegalAct, RoleMayNot, RouteProblems
from disputes.models import Route, RouteVersion
from disputes.services.route_check import check_route
from disputes.services.route_reading import read_route
from disputes.services.route_rows import empty, write_rows
from disputes.services.route_shape import Problem

STREAM = "route"


@transaction.atomic
def write_version(
    *,
    data: dict[str, Any],
    by: User | None,
    at: datetime,
    entity: LegalEntity | None = None,
    route: Route | None = None,
    activate: bool = False,
) -> RouteVersion:
    """Keep `data` as the draft of its route: of `route`, or of the entity's route of that code, made if need be.

    The draft that is there is replaced; the edition in force and every older one stay as they are. With
    `activate` it comes into force at once. Raises RouteProblems naming each place that is wrong.
    """
    owner = route.entity if route else entity
    assert owner is not None
    check_editor(owner.pk, by)
    refuse([problem for problem in check_route(data, entity=owner) if problem.broken])
    if route is not None and data["code"] != route.code:
        raise IllegalAct(_("The code of a route never changes."), code="route_code_is_fixed")
    route, made = Route.objects.get_or_create(
        entity=owner, code=data["code"], defaults={"labels": data["labels"]}
    )
    route = lock_route(route.pk)
    version = _fresh_draft(route, data["labels"], by, at)
    write_rows(version, data)
    facts = {"number": version.number, "labels": version.labels, "stages": len(data["stages"]), "new": made}
    tell_route(route, "route.written", by=by, at=at, data=facts)
    return activate_version(version=version, by=by, at=at) if activate else version


@transaction.atomic
def activate_version(*, version: RouteVersion, by: User | None, at: datetime) -> RouteVersion:
    """Put a version into force: new disputes follow it, running ones keep theirs. Twice changes nothing.

    An older version may come into force again. Raises RouteProblems when it cannot be followed to an end, or
    somebody would be responsible who is not there.
    """
    check_editor(version.route.entity_id, by)
    route = lock_route(version.route_id)
    found = RouteVersion.objects.filter(pk=version.pk, route=route).first()
    if found is None:
        raise IllegalAct(_("Somebody dropped this draft meanwhile."), code="draft_is_gone")
    if found.current:
        return found
    refuse(check_route(read_route(found), entity=route.entity, people=by is not None))
    before = route.versions.filter(current=True).first()
    route.versions.filter(current=True).update(current=False)
    found.current, found.activated_by, found.activated_at = True, by, at
    found.save(update_fields=["current", "activated_by", "activated_at"])
    route.labels = found.labels or route.labels
    route.save(update_fields=["labels"])
    facts = {"number": found.number, "before": before.number if before else None, "labels": route.labels}
    tell_route(route, "route.activated", by=by, at=at, data=facts)
    return found


@transaction.atomic
def drop_draft(*, route: Route, by: User, at: datetime) -> None:
    """Throw the draft of a route away; harmless when there is none. A route that has nothing else goes too."""
    check_editor(route.entity_id, by)
    route = lock_route(route.pk)
    draft = route.versions.filter(activated_at=None).first()
    if draft is None:
        return
    number = draft.number
    empty(draft)
    draft.delete()
    tell_route(route, "route.draft_dropped", by=by, at=at, data={"number": number})


@transaction.atomic
def switch_route(*, route: Route, active: bool, by: User, at: datetime) -> Route:
    """Switch a route on or off: rules and reasons send no new dispute to one that is off."""
    check_editor(route.entity_id, by)
    route = lock_route(route.pk)
    if route.active != active:
        route.active = active
        route.save(update_fields=["active"])
        tell_route(route, "route.switched", by=by, at=at, data={"active": active})
    return route


@transaction.atomic
def switch_letters(*, route: Route, on: bool, by: User, at: datetime) -> Route:
    """Let the letters of a route's stages to customers leave from now on, or hold them back."""
    check_editor(route.entity_id, by)
    route = lock_route(route.pk)
    if route.writes_to_customers != on:
        route.writes_to_customers = on
        route.save(update_fields=["writes_to_customers"])
        tell_route(route, "route.letters_switched", by=by, at=at, data={"on": on})
    return route


def check_editor(entity_id: int, by: User | None) -> None:
    """Whether this person edits routes of the entity; the system itself (None) does. Raises RoleMayNot."""
    if by is not None and not policy.may(by, "route.edit", entity_id):
        raise RoleMayNot(_("Your role does not allow you to change routes."), code="role_may_not")


def lock_route(route_id: int) -> Route:
    """Lock a route, so that its versions change one after the other."""
    Route.objects.select_for_update(no_key=True, of=("self",)).get(pk=route_id)
    return Route.objects.select_related("entity").get(pk=route_id)


def refuse(problems: list[Problem]) -> None:
    """Raise RouteProblems when there are any."""
    if problems:
        raise RouteProblems(problems)


def tell_route(route: Route, kind: str, *, by: User | None, at: datetime, data: dict[str, Any]) -> None:
    """Write the next event of the route's stream."""
    facts = {"code": route.code, **data}
    emit(stream=STREAM, object_id=route.pk, entity_id=route.entity_id, kind=kind, actor=by, at=at, data=facts)


def _fresh_draft(route: Route, labels: dict[str, str], by: User | None, at: datetime) -> RouteVersion:
    """The route's draft, empty: the one that is there, or a new one with the next number."""
    draft = route.versions.filter(activated_at=None).first()
    if draft is None:
        newest = route.versions.order_by("-number").first()
        number = newest.number + 1 if newest else 1
        return RouteVersion.objects.create(route=route, number=number, labels=labels, made_by=by, made_at=at)
    empty(draft)
    draft.labels, draft.made_by, draft.made_at = labels, by, at
    draft.save(update_fields=["labels", "made_by", "made_at"])
    return draft
