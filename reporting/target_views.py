"""The page of targets, and of what time and money cost."""

from __future__ import annotations

from collections.abc import Callable
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

from accounts.models import LegalEntity
from accounts.requests import person
from lib import clock
from reporting import services
from reporting.models import CostRates, Target
from reporting.selectors.targets import cost_rates_for, entities_set_by, targets_for
from reporting.target_forms import CostRatesForm, TargetForm


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """Targets and cost rates of a legal entity, for those who set them."""
    return _draw(request, _entity(request))


@login_required
@require_POST
def new_target(request: HttpRequest) -> HttpResponse:
    """Set a target."""
    form = TargetForm(request.POST, auto_id="target_%s")
    return _save(request, form, "target_form", services.set_target)


@login_required
@require_POST
def new_rates(request: HttpRequest) -> HttpResponse:
    """Set what time and money cost."""
    form = CostRatesForm(request.POST, auto_id="rates_%s")
    return _save(request, form, "rates_form", services.set_cost_rates)


@login_required
@require_POST
def drop_target(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a target away."""
    target = get_object_or_404(Target.objects.filter(entity__in=entities_set_by(person(request))), pk=pk)
    services.drop_target(target=target, by=person(request), at=clock.now())
    messages.success(request, _("The target is gone."))
    return _back(target.entity)


@login_required
@require_POST
def drop_rates(request: HttpRequest, pk: int) -> HttpResponse:
    """Take rates away."""
    rates = get_object_or_404(CostRates.objects.filter(entity__in=entities_set_by(person(request))), pk=pk)
    services.drop_cost_rates(rates=rates, by=person(request), at=clock.now())
    messages.success(request, _("The rates are gone."))
    return _back(rates.entity)


def _save(request: HttpRequest, form: forms.Form, name: str, save: Callable[..., Any]) -> HttpResponse:
    entity = _entity(request)
    if form.is_valid():
        try:
            save(entity=entity, by=person(request), at=clock.now(), **form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, ValidationError(wrong.messages))
        else:
            messages.success(request, _("Saved."))
            return _back(entity)
    return _draw(request, entity, **{name: form})


def _draw(request: HttpRequest, entity: LegalEntity, **filled: forms.Form) -> HttpResponse:
    user, today = person(request), clock.today(entity.time_zone)
    begin = {"from_on": today.replace(day=1)}
    context: dict[str, Any] = {
        "entity": entity,
        "entities": entities_set_by(user),
        "targets": targets_for(user).filter(entity=entity),
        "rates": cost_rates_for(user).filter(entity=entity),
        "target_form": filled.get("target_form") or TargetForm(initial=begin, auto_id="target_%s"),
        "rates_form": filled.get("rates_form") or CostRatesForm(initial=begin, auto_id="rates_%s"),
    }
    return render(request, "reporting/targets.html", context, status=422 if filled else 200)


def _entity(request: HttpRequest) -> LegalEntity:
    """The entity asked for, or the first; 404 where the person may set nothing."""
    rows = entities_set_by(person(request))
    wanted = request.GET.get("entity") or request.POST.get("entity") or ""
    if wanted:
        return get_object_or_404(rows, pk=wanted if wanted.isdecimal() else 0)
    entity = rows.first()
    if entity is None:
        raise Http404
    return entity


def _back(entity: LegalEntity) -> HttpResponse:
    return redirect(f"{reverse('reporting:targets')}?entity={entity.pk}")
