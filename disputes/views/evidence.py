"""Evidence: adding files, looking at them, taking them home, deciding who sees them, redacting."""

from __future__ import annotations

from typing import Any, TypeVar

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import (
    FileResponse,
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseNotModified,
    JsonResponse,
)
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from disputes import evidence_shown, selectors, services, uploads
from disputes.choices import Via
from disputes.evidence import drawing, keeping
from disputes.evidence.sides import read_key
from disputes.forms_evidence import RedactForm, ShareForm
from disputes.lifecycle import Act
from disputes.models import Evidence
from disputes.views.common import find, person, refused
from disputes.views.sheets import fill
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx

Answer = TypeVar("Answer", HttpResponse, FileResponse)


def find_evidence(request: HttpRequest, pk: int, evidence: int) -> Evidence:
    """The file, or 404 when the person may not see it."""
    return get_object_or_404(selectors.evidence_for(person(request)), pk=evidence, dispute_id=pk)


@login_required
@require_http_methods(["GET", "POST"])
def all_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Every file of the dispute on a page of its own; a POST adds some."""
    if request.method == "POST":
        return add_evidence(request, pk)
    dispute = find(request, pk)
    shown = evidence_shown.panel(dispute, person(request), clock.now(), most=None)
    context = {"dispute": dispute, "panel": shown, "title": _("Evidence")}
    return render(request, "disputes/evidence_list.html", context)


def add_evidence(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep the files that were sent. A script is told file by file in JSON; a form comes back to the page."""
    dispute, files = find(request, pk), request.FILES.getlist("file")[: uploads.MOST_AT_ONCE]
    side, party = read_key(request.POST.get("side", "internal"))
    note = request.POST.get("note", "")
    try:
        results = uploads.take(
            files,
            dispute=dispute,
            by=person(request),
            at=clock.now(),
            via=Via.PAGE,
            note=note,
            side=side,
            party=party,
        )
    except DomainError as error:
        if request.accepts("text/html"):
            return refused(request, pk, error)
        return JsonResponse({"files": [], "error": str(error)}, status=error.status)
    if not request.accepts("text/html"):
        told = [{"name": one.name, "ok": one.error is None, "words": one.outcome} for one in results]
        return JsonResponse({"files": told}, status=200 if any(one["ok"] for one in told) else 422)
    for one in results:
        (messages.error if one.error else messages.success)(request, one.words)
    if not results:
        messages.error(request, _("Choose a file first."))
    return redirect("disputes:detail", pk)


@login_required
@require_GET
def evidence(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """One file: its picture or text, what is known about it, its hash. In a sheet for htmx, else a page."""
    one = find_evidence(request, pk, evidence)
    text = "" if one.is_erased or not drawing.is_text(one.kept_type) else drawing.text_of(one.stored_as)
    acts = selectors.acts_for(one.dispute, person(request))
    context: dict[str, Any] = {
        "one": one,
        "row": evidence_shown.row(one),
        "dispute": one.dispute,
        "title": one.name,
        "text": text,
        "cut": one.kept_size > drawing.MOST_TEXT,
        "may_keep": Act.REDACT_EVIDENCE in acts,
    }
    template = "disputes/_evidence_sheet.html" if is_htmx(request) else "disputes/evidence_page.html"
    return render(request, template, context)


@login_required
@require_GET
def evidence_preview(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """The picture drawn from a file, never the file itself."""
    return as_preview(request, find_evidence(request, pk, evidence))


@login_required
@require_GET
def evidence_file(request: HttpRequest, pk: int, evidence: int) -> FileResponse:
    """The file, as a download."""
    return as_download(find_evidence(request, pk, evidence))


@login_required
@require_http_methods(["GET", "POST"])
def share_evidence(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Decide who sees a file."""
    one = find_evidence(request, pk, evidence)
    form = ShareForm(
        request.POST if request.method == "POST" else None,
        initial={"side": one.audience_key},
        audiences=evidence_shown.audiences(one.dispute, one.party_id),
    )

    def do(form: forms.Form) -> object:
        return services.share_evidence(evidence=one, by=person(request), at=clock.now(), **form.given())  # type: ignore[attr-defined]

    title = _("Who sees %(name)s") % {"name": one.name}
    return fill(request, one.dispute, form, do, title=title, button=_("Save"), said=_("Saved."))


@login_required
@require_http_methods(["GET", "POST"])
def redact_evidence(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """Take the content of a file away, with a reason."""
    one = find_evidence(request, pk, evidence)
    given = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = RedactForm(*given)

    def do(form: forms.Form) -> object:
        return services.redact_evidence(evidence=one, by=person(request), at=clock.now(), **form.given())  # type: ignore[attr-defined]

    title = _("Redact %(name)s") % {"name": one.name}
    return fill(request, one.dispute, form, do, title=title, button=_("Redact"), said=_("Redacted."))


def as_download(one: Evidence) -> FileResponse:
    """The bytes that are kept, never shown in place, never taken for something else. Raises Http404."""
    try:
        content = keeping.open_stored(one.stored_as) if one.stored_as else None
    except OSError as error:
        raise Http404(_("The file is not there any more.")) from error
    if content is None:
        raise Http404(_("This file was erased."))
    answer = FileResponse(content, as_attachment=True, filename=one.name, content_type=one.kept_type)
    return _shut(answer)


def as_preview(request: HttpRequest, one: Evidence) -> HttpResponse:
    """The drawn picture; the browser may keep it but asks each time. Raises Http404."""
    etag = f'"{one.kept_sha256[:32]}"'
    if one.stored_as and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    kind = one.kept_type
    picture = drawing.preview_of(one.stored_as, kind) if one.stored_as and drawing.is_drawn(kind) else None
    if picture is None:
        raise Http404(_("This file has no preview."))
    answer = _shut(HttpResponse(picture, content_type="image/png"))
    answer["Cache-Control"], answer["ETag"] = "private, no-cache", etag
    return answer


def _shut(answer: Answer) -> Answer:
    """Nothing in it runs, and no shared cache keeps it."""
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
