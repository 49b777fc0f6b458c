"""The documents of an invoice, to be taken home."""

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from ledger import selectors
from ledger.intake.files import path_of
from ledger.models import InvoiceFile


@require_GET
@login_required
def download(request: HttpRequest, pk: int, file: int) -> FileResponse:
    """A file of an invoice that the person may see."""
    rows = InvoiceFile.objects.filter(invoice__in=selectors.documents(request.user), invoice_id=pk)
    return as_download(get_object_or_404(rows, pk=file))


def as_download(file: InvoiceFile) -> FileResponse:
    """The file as a download: never shown in place, never taken for something else. Raises Http404."""
    try:
        content = path_of(file).open("rb")
    except OSError as error:
        raise Http404(_("The file is not there any more. Import the document again to keep it.")) from error
    answer = FileResponse(content, as_attachment=True, filename=file.name, content_type=file.media_type)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    answer["Cache-Control"] = "private, no-store"
    return answer
