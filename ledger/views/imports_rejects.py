"""The rows that did not go in: listed, downloaded, corrected on the page and brought again."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ledger.intake import fixing, shown
from ledger.models import ImportBatch
from ledger.views.common import person
from ledger.views.imports import batch_of
from lib.clock import now
from lib.errors import DomainError
from lib.htmx import go, is_htmx


@require_GET
@login_required
def rejects(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that did not go in: where they stand, what is wrong, what they said."""
    return _page(request, batch_of(request, pk))


def _page(request: HttpRequest, batch: ImportBatch, error: str = "") -> HttpResponse:
    page = Paginator(batch.rejects.all(), 50).get_page(request.GET.get("page"))
    title = ngettext("%(count)s rejected row", "%(count)s rejected rows", batch.rejected) % {
        "count": batch.rejected
    }
    context = {
        "batch": batch,
        "page": page,
        "rows": [shown.reject(row) for row in page],
        "title": title,
        "can_fix": fixing.can_fix(batch),
        "error": error,
    }
    return render(request, "ledger/rejects.html", context, status=409 if error else 200)


@require_POST
@login_required
def fix(request: HttpRequest, pk: int, reject_pk: int) -> HttpResponse:
    """Bring one row again with the cells of the form; a good one leaves the list."""
    batch = batch_of(request, pk)
    row = get_object_or_404(batch.rejects, pk=reject_pk)
    cells = [request.POST.get(f"cell_{place}", "") for place in range(len(row.raw))]
    error = ""
    try:
        done = fixing.fix_rows(batch=batch, cells={reject_pk: cells}, by=person(request), at=now())
    except DomainError as refused:
        error = str(refused)
        if not is_htmx(request):
            return _page(request, batch, error)
        done = fixing.Fixed(0, [])
    if not is_htmx(request):
        if done.fixed:
            messages.success(request, _("The row is in."))
        return go(request, reverse("ledger:import_rejects", args=[pk]))
    batch.refresh_from_db()
    again = None if done.fixed else shown.reject(done.left[0] if done.left else row)
    context = {"batch": batch, "row": again, "error": error, "can_fix": True, "opened": True}
    return render(request, "ledger/_reject.html", context, status=200 if done.fixed else 422)


@require_GET
@login_required
def rejects_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rejected rows as they came, to be corrected and imported again."""
    return shown.rejects_as_csv(batch_of(request, pk))
