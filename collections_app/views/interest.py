"""Late interest on the screen: who owes how much, of which invoices, and how it is reckoned."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts import policy
from accounts.models import LegalEntity
from accounts.requests import person
from collections_app import selectors
from collections_app.choices_interest import RateBasis
from collections_app.forms_interest import TermsForm, WaiveForm, default_until
from collections_app.interest import Fee, Position, by_customer, interest_for, load_book
from collections_app.models import DebitNote, DebitNoteLine, InterestTerms, Waiver, WaiverLine
from ledger.models import Customer, Invoice
from lib import clock
from lib.money import ZERO
from lib.text import fold

BASES = {basis.value: basis.label for basis in RateBasis}
SHOWN = 50
RECENT = 8


def entity_of(request: HttpRequest) -> tuple[LegalEntity, list[LegalEntity]]:
    """The entity of the address, or the person's first, and all they may choose from; 404 without any."""
    mine = list(selectors.entities(request.user))
    code = request.GET.get("entity") or request.POST.get("entity")
    found = [entity for entity in mine if not code or entity.code == code]
    if not found:
        raise Http404
    return found[0], mine


def customer_of(request: HttpRequest, pk: int) -> Customer:
    """A customer whose interest the person may read; 404 otherwise."""
    mine = Customer.objects.filter(policy.rows(request.user, "plan.read"))
    return get_object_or_404(mine.select_related("entity"), pk=pk)


def day_asked(request: HttpRequest, entity: LegalEntity) -> date:
    """The day of the address, never after today; today without one."""
    today = clock.today(entity.time_zone)
    try:
        return min(date.fromisoformat(request.GET.get("on", "")), today)
    except ValueError:
        return today


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """Who owes how much interest, the largest claim first; what disputes suspend stands apart."""
    entity, mine = entity_of(request)
    on, text = day_asked(request, entity), request.GET.get("q", "").strip()
    invoices = Invoice.objects.filter(entity=entity)
    if text:
        invoices = invoices.filter(customer__name_key__contains=fold(text))
    book = load_book()
    rows = by_customer(interest_for(invoices, on, book=book).values())
    home = [row for row in rows if row.currency == entity.currency]
    context = {
        "entity": entity,
        "entities": mine,
        "on": on,
        "text": text,
        "page": Paginator(rows, SHOWN).get_page(request.GET.get("page")),
        "sums": {
            "claimable": sum((row.total for row in home), ZERO),
            "interest": sum((row.interest for row in home), ZERO),
            "fees": sum((row.fees for row in home), ZERO),
            "suspended": sum((row.suspended for row in home), ZERO),
        },
        "foreign": len(rows) - len(home),
        "known": book.known_until(entity.country),
        "provisional": any(row.provisional for row in rows),
        "waiting": Waiver.objects.filter(entity=entity, state="asked").count(),
    }
    return render(request, "collections_app/interest.html", context)


