"""The settings page of payments: which provider an entity has chosen."""

from __future__ import annotations

from typing import cast

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.models import LegalEntity, User
from accounts.selectors import entities_for
from accounts.services import change_settings
from collections_app.paying.providers import provider_codes
from lib import clock

WORDS = {"sandbox": gettext_lazy("Sandbox: no money moves, the books take it for a payment")}


class ProviderForm(forms.Form):
    """Who takes the payments; nobody by default."""

    provider = forms.ChoiceField(label=gettext_lazy("Provider"), required=False)

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        none = _("None: letters tell the account and the reference")
        codes = [(code, WORDS.get(code, code)) for code in provider_codes()]
        self.fields["provider"].choices = [("", none), *codes]  # type: ignore[attr-defined]


@login_required
@require_http_methods(["GET", "POST"])
def pay_provider(request: HttpRequest) -> HttpResponse:
    """Choose the provider of a legal entity."""
    entities = entities_for(request.user, "plan.edit")
    wanted = request.GET.get("entity", "")
    found = entities.filter(code=wanted) if wanted else entities
    entity: LegalEntity = get_object_or_404(found.order_by("code")[:1])
    now = {"provider": entity.settings.get("paying", {}).get("provider", "")}
    form = ProviderForm(request.POST or None, initial=now)
    if request.method == "POST" and form.is_valid():
        values = {"provider": form.cleaned_data["provider"]}
        change_settings(
            entity=entity, part="paying", values=values, by=cast(User, request.user), at=clock.now()
        )
        messages.success(request, _("The choice is kept."))
        return redirect(f"{request.path}?entity={entity.code}")
    context = {"form": form, "entity": entity, "entities": list(entities)}
    return render(request, "collections_app/paying.html", context, status=422 if form.is_bound else 200)
