"""The sheets of merging, splitting and the root cause, and the disputes beside one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from disputes import kin, services
from disputes.errors import FieldErrors
from disputes.forms_case import CauseForm, MergeForm, SplitForm
from disputes.views.common import find, person
from disputes.views.sheets import fill, posted
from lib import clock
from lib.htmx import is_htmx


@login_required
@require_http_methods(["GET", "POST"])
def absorb(request: HttpRequest, pk: int) -> HttpResponse:
    """Merge another dispute of the customer into this one. `?other=` chooses it."""
    dispute, user = find(request, pk), person(request)
    form = MergeForm(posted(request), user=user, dispute=dispute, other=request.GET.get("other", ""))

    def do(form: forms.Form) -> object:
        other = form.cleaned_data["other"]
        return services.merge_disputes(into=dispute, other=other, by=user, at=clock.now())

    words: dict[str, Any] = {"title": _("Merge"), "button": _("Merge"), "said": _("Merged.")}
    return fill(request, dispute, form, do, **words)


@login_required
@require_http_methods(["GET", "POST"])
def split(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a part of the dispute one of its own."""
    dispute, user = find(request, pk), person(request)
    form = SplitForm(posted(request), dispute=dispute)

    def do(form: forms.Form) -> object:
        assert isinstance(form, SplitForm)
        reason = form.cleaned_data["reason"]
        try:
            return services.split_dispute(
                dispute=dispute, lines=form.parts(), reason=reason, by=user, at=clock.now()
            )
        except FieldErrors as wrong:
            named = {form.field_of(path) or "": text for path, text in wrong.fields.items()}
            raise FieldErrors(named) from None

    words: dict[str, Any] = {"title": _("Split the dispute"), "button": _("Split"), "said": _("Split.")}
    return fill(request, dispute, form, do, **words)


@login_required
@require_http_methods(["GET", "POST"])
def cause(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what the root cause is."""
    dispute, user = find(request, pk), person(request)
    form = CauseForm(posted(request), dispute=dispute)

    def do(form: forms.Form) -> object:
        found = form.cleaned_data["cause"]
        return services.set_cause(dispute=dispute, cause=found, by=user, at=clock.now())

    words: dict[str, Any] = {"title": _("Root cause"), "button": _("Save"), "said": _("Root cause kept.")}
    return fill(request, dispute, form, do, **words)


@login_required
@require_GET
def beside(request: HttpRequest, pk: int) -> HttpResponse:
    """Related and similar disputes, fetched once the card is there."""
    dispute, user = find(request, pk), person(request)
    context = {
        "dispute": dispute,
        "related": kin.related(user, dispute),
        "similar": kin.similar(user, dispute),
    }
    template = "disputes/_beside.html" if is_htmx(request) else "disputes/beside.html"
    return render(request, template, context)
