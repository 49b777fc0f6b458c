"""The evidence pack of a dispute, taken home."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from disputes import selectors, services
from disputes.evidence.pack.build import Pack
from disputes.lifecycle import Act
from disputes.views.common import find, person
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx


@login_required
@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, pk: int) -> HttpResponse | FileResponse:
    """What a pack is, with its button; a POST makes one and sends it."""
    dispute, user = find(request, pk), person(request)
    if request.method == "POST":
        try:
            return as_zip(services.make_pack(dispute=dispute, by=user, at=clock.now()))
        except DomainError as error:
            messages.error(request, str(error))
            return redirect("disputes:detail", pk)
    context = {
        "dispute": dispute,
        "title": _("Evidence pack"),
        "may_pack": Act.MAKE_PACK in selectors.acts_for(dispute, user),
        "made": selectors.timeline(dispute, user).filter(kind="pack.made").reverse()[:5],
    }
    template = "disputes/_pack_sheet.html" if is_htmx(request) else "disputes/pack_page.html"
    return render(request, template, context)


def as_zip(made: Pack) -> FileResponse:
    """The pack as a download, sent piece by piece; its file is gone when it is sent."""
    answer = FileResponse(made.file, as_attachment=True, filename=made.name, content_type="application/zip")
    answer["Content-Length"] = str(made.size)
    answer["X-Pack-Root"] = made.root
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
