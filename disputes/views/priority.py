"""The weights of the priority: change them, and see first how the most urgent disputes would stand."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import LegalEntity
from accounts.selectors import entities_for
from disputes import services
from disputes.errors import FieldErrors
from disputes.forms_priority import WeightsForm
from disputes.priority import Weights
from disputes.reordering import reorder
from disputes.services.prioritizing import problems_of, weights_of
from disputes.views.common import person
from lib import clock


@login_required
@require_http_methods(["GET", "POST"])
def priority_weights(request: HttpRequest) -> HttpResponse:
    """The weights of an entity; `act=try` shows what they would do, `act=usual` proposes the usual ones."""
    entity = _entity(request)
    kept = weights_of([entity.pk])[entity.pk]
    act = request.POST.get("act", "")
    form = WeightsForm(
        request.POST if act in ("try", "save") else None, weights=Weights() if act == "usual" else kept
    )
    shown = Weights() if act == "usual" else kept
    if form.is_bound and form.is_valid():
        shown = form.wanted()
        for name, sentence in problems_of(shown).items():
            form.add_error(name, sentence)
        if act == "save" and not form.errors and _saved(request, entity, form):
            messages.success(request, _("Saved. The order of the open disputes follows in a moment."))
            return redirect(f"{reverse('disputes:priority_weights')}?entity={entity.pk}")
    context: dict[str, Any] = {
        "form": form,
        "entity": entity,
        "entities": entities_for(person(request), "dispute.decide").order_by("code"),
        "tried": act in ("try", "usual") and not form.errors,
    }
    if not form.errors:
        context["order"] = reorder(user=person(request), entity=entity, weights=shown, at=clock.now())
    return render(request, "disputes/priority_weights.html", context, status=422 if form.errors else 200)


def _entity(request: HttpRequest) -> LegalEntity:
    """The entity that was asked for, or the first one this person decides in."""
    found = entities_for(person(request), "dispute.decide").order_by("code")
    wanted = request.POST.get("entity") or request.GET.get("entity") or ""
    if wanted:
        return get_object_or_404(found, pk=wanted if wanted.isdigit() else 0)
    first = found.first()
    if first is None:
        raise PermissionDenied
    return first


def _saved(request: HttpRequest, entity: LegalEntity, form: WeightsForm) -> bool:
    try:
        services.set_weights(entity=entity, by=person(request), at=clock.now(), **asdict(form.wanted()))
    except FieldErrors as wrong:
        for name, sentence in wrong.fields.items():
            form.add_error(name, sentence)
        return False
    return True
