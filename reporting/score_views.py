"""The page of points and goals: one's own, the team's, and nobody's place."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import person
from lib import clock
from reporting import services
from reporting.models import TeamGoal
from reporting.score_forms import GoalForm, RulesForm, WishesForm
from reporting.score_shown import Month, month_of, shown
from reporting.selectors import scores

MONTH = re.compile(r"^20\d\d-(0[1-9]|1[0-2])$")


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Points and goals of a month (`?month=2026-11`), this one by default."""
    return _draw(request, _entity(request))


@login_required
@require_POST
def wishes(request: HttpRequest) -> HttpResponse:
    """What the person wants."""
    form = WishesForm(request.POST, wishes=scores.wishes_of(person(request)))
    form.is_valid()
    services.set_wishes(user=person(request), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return _back(_entity(request))


@login_required
@require_POST
def rules(request: HttpRequest) -> HttpResponse:
    """How far the entity counts."""
    entity = _managed(request)
    form = RulesForm(request.POST, mode=scores.mode_of(entity))
    if not form.is_valid():
        return _draw(request, entity, rules_form=form)
    services.set_rules(entity=entity, by=person(request), at=clock.now(), **form.cleaned_data)
    messages.success(request, _("Saved."))
    return _back(entity)


@login_required
@require_POST
def new_goal(request: HttpRequest) -> HttpResponse:
    """Set a goal for a team."""
    entity = _managed(request)
    month = _month(request, entity)
    form = GoalForm(request.POST, entity=entity, first=month.first, last=month.last)
    if form.is_valid():
        try:
            services.set_goal(entity=entity, by=person(request), at=clock.now(), **form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, ValidationError(wrong.messages))
        else:
            messages.success(request, _("The goal is set."))
            return _back(entity)
    return _draw(request, entity, goal_form=form)


@login_required
@require_POST
def drop_goal(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a goal away."""
    entities = policy.scope(person(request)).entities("score.rules")
    goal = get_object_or_404(TeamGoal.objects.filter(entity__in=entities).select_related("entity"), pk=pk)
    services.drop_goal(goal=goal, by=person(request), at=clock.now())
    messages.success(request, _("The goal is gone."))
    return _back(goal.entity)


def _draw(request: HttpRequest, entity: LegalEntity, **filled: forms.Form) -> HttpResponse:
    user, month = person(request), _month(request, entity)
    context: dict[str, Any] = shown(user, entity, month, clock.now())
    context |= {
        "entities": scores.entities_that_count(user),
        "wishes_form": WishesForm(None, wishes=scores.wishes_of(user)),
    }
    if policy.may(user, "score.rules", entity.pk):
        context["rules_form"] = filled.get("rules_form") or RulesForm(None, mode=scores.mode_of(entity))
        context["goal_form"] = filled.get("goal_form") or GoalForm(
            None, entity=entity, first=month.first, last=month.last
        )
    return render(request, "reporting/scores.html", context, status=422 if filled else 200)


def _entity(request: HttpRequest) -> LegalEntity:
    """The entity asked for, or the first that counts; 404 where nothing is counted for this person."""
    rows = scores.entities_that_count(person(request))
    wanted = request.GET.get("entity") or request.POST.get("entity") or ""
    if wanted:
        return get_object_or_404(rows, pk=wanted if wanted.isdecimal() else 0)
    entity = rows.first()
    if entity is None:
        raise Http404
    return entity


def _managed(request: HttpRequest) -> LegalEntity:
    entity = _entity(request)
    if not policy.may(person(request), "score.rules", entity.pk):
        raise Http404
    return entity


def _month(request: HttpRequest, entity: LegalEntity) -> Month:
    """The month asked for; the present one for anything that is no month, or has not begun."""
    today = clock.today(entity.time_zone)
    wanted = request.GET.get("month") or request.POST.get("month") or ""
    return month_of(wanted if MONTH.match(wanted) and wanted <= f"{today:%Y-%m}" else f"{today:%Y-%m}", today)


def _back(entity: LegalEntity) -> HttpResponse:
    return redirect(f"{reverse('reporting:scores')}?entity={entity.pk}")
