"""The pages of reports by mail: mine and those sent to me, a new one, a change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import User
from accounts.requests import person
from lib import clock
from lib.errors import DomainError, FieldErrors
from reporting import tasks
from reporting.models import Subscription, SubscriptionReader
from reporting.reports import NAMES
from reporting.selectors.frame import READ, entities_for
from reporting.subscriptions import services
from reporting.subscriptions.asked import Names, filters_in
from reporting.subscriptions.contents import GROUP, Wanted, title_of
from reporting.subscriptions.forms import SubscriptionForm, filled
from reporting.subscriptions.selectors import subscriptions_for
from reporting.subscriptions.words import lines

SHOWN = 200


@login_required
@require_GET
def page(request: HttpRequest) -> HttpResponse:
    """The reports the person has sent by mail, and those a colleague has sent to them."""
    user = person(request)
    rows = subscriptions_for(user)[:SHOWN]
    if not rows and not policy.scope(user).entities(READ):
        raise Http404
    found = lines(rows, user)
    context = {
        "mine": [line for line in found if line.mine],
        "others": [line for line in found if not line.mine],
    }
    return render(request, "reporting/subscriptions.html", context)


def _wanted(request: HttpRequest) -> Wanted:
    """The report, legal entity and filters of the address; 404 for what the person may not see."""
    entities = entities_for(person(request)).order_by("code")
    code, report = request.GET.get("entity", ""), request.GET.get("report", "")
    entity = (entities.filter(code=code) if code else entities).first()
    if entity is None or report not in (*NAMES, GROUP):
        raise Http404
    try:
        return Wanted(report, entity, {} if report == GROUP else filters_in(request.GET))
    except FieldErrors as wrong:
        raise Http404(str(wrong)) from wrong


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Have the report of the address sent, with its filters."""
    wanted, user = _wanted(request), person(request)
    if request.method == "GET":
        return _draw(request, wanted, SubscriptionForm(entity=wanted.entity, user=user))
    form = SubscriptionForm(request.POST, entity=wanted.entity, user=user)
    return _save(
        request, wanted, form,
        lambda: services.subscribe(wanted=wanted, shape=form.shape(), by=user, at=clock.now()),
    )  # fmt: skip


@login_required
@require_http_methods(["GET", "POST"])
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how one of mine is sent."""
    row, user = _mine(request, pk), person(request)
    wanted = Wanted(row.report, row.entity, row.filters)
    if request.method == "GET":
        form = SubscriptionForm(entity=row.entity, user=user, initial=filled(row))
        return _draw(request, wanted, form, row)
    form = SubscriptionForm(request.POST, entity=row.entity, user=user)
    return _save(
        request, wanted, form,
        lambda: services.change(subscription=row, shape=form.shape(), by=user, at=clock.now()), row,
    )  # fmt: skip


def _save(
    request: HttpRequest, wanted: Wanted, form: SubscriptionForm, save: Callable[[], object],
    row: Subscription | None = None,
) -> HttpResponse:  # fmt: skip
    if form.is_valid():
        try:
            save()
        except FieldErrors as wrong:
            _say_wrong(form, wrong)
        except DomainError as wrong:
            form.add_error(None, ValidationError(str(wrong)))
        else:
            messages.success(request, _("Saved."))
            return redirect("reporting:subscriptions")
    return _draw(request, wanted, form, row, status=422)


def _say_wrong(form: SubscriptionForm, wrong: FieldErrors) -> None:
    for name, sentence in wrong.fields.items():
        known = {"number": "day"}.get(name, name)
        form.add_error(known if known in form.fields else None, ValidationError(sentence))


def _draw(
    request: HttpRequest, wanted: Wanted, form: SubscriptionForm, row: Subscription | None = None, status: int = 200
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "wanted": wanted,
        "title": title_of(wanted.report),
        "filters": Names([wanted.filters], person(request)).words(wanted.filters),
        "form": form,
        "row": row,
    }
    return render(request, "reporting/subscription.html", context, status=status)


def _mine(request: HttpRequest, pk: int) -> Subscription:
    """One of the person's own; 404 for any other, and where they may see no figures any more."""
    rows = Subscription.objects.of(person(request)).select_related("entity")
    return get_object_or_404(rows, pk=pk, entity__in=entities_for(person(request)))


def _own(request: HttpRequest, pk: int) -> tuple[Subscription, User]:
    user = person(request)
    return get_object_or_404(Subscription.objects.of(user), pk=pk), user


@login_required
@require_POST
def pause(request: HttpRequest, pk: int) -> HttpResponse:
    """Send nothing until it goes on."""
    row, user = _own(request, pk)
    services.pause(subscription=row, by=user, at=clock.now())
    messages.success(request, _("Nothing is sent until you let it go on."))
    return redirect("reporting:subscriptions")


@login_required
@require_POST
def go_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Send again, from the next time on."""
    row, user = _own(request, pk)
    services.go_on(subscription=row, by=user, at=clock.now())
    messages.success(request, _("It is sent again from the next time on."))
    return redirect("reporting:subscriptions")


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End it for everybody."""
    row, user = _own(request, pk)
    services.end(subscription=row, by=user, at=clock.now())
    messages.success(request, _("It is not sent any more."))
    return redirect("reporting:subscriptions")


@login_required
@require_POST
def send(request: HttpRequest, pk: int) -> HttpResponse:
    """Send it once more, now."""
    row, user = _own(request, pk)
    sending = services.send_now(subscription=row, by=user, at=clock.now())
    transaction.on_commit(lambda: tasks.send_one.delay(sending.pk), robust=True)
    messages.success(request, _("It is on its way."))
    return redirect("reporting:subscriptions")


def _reader(request: HttpRequest, pk: int) -> SubscriptionReader:
    return get_object_or_404(SubscriptionReader, subscription=pk, user=person(request))


@login_required
@require_POST
def leave(request: HttpRequest, pk: int) -> HttpResponse:
    """Get it no more, whoever sends it."""
    services.leave(reader=_reader(request, pk), at=clock.now())
    messages.success(request, _("You get it no more."))
    return redirect("reporting:subscriptions")


@login_required
@require_POST
def come_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Get it again."""
    services.come_back(reader=_reader(request, pk))
    messages.success(request, _("You get it again."))
    return redirect("reporting:subscriptions")
