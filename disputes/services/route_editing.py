"""Changing the draft of a route bit by bit. Two people who change it at once: the second is told, nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import LegalEntity, User
from disputes.editing import digest
from disputes.errors import FieldErrors, IllegalAct
from disputes.models import Route, RouteVersion
from disputes.services.route_reading import read_route
from disputes.services.route_writing import activate_version, check_editor, lock_route, write_version
from lib import formats

Data = dict[str, Any]


@transaction.atomic
def start_draft(*, route: Route, by: User, at: datetime, version: RouteVersion | None = None) -> RouteVersion:
    """The draft of the route: the one that is there, else a copy of `version` or of the edition in force."""
    check_editor(route.entity_id, by)
    route = lock_route(route.pk)
    draft = draft_of(route)
    if draft is not None:
        return draft
    source = (
        version or route.versions.filter(current=True).first() or route.versions.order_by("number").last()
    )
    if source is None:
        raise IllegalAct(_("This route has no edition to begin with."), code="no_edition")
    return write_version(route=route, data=read_route(source), by=by, at=at)


@transaction.atomic
def edit_draft(
    *, route: Route, seen: str, change: Callable[[Data], Data], by: User, at: datetime
) -> RouteVersion:
    """Apply `change` to the draft, if it is still as the person saw it (`seen`, a digest). Raises IllegalAct if not."""
    check_editor(route.entity_id, by)
    route = lock_route(route.pk)
    draft = draft_of(route)
    if draft is None:
        raise IllegalAct(
            _("There is no draft any more: somebody activated or dropped it."), code="draft_is_gone"
        )
    data = read_route(draft)
    if digest(data) != seen:
        raise IllegalAct(_changed(draft), code="draft_changed_meanwhile")
    try:
        wanted = change(data)
    except (KeyError, IndexError):
        words = _("What you change is no longer there: somebody took it out of the draft.")
        raise IllegalAct(words, code="part_is_gone") from None
    return write_version(route=route, data=wanted, by=by, at=at)


def _changed(draft: RouteVersion) -> str:
    words = _(
        "%(name)s changed this draft at %(time)s. Your input is still here: look at the draft, then save again."
    )
    name = draft.made_by.name if draft.made_by else "Zanjar"
    return words % {"name": name, "time": formats.clock(draft.made_at) if draft.made_at else "–"}


def draft_of(route: Route) -> RouteVersion | None:
    """The draft of a route, if it has one."""
    return route.versions.filter(activated_at=None).select_related("made_by", "route").first()


@transaction.atomic
def new_route(*, entity: LegalEntity, data: Data, by: User, at: datetime) -> RouteVersion:
    """A route of its own with `data` as its draft. A code that is taken is refused, so that nothing is replaced."""
    check_editor(entity.pk, by)
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    if Route.objects.filter(entity=entity, code=str(data.get("code") or "")).exists():
        raise FieldErrors({"code": _("There is a route with this code already.")})
    return write_version(entity=entity, data=data, by=by, at=at)


@transaction.atomic
def activate_seen(*, version: RouteVersion, seen: str, by: User, at: datetime) -> RouteVersion:
    """Put an edition into force as the person saw it; refused when somebody changed it meanwhile."""
    check_editor(version.route.entity_id, by)
    lock_route(version.route_id)
    found = RouteVersion.objects.select_related("route", "made_by").filter(pk=version.pk).first()
    if found is not None and digest(read_route(found)) != seen:
        words = _("Somebody changed this draft meanwhile: look at it again before you activate it.")
        raise IllegalAct(words, code="draft_changed_meanwhile")
    return activate_version(version=version, by=by, at=at)
