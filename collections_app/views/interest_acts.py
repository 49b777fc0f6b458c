"""Claiming and waiving late interest, debit notes and their PDF, waivers that wait for a second person."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.requests import person
from collections_app.choices_interest import WaiverState
from collections_app.forms_interest import CancelForm, ChosenForm, WaiveForm
from collections_app.interest.paper import as_pdf
from collections_app.models import DebitNote, Waiver
from collections_app.services import debit_notes, waivers
from collections_app.views.interest import customer_of, entity_of
from ledger.models import Customer
from lib import clock, formats
from lib.errors import DomainError

SHOWN = 50
TONES = {"asked": "warn", "granted": "ok", "refused": "bad", "withdrawn": "mute"}
ICONS = {"asked": "clock", "granted": "check", "refused": "x", "withdrawn": "undo-2"}


def _chosen(request: HttpRequest, found: Customer) -> ChosenForm | None:
    """What was chosen on the customer's page; None, with a word, when that is nothing."""
    form = ChosenForm(request.POST)
    if form.is_valid() and form.cleaned_data["invoice"]:
        return form
    messages.error(request, _("Choose at least one invoice."))
    return None


def _back(found: Customer, form: ChosenForm | None = None) -> str:
    url = reverse("collections_app:interest_customer", args=[found.pk])
    return f"{url}?until={form.cleaned_data['until'].isoformat()}" if form else url


