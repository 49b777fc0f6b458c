"""The table of other systems' codes: what is still to classify on top, then every code; each can be changed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.models import LegalEntity
from accounts.requests import chosen_entity
from accounts.selectors import entities_for
from disputes import services
from disputes.choices import CodeKind, Effect, Standard
from disputes.codes_shown import shown_codes, unknown_codes
from disputes.errors import FieldErrors
from disputes.forms_codes import CodeForm
from disputes.models import ExternalCode, Reason
from disputes.services import CodeInput
from disputes.views.common import person
from lib import clock
from lib.errors import DomainError


def _back(entity: LegalEntity) -> str:
    return f"{reverse('disputes:codes')}?entity={entity.pk}"


@require_GET
@login_required
def codes(request: HttpRequest) -> HttpResponse:
    """What nobody has mapped yet, and the whole table."""
    entity = chosen_entity(request, "dispute.decide")
    wanted = request.GET.get("standard", "")
    standard = wanted if wanted in Standard.values else Standard.PEPPOL.value
    context = {
        "entity": entity,
        "standard": standard,
        "standards": Standard.choices,
        "entities": entities_for(person(request), "dispute.decide").order_by("code"),
        "unknown": unknown_codes(entity),
        "groups": shown_codes(entity, standard),
        "reasons": list(Reason.objects.filter(entity=entity, active=True).exclude(route=None)),
    }
    return render(request, "disputes/codes.html", context)


@require_POST
@login_required
def map_code(request: HttpRequest) -> HttpResponse:
    """One click: this code is that reason. The open disputes that wait for it get it too."""
    entity = chosen_entity(request, "dispute.decide")
    reason = get_object_or_404(Reason, entity=entity, active=True, code=request.POST.get("reason", ""))
    standard = request.POST.get("standard", "")
    standard = standard if standard in Standard.values else Standard.ANY.value
    wanted = CodeInput(standard, CodeKind.REASON, request.POST.get("code", "")[:40], reason, Effect.OPEN)
    try:
        row = services.set_code(entity=entity, wanted=wanted, by=person(request), at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
    else:
        said = _("%(code)s now means “%(reason)s”; the open disputes that waited for it have it too.")
        messages.success(request, said % {"code": row.code, "reason": reason.label})
    return redirect(_back(entity))


@require_http_methods(["GET", "POST"])
@login_required
def code_form(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Add a code, or change one."""
    row = get_object_or_404(ExternalCode.objects.visible_to(person(request)), pk=pk) if pk else None
    entity = row.entity if row else chosen_entity(request, "dispute.decide")
    form = CodeForm(request.POST or None, entity=entity, initial=_initial(request, row))
    if request.method == "POST" and form.is_valid():
        try:
            services.set_code(
                entity=entity, wanted=form.wanted(), by=person(request), at=clock.now(), row=row
            )
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        else:
            messages.success(request, _("The table is changed. It holds for messages from now on."))
            return redirect(_back(entity))
    context = {"form": form, "entity": entity, "row": row, "back": _back(entity)}
    return render(request, "disputes/code_form.html", context, status=422 if form.is_bound else 200)


def _initial(request: HttpRequest, row: ExternalCode | None) -> dict[str, Any]:
    if row is None:
        return {name: request.GET[name] for name in ("standard", "kind", "code") if name in request.GET}
    names = ("standard", "kind", "code", "effect", "active")
    return {name: getattr(row, name) for name in names} | {"reason": row.reason_id}


@require_POST
@login_required
def drop_code(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a code out of the table."""
    row = get_object_or_404(ExternalCode.objects.visible_to(person(request)), pk=pk)
    services.drop_code(row=row, by=person(request), at=clock.now())
    messages.success(request, _("%(code)s is out of the table.") % {"code": row.code})
    return redirect(_back(row.entity))
