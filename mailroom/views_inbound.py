"""The pages of the mail that came in, and the form that answers a mail on a machine without a mail server."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from lib import clock
from mailroom import selectors, services
from mailroom.api_inbound import raw_answer
from mailroom.choices import InboundSource, InboundStatus
from mailroom.inbound import writing
from mailroom.models import BlockedSender, InboundMail
from mailroom.views import mail_of

LOOKS = {
    "new": ("info", "loader"),
    "threaded": ("ok", "messages-square"),
    "waiting": ("warn", "inbox"),
    "settled": ("mute", "check"),
    "automatic": ("mute", "bot"),
    "refused": ("bad", "ban"),
}


def _demand(request: HttpRequest) -> None:
    if not policy.scope(request.user).entities("letter.read"):
        raise Http404


@login_required
@require_GET
def mails_in(request: HttpRequest) -> HttpResponse:
    """Every mail that came in, newest first, by what became of it."""
    _demand(request)
    wanted = request.GET.get("status", "")
    status = wanted if wanted in InboundStatus.values else ""
    given = request.GET.get("before", "")
    before = int(given) if given.isdecimal() and len(given) < 19 else None
    page = selectors.mail_page(request.user, status=status, before=before)
    counts = selectors.mail_counts(request.user)
    tabs = [{"url": "?", "words": _("All"), "count": sum(counts.values()), "here": not status}]
    tabs += [
        {"url": f"?status={one.value}", "words": one.label, "count": counts[one.value], "here": status == one}
        for one in InboundStatus
        if one != InboundStatus.NEW or counts[one]
    ]
    blocked = BlockedSender.objects.filter(policy.rows(request.user, "ledger.write"))[:100]
    context = {"rows": map(_row, page.mails), "page": page, "states": tabs, "blocked": blocked}
    return render(request, "mailroom/mails_in.html", context)


def _row(mail: InboundMail) -> dict[str, object]:
    tone, icon = LOOKS[mail.status]
    return {"mail": mail, "tone": tone, "icon": icon}


@login_required
@require_GET
def mail_in(request: HttpRequest, pk: int) -> HttpResponse:
    """One mail: what is new in it, what it quotes, and what became of it."""
    mail = get_object_or_404(InboundMail.objects.visible_to(request.user), pk=pk)
    return render(request, "mailroom/mail_in.html", _row(mail))


@login_required
@require_GET
def mail_raw(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole mail as a file."""
    return raw_answer(get_object_or_404(InboundMail.objects.visible_to(request.user), pk=pk))


@login_required
@require_POST
def unblock(request: HttpRequest, pk: int) -> HttpResponse:
    """Take mail of a sender in again."""
    mine = BlockedSender.objects.filter(policy.rows(request.user, "ledger.write"))
    blocked = get_object_or_404(mine, pk=pk)
    services.unblock_sender(blocked=blocked)
    messages.success(
        request, _("E-mails from %(address)s are taken in again.") % {"address": blocked.address}
    )
    return redirect("mailroom:mails_in")


@login_required
@require_POST
def dev_reply(request: HttpRequest, name: str) -> HttpResponse:
    """Answer a mail that was written to a file, as its recipient; only where mail is written to files."""
    mail = mail_of(request, name)
    text = request.POST.get("text", "").strip()[: writing.LONGEST_REPLY]
    file = request.FILES.get("file")
    if file is not None and (file.size or 0) > settings.EVIDENCE_MAX_BYTES:
        raise PermissionDenied
    if not text and file is None:
        messages.error(request, _("Write an answer."))
        return redirect("mailroom:dev_mail_one", name)
    given = None if file is None else (file.name or "file", file.read())
    answered = writing.Answered(
        sender=mail.sender,
        recipient=mail.recipient,
        reply_to=mail.reply_to,
        subject=mail.subject,
        message_id=mail.message_id,
        references=mail.references,
        text=mail.text,
    )
    raw = writing.answer(answered, text=text, at=clock.now(), file=given)
    came = services.receive(raw=raw, source=InboundSource.FORM, at=clock.now())
    messages.success(
        request, _("The answer was taken in as an e-mail from %(name)s.") % {"name": came.from_name}
    )
    return redirect("mailroom:dev_mail_one", name)
