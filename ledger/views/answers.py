"""The message in which a customer's system answered an invoice, as it came."""

from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger.models import InvoiceAnswer


@require_GET
@login_required
def original(request: HttpRequest, pk: int) -> FileResponse:
    """The message as a download, for who may see the answer."""
    rows = InvoiceAnswer.objects.visible_to(request.user).select_related("batch")
    return as_download(get_object_or_404(rows, pk=pk))


def as_download(answer: InvoiceAnswer) -> FileResponse:
    """The message as a file: never shown in place. Raises Http404."""
    kept = [answer.stored_as, answer.batch.stored_as if answer.batch else ""]
    for stored in filter(None, kept):
        path = Path(settings.MEDIA_ROOT) / stored
        if path.is_file():
            name = f"{answer.standard}-{answer.document_number}.xml".replace("/", "-").replace("\\", "-")
            found = FileResponse(
                path.open("rb"), as_attachment=True, filename=name, content_type="application/xml"
            )
            found["X-Content-Type-Options"] = "nosniff"
            found["Content-Security-Policy"] = "sandbox; default-src 'none'"
            found["Cache-Control"] = "private, no-store"
            return found
    raise Http404(_("The message is not there any more. Import it again to keep it."))
