"""Taking the disputes under way on an older edition over to the one in force: the plan, then the deed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from disputes import services
from disputes.services.route_migrating import migrate_disputes, migration_plan
from disputes.views.common import person
from disputes.views.route_common import find_route, must_edit, version_of
from lib import clock
from lib.errors import DomainError

PREFIX = "stage-"


@require_http_methods(["GET", "POST"])
@login_required
def route_migrate(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Where each stage's disputes would go; on POST they go, each for itself."""
    route = find_route(request, pk)
    must_edit(request, route)
    old = version_of(route, number)
    new = get_object_or_404(route.versions.select_related("route"), current=True)
    context: dict[str, Any] = {"route": route, "old": old, "new": new}
    if request.method == "POST":
        try:
            done = migrate_disputes(
                from_version=old,
                to_version=new,
                by=person(request),
                at=clock.now(),
                mapping=_mapping(request),
            )
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("disputes:route_migrate", pk, number)
        said = ngettext(
            "%(count)s dispute follows the edition in force now.",
            "%(count)s disputes follow the edition in force now.",
            len(done.moved),
        )
        messages.success(request, said % {"count": len(done.moved)})
        if not done.refused:
            return redirect("disputes:route", pk)
        context["refused"] = done.refused
    context |= {"plan": migration_plan(old, new), "stages": list(new.stages.all())}
    return render(request, "disputes/route_migrate.html", context)


def _mapping(request: HttpRequest) -> dict[str, str]:
    """From the code of an old stage to the chosen one of the new edition."""
    chosen = {name.removeprefix(PREFIX): to for name, to in request.POST.items() if name.startswith(PREFIX)}
    return {code: str(to) for code, to in chosen.items() if to}


@require_POST
@login_required
def route_switch(request: HttpRequest, pk: int) -> HttpResponse:
    """Let new disputes take this route, or not."""
    route = find_route(request, pk)
    must_edit(request, route)
    active = request.POST.get("active") == "1"
    services.switch_route(route=route, active=active, by=person(request), at=clock.now())
    said = (
        _("New disputes can take this route again.")
        if active
        else _("New disputes no longer take this route.")
    )
    messages.success(request, said)
    return redirect("disputes:route", pk)


@require_POST
@login_required
def route_letters(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the letters of this route to customers leave, or hold them back."""
    route = find_route(request, pk)
    must_edit(request, route)
    on = request.POST.get("on") == "1"
    services.switch_letters(route=route, on=on, by=person(request), at=clock.now())
    said = (
        _("From now on customers get the letters of this route.")
        if on
        else _("From now on customers get no letters of this route.")
    )
    messages.success(request, said)
    return redirect("disputes:route", pk)
