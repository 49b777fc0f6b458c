"""The pages of the mailroom: the letters of an entity, and the mail written to files."""

from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import LegalEntity
from lib import clock, gsm
from lib.frames import framed
from mailroom import files, selectors, services, tasks
from mailroom.choices import Channel, LetterStatus, Trouble
from mailroom.inbound.writing import LONGEST_REPLY
from mailroom.models import Letter
from mailroom.providers import to_files

TONES = {
    "queued": "info",
    "sending": "info",
    "tray": "info",
    "sent": "ok",
    "failed": "bad",
    "bounced": "bad",
    "withdrawn": "mute",
}
CHANNEL_ICONS = {"email": "mail", "sms": "message-square-text", "post": "stamp"}
ICONS = {
    "queued": "clock",
    "sending": "send",
    "tray": "printer",
    "sent": "check",
    "failed": "triangle-alert",
    "bounced": "mail-x",
    "withdrawn": "undo-2",
}


def _demand(request: HttpRequest) -> None:
    if not policy.scope(request.user).entities("letter.read"):
        raise Http404


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


@login_required
@require_GET
def letters(request: HttpRequest) -> HttpResponse:
    """Every letter of the person's entities, newest first, by state."""
    _demand(request)
    wanted = request.GET.get("status", "")
    status = wanted if wanted in LetterStatus.values else ""
    page = selectors.letter_page(request.user, status=status, before=_number(request.GET.get("before")))
    counts = selectors.counts(request.user)
    tabs = [{"url": "?", "words": _("All"), "count": sum(counts.values()), "here": not status}]
    tabs += [
        {"url": f"?status={s.value}", "words": s.label, "count": counts[s.value], "here": status == s}
        for s in LetterStatus
    ]
    rows = [_row(letter) for letter in page.letters]
    context = {"rows": rows, "states": tabs, "page": page, "status": status, "to_files": to_files()}
    return render(request, "mailroom/letters.html", context)


def _row(letter: Letter) -> dict[str, object]:
    return {
        "letter": letter,
        "tone": TONES[letter.status],
        "icon": ICONS[letter.status],
        "trouble": Trouble(letter.trouble).label if letter.trouble else "",
        "subject": letter.subject or letter.get_channel_display(),
        "to": letter.to_address or ", ".join(letter.postal.splitlines()[1:]),
        "channel_icon": CHANNEL_ICONS[letter.channel],
    }


@login_required
@require_GET
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """One letter as the recipient reads it, and how it fared."""
    found = get_object_or_404(selectors.letters(request.user), pk=pk)
    may_retry = policy.may(request.user, "plan.run", found.entity_id)
    again = found.status == LetterStatus.FAILED and not found.reserved and may_retry
    paper = found.channel == Channel.POST and found.status == LetterStatus.SENT
    context = {
        "again": again,
        "may_return": paper and policy.may(request.user, "letter.print", found.entity_id),
        "parts": gsm.parts(found.body_text.strip()) if found.channel == Channel.SMS else 0,
        "icon_of_channel": CHANNEL_ICONS[found.channel],
    }
    return render(request, "mailroom/letter.html", {**_row(found), **context})


@login_required
@require_GET
@xframe_options_sameorigin
def letter_body(request: HttpRequest, pk: int) -> HttpResponse:
    """The HTML of a letter, for the frame of its page."""
    found = get_object_or_404(selectors.letters(request.user), pk=pk)
    return framed(services.with_pictures(found))


@login_required
@require_POST
def try_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a failed letter again."""
    found = get_object_or_404(selectors.letters(request.user), pk=pk)
    if not policy.may(request.user, "plan.run", found.entity_id):
        raise PermissionDenied
    services.try_again(letter=found, at=clock.now())
    tasks.deliver.delay(found.pk)
    messages.success(request, _("The letter goes out again."))
    return redirect("mailroom:letter", pk)


def _mine(request: HttpRequest) -> tuple[Path, set[str], bool]:
    """Where the files are, and whose mail this person may read; 404 when mail does not go to files."""
    _demand(request)
    if not to_files():
        raise Http404
    scope = policy.scope(request.user)
    codes = LegalEntity.objects.filter(pk__in=scope.entities("letter.read")).values_list("code", flat=True)
    return Path(settings.EMAIL_FILE_PATH), set(codes), bool(scope.entities("admin"))


@login_required
@require_GET
def dev_mail(request: HttpRequest) -> HttpResponse:
    """The mail that was written to files instead of being sent, newest first."""
    directory, codes, others = _mine(request)
    return render(request, "mailroom/dev_mail.html", {"mails": files.newest(directory, codes, others=others)})


def mail_of(request: HttpRequest, name: str) -> files.Mail:
    """That message, if this person may read it."""
    directory, codes, others = _mine(request)
    mail = files.read(directory, name)
    if mail is None or not files.may_see(mail, codes, others=others):
        raise Http404
    return mail


@login_required
@require_GET
def dev_mail_one(request: HttpRequest, name: str) -> HttpResponse:
    """One message from a file."""
    return render(
        request, "mailroom/dev_mail_one.html", {"mail": mail_of(request, name), "longest": LONGEST_REPLY}
    )


@login_required
@require_GET
@xframe_options_sameorigin
def dev_mail_body(request: HttpRequest, name: str) -> HttpResponse:
    """The HTML of a message from a file, for the frame of its page."""
    return framed(mail_of(request, name).html)
