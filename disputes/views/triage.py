"""Triage of one dispute: take it, put it aside, a macro, back again."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from disputes import selectors, services, triage
from disputes.choices import Then
from disputes.forms_queue import MergeForm, SnoozeForm
from disputes.views.common import done, find, person, refused
from disputes.views.sheets import fill, posted
from lib import clock
from lib.errors import DomainError
from lib.htmx import go, is_htmx


def _seen(request: HttpRequest) -> int | None:
    """The number of the newest event that the person had on screen."""
    text = request.POST.get("seen", "")
    return int(text) if text.isdigit() else None


@login_required
@require_http_methods(["GET", "POST"])
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the dispute aside for a while."""
    dispute, user = find(request, pk), person(request)
    form = SnoozeForm(posted(request))

    def do(form: forms.Form) -> object:
        at = clock.now()
        until = form.cleaned_data["until"] or services.end_of(form.cleaned_data["nap"], at, dispute.entity)
        return services.snooze(dispute=dispute, until=until, by=user, at=at, seen=_seen(request))

    return fill(request, dispute, form, do, title=_("Snooze"), button=_("Snooze"), said=_("Snoozed."))


@login_required
@require_http_methods(["GET", "POST"])
def merge(request: HttpRequest, pk: int) -> HttpResponse:
    """The dispute is a duplicate: it goes into another one of the same customer."""
    dispute, user = find(request, pk), person(request)
    form = MergeForm(posted(request), user=user, dispute=dispute)

    def do(form: forms.Form) -> object:
        into = form.cleaned_data["into"]
        return services.merge_disputes(into=into, other=dispute, by=user, at=clock.now())

    title = _("Duplicate: merge into another dispute")
    return fill(request, dispute, form, do, title=title, button=_("Merge"), said=_("Merged."))


@login_required
@require_POST
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a snoozed dispute up again."""
    find(request, pk)
    try:
        services.wake(dispute_id=pk, by=person(request), at=clock.now())
    except DomainError as error:
        return refused(request, pk, error)
    return done(request, pk, _("It is back in the queue."))


@login_required
@require_POST
def take(request: HttpRequest, pk: int) -> HttpResponse:
    """Assign the dispute to oneself."""
    dispute, user = find(request, pk), person(request)
    try:
        step = {"do": "assign", "user": services.ME}
        services.change(dispute=dispute, steps=[step], by=user, at=clock.now(), seen=_seen(request))
    except DomainError as error:
        return refused(request, pk, error)
    return done(request, pk, _("Assigned."))


@login_required
@require_POST
def macro(request: HttpRequest, pk: int, macro_pk: int) -> HttpResponse:
    """Several changes in one click: all of them, or none."""
    dispute, user = find(request, pk), person(request)
    chosen = get_object_or_404(triage.macros_for(user), pk=macro_pk, entity=dispute.entity_id)
    try:
        services.run_macro(macro=chosen, dispute=dispute, by=user, at=clock.now(), seen=_seen(request))
    except DomainError as error:
        return refused(request, pk, error)
    sentence = _("%(macro)s: done.") % {"macro": chosen.name}
    if chosen.then != Then.STAY and not is_htmx(request):
        messages.success(request, f"{dispute.ref}: {sentence}")
        return go(request, reverse("disputes:list"))
    return done(request, pk, sentence)


@login_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take back what one did last; to many at once, if it was done to many at once."""
    user, at = person(request), clock.now()
    deed = triage.last_deed(user, at)
    back = f"{reverse('disputes:list')}?{request.POST.get('keep', '')}"
    if deed is None:
        messages.error(request, _("There is nothing to undo."))
        return go(request, back)
    if deed.why_not:
        messages.error(request, deed.why_not)
        return go(request, back)
    rows = selectors.disputes_for(user).filter(pk__in=deed.disputes)
    for dispute in rows.order_by("pk"):
        try:
            services.undo(dispute=dispute, by=user, at=at, since=deed.disputes[dispute.pk])
            messages.success(request, _("%(ref)s is as it was.") % {"ref": dispute.ref})
        except DomainError as error:
            messages.error(request, f"{dispute.ref}: {error}")
    return go(request, back)
