"""What people may agree to with customers, per legal entity."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.requests import chosen_entity, person
from accounts.selectors import entities_for
from collections_app.forms import RulesForm
from collections_app.services.limits import limits_of, rules_of, set_rules
from lib import clock


@login_required
@require_http_methods(["GET", "POST"])
def promise_rules(request: HttpRequest) -> HttpResponse:
    """Look at the rules and limits and change them."""
    entity = chosen_entity(request, "promise.rules")
    form = RulesForm(request.POST or None, initial=RulesForm.values_of(rules_of(entity), limits_of(entity)))
    if request.method == "POST" and form.is_valid():
        set_rules(
            entity=entity,
            grace_days=form.cleaned_data["grace_days"],
            whole_comes_back=form.cleaned_data["whole_comes_back"],
            limits=form.limits,
            by=person(request),
            at=clock.now(),
        )
        messages.success(request, _("The rules are saved."))
        return redirect(f"{request.path}?entity={entity.pk}")
    context = {
        "form": form,
        "entity": entity,
        "entities": list(entities_for(person(request), "promise.rules")),
    }
    return render(
        request, "collections_app/promise_rules.html", context, status=422 if form.is_bound else 200
    )
