"""The pages of paper: what waits to be printed, the batches, and the PDF of one letter."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import LegalEntity, User
from lib import clock
from lib.errors import DomainError
from mailroom import selectors, services
from mailroom.choices import Channel
from mailroom.models import PrintBatch

LONGEST_NOTE = 200


def _pdf(data: bytes, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"},
    )


@login_required
@require_GET
def batches(request: HttpRequest) -> HttpResponse:
    """What waits in each entity's tray, and the batches, newest first."""
    if not policy.scope(request.user).entities("letter.read"):
        raise Http404
    may = policy.scope(request.user).entities("letter.print")
    trays = [
        {"entity": entity, "count": count, "may": entity.pk in may}
        for entity, count in selectors.trays(request.user)
    ]
    page = selectors.batch_page(request.user, before=request.GET.get("before"))
    return render(request, "mailroom/batches.html", {"trays": trays, "page": page})


@login_required
@require_GET
def batch(request: HttpRequest, pk: int) -> HttpResponse:
    """One batch and its letters."""
    found = get_object_or_404(selectors.batches(request.user), pk=pk)
    context = {
        "batch": found,
        "letters": found.letters.order_by("pk").defer("body_text", "body_html", "paper"),
        "may": policy.may(request.user, "letter.print", found.entity_id),
    }
    return render(request, "mailroom/batch.html", context)


@login_required
@require_POST
def make(request: HttpRequest) -> HttpResponse:
    """Put what waits in an entity's tray into a new batch."""
    entities = LegalEntity.objects.filter(pk__in=policy.scope(request.user).entities("letter.read"))
    entity = get_object_or_404(entities, code=request.POST.get("entity", ""))
    if not policy.may(request.user, "letter.print", entity.pk):
        raise PermissionDenied
    try:
        made = services.make_batch(entity=entity, by=cast(User, request.user), at=clock.now())
    except DomainError as error:
        messages.info(request, str(error))
        return redirect("mailroom:batches")
    services.pdf_of_batch(batch=made)
    messages.success(request, _("The batch is made: download it, print it, and say when it is posted."))
    return redirect("mailroom:batch", made.pk)


def _mine(request: HttpRequest, pk: int) -> PrintBatch:
    found = get_object_or_404(selectors.batches(request.user), pk=pk)
    if not policy.may(request.user, "letter.print", found.entity_id):
        raise PermissionDenied
    return found


@login_required
@require_GET
def batch_file(request: HttpRequest, pk: int) -> HttpResponse:
    """The batch to print."""
    found = _mine(request, pk)
    return _pdf(services.pdf_of_batch(batch=found), f"{found.entity.code}-{found.number:05d}.pdf")


@login_required
@require_POST
def posted(request: HttpRequest, pk: int) -> HttpResponse:
    """The batch was handed to the post."""
    found = _mine(request, pk)
    try:
        services.mark_posted(batch=found, by=cast(User, request.user), at=clock.now())
        messages.success(request, _("The batch is marked as posted."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("mailroom:batch", pk)


@login_required
@require_GET
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter on paper."""
    found = get_object_or_404(selectors.letters(request.user), pk=pk)
    if not found.paper:
        raise Http404
    return _pdf(services.pdf_of(found), f"{found.entity.code}-{found.pk}.pdf")


@login_required
@require_POST
def returned(request: HttpRequest, pk: int) -> HttpResponse:
    """The post brought a letter back."""
    found = get_object_or_404(selectors.letters(request.user), pk=pk)
    if not policy.may(request.user, "letter.print", found.entity_id):
        raise PermissionDenied
    if found.channel != Channel.POST:
        raise Http404
    note = request.POST.get("note", "")[:LONGEST_NOTE]
    services.return_letter(letter=found, detail=note, by=cast(User, request.user), at=clock.now())
    messages.success(request, _("The letter is marked as come back."))
    return redirect("mailroom:letter", pk)
