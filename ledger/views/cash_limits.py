"""What may be let off when a customer pays less, per legal entity."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.selectors import entities_for
from ledger.bank.limits import LimitsForm, limits_of, set_limits
from ledger.views.common import number, person
from lib.clock import now


@require_http_methods(["GET", "POST"])
@login_required
def limits(request: HttpRequest) -> HttpResponse:
    """Look at the limits and change them."""
    entities = entities_for(request.user, "ledger.limits")
    wanted = number(request, "entity")
    entity = get_object_or_404(entities, pk=wanted) if wanted else entities.first()
    if entity is None:
        return render(request, "404.html", status=404)
    form = LimitsForm(request.POST or None, initial=limits_of(entity))
    if request.method == "POST" and form.is_valid():
        set_limits(entity=entity, values=form.cleaned_data, by=person(request), at=now())
        messages.success(request, _("The limits are saved."))
        return redirect(f"{request.path}?entity={entity.pk}")
    context = {"form": form, "entity": entity, "entities": list(entities)}
    return render(request, "ledger/cash_limits.html", context, status=422 if form.is_bound else 200)
