"""What keeps reminders back: promises and holds, on the customer's page and in a list."""

from __future__ import annotations

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import User
from collections_app import selectors
from collections_app.choices import PromiseStatus
from collections_app.forms import HoldForm, PromiseForm
from collections_app.models import Hold
from collections_app.services import holds, promises
from ledger.models import Customer
from lib import clock
from lib.errors import DomainError

TONES = {"made": "info", "kept": "ok", "broken": "bad", "replaced": "mute"}
ICONS = {"made": "handshake", "kept": "check", "broken": "triangle-alert", "replaced": "undo-2"}


def _customer(request: HttpRequest, pk: int) -> Customer:
    return get_object_or_404(Customer.objects.visible_to(request.user).select_related("entity"), pk=pk)


def _rows(found: Any) -> list[dict[str, Any]]:
    return [{"promise": row, "tone": TONES[row.status], "icon": ICONS[row.status]} for row in found]


@login_required
@require_GET
def promise_list(request: HttpRequest) -> HttpResponse:
    """The promises of the person's customers: those running first shown, by day."""
    if not policy.scope(request.user).entities("ledger.read"):
        raise Http404
    wanted = request.GET.get("status", PromiseStatus.MADE)
    status = wanted if wanted in PromiseStatus.values else PromiseStatus.MADE
    tabs = [
        {"url": f"?status={s.value}", "words": s.label, "count": None, "here": s == status}
        for s in PromiseStatus
    ]
    page = Paginator(selectors.promises(request.user).filter(status=status), 50).get_page(
        request.GET.get("page")
    )
    return render(
        request, "collections_app/promises.html", {"page": page, "rows": _rows(page), "states": tabs}
    )


def _context(
    request: HttpRequest, customer: Customer, form: PromiseForm | None, error: str = ""
) -> dict[str, Any]:
    """Everything the promises of a customer show; the form only for who may fill it."""
    on = clock.today(customer.entity.time_zone)
    invoices = selectors.open_invoices(customer)
    if form is None:
        form = PromiseForm(initial={"promised_on": on})
        form.fields["invoice"].queryset = invoices  # type: ignore[attr-defined]
    return {
        "customer": customer,
        "rows": _rows(
            selectors.promises(request.user).filter(customer=customer).order_by("-promised_on", "-pk")[:50]
        ),
        "form": form,
        "hold_form": HoldForm(auto_id="hold_%s"),
        "holds": list(selectors.holds(customer, on)),
        "error": error,
        "has_open": invoices.exists(),
        "may_promise": policy.may(request.user, "promise.make", customer.entity_id),
        "may_hold": policy.may(request.user, "plan.run", customer.entity_id),
    }


@login_required
@require_http_methods(["GET", "POST"])
def customer_promises(request: HttpRequest, pk: int) -> HttpResponse:
    """A customer's promises, and the form to note one down."""
    customer = _customer(request, pk)
    if request.method == "GET":
        return render(request, "collections_app/customer.html", _context(request, customer, None))
    if not policy.may(request.user, "promise.make", customer.entity_id):
        raise PermissionDenied
    form = PromiseForm(request.POST)
    form.fields["invoice"].queryset = selectors.open_invoices(customer)  # type: ignore[attr-defined]
    error = "" if not form.is_valid() else _promise(request, customer, form)
    if form.is_valid() and not error:
        messages.success(request, _("The promise is noted: this part is not asked for until its day."))
        return redirect("collections_app:customer_promises", pk)
    context = _context(request, customer, form, error)
    return render(request, "collections_app/customer.html", context, status=422)


def _promise(request: HttpRequest, customer: Customer, form: PromiseForm) -> str:
    """Make the promise; the sentence of the refusal, empty when it was made."""
    on, at = clock.today(customer.entity.time_zone), clock.now()
    try:
        promises.make_promise(by=cast(User, request.user), on=on, at=at, **form.cleaned_data)
    except DomainError as error:
        return str(error)
    return ""


@login_required
@require_GET
def customer_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What collecting says about a customer, as a part of their page."""
    customer = _customer(request, pk)
    context = _context(request, customer, None)
    may_read = policy.may(request.user, "plan.read", customer.entity_id)
    notices = (
        selectors.notices(request.user).filter(customer=customer).order_by("-pk")[:3] if may_read else []
    )
    return render(request, "collections_app/_panel.html", {**context, "notices": list(notices)})


@login_required
@require_POST
def hold(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop the customer's reminders."""
    customer = _customer(request, pk)
    if not policy.may(request.user, "plan.run", customer.entity_id):
        raise PermissionDenied
    form = HoldForm(request.POST)
    on, at = clock.today(customer.entity.time_zone), clock.now()
    if not form.is_valid():
        messages.error(request, _("Say why the reminders stop."))
        return redirect("collections_app:customer_promises", pk)
    try:
        holds.set_hold(customer=customer, by=cast(User, request.user), on=on, at=at, **form.cleaned_data)
        messages.success(request, _("The reminders to this customer are stopped."))
    except DomainError as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("collections_app:customer_promises", pk)


@login_required
@require_POST
def lift(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the reminders go on."""
    mine = Customer.objects.visible_to(request.user)
    found = get_object_or_404(Hold.objects.filter(customer__in=mine), pk=pk)
    if not policy.may(request.user, "plan.run", found.entity_id):
        raise PermissionDenied
    holds.lift_hold(hold=found, by=cast(User, request.user), at=clock.now())
    messages.success(request, _("The reminders go on from the next run."))
    return redirect("collections_app:customer_promises", found.customer_id)
