"""Trying an edition of a route on past disputes: the comparison, and each dispute explained."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from disputes import simulation_shown
from disputes.models import Route, RouteVersion
from disputes.services.common import day_of
from disputes.services.route_editing import draft_of
from disputes.simulation.run import PERIOD, Simulation, simulate
from disputes.views.route_common import find_route, must_edit
from lib import clock


class TryForm(forms.Form):
    """Which edition, and which disputes."""

    number = forms.TypedChoiceField(label=_("Edition"), coerce=int)
    since = forms.DateField(
        label=_("Opened from"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    until = forms.DateField(label=_("to"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))

    def __init__(self, data: Any, versions: list[RouteVersion]) -> None:
        super().__init__(data)
        self.fields["number"].choices = [  # type: ignore[attr-defined]
            (one.number, _words(one)) for one in versions
        ]

    def clean(self) -> dict[str, Any]:
        """A period has its days in order."""
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and since > until:
            self.add_error("until", gettext("The last day comes before the first one."))
        return cleaned


def _words(version: RouteVersion) -> str:
    said = gettext("Edition %(number)s") % {"number": version.number}
    if version.is_draft:
        return f"{said} ({gettext('draft')})"
    return f"{said} ({gettext('in force')})" if version.current else said


def _form(request: HttpRequest, route: Route) -> tuple[TryForm, list[RouteVersion]]:
    """The form with what was asked for; by default the draft, or what is in force, on the last year."""
    versions = list(route.versions.select_related("route__entity").order_by("-number"))
    today: date = day_of(clock.now(), route.entity)
    usual = draft_of(route) or next((one for one in versions if one.current), None)
    wanted = request.GET.dict()
    data = {
        "number": wanted.get("number") or (usual.number if usual else ""),
        "since": wanted.get("since") or (today - PERIOD).isoformat(),
        "until": wanted.get("until") or today.isoformat(),
    }
    return TryForm(data, versions), versions


def _run(form: TryForm, versions: list[RouteVersion]) -> Simulation:
    wanted = form.cleaned_data
    version = next(one for one in versions if one.number == wanted["number"])
    return simulate(version=version, since=wanted["since"], until=wanted["until"], now=clock.now())


@require_GET
@login_required
def route_simulate(request: HttpRequest, pk: int) -> HttpResponse:
    """What an edition would have meant for the disputes of a period."""
    route = find_route(request, pk)
    must_edit(request, route)
    form, versions = _form(request, route)
    context: dict[str, Any] = {"route": route, "form": form}
    if form.is_valid():
        context |= simulation_shown.shown(_run(form, versions))
        context["query"] = form.cleaned_data
    return render(request, "disputes/route_simulate.html", context, status=200 if form.is_valid() else 422)


@require_GET
@login_required
def route_simulate_one(request: HttpRequest, pk: int, dispute_pk: int) -> HttpResponse:
    """One dispute of a simulation, stage by stage: as it was, and as it would have been."""
    route = find_route(request, pk)
    must_edit(request, route)
    form, versions = _form(request, route)
    simulation = _run(form, versions) if form.is_valid() else None
    row = simulation.row(dispute_pk) if simulation else None
    if simulation is None or row is None:
        raise Http404
    context = {
        "route": route,
        "row": row,
        "before": simulation_shown.legs_before(simulation, row),
        "after": simulation_shown.legs_after(simulation, row),
        "left_out": [simulation.stage_names.get(code, code) for code in row.replay.left_out],
        "stopped": simulation_shown.stop_words(row.replay.why) if row.replay.stopped else "",
        "stopped_at": simulation.stage_names.get(row.replay.stopped, row.replay.stopped),
        "query": form.cleaned_data,
    }
    return render(request, "disputes/route_simulate_one.html", context)
