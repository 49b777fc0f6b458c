"""The addresses that do not work: a task for whoever knows the customer."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import User
from collections_app import selectors
from ledger import services as ledger
from ledger.models import Contact, Customer
from lib import clock
from lib.phones import mobile
from mailroom.envelope import usable
from mailroom.paper.address import lines_of, whole

MOST_FAILED = 50
PAGE = 50


@login_required
@require_GET
def addresses(request: HttpRequest) -> HttpResponse:
    """Contacts whose mail came back, and customers a reminder could not reach."""
    scope = policy.scope(request.user)
    if not scope.entities("ledger.read"):
        raise Http404
    may = scope.entities("ledger.write")
    page = Paginator(selectors.addresses_to_correct(request.user), PAGE).get_page(request.GET.get("page"))
    failed = selectors.without_address(request.user)[:MOST_FAILED] if scope.entities("plan.read") else []
    context = {
        "page": page,
        "rows": [{"contact": one, "may": one.customer.entity_id in may} for one in page],
        "failed": [{"notice": one, "may": one.entity_id in may} for one in failed],
    }
    return render(request, "collections_app/addresses.html", context)


@login_required
@require_POST
def correct_address(request: HttpRequest, pk: int) -> HttpResponse:
    """Another address for the contact; the flag goes with the old one."""
    contact = get_object_or_404(selectors.addresses_to_correct(request.user), pk=pk)
    if not policy.may(request.user, "ledger.write", contact.customer.entity_id):
        raise PermissionDenied
    email = request.POST.get("email", "").strip()
    if not usable(email) or email.lower() == contact.email.lower():
        messages.error(request, _("Write another, whole e-mail address."))
    else:
        ledger.change_contact(contact=contact, email=email)
        messages.success(request, _("The address is corrected: the next reminder goes there."))
    return redirect("collections_app:addresses")


@login_required
@require_POST
def complete_address(request: HttpRequest, pk: int) -> HttpResponse:
    """What a reminder's channel lacked: a street, a mobile number or an e-mail address."""
    customer = get_object_or_404(Customer.objects.visible_to(request.user).select_related("entity"), pk=pk)
    if not policy.may(request.user, "ledger.write", customer.entity_id):
        raise PermissionDenied
    given = {name: request.POST.get(name, "").strip() for name in ("address", "phone", "email")}
    wrong = _complete(customer, cast(User, request.user), **given)
    if wrong:
        messages.error(request, wrong)
    else:
        messages.success(request, _("The address is completed: the next reminder uses it."))
    return redirect("collections_app:addresses")


def _complete(customer: Customer, by: User, *, address: str, phone: str, email: str) -> str:
    """Keep what is given; a sentence when it cannot be used."""
    home = customer.entity.country
    if address:
        postal = lines_of(
            name=customer.name, attention="", address=address, country=customer.country, home=home
        )
        if not whole(postal):
            return _("Write the street, and the postcode with the town, each on a line of its own.")
        ledger.record_customer(
            entity=customer.entity,
            code=customer.code,
            name=customer.name,
            at=clock.now(),
            by=by,
            address=address,
        )
        return ""
    contact = Contact.objects.filter(customer=customer).order_by("-is_billing", "pk").first()
    if phone:
        if not mobile(phone, customer.country or home):
            return _("Write a mobile number, with its country when it is abroad.")
        changed = {"phone": phone}
    elif usable(email):
        changed = {"email": email}
    else:
        return _("Write another, whole e-mail address.")
    if contact is None:
        ledger.record_contact(customer=customer, name=customer.name[:150], is_billing=True, **changed)
    else:
        ledger.change_contact(contact=contact, **changed)
    return ""