@login_required
@require_POST
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """Make a debit note of the chosen invoices."""
    found = customer_of(request, pk)
    if not policy.may(request.user, "interest.claim", found.entity_id):
        raise PermissionDenied
    form = _chosen(request, found)
    if form is None:
        return redirect(_back(found))
    wanted = form.cleaned_data
    try:
        note = debit_notes.issue_note(
            customer=found,
            currency=wanted["currency"],
            until=wanted["until"],
            invoices=wanted["invoice"],
            expected=form.seen(),
            by=person(request),
            on=clock.today(found.entity.time_zone),
            at=clock.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(_back(found, form))
    said = _("%(number)s is made: %(amount)s.")
    messages.success(request, said % {"number": note.ref, "amount": formats.money(note.total, note.currency)})
    return redirect("collections_app:debit_note", note.pk)


@login_required
@require_POST
def waive(request: HttpRequest, pk: int) -> HttpResponse:
    """Give up what the chosen invoices bear, or ask for it."""
    found = customer_of(request, pk)
    if not policy.may(request.user, "interest.ask", found.entity_id):
        raise PermissionDenied
    form, how = _chosen(request, found), WaiveForm(request.POST)
    if form is None:
        return redirect(_back(found))
    if not how.is_valid():
        messages.error(request, _("Say why, and an amount or none."))
        return redirect(_back(found, form))
    on = clock.today(found.entity.time_zone)
    wanted = form.cleaned_data
    chosen = {"customer": found, "currency": wanted["currency"], "until": wanted["until"], "on": on}
    try:
        positions = debit_notes.claimable(**chosen, invoices=wanted["invoice"])
        waiver = waivers.ask_waiver(
            **chosen,
            wishes=waivers.wishes_for(positions, how.cleaned_data["amount"], fees=how.cleaned_data["fees"]),
            reason=how.cleaned_data["reason"],
            by=person(request),
            at=clock.now(),
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect(_back(found, form))
    amount = formats.money(waiver.total, waiver.currency)
    granted = waiver.state == WaiverState.GRANTED
    said = _("%(amount)s is waived.") if granted else _("Asked for: %(amount)s waits for a second person.")
    messages.success(request, said % {"amount": amount})
    return redirect(_back(found, form))


def _note(request: HttpRequest, pk: int) -> DebitNote:
    rows = DebitNote.objects.visible_to(request.user).select_related(
        "entity", "customer", "cancels", "cancelled_by", "issued_by"
    )
    return get_object_or_404(rows, pk=pk)


@login_required
@require_GET
def notes(request: HttpRequest) -> HttpResponse:
    """The debit notes of an entity, newest first, and the documents that cancel some."""
    entity, mine = entity_of(request)
    rows = DebitNote.objects.filter(entity=entity).select_related("customer", "cancels", "cancelled_by")
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    context = {"entity": entity, "entities": mine, "page": page}
    return render(request, "collections_app/debit_notes.html", context)


@login_required
@require_GET
def note(request: HttpRequest, pk: int) -> HttpResponse:
    """One debit note with its lines, as it was issued."""
    found = _note(request, pk)
    standing = found.kind == "debit" and getattr(found, "cancelled_by", None) is None
    context = {
        "note": found,
        "rows": [
            {"line": line, "days": [_days(one) for one in line.explanation]} for line in found.lines.all()
        ],
        "standing": standing,
        "cancelled_by": getattr(found, "cancelled_by", None),
        "may_cancel": standing and policy.may(request.user, "interest.claim", found.entity_id),
        "form": CancelForm(),
    }
    return render(request, "collections_app/debit_note.html", context)


def _days(line: dict[str, Any]) -> dict[str, Any]:
    """A stored line with its days as days."""
    return line | {"first": date.fromisoformat(line["from"]), "last": date.fromisoformat(line["to"])}


@login_required
@require_GET
def note_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The document, in the customer's language or the one asked for."""
    found = _note(request, pk)
    answer = HttpResponse(as_pdf(found, request.GET.get("language", "")), content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{found.ref}.pdf"'
    return answer


@login_required
@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Cancel a debit note with a document of its own."""
    found = _note(request, pk)
    if not policy.may(request.user, "interest.claim", found.entity_id):
        raise PermissionDenied
    form = CancelForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say why the debit note is cancelled."))
        return redirect("collections_app:debit_note", pk)
    on = clock.today(found.entity.time_zone)
    try:
        counter = debit_notes.cancel_note(
            note_id=pk, reason=form.cleaned_data["reason"], by=person(request), on=on, at=clock.now()
        )
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("collections_app:debit_note", pk)
    messages.success(request, _("%(number)s cancels it.") % {"number": counter.ref})
    return redirect("collections_app:debit_note", counter.pk)


@login_required
@require_GET
def waiver_list(request: HttpRequest) -> HttpResponse:
    """The waivers of an entity: those that wait first shown."""
    entity, mine = entity_of(request)
    wanted = request.GET.get("state", WaiverState.ASKED)
    state = wanted if wanted in WaiverState.values else WaiverState.ASKED
    rows = Waiver.objects.filter(entity=entity, state=state)
    rows = rows.select_related("entity", "customer", "asked_by", "decided_by").prefetch_related(
        "lines__invoice"
    )
    page = Paginator(rows, SHOWN).get_page(request.GET.get("page"))
    on = clock.today(entity.time_zone)
    tabs = [
        {"url": f"?entity={entity.code}&state={s.value}", "words": s.label, "count": None, "here": s == state}
        for s in WaiverState
    ]
    context = {
        "entity": entity,
        "entities": mine,
        "page": page,
        "states": tabs,
        "rows": [_waiver_row(request, row, on) for row in page],
    }
    return render(request, "collections_app/waivers.html", context)


def _waiver_row(request: HttpRequest, row: Waiver, on: Any) -> dict[str, Any]:
    mine = row.asked_by_id == person(request).pk
    waits = row.state == WaiverState.ASKED
    return {
        "waiver": row,
        "tone": TONES[row.state],
        "icon": ICONS[row.state],
        "may_decide": waits and not mine and waivers.may_decide(row, person(request), on),
        "may_withdraw": waits and mine,
    }


@login_required
@require_POST
def waiver_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Say yes or no to a waiver, or take back one's own."""
    row = get_object_or_404(Waiver.objects.visible_to(request.user).select_related("entity"), pk=pk)
    answer, by = request.POST.get("answer", ""), person(request)
    on, at = clock.today(row.entity.time_zone), clock.now()
    try:
        if answer == "withdraw":
            waivers.withdraw_waiver(waiver_id=pk, by=by, on=on, at=at)
        elif answer in ("yes", "no"):
            note = request.POST.get("note", "")
            waivers.decide_waiver(waiver_id=pk, yes=answer == "yes", by=by, on=on, at=at, note=note)
    except DomainError as error:
        messages.error(request, str(error))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Done."))
    return redirect(f"{reverse('collections_app:waivers')}?entity={row.entity.code}")
