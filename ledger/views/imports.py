"""Imports: upload, look, change the mapping, confirm, and what was refused."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.selectors import entities_for
from ledger import tasks
from ledger.choices import BatchStatus
from ledger.forms import MappingForm, UploadForm
from ledger.intake import shown, uploads
from ledger.models import ImportBatch
from ledger.views.common import person
from lib.clock import now
from lib.errors import DomainError
from lib.htmx import go

MOVING = (BatchStatus.RECEIVED, BatchStatus.RUNNING)


def _batch(request: HttpRequest, pk: int) -> ImportBatch:
    rows = ImportBatch.objects.visible_to(request.user).select_related("entity", "by", "profile")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """What was imported, and the place to drop new files."""
    entities = entities_for(request.user, "ledger.import")
    form = UploadForm(request.POST or None, request.FILES or None, entities=entities)
    if request.method == "POST" and form.is_valid():
        batches = [
            uploads.receive(entity=form.cleaned_data["entity"], upload=upload, by=person(request), at=now())
            for upload in form.uploads
        ]
        for batch in batches:
            _preview(batch, now_or_later=uploads.is_small(batch) and len(batches) <= 5)
        one = len(batches) == 1
        return go(
            request, reverse("ledger:import", args=[batches[0].pk]) if one else reverse("ledger:imports")
        )
    rows = (
        ImportBatch.objects.visible_to(request.user)
        .select_related("entity", "by")
        .order_by("-started_at", "-id")
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "entities": entities}
    return render(request, "ledger/imports.html", context, status=422 if form.is_bound else 200)


def _preview(batch: ImportBatch, *, now_or_later: bool, mapping: dict[str, Any] | None = None) -> None:
    """Rehearse at once when it is quick, else in a worker."""
    if now_or_later or mapping is not None:
        uploads.preview(batch_id=batch.pk, at=now(), mapping=mapping)
    else:
        transaction.on_commit(lambda: tasks.preview_import.delay(batch.pk), robust=True)


@require_GET
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: its preview before, its outcome after."""
    return _page(request, _batch(request, pk))


def _page(
    request: HttpRequest, batch: ImportBatch, *, error: str = "", form: MappingForm | None = None
) -> HttpResponse:
    waiting = batch.status in {BatchStatus.PREVIEWED, BatchStatus.UNREADABLE} and bool(batch.stored_as)
    if form is None and waiting and batch.mapping.get("header"):
        form = MappingForm(mapping=batch.mapping)
    context = {
        "batch": batch,
        "form": form,
        "table": shown.table(batch, form) if form else None,
        "notices": shown.notices(batch),
        "reason": shown.reason(batch),
        "rejects": shown.rejects(batch),
        "moving": batch.status in MOVING,
        "waiting": waiting,
        "error": error,
        "progress": uploads.progress_of(batch.pk) if batch.status in MOVING else None,
    }
    status = 409 if error else 422 if form is not None and form.is_bound else 200
    return render(request, "ledger/import.html", context, status=status)


@require_GET
@login_required
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; tells the page to load again when it is over."""
    batch = _batch(request, pk)
    if batch.status not in MOVING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {"batch": batch, "progress": uploads.progress_of(batch.pk)}
    return render(request, "ledger/_import_progress.html", context)


@require_POST
@login_required
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again, with other meanings for the columns."""
    batch = _batch(request, pk)
    form = MappingForm(request.POST, mapping=batch.mapping)
    if not form.is_valid():
        return _page(request, batch, form=form)
    try:
        _preview(batch, now_or_later=True, mapping=form.as_mapping())
    except DomainError as error:
        return _page(request, _batch(request, pk), error=str(error))
    return go(request, reverse("ledger:import", args=[pk]))


@require_POST
@login_required
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the preview showed."""
    batch = _batch(request, pk)
    try:
        uploads.confirm(batch=batch)
    except DomainError as error:
        return _page(request, _batch(request, pk), error=str(error))
    if uploads.is_small(batch):
        uploads.run(batch_id=pk, at=now())
    else:
        transaction.on_commit(lambda: tasks.run_import.delay(pk), robust=True)
    return go(request, reverse("ledger:import", args=[pk]))


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the upload away."""
    batch = _batch(request, pk)
    try:
        uploads.cancel(batch=batch, by=person(request), at=now())
    except DomainError as error:
        return _page(request, _batch(request, pk), error=str(error))
    messages.success(request, _("The upload was put away. Nothing was written."))
    return go(request, reverse("ledger:imports"))


@require_GET
@login_required
def rejects(request: HttpRequest, pk: int) -> HttpResponse:
    """The rows that did not go in: where they stand, what is wrong, what they said."""
    batch = _batch(request, pk)
    page = Paginator(batch.rejects.all(), 50).get_page(request.GET.get("page"))
    title = ngettext("%(count)s rejected row", "%(count)s rejected rows", batch.rejected) % {
        "count": batch.rejected
    }
    context = {"batch": batch, "page": page, "rows": [shown.reject(row) for row in page], "title": title}
    return render(request, "ledger/rejects.html", context)


@require_GET
@login_required
def rejects_csv(request: HttpRequest, pk: int) -> HttpResponseBase:
    """The rejected rows as they came, to be corrected and imported again."""
    return shown.rejects_as_csv(_batch(request, pk))
