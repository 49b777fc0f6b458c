"""What people do with a legal file: the formal notice, facts for the court, every other step."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.requests import person
from collections_app.choices_contentious import FileAct
from collections_app.contentious import lifecycle
from collections_app.contentious.claim import claim_of
from collections_app.contentious.notice import FormalNotice, notice_of, written
from collections_app.forms_contentious import ASKED, ActForm, FactsForm, NoticeForm, usual_deadline
from collections_app.models import LegalFile
from collections_app.services import contentious
from collections_app.services.contentious_notice import send_formal_notice
from collections_app.services.contentious_steps import Said
from collections_app.views.common import refusal
from collections_app.views.contentious import file_of, file_page
from lib import clock
from lib.frames import framed
from mailroom.choices import Channel
from mailroom.envelope import usable
from mailroom.paper.address import whole
from mailroom.services import framed_html

NAMES = (
    "tracking",
    "agency",
    "agency_reference",
    "commission",
    "court",
    "court_reference",
    "end",
    "on",
    "amount",
    "note",
)


@login_required
@require_POST
def act(request: HttpRequest, pk: int, act: str) -> HttpResponse:
    """Take one step; a refused one comes back with its form and the sentence."""
    found = file_of(request, pk)
    if act not in ASKED:
        raise Http404
    if not policy.may(request.user, lifecycle.MOVES[FileAct(act)].action, found.entity_id):
        raise PermissionDenied
    form = ActForm(act, found, request.POST, request.FILES)
    sentence = ""
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in NAMES if form.cleaned_data.get(name)}
        sentence = refusal(
            lambda: contentious.take_step(
                file_id=pk,
                act_name=act,
                said=Said(**given),
                upload=form.cleaned_data.get("document"),
                by=person(request),
                on=clock.today(found.entity.time_zone),
                at=clock.now(),
            )
        )
        if not sentence:
            messages.success(request, _("Noted."))
            return redirect("collections_app:legal_file", pk)
        form.add_error(None, sentence)
    context = file_page(request, found, refused=form)
    return render(request, "collections_app/contentious_file.html", context, status=409 if sentence else 422)


@login_required
@require_POST
def facts(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep what the court file needs."""
    found = file_of(request, pk)
    if not policy.may(request.user, lifecycle.ACT, found.entity_id):
        raise PermissionDenied
    form = FactsForm(found, request.POST)
    if not form.is_valid():
        context = file_page(request, found, facts_form=form)
        return render(request, "collections_app/contentious_file.html", context, status=422)
    sentence = refusal(
        lambda: contentious.set_facts(file_id=pk, facts=form.cleaned_data, by=person(request), at=clock.now())
    )
    if sentence:
        messages.error(request, sentence)
    else:
        messages.success(request, _("Kept."))
    return redirect("collections_app:legal_file", pk)


def draft_of(request: HttpRequest, found: LegalFile) -> FormalNotice:
    """The notice as it would go today, with the last day of the address."""
    on = clock.today(found.entity.time_zone)
    try:
        deadline = date.fromisoformat(request.GET.get("deadline", ""))
    except ValueError:
        deadline = usual_deadline(on)
    return notice_of(found, claim_of(found, on), deadline)


@login_required
@require_http_methods(["GET", "POST"])
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the formal notice as it would go, then send it."""
    found = file_of(request, pk)
    if not policy.may(request.user, lifecycle.ACT, found.entity_id):
        raise PermissionDenied
    draft = draft_of(request, found)
    start = {"deadline": draft.deadline, "seen": draft.claim.total, "channels": _channels(draft)}
    form = NoticeForm(request.POST) if request.method == "POST" else NoticeForm(initial=start)
    sentence = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        sentence = refusal(
            lambda: send_formal_notice(
                file_id=pk,
                deadline=given["deadline"],
                channels=given["channels"],
                note=given["note"],
                expected=given["seen"],
                by=person(request),
                on=clock.today(found.entity.time_zone),
                at=clock.now(),
            )
        )
        if not sentence:
            messages.success(request, _("The formal notice is on its way."))
            return redirect("collections_app:legal_file", pk)
    context: dict[str, Any] = {
        "file": found,
        "draft": draft,
        "form": form,
        "error": sentence,
        "postal": whole(draft.recipient.postal),
    }
    status = 409 if sentence else 422 if form.errors else 200
    return render(request, "collections_app/contentious_notice.html", context, status=status)


def _channels(draft: FormalNotice) -> list[str]:
    has = {"post": whole(draft.recipient.postal), "email": usable(draft.recipient.address)}
    return [name for name, there in has.items() if there]


@login_required
@require_GET
@xframe_options_sameorigin
def notice_body(request: HttpRequest, pk: int) -> HttpResponse:
    """The e-mail of the notice, for the frame of its page."""
    words = written(draft_of(request, file_of(request, pk)), Channel.EMAIL)
    return framed(framed_html(words.html, words.transfer))
