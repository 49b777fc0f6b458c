"""Imports: upload, look, change the mapping, confirm, follow, stop, and take back."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Sum
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.selectors import entities_for
from ledger import tasks
from ledger.choices import BatchStatus
from ledger.forms import MappingForm, UploadForm
from ledger.intake import fixing, running, shown, undo, uploads
from ledger.intake.upload_archive import receive_all
from ledger.models import ImportBatch
from ledger.views.common import person
from lib import formats
from lib.clock import now
from lib.errors import DomainError
from lib.htmx import go

MOVING = (BatchStatus.RECEIVED, BatchStatus.RUNNING)
WRITTEN = (BatchStatus.DONE, BatchStatus.PARTLY)
TABS = ("new", "changed", "unchanged", "rejected")


def batch_of(request: HttpRequest, pk: int) -> ImportBatch:
    """The import, when the person may see it; 404 otherwise."""
    rows = ImportBatch.objects.visible_to(request.user).select_related("entity", "by", "undone_by", "profile")
    return get_object_or_404(rows, pk=pk)


@require_http_methods(["GET", "POST"])
@login_required
def listing(request: HttpRequest) -> HttpResponse:
    """What was imported, and the place to drop new files."""
    entities = entities_for(request.user, "ledger.import")
    form = UploadForm(request.POST or None, request.FILES or None, entities=entities)
    if request.method == "POST" and form.is_valid():
        entity = form.cleaned_data["entity"]
        batches = [
            batch
            for upload in form.uploads
            for batch in receive_all(entity=entity, upload=upload, by=person(request), at=now())
        ]
        for batch in batches:
            if batch.status == BatchStatus.RECEIVED:
                _preview(batch, at_once=len(batches) <= 5)
        one = len(batches) == 1
        return go(
            request, reverse("ledger:import", args=[batches[0].pk]) if one else reverse("ledger:imports")
        )
    rows = (
        ImportBatch.objects.visible_to(request.user)
        .filter(fixes=None)
        .select_related("entity", "by")
        .order_by("-started_at", "-id")
    )
    page = Paginator(rows, 25).get_page(request.GET.get("page"))
    context = {"form": form, "page": page, "entities": entities}
    return render(request, "ledger/imports.html", context, status=422 if form.is_bound else 200)


def _preview(batch: ImportBatch, *, at_once: bool = True) -> None:
    """Rehearse at once when it is quick, else in a worker."""
    if at_once and uploads.is_small(batch):
        uploads.preview(batch_id=batch.pk, at=now())
    else:
        transaction.on_commit(lambda: tasks.preview_import.delay(batch.pk), robust=True)


@require_GET
@login_required
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """One import: its preview before, its outcome after."""
    return _page(request, batch_of(request, pk))


def _page(
    request: HttpRequest, batch: ImportBatch, *, error: str = "", form: MappingForm | None = None
) -> HttpResponse:
    waiting = batch.status in {BatchStatus.PREVIEWED, BatchStatus.UNREADABLE} and bool(batch.stored_as)
    if form is None and waiting and batch.mapping.get("header"):
        form = MappingForm(mapping=batch.mapping, look=batch.preview.get("look", {}))
    tab = _tab(request, batch)
    context = {
        "batch": batch,
        "form": form,
        "table": shown.table(batch, form) if form else None,
        "lacking": shown.lacking(batch) if waiting else [],
        "notices": shown.notices(batch),
        "reason": shown.reason(batch),
        "rejects": shown.rejects(batch),
        "changes": shown.changes(batch),
        "tab": tab,
        "row_tabs": _tabs(batch, tab),
        "samples": shown.samples(batch, tab),
        "moving": batch.status in MOVING,
        "waiting": waiting,
        "written": batch.status in WRITTEN,
        "can_undo": undo.can_undo(batch, now()),
        "can_fix": fixing.can_fix(batch),
        "since": batch.fixed_by.aggregate(
            created=Sum("created"), updated=Sum("updated"), unchanged=Sum("unchanged")
        )
        if batch.status in WRITTEN
        else {},
        "error": error,
        "progress": running.progress_of(batch.pk) if batch.status in MOVING else None,
        "stopping": running.is_stopping(batch.pk) if batch.status in MOVING else False,
    }
    status = 409 if error else 422 if form is not None and form.is_bound else 200
    return render(request, "ledger/import.html", context, status=status)


def _counts(batch: ImportBatch) -> dict[str, int]:
    return dict(zip(TABS, (batch.created, batch.updated, batch.unchanged, batch.rejected), strict=True))


def _tab(request: HttpRequest, batch: ImportBatch) -> str:
    """The tab that is asked for; without one, the first that has something."""
    asked = request.GET.get("show", "")
    counts = _counts(batch)
    return asked if asked in TABS else next((name for name in TABS if counts[name]), "new")


def _tabs(batch: ImportBatch, here: str) -> list[dict[str, Any]]:
    """The tabs of a preview, with their counts."""
    words = dict(zip(TABS, (_("New"), _("Changed"), _("Unchanged"), _("Rejected")), strict=True))
    return [
        {
            "url": f"?show={name}",
            "words": words[name],
            "count": formats.number(Decimal(count), 0),
            "here": name == here,
        }
        for name, count in _counts(batch).items()
    ]


@require_GET
@login_required
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is; tells the page to load again when it is over."""
    batch = batch_of(request, pk)
    if batch.status not in MOVING:
        return HttpResponse(headers={"HX-Refresh": "true"})
    context = {
        "batch": batch,
        "progress": running.progress_of(batch.pk),
        "stopping": running.is_stopping(batch.pk),
    }
    return render(request, "ledger/_import_progress.html", context)


@require_POST
@login_required
def mapping(request: HttpRequest, pk: int) -> HttpResponse:
    """Look again, with other meanings for the columns."""
    batch = batch_of(request, pk)
    form = MappingForm(request.POST, mapping=batch.mapping, look=batch.preview.get("look", {}))
    if not form.is_valid():
        return _page(request, batch, form=form)
    try:
        uploads.look_again(batch=batch, mapping=form.as_mapping())
        _preview(batch)
    except DomainError as error:
        return _page(request, batch_of(request, pk), error=str(error))
    return go(request, reverse("ledger:import", args=[pk]))


@require_POST
@login_required
def confirm(request: HttpRequest, pk: int) -> HttpResponse:
    """Write what the preview showed."""
    batch = batch_of(request, pk)
    try:
        uploads.confirm(batch=batch)
    except DomainError as error:
        return _page(request, batch_of(request, pk), error=str(error))
    if uploads.is_small(batch):
        uploads.run(batch_id=pk, at=now())
    else:
        transaction.on_commit(lambda: tasks.run_import.delay(pk), robust=True)
    return go(request, reverse("ledger:import", args=[pk]))


@require_POST
@login_required
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    """Put the upload away, or stop the import while it runs."""
    batch = batch_of(request, pk)
    try:
        ended = uploads.cancel(batch=batch, by=person(request), at=now())
    except DomainError as error:
        return _page(request, batch_of(request, pk), error=str(error))
    if not ended:
        return go(request, reverse("ledger:import", args=[pk]))
    messages.success(request, _("The upload was put away. Nothing was written."))
    return go(request, reverse("ledger:imports"))


@require_POST
@login_required
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the import."""
    batch = batch_of(request, pk)
    try:
        undo.undo_import(batch=batch, by=person(request), at=now())
    except DomainError as error:
        return _page(request, batch_of(request, pk), error=str(error))
    messages.success(request, _("The import was undone: the books are as they were before it."))
    return go(request, reverse("ledger:import", args=[pk]))
