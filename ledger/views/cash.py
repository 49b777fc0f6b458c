"""Cash: money on the bank account that waits for a person. Doors only."""

from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction as database
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from ledger import selectors
from ledger.bank import bounce, by_hand, cash, decide, work
from ledger.bank.proposals import chosen
from ledger.models import BankTransaction, Customer, Payment
from ledger.paging import page_by
from ledger.views.common import person
from lib.clock import now
from lib.errors import DomainError
from lib.htmx import is_htmx

Act = Callable[[BankTransaction], BankTransaction]


def _row(request: HttpRequest, pk: int) -> BankTransaction:
    rows = BankTransaction.objects.visible_to(request.user).select_related("entity", "statement")
    return get_object_or_404(rows, pk=pk)


@require_GET
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """What waits, oldest first, and the first of it."""
    first = work.waiting(request.user).order_by("booked_on", "pk").first()
    return _page(request, first)


@require_GET
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What waits, with this one open; one that is decided shows what became of it."""
    return _page(request, _row(request, pk))


def _page(
    request: HttpRequest,
    row: BankTransaction | None,
    *,
    done: BankTransaction | None = None,
    error: str = "",
) -> HttpResponse:
    rows = work.waiting(request.user)
    context = {
        "row": row,
        "options": work.options(row) if row else [],
        "marked": work.marked(row) if row else [],
        "placed": work.placed(row) if row else [],
        "payments": bounce.payments_of(row) if row and row.returned and row.amount < 0 else [],
        "page": page_by(rows, ("booked_on", "id"), request.GET.get("after", "")),
        "totals": work.totals(rows),
        "held": work.held(request.user).count(),
        "may_limit": bool(policy.scope(request.user).entities("ledger.limits")),
        "done": done,
        "error": error,
    }
    template = "ledger/_cash.html" if is_htmx(request) else "ledger/cash.html"
    return render(request, template, context, status=409 if error else 200)


def _decided(request: HttpRequest, pk: int, act: Act) -> HttpResponse:
    """Do it, and show the next one; a rule that says no is shown beside the same one, matched anew."""
    row = _row(request, pk)
    try:
        with database.atomic():
            done = act(row)
    except DomainError as error:
        cash.match_waiting(entity=row.entity, at=now(), beside=row)
        return _page(request, _row(request, pk), error=str(error))
    if not is_htmx(request):
        messages.success(request, _("Done."))
        return redirect("ledger:cash")
    return _page(request, work.next_after(request.user, row.booked_on, row.pk), done=done)


@require_POST
@login_required
def accept(request: HttpRequest, pk: int) -> HttpResponse:
    """Place the money as proposed; `rest` says what becomes of what is missing."""

    def act(row: BankTransaction) -> BankTransaction:
        place = request.POST.get("option", "0")
        proposal = chosen(row.proposal, int(place) if place.isdecimal() else -1)
        rest = request.POST.get("rest") or by_hand.KEEP
        return decide.place(
            transaction=row,
            proposal=by_hand.with_rest(row, proposal, rest),
            dispute=rest == by_hand.DISPUTE,
            dispute_reason=request.POST.get("dispute_reason", "")[:60],
            at=now(),
            by=person(request),
        )

    return _decided(request, pk, act)


@require_POST
@login_required
def allocate(request: HttpRequest, pk: int) -> HttpResponse:
    """Place the money by hand: an amount per invoice of one customer; none keeps it on the account."""

    def act(row: BankTransaction) -> BankTransaction:
        rest = request.POST.get("rest") or by_hand.KEEP
        proposal = by_hand.by_hand(
            transaction=row, customer=_customer(request, row), amounts=_amounts(request), rest=rest
        )
        return decide.place(
            transaction=row,
            proposal=proposal,
            dispute=rest == by_hand.DISPUTE,
            dispute_reason=request.POST.get("dispute_reason", "")[:60],
            at=now(),
            by=person(request),
        )

    return _decided(request, pk, act)


def _customer(request: HttpRequest, row: BankTransaction) -> Customer:
    wanted = request.POST.get("customer", "")
    rows = selectors.customers(request.user).filter(entity_id=row.entity_id)
    return get_object_or_404(rows, pk=wanted if wanted.isdigit() and len(wanted) < 18 else 0)


def _amounts(request: HttpRequest) -> dict[int, Decimal]:
    found = {}
    for name, value in request.POST.items():
        head, _dash, key = name.partition("-")
        if head != "amount" or not key.isdigit() or len(key) > 17 or not str(value).strip():
            continue
        try:
            amount = Decimal(str(value).strip().replace(",", "."))
        except InvalidOperation:
            amount = Decimal("NaN")
        if not amount.is_finite() or not 0 <= amount < Decimal(10) ** 12:
            raise DomainError(
                _("“%(value)s” is not an amount. Write it like 1234.56.") % {"value": str(value)[:30]},
                code="not_an_amount",
            )
        found[int(key)] = amount
    return found


@require_POST
@login_required
def set_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Not from a customer."""
    note = request.POST.get("note", "")

    def act(row: BankTransaction) -> BankTransaction:
        return decide.set_aside(transaction=row, at=now(), by=person(request), note=note)

    return _decided(request, pk, act)


@require_POST
@login_required
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """The bank's return takes this payment back."""
    wanted = request.POST.get("payment", "")
    payments = Payment.objects.visible_to(request.user)
    payment = get_object_or_404(payments, pk=wanted if wanted.isdigit() and len(wanted) < 18 else 0)

    def act(row: BankTransaction) -> BankTransaction:
        return bounce.take_back(row=row, at=now(), by=person(request), payment=payment)

    return _decided(request, pk, act)


@require_POST
@login_required
def reverse_it(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo: the decision is taken back and the movement waits again."""
    row = _row(request, pk)
    try:
        undo(row, request)
    except DomainError as error:
        return _page(request, row, error=str(error))
    cash.match_waiting(entity=row.entity, at=now(), beside=row)
    if not is_htmx(request):
        return redirect(reverse("ledger:cash_one", args=[pk]))
    return _page(request, _row(request, pk))


def undo(row: BankTransaction, request: HttpRequest) -> None:
    """Take back whatever was decided."""
    facts = {"at": now(), "by": person(request), "note": request.POST.get("note", "")}
    if row.payment_return_id:
        bounce.undo(row=row, **facts)  # type: ignore[arg-type]
    else:
        decide.reverse(transaction=row, **facts)  # type: ignore[arg-type]


@require_GET
@login_required
def search(request: HttpRequest, pk: int) -> HttpResponse:
    """Customers to choose from, by name, code or invoice number."""
    row = _row(request, pk)
    text = request.GET.get("q", "")
    context = {"row": row, "text": text, "customers": work.found(request.user, row, text)}
    return render(request, "ledger/_cash_found.html", context)


@require_GET
@login_required
def hand(request: HttpRequest, pk: int, customer: int) -> HttpResponse:
    """The open invoices of one customer, with an amount for each."""
    row = _row(request, pk)
    whose = get_object_or_404(selectors.customers(request.user).filter(entity_id=row.entity_id), pk=customer)
    best = next((one for one in work.options(row) if one.customer.pk == whose.pk), None)
    chosen = {part.paper.pk: part.amount for part in best.parts} if best else {}
    papers = [(paper, chosen.get(paper.pk)) for paper in work.open_papers(whose, row.currency)]
    context = {"row": row, "customer": whose, "papers": papers}
    return render(request, "ledger/_cash_hand.html", context)