@login_required
@require_GET
def customer(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything one customer owes in interest and costs, claimed or waived from here."""
    found = customer_of(request, pk)
    return render(request, "collections_app/interest_customer.html", customer_page(request, found))


def customer_page(request: HttpRequest, found: Customer) -> dict[str, Any]:
    """What the page of a customer shows."""
    entity, book = found.entity, load_book()
    on = clock.today(entity.time_zone)
    try:
        until = min(date.fromisoformat(request.GET.get("until", "")), on)
    except ValueError:
        until = default_until(on, book.known_until(entity.country))
    positions = interest_for(Invoice.objects.filter(customer=found), on, until=until, book=book)
    may = {
        name: policy.may(request.user, f"interest.{name}", entity.pk) for name in ("claim", "ask", "rates")
    }
    notes = DebitNote.objects.filter(customer=found).select_related("cancels", "cancelled_by")
    waivers = Waiver.objects.filter(customer=found).select_related("asked_by", "decided_by")
    terms = InterestTerms.objects.filter(entity=entity, customer=found).order_by("-since")
    return {
        "customer": found,
        "entity": entity,
        "on": on,
        "until": until,
        "known": book.known_until(entity.country),
        "groups": [_group(currency, rows) for currency, rows in _by_currency(positions.values()).items()],
        "may": may,
        "lines_open": request.GET.get("lines") == "1",
        "waive_form": WaiveForm(auto_id="waive_%s"),
        "notes": list(notes[:RECENT]),
        "waivers": list(waivers[:RECENT]),
        "terms": list(terms),
        "terms_form": TermsForm(initial={"since": on}, auto_id="terms_%s"),
    }


def _by_currency(positions: Any) -> dict[str, list[Position]]:
    groups: dict[str, list[Position]] = {}
    for one in positions:
        groups.setdefault(one.paper.currency, []).append(one)
    return groups


def _group(currency: str, rows: list[Position]) -> dict[str, Any]:
    """The invoices of one currency and their sums."""
    total: Decimal = sum((one.claimable for one in rows), ZERO)
    return {
        "currency": currency,
        "rows": [shown(one) for one in rows],
        "interest": sum((one.interest for one in rows), ZERO),
        "fees": sum((one.fee for one in rows), ZERO),
        "total": total,
        "suspended": sum((one.suspended for one in rows), ZERO),
        "too_much": sum((one.explanation.claimed_too_much for one in rows), ZERO),
        "provisional": any(one.explanation.provisional for one in rows),
    }


def shown(one: Position) -> dict[str, Any]:
    """A position with the words of its rates."""
    told = one.explanation
    tables = {"lines": told.lines, "suspended": told.suspended, "over": told.over}
    return {
        "one": one,
        "paper": one.paper,
        "told": told,
        "seen": f"{one.claimable:.2f}",
        "tables": {
            name: [{"line": line, "basis": BASES[line.basis.value]} for line in lines]
            for name, lines in tables.items()
        },
        "fee_words": one.fee_state.value,
        "fee_suspended": one.fee_state == Fee.SUSPENDED,
    }


def _invoice(request: HttpRequest, pk: int) -> Invoice:
    rows = Invoice.objects.invoices().filter(policy.rows(request.user, "plan.read"))
    return get_object_or_404(rows.select_related("entity", "customer"), pk=pk)


@login_required
@require_GET
def invoice(request: HttpRequest, pk: int) -> HttpResponse:
    """The interest of one invoice, line by line, and what was claimed and waived of it."""
    found = _invoice(request, pk)
    on = day_asked(request, found.entity)
    position = interest_for(Invoice.objects.filter(pk=pk), on).get(pk)
    claimed = DebitNoteLine.objects.filter(invoice=found, note__kind="debit")
    waived = WaiverLine.objects.filter(invoice=found)
    context = {
        "invoice": found,
        "entity": found.entity,
        "on": on,
        "row": shown(position) if position else None,
        "claimed": list(claimed.select_related("note").order_by("-pk")),
        "waived": list(waived.select_related("waiver").order_by("-pk")),
    }
    return render(request, "collections_app/interest_invoice.html", context)


@login_required
@require_GET
def invoice_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of an invoice says about its interest; nothing for who may not read it."""
    mine = get_object_or_404(Invoice.objects.visible_to(request.user).select_related("entity"), pk=pk)
    if mine.kind != "invoice" or not policy.may(request.user, "plan.read", mine.entity_id):
        return HttpResponse("")
    on = clock.today(mine.entity.time_zone)
    position = interest_for(Invoice.objects.filter(pk=pk), on).get(pk)
    if position is None:
        return HttpResponse("")
    context = {"invoice": mine, "one": position, "on": on}
    return render(request, "collections_app/_interest_invoice_panel.html", context)


@login_required
@require_GET
def customer_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """What the page of a customer says about interest; nothing for who may not read it."""
    mine = get_object_or_404(Customer.objects.visible_to(request.user).select_related("entity"), pk=pk)
    if not policy.may(person(request), "plan.read", mine.entity_id):
        return HttpResponse("")
    on = clock.today(mine.entity.time_zone)
    rows = by_customer(interest_for(Invoice.objects.filter(customer=mine), on).values())
    if not rows:
        return HttpResponse("")
    context = {"customer": mine, "rows": rows, "on": on}
    return render(request, "collections_app/_interest_customer_panel.html", context)
