"""The editor of a route's draft: the picture, what is wrong, and a form for each stage and part of it.

Every form works as a plain page; with htmx the whole editor is swapped, so that the picture is redrawn at once.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from disputes import editing, services
from disputes.drawing import Names, draw
from disputes.errors import FieldErrors, RouteProblems
from disputes.forms_route import LabelsForm, Setting, StageForm
from disputes.forms_route_parts import PART_FORMS
from disputes.models import Route, RouteVersion
from disputes.route_shown import panel_of_stage, rows_of_stages
from disputes.services.route_editing import draft_of, edit_draft
from disputes.views.common import person
from disputes.views.route_common import find_route, must_edit, names_of, stage_links, troubles_of
from lib import clock
from lib.errors import DomainError

Data = dict[str, Any]
Change = Callable[[Data], Data]


def find_draft(request: HttpRequest, pk: int) -> tuple[Route, RouteVersion, Data]:
    """The route, its draft and the draft's data; 404 without a draft, 403 for who may not edit."""
    route = find_route(request, pk)
    must_edit(request, route)
    draft = draft_of(route)
    if draft is None:
        raise Http404
    return route, draft, services.read_route(draft)


def show(
    request: HttpRequest, pk: int, panel: dict[str, Any], *, error: str = "", status: int = 200
) -> HttpResponse:
    """The editor with one form in it."""
    route, draft, data = find_draft(request, pk)
    names = names_of(route.entity, data)
    context = {
        "route": route,
        "draft": draft,
        "data": data,
        "seen": editing.digest(data),
        "picture": draw(data, names),
        "links": stage_links(route, data),
        "stages": rows_of_stages(data, names),
        "troubles": troubles_of(route, data),
        "error": error,
        "pending": _pending(data, panel.get("change"), names),
        **panel,
    }
    return render(request, "disputes/route_draft.html", context, status=status)


def _pending(data: Data, change: Change | None, names: Names) -> list[editing.Change]:
    """What a form that was overtaken would change now, so that nothing of the others is undone unseen."""
    if change is None:
        return []
    try:
        return editing.changes_between(data, change(data), names)
    except (KeyError, IndexError, FieldErrors):
        return []


def apply(request: HttpRequest, route: Route, change: Change) -> str:
    """Change the draft; what was refused comes back as a sentence, nothing when it is done."""
    try:
        edit_draft(
            route=route,
            seen=request.POST.get("seen", ""),
            change=change,
            by=person(request),
            at=clock.now(),
        )
    except DomainError as error:
        return str(error)
    return ""


def answer(request: HttpRequest, pk: int, panel: dict[str, Any], url: str, change: Change) -> HttpResponse:
    """What a form gets: the page after it, or itself with what was typed and the reason (409)."""
    route = find_route(request, pk)
    try:
        edit_draft(
            route=route,
            seen=request.POST.get("seen", ""),
            change=change,
            by=person(request),
            at=clock.now(),
        )
    except RouteProblems as error:
        return show(request, pk, panel, error=" ".join(one.words for one in error.problems), status=422)
    except FieldErrors as error:
        return show(request, pk, panel, error=str(error), status=422)
    except DomainError as error:
        if draft_of(route) is None:
            messages.error(request, str(error))
            return redirect("disputes:route", pk)
        return show(request, pk, panel | {"change": change}, error=str(error), status=409)
    messages.success(request, _("Saved in the draft."))
    return redirect(url)


@require_http_methods(["GET", "POST"])
@login_required
def route_draft(request: HttpRequest, pk: int) -> HttpResponse:
    """The draft as a whole, and the name of the route."""
    _route, _draft, data = find_draft(request, pk)
    form = LabelsForm(request.POST or None, data, Setting(data))
    panel = {"form": form, "panel": "disputes/_route_name.html", "action": request.path}
    if request.method == "POST" and form.is_valid():
        labels = form.part()["labels"]
        return answer(request, pk, panel, request.path, lambda found: editing.rename(found, labels))
    return show(request, pk, panel, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
def route_stage(request: HttpRequest, pk: int, code: str = "") -> HttpResponse:
    """A stage of the draft, or a new one."""
    route, _draft, data = find_draft(request, pk)
    stage = _stage(data, code) if code else None
    form = StageForm(request.POST or None, stage, Setting.of(route.entity, data, stage))
    panel = {"form": form, "panel": "disputes/_route_stage.html", "action": request.path}
    if stage is not None:
        panel |= panel_of_stage(route, data, stage, names_of(route.entity, data))
    if request.method == "POST" and form.is_valid():
        fields = form.part()
        url = request.path if code else reverse("disputes:route_draft", args=[pk])
        return answer(
            request, pk, panel, url, lambda found: editing.put_stage(found, code or None, dict(fields))
        )
    return show(request, pk, panel, status=422 if form.is_bound else 200)


@require_http_methods(["GET", "POST"])
@login_required
def route_part(request: HttpRequest, pk: int, code: str, kind: str, place: int | None = None) -> HttpResponse:
    """A move, question, branch, alert or letter of a stage, or a new one."""
    route, _draft, data = find_draft(request, pk)
    stage = _stage(data, code)
    if kind not in PART_FORMS:
        raise Http404
    part = _part(stage, kind, place)
    form = PART_FORMS[kind](request.POST or None, part, Setting.of(route.entity, data, stage))
    panel = {
        "form": form,
        "panel": "disputes/_route_part.html",
        "action": request.path,
        "stage": stage,
        "kind": kind,
        "is_new": part is None,
    }
    if request.method == "POST" and form.is_valid():
        fields = form.part()
        url = reverse("disputes:route_stage", args=[pk, code])
        return answer(
            request, pk, panel, url, lambda found: editing.put_part(found, code, kind, place, fields)
        )
    return show(request, pk, panel, status=422 if form.is_bound else 200)


def _stage(data: Data, code: str) -> Data:
    try:
        return editing.stage_at(data, code)
    except KeyError:
        raise Http404 from None


def _part(stage: Data, kind: str, place: int | None) -> Data | None:
    try:
        return None if place is None else editing.part_at(stage, kind, place)
    except IndexError:
        raise Http404 from None


@require_POST
@login_required
def route_stage_act(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Take a stage out of the draft, or put it further up or down."""
    route, _draft, _data = find_draft(request, pk)
    act = request.POST.get("act", "")
    changes: dict[str, Change] = {
        "drop": lambda data: editing.drop_stage(data, code),
        "up": lambda data: editing.shift_stage(data, code, -1),
        "down": lambda data: editing.shift_stage(data, code, 1),
    }
    return _done(request, route, changes.get(act), reverse("disputes:route_draft", args=[pk]))


@require_POST
@login_required
def route_part_act(request: HttpRequest, pk: int, code: str, kind: str, place: int) -> HttpResponse:
    """Take a part out of a stage, or put it further up or down."""
    route, _draft, _data = find_draft(request, pk)
    act = request.POST.get("act", "")
    changes: dict[str, Change] = {
        "drop": lambda data: editing.drop_part(data, code, kind, place),
        "up": lambda data: editing.shift_part(data, code, kind, place, -1),
        "down": lambda data: editing.shift_part(data, code, kind, place, 1),
    }
    change = changes.get(act) if kind in PART_FORMS else None
    return _done(request, route, change, reverse("disputes:route_stage", args=[pk, code]))


def _done(request: HttpRequest, route: Route, change: Change | None, url: str) -> HttpResponse:
    if change is None:
        raise Http404
    wrong = apply(request, route, change)
    if wrong:
        messages.error(request, wrong)
    return redirect(url)
