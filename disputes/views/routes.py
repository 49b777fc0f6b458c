"""The routes of a legal entity: the list, one route with its editions, one edition as a drawing."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.requests import chosen_entity
from accounts.selectors import entities_for
from disputes import editing, services
from disputes.drawing import draw
from disputes.errors import FieldErrors, RouteProblems
from disputes.forms_new_route import RouteForm
from disputes.models import Route, RouteVersion
from disputes.route_list import listed_routes, running_by_version
from disputes.route_shown import letters_shown, rows_of_stages
from disputes.services.route_editing import activate_seen, new_route, start_draft
from disputes.views.common import person
from disputes.views.route_common import (
    find_route,
    must_edit,
    names_of,
    troubles_of,
    version_of,
)
from lib import clock
from lib.errors import DomainError


@require_GET
@login_required
def routes(request: HttpRequest) -> HttpResponse:
    """Every route of the entity, with what is in force and what is being drafted."""
    entity = chosen_entity(request, "route.edit")
    context = {
        "entity": entity,
        "entities": entities_for(person(request), "route.edit").order_by("code"),
        "rows": listed_routes(entity),
    }
    return render(request, "disputes/routes.html", context)


def drawn(route: Route, version: RouteVersion) -> dict[str, Any]:
    """The edition as data, as a drawing and in words."""
    data = services.read_route(version)
    names = names_of(route.entity, data)
    return {"picture": draw(data, names), "stages": rows_of_stages(data, names), "data": data}


@require_GET
@login_required
def route(request: HttpRequest, pk: int) -> HttpResponse:
    """A route: the edition in force, drawn, and all its editions."""
    found = find_route(request, pk)
    versions = list(found.versions.select_related("made_by", "activated_by").order_by("-number"))
    current = next((one for one in versions if one.current), None)
    context = {
        "route": found,
        "versions": versions,
        "current": current,
        "draft": next((one for one in versions if one.is_draft), None),
        "running": running_by_version(found),
        "may_edit": policy.may(person(request), "route.edit", found.entity_id),
        "letters": letters_shown(current) if current else [],
    }
    return render(
        request, "disputes/route.html", context | (drawn(found, current) if current else {"picture": None})
    )


@require_GET
@login_required
def route_version(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """One edition to look at, with what it changed against the one in force."""
    found = find_route(request, pk)
    version = version_of(found, number)
    context = {"route": found, "version": version, **drawn(found, version)}
    context["changes"] = _changes(found, version, context["data"])
    context["may_edit"] = policy.may(person(request), "route.edit", found.entity_id)
    return render(request, "disputes/route_version.html", context)


def _changes(found: Route, version: RouteVersion, data: dict[str, Any]) -> list[editing.Change]:
    """What is different from the edition in force; nothing when it is that one, or there is none."""
    current = found.versions.filter(current=True).select_related("route").first()
    if current is None or current.pk == version.pk:
        return []
    return editing.changes_between(services.read_route(current), data, names_of(found.entity, data))


@require_http_methods(["GET", "POST"])
@login_required
def route_activate(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """Compare an edition with the one in force, and put it into force."""
    found = find_route(request, pk)
    must_edit(request, found)
    version = version_of(found, number)
    if request.method == "POST":
        return _activate(request, found, version)
    context = {"route": found, "version": version, **drawn(found, version)}
    context["troubles"] = troubles_of(found, context["data"])
    context["changes"] = _changes(found, version, context["data"])
    context["seen"] = editing.digest(context["data"])
    context["running"] = sum(running_by_version(found).values())
    return render(request, "disputes/route_activate.html", context)


def _activate(request: HttpRequest, found: Route, version: RouteVersion) -> HttpResponse:
    try:
        activate_seen(version=version, seen=request.POST.get("seen", ""), by=person(request), at=clock.now())
    except RouteProblems as error:
        messages.error(request, " ".join(one.words for one in error.problems))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = _("Edition %(number)s is in force: new disputes follow it, running ones keep theirs.")
        messages.success(request, said % {"number": version.number})
        return redirect("disputes:route", found.pk)
    return redirect("disputes:route_activate", found.pk, version.number)


@require_GET
@login_required
def route_yaml(request: HttpRequest, pk: int, number: int) -> HttpResponse:
    """An edition as a YAML file, which the import takes back."""
    found = find_route(request, pk)
    data = services.read_route(version_of(found, number))
    name = f"{found.code}-{number}.yaml"
    return HttpResponse(
        services.to_yaml(data),
        content_type="application/yaml; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


@require_POST
@login_required
def route_start(request: HttpRequest, pk: int) -> HttpResponse:
    """Begin a draft from the edition in force (or from the one named), or go on with the one there is."""
    found = find_route(request, pk)
    must_edit(request, found)
    number = request.POST.get("number", "")
    version = version_of(found, int(number)) if number.isdigit() else None
    start_draft(route=found, by=person(request), at=clock.now(), version=version)
    return redirect("disputes:route_draft", pk)


@require_POST
@login_required
def route_drop(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw the draft away."""
    found = find_route(request, pk)
    must_edit(request, found)
    services.drop_draft(route=found, by=person(request), at=clock.now())
    messages.success(request, _("The draft is gone. The edition in force stays as it is."))
    return redirect("disputes:route", pk)


@require_http_methods(["GET", "POST"])
@login_required
def route_new(request: HttpRequest) -> HttpResponse:
    """A new route: empty, a copy of another one, or from a YAML file."""
    entity = chosen_entity(request, "route.edit")
    form = RouteForm(request.POST or None, request.FILES or None, entity=entity, initial=request.GET.dict())
    if request.method == "POST" and form.is_valid():
        try:
            draft = new_route(entity=entity, data=form.route_data(), by=person(request), at=clock.now())
        except RouteProblems as error:
            for one in error.problems[:20]:
                form.add_error(None, f"{one.place}: {one.words}")
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        else:
            return redirect("disputes:route_draft", draft.route_id)
    context = {"form": form, "entity": entity}
    return render(request, "disputes/route_new.html", context, status=422 if form.is_bound else 200)
