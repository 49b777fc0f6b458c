"""Mass disputes: the list with its suggestions, a new one, and one with its children and their decision."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import events, policy
from disputes import clusters, masses, selectors, services
from disputes.errors import FieldErrors
from disputes.forms_case import DecisionForm, MassForm
from disputes.models import Dispute, Mass
from disputes.services import Decided
from disputes.services.massing import MOST
from disputes.views.common import person
from lib import clock
from lib.errors import DomainError

SHOWN = 50


@login_required
@require_GET
def mass_list(request: HttpRequest) -> HttpResponse:
    """The mass disputes, and disputes that look as if they had one cause."""
    user = person(request)
    if not policy.scope(user).wide("dispute.read"):
        raise PermissionDenied
    rows = [(mass, masses.progress(mass.children.all())) for mass in masses.masses_for(user)[:SHOWN]]
    context = {"rows": rows, "clusters": clusters.suggestions(user, clock.now())}
    return render(request, "disputes/mass_list.html", context)


@login_required
@require_http_methods(["GET", "POST"])
def mass_new(request: HttpRequest) -> HttpResponse:
    """Put the disputes named by `?dispute=` (several) under one parent."""
    user = person(request)
    posted = request.POST if request.method == "POST" else request.GET
    wanted = [pk for pk in posted.getlist("dispute") if pk.isdigit()]
    allowed = policy.scope(user).wide("dispute.open")
    if not allowed:
        raise PermissionDenied
    rows = selectors.with_people(selectors.disputes_for(user)).filter(
        pk__in=wanted, entity__in=allowed, closed_at=None, mass=None
    )
    disputes = list(rows.order_by("pk")[:MOST])
    if not disputes:
        raise Http404
    form = MassForm(
        request.POST if request.method == "POST" else None,
        entity_id=disputes[0].entity_id,
        title=request.GET.get("title", "")[:200],
    )
    if request.method == "POST" and form.is_valid():
        mass = _open(request, form, disputes)
        if mass is not None:
            return redirect("disputes:mass", mass.pk)
    context = {"form": form, "disputes": disputes}
    return render(request, "disputes/mass_new.html", context, status=422 if form.errors else 200)


def _open(request: HttpRequest, form: MassForm, disputes: list[Dispute]) -> Mass | None:
    try:
        return services.open_mass(
            entity=disputes[0].entity,
            disputes=disputes,
            by=person(request),
            at=clock.now(),
            **form.cleaned_data,
        )
    except FieldErrors as wrong:
        for name, sentence in wrong.fields.items():
            form.add_error(name if name in form.fields else None, sentence)
    except DomainError as error:
        form.add_error(None, str(error))
    return None


@login_required
@require_http_methods(["GET", "POST"])
def mass_page(request: HttpRequest, pk: int) -> HttpResponse:
    """One mass dispute; posting decides all its open children."""
    user = person(request)
    mass = get_object_or_404(masses.masses_for(user), pk=pk)
    may_decide = policy.may(user, "dispute.decide", mass.entity_id) and mass.is_open
    form = DecisionForm(request.POST if request.method == "POST" else None)
    done: Decided | None = None
    if request.method == "POST" and form.is_valid():
        try:
            done = services.decide_mass(mass=mass, by=user, at=clock.now(), **form.given())
            mass = masses.masses_for(user).get(pk=pk)
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        except DomainError as error:
            form.add_error(None, str(error))
    status = 422 if form.errors else 200
    context = _context(mass, form, done, may_decide=may_decide, user=user)
    return render(request, "disputes/mass.html", context, status=status)


def _context(
    mass: Mass, form: DecisionForm, done: Decided | None, *, may_decide: bool, user: Any
) -> dict[str, Any]:
    children = selectors.with_people(mass.children.all()).select_related("outcome").order_by("pk")
    rows = list(children.prefetch_related("lines__invoice"))
    return {
        "mass": mass,
        "children": rows,
        "progress": masses.progress(rows),
        "form": form,
        "done": done,
        "may_decide": may_decide and mass.is_open,
        "may_detach": mass.is_open and policy.may(user, "dispute.open", mass.entity_id),
        "events": events.timeline("mass", mass.pk).reverse(),
    }


@login_required
@require_POST
def mass_detach(request: HttpRequest, pk: int, dispute_pk: int) -> HttpResponse:
    """Let a child go its own way."""
    mass = get_object_or_404(masses.masses_for(person(request)), pk=pk)
    child = get_object_or_404(mass.children.all(), pk=dispute_pk)
    try:
        services.detach(dispute=child, by=person(request), at=clock.now())
        messages.success(request, _("%(ref)s was detached.") % {"ref": child.ref})
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("disputes:mass", mass.pk)
