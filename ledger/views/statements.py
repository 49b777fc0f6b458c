"""Bank statements: the list, one of them, and the decision about one that does not balance."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from ledger.bank import cash, held
from ledger.choices import StatementStatus
from ledger.intake.sentences import sentence
from ledger.models import BankStatement
from ledger.views.common import person
from lib.clock import now
from lib.errors import DomainError

PAGE = 25
ENTRIES = 100
WAITING = Count("transactions", filter=Q(transactions__status__in=["proposed", "unmatched"]))


def _row(request: HttpRequest, pk: int) -> BankStatement:
    rows = BankStatement.objects.visible_to(request.user).select_related("entity", "batch", "decided_by")
    return get_object_or_404(rows, pk=pk)


@require_GET
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """The statements, newest first."""
    state = request.GET.get("state", "")
    rows = BankStatement.objects.visible_to(request.user).select_related("entity").annotate(waiting=WAITING)
    if state in StatementStatus.values:
        rows = rows.filter(status=state)
    page = Paginator(rows.order_by("-recorded_at", "-id"), PAGE).get_page(request.GET.get("page"))
    return render(request, "ledger/statements.html", {"page": page, "state": state})


@require_GET
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One statement: its figures, its entries and what became of each."""
    return _page(request, _row(request, pk))


def _page(request: HttpRequest, row: BankStatement, error: str = "") -> HttpResponse:
    entries = row.transactions.select_related("payment__customer").order_by("entry", "part")
    context = {
        "statement": row,
        "why": sentence(row.held_for, row.held_facts) if row.held_for else "",
        "page": Paginator(entries, ENTRIES).get_page(request.GET.get("page")),
        "error": error,
    }
    return render(request, "ledger/statement.html", context, status=409 if error else 200)


@require_POST
@login_required
def book(request: HttpRequest, pk: int) -> HttpResponse:
    """Book a statement that does not balance all the same."""
    row = _row(request, pk)
    note = request.POST.get("note", "").strip()
    if len(note) < 3:
        return _page(request, row, _("Say in a few words why it may be booked as it is."))
    try:
        with transaction.atomic():
            book_and_match(row, person(request), note)
    except DomainError as error:
        return _page(request, row, str(error))
    messages.success(request, _("The statement is booked."))
    return redirect("ledger:statement", pk)


def book_and_match(row: BankStatement, by: User, note: str) -> None:
    """Book the statement as it is, then match its movements."""
    moment = now()
    held.book_held(statement=row, at=moment, by=by, note=note)
    cash.match_new(entity=row.entity, at=moment)


@require_POST
@login_required
def dismiss(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a statement that does not balance aside."""
    row = _row(request, pk)
    try:
        held.dismiss(statement=row, at=now(), by=person(request), note=request.POST.get("note", ""))
    except DomainError as error:
        return _page(request, row, str(error))
    messages.success(request, _("The statement is put aside. Nothing of it was booked."))
    return redirect("ledger:statement", pk)
