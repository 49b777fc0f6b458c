"""The rates late interest is reckoned with, what contracts say, and the habits of an entity."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import person
from collections_app.choices_interest import RateKind
from collections_app.forms_interest import HabitsForm, RatesForm, TermsForm
from collections_app.interest.facts import settings_of
from collections_app.interest.rates import RateRow, known_rates
from collections_app.models import InterestTerms
from collections_app.services import interest_rates, interest_terms
from collections_app.views.interest import customer_of, entity_of
from ledger.models import Customer
from lib import clock
from lib.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def rates(request: HttpRequest) -> HttpResponse:
    """What is known, from which day, from where; and a file of new ones."""
    scope = policy.scope(request.user)
    entity, mine = entity_of(request)
    form, taken = RatesForm(), None
    if request.method == "POST":
        if not scope.entities("interest.rates"):
            raise PermissionDenied
        form = RatesForm(request.POST, request.FILES)
        taken = _taken(request, form) if form.is_valid() else None
    context = {
        "entity": entity,
        "entities": mine,
        "groups": _groups(known_rates()),
        "form": form,
        "taken": taken,
        "may_import": bool(scope.entities("interest.rates")),
    }
    return render(request, "collections_app/interest_rates.html", context, status=422 if form.errors else 200)


def _taken(request: HttpRequest, form: RatesForm) -> interest_rates.Taken | None:
    upload = form.cleaned_data["upload"]
    try:
        return interest_rates.import_rates(
            content=upload.read(), name=upload.name, by=person(request), at=clock.now()
        )
    except DomainError as error:
        form.add_error("upload", str(error))
        return None


def _groups(rows: list[RateRow]) -> list[dict[str, Any]]:
    """The rates by what they say and where, the newest first."""
    groups: dict[tuple[str, str, str], list[RateRow]] = {}
    for row in rows:
        groups.setdefault(row.key, []).append(row)
    return [
        {"words": RateKind(kind).label, "country": country, "currency": currency, "rows": found[::-1]}
        for (kind, country, currency), found in sorted(groups.items(), key=_order)
    ]


def _order(group: tuple[tuple[str, str, str], list[RateRow]]) -> tuple[int, str, str]:
    (kind, country, currency), _rows = group
    return RateKind.values.index(kind), country, currency


@login_required
@require_http_methods(["GET", "POST"])
def habits(request: HttpRequest) -> HttpResponse:
    """From when the entity charges, what its reminders say, how its debit notes are made, and its own terms."""
    entity, mine = entity_of(request)
    row = settings_of(entity.pk)
    names = ("charge_from", "in_letters", "payment_days", "minimum")
    form = HabitsForm(request.POST or None, initial={name: getattr(row, name) for name in names})
    may = policy.may(request.user, "interest.rates", entity.pk)
    if request.method == "POST":
        if not may:
            raise PermissionDenied
        if form.is_valid():
            interest_terms.set_habits(entity=entity, by=person(request), at=clock.now(), **form.cleaned_data)
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('collections_app:interest_settings')}?entity={entity.code}")
    on = clock.today(entity.time_zone)
    context = {
        "entity": entity,
        "entities": mine,
        "form": form,
        "may_change": may,
        "terms": list(InterestTerms.objects.filter(entity=entity, customer=None).order_by("-since")),
        "terms_form": TermsForm(initial={"since": on}, auto_id="terms_%s"),
    }
    return render(
        request, "collections_app/interest_settings.html", context, status=422 if form.is_bound else 200
    )


@login_required
@require_POST
def house_terms(request: HttpRequest) -> HttpResponse:
    """What counts for all customers of an entity from a day on."""
    entity, _mine = entity_of(request)
    _set_terms(request, entity, None)
    return redirect(f"{reverse('collections_app:interest_settings')}?entity={entity.code}")


@login_required
@require_POST
def customer_terms(request: HttpRequest, pk: int) -> HttpResponse:
    """What counts for one customer from a day on."""
    found = customer_of(request, pk)
    _set_terms(request, found.entity, found)
    return redirect("collections_app:interest_customer", pk)


def _set_terms(request: HttpRequest, entity: LegalEntity, customer: Customer | None) -> None:
    if not policy.may(request.user, "interest.rates", entity.pk):
        raise PermissionDenied
    form = TermsForm(request.POST)
    if not form.is_valid():
        sentences = [sentence for errors in form.errors.values() for sentence in errors]
        messages.error(request, " ".join(map(str, sentences)))
        return
    try:
        interest_terms.set_terms(
            entity=entity, customer=customer, by=person(request), at=clock.now(), **form.cleaned_data
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return
    messages.success(request, _("Saved. It counts for the days from then on."))
