"""Handing a dispute over, delegating it for a time, giving it back."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from disputes import services
from disputes.forms_handing import HandOverForm
from disputes.views.common import done, find, person, refused
from disputes.views.sheets import fill, posted
from lib import clock
from lib.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def hand_over(request: HttpRequest, pk: int) -> HttpResponse:
    """Pass the dispute on to a colleague, for good or until a moment."""
    dispute, user = find(request, pk), person(request)
    form = HandOverForm(posted(request), dispute=dispute)

    def do(form: forms.Form) -> object:
        return services.hand_over(dispute=dispute, by=user, at=clock.now(), **form.cleaned_data)

    title = _("Hand over")
    return fill(request, dispute, form, do, title=title, button=title, said=_("Handed over."))


@login_required
@require_POST
def give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the dispute back to who passed it on, or take it back."""
    dispute = find(request, pk)
    try:
        services.give_back(dispute=dispute, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, pk, error)
    return done(request, pk, _("The dispute is back."))
