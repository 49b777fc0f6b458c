"""E-mails that wait for a person: those that came, and those brought here as a file or pasted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from accounts.models import LegalEntity
from accounts.selectors import entities_for
from disputes import services
from disputes.models import TakenMail
from disputes.views.common import person
from lib import clock
from lib.errors import DomainError
from mailroom.inbound.reading import LARGEST, UnreadableMail, read_eml, read_text, too_large

SHOWN = 50


@login_required
@require_http_methods(["GET", "POST"])
def mails(request: HttpRequest) -> HttpResponse:
    """What waits, and the form that takes a mail in."""
    user = person(request)
    entities = list(entities_for(user, "dispute.open"))
    if not entities:
        raise PermissionDenied
    error, status = "", 200
    if request.method == "POST":
        chosen = request.POST.get("entity", "")
        entity = next((one for one in entities if str(one.pk) == chosen), entities[0])
        try:
            return _take(request, entity)
        except DomainError as wrong:
            error, status = str(wrong), 422
    rows = TakenMail.objects.visible_to(user).select_related("dispute", "settled_by").defer("raw", "text")
    context = {
        "waiting": rows.waiting()[:SHOWN],
        "waiting_count": rows.waiting().count(),
        "shown": SHOWN,
        "reads_letters": bool(policy.scope(user).entities("letter.read")),
        "settled": rows.filter(settled_at__isnull=False).order_by("-settled_at")[:10],
        "entities": entities,
        "error": error,
        "pasted": request.POST.get("text", ""),
    }
    return render(request, "disputes/mails.html", context, status=status)


def _take(request: HttpRequest, entity: LegalEntity) -> HttpResponse:
    """Keep it and go to the form it fills; one that came before is said to have come."""
    file = request.FILES.get("file")
    if file is not None:
        if (file.size or 0) > LARGEST:
            raise UnreadableMail(too_large(LARGEST), code="mail_too_large")
        raw = file.read()
        letter = read_eml(raw)
    else:
        raw, letter = b"", read_text(request.POST.get("text", ""))
    mail = services.take_mail(entity=entity, letter=letter, raw=raw, by=person(request), at=clock.now())
    if mail.was_known:
        messages.warning(request, _("This e-mail was taken in already."))
        if not TakenMail.objects.visible_to(person(request)).filter(pk=mail.pk, settled_at=None).exists():
            return redirect("disputes:mails")
    return redirect(f"{reverse('disputes:new')}?mail={mail.pk}")


@login_required
@require_POST
def mail_aside(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a mail aside: no dispute."""
    mail = get_object_or_404(TakenMail.objects.visible_to(person(request)), pk=pk)
    try:
        services.settle_mail(mail=mail, dispute=None, by=person(request), at=clock.now())
        messages.success(request, _("Put aside."))
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("disputes:mails")
