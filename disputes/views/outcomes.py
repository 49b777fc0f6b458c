"""Sheets and buttons of a dispute's card: offers, requests to billing, promises among ourselves, the rejection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from disputes import decisions, services
from disputes.forms_outcome import IssuedForm, LetterForm, OfferForm, PromiseForm, RefuseForm
from disputes.views.common import done, find, person, refused
from disputes.views.sheets import fill, posted
from lib import clock
from lib.errors import DomainError

Act = Callable[..., Any]
ANSWERS: dict[str, Act] = {
    "accept": services.accept_offer,
    "decline": services.decline_offer,
    "withdraw": services.withdraw_offer,
}
ENDS: dict[str, Act] = {"kept": services.keep_promise, "release": services.release_promise}


@login_required
@require_http_methods(["GET", "POST"])
def offer(request: HttpRequest, pk: int) -> HttpResponse:
    """Make an offer, or note what the customer proposes."""
    dispute, user = find(request, pk), person(request)

    def do(form: forms.Form) -> object:
        return services.make_offer(dispute=dispute, by=user, at=clock.now(), **form.cleaned_data)

    form = OfferForm(posted(request), dispute=dispute)
    return fill(
        request, dispute, form, do, title=_("Make an offer"), button=_("Offer"), said=_("Offer made.")
    )


@login_required
@require_POST
def answer_offer(request: HttpRequest, pk: int, how: str) -> HttpResponse:
    """Accept, decline or take back an offer."""
    found = get_object_or_404(decisions.offers_for(person(request)), pk=pk)
    if how not in ANSWERS:
        raise Http404
    try:
        ANSWERS[how](offer_id=pk, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, found.dispute_id, error)
    return done(request, found.dispute_id, _("Done."))


@login_required
@require_http_methods(["GET", "POST"])
def credit_issued(request: HttpRequest, pk: int) -> HttpResponse:
    """Billing has made the document, or what came is right although it differs."""
    wanted = get_object_or_404(decisions.requests_for(person(request)), pk=pk)
    dispute = find(request, wanted.dispute_id)

    def do(form: forms.Form) -> object:
        return services.take_as_issued(request_id=pk, by=person(request), at=clock.now(), **form.cleaned_data)

    form = IssuedForm(posted(request), initial={"number": wanted.number})
    return fill(request, dispute, form, do, title=_("It is done"), button=_("Save"), said=_("Saved."))


@login_required
@require_http_methods(["GET", "POST"])
def credit_refused(request: HttpRequest, pk: int) -> HttpResponse:
    """Billing will not do it."""
    wanted = get_object_or_404(decisions.requests_for(person(request)), pk=pk)
    dispute = find(request, wanted.dispute_id)

    def do(form: forms.Form) -> object:
        note = form.cleaned_data["note"]
        return services.refuse_request(request_id=pk, by=person(request), at=clock.now(), note=note)

    form = RefuseForm(posted(request))
    return fill(
        request, dispute, form, do, title=_("Refuse the request"), button=_("Refuse"), said=_("Refused.")
    )


@login_required
@require_http_methods(["GET", "POST"])
def promise(request: HttpRequest, pk: int) -> HttpResponse:
    """Promise something to the colleagues."""
    dispute, user = find(request, pk), person(request)

    def do(form: forms.Form) -> object:
        return services.promise_internally(dispute=dispute, by=user, at=clock.now(), **form.cleaned_data)

    form = PromiseForm(posted(request), dispute=dispute)
    return fill(request, dispute, form, do, title=_("Promise"), button=_("Promise"), said=_("Promised."))


@login_required
@require_POST
def end_promise(request: HttpRequest, pk: int, how: str) -> HttpResponse:
    """It is done, or nobody needs it any more."""
    found = get_object_or_404(decisions.promises_for(person(request)), pk=pk)
    if how not in ENDS:
        raise Http404
    try:
        ENDS[how](promise_id=pk, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, found.dispute_id, error)
    return done(request, found.dispute_id, _("Done."))


@login_required
@require_http_methods(["GET", "POST"])
def outcome_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter that tells the customer the outcome: read, change, send once."""
    dispute, user = find(request, pk), person(request)
    try:
        draft = services.draft_outcome(dispute=dispute, by=user)
    except DomainError as error:
        return refused(request, pk, error)

    def do(form: forms.Form) -> object:
        return services.send_outcome(dispute=dispute, by=user, at=clock.now(), **form.cleaned_data)

    initial = {"to": draft.to, "subject": draft.subject, "body": draft.body}
    form = LetterForm(posted(request), initial=initial)
    title = _("Tell the customer the outcome")
    return fill(
        request, dispute, form, do, title=title, button=_("Send"), said=_("The letter is on its way.")
    )


@login_required
@require_POST
def outcome_told(request: HttpRequest, pk: int) -> HttpResponse:
    """The customer knows the outcome already, or need not be told."""
    dispute = find(request, pk)
    how = request.POST.get("how", "")
    try:
        services.tell_otherwise(dispute=dispute, how=how, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, pk, error)
    return done(request, pk, _("Noted."))
