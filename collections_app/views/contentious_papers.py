"""The papers of a legal file, as downloads."""

from __future__ import annotations

from typing import IO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.files.storage import default_storage
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.requests import person
from collections_app.contentious import lifecycle
from collections_app.contentious.claim import claim_of
from collections_app.contentious.court import court_file
from collections_app.contentious.notice import paper_of, written
from collections_app.contentious.sheets import interest_sheet
from collections_app.models import LegalFile
from collections_app.services.contentious_pack import hand_over_zip, make_pack
from collections_app.views.contentious import file_of
from collections_app.views.contentious_acts import draft_of
from lib import clock
from lib.errors import DomainError
from mailroom.choices import Channel
from mailroom.paper.press import press
from mailroom.services import sheet_of


def as_paper(data: bytes, name: str) -> HttpResponse:
    """A PDF in the browser."""
    answer = HttpResponse(data, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_GET
def notice_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The formal notice on paper, as it would go."""
    found = file_of(request, pk)
    draft = draft_of(request, found)
    words = written(draft, Channel.POST)
    sheet = sheet_of(entity=found.entity, words=words, paper=paper_of(draft))
    data = press([(found.entity, sheet)], title=words.subject, at=clock.now())
    return as_paper(data, f"{found.ref}-notice.pdf")


@login_required
@require_GET
def court_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The court file as of today; back to the page with the list of what is missing."""
    found = file_of(request, pk)
    try:
        data = court_file(found, claim_of(found, clock.today(found.entity.time_zone)))
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("collections_app:legal_file", pk)
    return as_paper(data, f"{found.ref}-court.pdf")


@login_required
@require_GET
def interest_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """How the interest is reckoned, as of today."""
    found = file_of(request, pk)
    data = interest_sheet(found, claim_of(found, clock.today(found.entity.time_zone)))
    return as_paper(data, f"{found.ref}-interest.pdf")


def as_zip(file: IO[bytes], name: str, root: str, size: int) -> FileResponse:
    """A ZIP as a download, sent piece by piece; its file is gone when it is sent."""
    answer = FileResponse(file, as_attachment=True, filename=name, content_type="application/zip")
    answer["Content-Length"] = str(size)
    answer["X-Pack-Root"] = root
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Cache-Control"] = "private, no-store"
    return answer


def _must(request: HttpRequest, pk: int) -> LegalFile:
    found = file_of(request, pk)
    if not policy.may(request.user, lifecycle.ACT, found.entity_id):
        raise PermissionDenied
    return found


@login_required
@require_POST
def pack(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """Make the evidence pack and send it."""
    on = clock.today(_must(request, pk).entity.time_zone)
    try:
        made = make_pack(file_id=pk, by=person(request), on=on, at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("collections_app:legal_file", pk)
    return as_zip(made.file, made.name, made.root, made.size)


@login_required
@require_POST
def hand_over(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """Make the file for the agency and send it."""
    on = clock.today(_must(request, pk).entity.time_zone)
    try:
        made = hand_over_zip(file_id=pk, by=person(request), on=on, at=clock.now())
    except DomainError as error:
        messages.error(request, str(error))
        return redirect("collections_app:legal_file", pk)
    return as_zip(made.file, made.name, made.root, made.size)


@login_required
@require_GET
def document(request: HttpRequest, pk: int, seq: int) -> FileResponse:
    """The document of a step."""
    return step_document(file_of(request, pk), seq)


def step_document(found: LegalFile, seq: int) -> FileResponse:
    """The stored bytes as a download; 404 without any."""
    step = get_object_or_404(found.steps.exclude(stored_as=""), seq=seq)
    try:
        stream = default_storage.open(step.stored_as, "rb")
    except OSError:
        raise Http404 from None
    answer = FileResponse(
        stream, as_attachment=True, filename=step.name, content_type="application/octet-stream"
    )
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
