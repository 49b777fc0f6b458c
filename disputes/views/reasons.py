"""The reasons of a legal entity: the list, and the form of one."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import policy
from accounts.requests import chosen_entity
from accounts.selectors import entities_for
from disputes.errors import FieldErrors
from disputes.forms_reason import ReasonForm
from disputes.models import Reason
from disputes.services.reasons import reason_digest, set_reason
from disputes.views.common import person
from lib import clock
from lib.errors import DomainError


@require_GET
@login_required
def reasons(request: HttpRequest) -> HttpResponse:
    """Every reason, in the order people see them."""
    entity = chosen_entity(request, "route.edit")
    rows = Reason.objects.filter(entity=entity).select_related("route", "department")
    context = {
        "entity": entity,
        "entities": entities_for(person(request), "route.edit").order_by("code"),
        "rows": list(rows),
    }
    return render(request, "disputes/reasons.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def reason(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Change a reason, or add one."""
    found = _find(request, pk) if pk else None
    entity = found.entity if found else chosen_entity(request, "route.edit")
    form = ReasonForm(request.POST or None, entity=entity, reason=found)
    status, error = (422 if form.is_bound else 200), ""
    if request.method == "POST" and form.is_valid():
        try:
            set_reason(
                entity=entity,
                wanted=form.wanted(),
                by=person(request),
                at=clock.now(),
                reason=found,
                seen=request.POST.get("seen", ""),
            )
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        except DomainError as refused:
            error, status = str(refused), refused.status
        else:
            messages.success(request, _("The reason is saved. Open disputes keep what they have."))
            return redirect(f"{reverse('disputes:reasons')}?entity={entity.pk}")
    context = {"form": form, "entity": entity, "reason": found, "error": error}
    context["seen"] = reason_digest(found) if found else ""
    return render(request, "disputes/reason_form.html", context, status=status)


def _find(request: HttpRequest, pk: int) -> Reason:
    """The reason; 404 for strangers, 403 for colleagues who may not change it."""
    scope = policy.scope(person(request))
    rows = Reason.objects.filter(entity__in=scope.entities("dispute.read")).select_related("entity")
    found = get_object_or_404(rows, pk=pk)
    if not policy.may(person(request), "route.edit", found.entity_id):
        raise PermissionDenied
    return found
