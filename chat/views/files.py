"""The files of messages. Whoever may see the message may see its files, and nobody else."""

from __future__ import annotations

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import User
from chat import selectors
from chat.selectors import Standing
from chat.talk.files import Shown, file_for
from disputes.evidence import drawing, keeping


@login_required
@require_GET
def file(request: HttpRequest, pk: int, seq: int, number: int) -> FileResponse:
    """The file, as a download."""
    return as_download(_find(request, pk, seq, number))


@login_required
@require_GET
def preview(request: HttpRequest, pk: int, seq: int, number: int) -> HttpResponse:
    """The picture drawn from a file, never the file itself."""
    return as_preview(request, _find(request, pk, seq, number))


def as_download(one: Shown) -> FileResponse:
    """The bytes that are kept, never shown in place, never taken for something else. Raises Http404."""
    try:
        content = keeping.open_stored(one.stored_as) if one.stored_as else None
    except OSError as error:
        raise Http404(_("The file is not there any more.")) from error
    if content is None:
        raise Http404(_("This file was erased."))
    answer = FileResponse(content, as_attachment=True, filename=one.name, content_type=one.media_type)
    _shut(answer)
    return answer


def as_preview(request: HttpRequest, one: Shown) -> HttpResponse:
    """The drawn picture; the browser may keep it but asks each time. Raises Http404."""
    etag = f'"{one.sha256[:32]}"'
    if one.stored_as and request.headers.get("If-None-Match") == etag:
        return HttpResponseNotModified()
    picture = drawing.preview_of(one.stored_as, one.media_type) if one.is_drawn else None
    if picture is None:
        raise Http404(_("This file has no preview."))
    answer = HttpResponse(picture, content_type="image/png")
    _shut(answer)
    answer["Cache-Control"], answer["ETag"] = "private, no-cache", etag
    return answer


def _shut(answer: HttpResponse | FileResponse) -> None:
    """Nothing in it runs, and no shared cache keeps it."""
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"


def _find(request: HttpRequest, pk: int, seq: int, number: int) -> Shown:
    place: Standing | None = selectors.standing(cast(User, request.user), pk)
    one = file_for(place, seq, number) if place else None
    if one is None:
        raise Http404
    return one
