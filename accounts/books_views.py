"""The page of the administrators about the books: the last check, what it found, the ones before, and a new one."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import checking, policy, tasks
from accounts.models import BooksCheck, User
from lib import books, clock
from lib.htmx import go

HISTORY = 20


def _admin(request: HttpRequest) -> User:
    """The administrator who asks; for anybody else there is no such page."""
    if not policy.scope(request.user).entities("admin"):
        raise Http404
    return cast(User, request.user)


@require_GET
@login_required
def page(request: HttpRequest) -> HttpResponse:
    """The last check and the ones before."""
    return _show(request, _admin(request), checking.latest())


@require_GET
@login_required
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """An earlier check."""
    person = _admin(request)
    return _show(request, person, get_object_or_404(BooksCheck, pk=pk, finished_at__isnull=False))


@require_GET
@login_required
def state(request: HttpRequest) -> HttpResponse:
    """Whether a check is under way; tells the page to load again when it is over."""
    _admin(request)
    asked = BooksCheck.objects.filter(finished_at=None).first()
    if asked is None:
        return HttpResponse(headers={"HX-Refresh": "true"})
    return render(request, "accounts/_books_running.html", {"asked": asked})


@require_POST
@login_required
def check(request: HttpRequest) -> HttpResponse:
    """Ask for a check; a worker makes it."""
    asked = checking.ask_for_check(at=clock.now(), by=_admin(request))
    transaction.on_commit(lambda: tasks.check_books.delay(asked.pk), robust=True)
    messages.success(request, _("The books are being checked."))
    return go(request, reverse("accounts:books"))


def _show(request: HttpRequest, person: User, shown: BooksCheck | None) -> HttpResponse:
    rows = checking.shown_to(person, shown) if shown else []
    found = Paginator(rows, 50).get_page(request.GET.get("page"))
    earlier = list(
        BooksCheck.objects.filter(finished_at__isnull=False)
        .select_related("asked_by")
        .defer("findings")
        .order_by("-finished_at", "-pk")[:HISTORY]
    )
    context = {
        "shown": shown,
        "found": found,
        "number": checking.found_for(person, shown) if shown else 0,
        "rows": [_row(row) for row in found],
        "earlier": [(row, checking.found_for(person, row)) for row in earlier],
        "asked": BooksCheck.objects.filter(finished_at=None).first(),
        "checks": [books.CHECKS[code] for code in sorted(books.CHECKS)],
    }
    return render(request, "accounts/books.html", context)


def _row(finding: dict[str, Any]) -> dict[str, Any]:
    """A finding with its words and its page, as far as they are known (still)."""
    known = books.CHECKS.get(finding["code"])
    kind = books.KINDS.get(finding["kind"])
    page_kind, page_pk = finding["page"]
    return finding | {
        "words": known.words if known else finding["code"],
        "kind_words": kind.words if kind else finding["kind"],
        "url": books.page_of(page_kind, page_pk),
    }
