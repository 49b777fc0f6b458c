"""Legal files on the screen: the list, a file, and opening one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts import policy
from accounts.requests import person
from collections_app.choices_contentious import FileAct, FileStatus
from collections_app.contentious import lifecycle, lists, shown
from collections_app.contentious.claim import claim_of
from collections_app.contentious.parties import missing
from collections_app.forms_contentious import ASKED, ActForm, FactsForm, OpenForm
from collections_app.models import LegalFile
from collections_app.services import contentious
from collections_app.timeline import sentence_of
from collections_app.views.interest import customer_of, entity_of
from lib import clock
from lib.errors import DomainError

SHOWN = 50
RIPE = "ripe"


@login_required
@require_GET
def listing(request: HttpRequest) -> HttpResponse:
    """The files of an entity by where they stand; and who is ripe for one."""
    entity, mine = entity_of(request)
    on, state = clock.today(entity.time_zone), request.GET.get("state", "")
    rows = lists.narrowed(lists.files_for(request.user).filter(entity=entity), state)
    found: Any = lists.ripe(entity, on) if state == RIPE else rows
    page = Paginator(found, SHOWN).get_page(request.GET.get("page"))
    context = {
        "entity": entity,
        "entities": mine,
        "state": state,
        "states": _tabs(entity.code, state, lists.standing(request.user, entity)),
        "page": page,
        "ripe": state == RIPE,
        "rows": [] if state == RIPE else [_row(one, on) for one in page],
        "may_act": policy.may(request.user, lifecycle.ACT, entity.pk),
        "may_follow": policy.may(request.user, lifecycle.FOLLOW, entity.pk),
    }
    return render(request, "collections_app/contentious.html", context)


def _tabs(code: str, state: str, standing: set[str]) -> list[dict[str, Any]]:
    """What to do first, then where the files stand: the states there are files in."""
    names = {"": pgettext("legal files", "Open"), "paid": _("Paid, to close"), RIPE: _("Ripe for it")}
    names |= {str(one): str(one.label) for one in FileStatus if one in standing or one == state}
    return [
        {"url": f"?entity={code}&state={name}", "words": words, "here": name == state}
        for name, words in names.items()
    ]


def _row(one: LegalFile, on: Any) -> dict[str, Any]:
    tone, icon = shown.LOOKS[FileStatus(one.status)]
    paid = not one.left  # type: ignore[attr-defined]
    return {
        "file": one,
        "tone": tone,
        "icon": icon,
        "left": one.left,  # type: ignore[attr-defined]
        "next": shown.next_step(one, on, paid=paid),
        "paid": paid and one.status != FileStatus.CLOSED,
    }


def file_of(request: HttpRequest, pk: int) -> LegalFile:
    """A file the person may read; 404 otherwise."""
    return get_object_or_404(lists.files_for(request.user), pk=pk)


@login_required
@require_GET
def file(request: HttpRequest, pk: int) -> HttpResponse:
    """One file: what is claimed today, what is there and what is missing, what comes next, what happened."""
    return render(request, "collections_app/contentious_file.html", file_page(request, file_of(request, pk)))


def file_page(request: HttpRequest, found: LegalFile, **more: Any) -> dict[str, Any]:
    """What the page of a file shows; `more` puts a form back that was refused."""
    user, on = person(request), clock.today(found.entity.time_zone)
    claim = claim_of(found, on)
    tone, icon = shown.LOOKS[FileStatus(found.status)]
    allowed = {one for one in (lifecycle.ACT, lifecycle.FOLLOW) if policy.may(user, one, found.entity_id)}
    acts = lifecycle.available(found.status, allowed)
    within = contentious.may_take_out(found, user, on)
    may_second = contentious.may_second(found, user, on) and not found.second_by_id
    refused = more.pop("refused", None)
    context = {
        "file": found,
        "claim": claim,
        "tone": tone,
        "icon": icon,
        "next": shown.next_step(found, on, paid=claim.is_paid),
        "points": shown.checklist(found, claim),
        "steps": _steps(found),
        "acts": [
            {"act": one, "form": refused if refused and refused.act == one else ActForm(one, found)}
            for one in acts
            if one in ASKED and one != FileAct.SECOND
        ],
        "may_notify": FileAct.NOTIFY in acts,
        "may_second": may_second and FileAct.SECOND in acts and not within,
        "needs_second": FileAct.SECOND in acts and not within,
        "may_act": lifecycle.ACT in allowed and found.status != FileStatus.CLOSED,
        "may_pack": lifecycle.ACT in allowed,
        "facts_form": FactsForm(found) if found.law != "other" else None,
        "missing": missing(found) if found.law != "other" else [],
        "today": on,
    }
    return context | more


def _steps(found: LegalFile) -> list[dict[str, Any]]:
    """The steps in words, newest first."""
    rows = found.steps.select_related("by", "letter", "paper_letter").order_by("-seq")
    return [{"step": one, "words": sentence_of(f"contentious.{one.act}", _said(found, one))} for one in rows]


def _said(found: LegalFile, step: Any) -> dict[str, Any]:
    facts = {"ref": found.ref, "currency": found.currency, "note": step.note, "agency": found.agency}
    facts |= {"court": found.court, "end": found.end, "tracking": found.tracking}
    facts["amount"] = str(found.principal)
    return facts | ({"due_on": found.deadline.isoformat()} if found.deadline else {})


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose invoices of a customer and open a file over them."""
    found = customer_of(request, pk)
    if not policy.may(request.user, lifecycle.ACT, found.entity_id):
        raise PermissionDenied
    on = clock.today(found.entity.time_zone)
    form = OpenForm(request.POST) if request.method == "POST" else OpenForm(initial=_start(found))
    error = ""
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            made = contentious.open_file(
                customer=found,
                currency=given["currency"],
                invoices=given["invoice"],
                law=given["law"],
                note=given["note"],
                by=person(request),
                on=on,
                at=clock.now(),
            )
        except DomainError as refused:
            error = str(refused)
        else:
            messages.success(request, _("Legal file %(ref)s is open.") % {"ref": made.ref})
            return redirect("collections_app:legal_file", made.pk)
    context = {
        "customer": found,
        "form": form,
        "error": error,
        "groups": [{"currency": key, "rows": rows} for key, rows in lists.choices_of(found, on).items()],
        "chosen": set(request.POST.getlist("invoice")),
        "first": request.method == "GET",
    }
    return render(request, "collections_app/contentious_new.html", context, status=409 if error else 200)


def _start(found: Any) -> dict[str, str]:
    return {"law": contentious.law_of(found)}


@login_required
@require_GET
def customer_panel(request: HttpRequest, pk: int) -> HttpResponse:
    """The files of a customer, as a part of their page; nothing for who may not read them."""
    found = customer_of(request, pk)
    on = clock.today(found.entity.time_zone)
    rows = [_row(one, on) for one in lists.files_for(request.user).filter(customer=found)[:10]]
    may = policy.may(request.user, lifecycle.ACT, found.entity_id)
    context = {
        "customer": found,
        "rows": rows,
        "ripe": lists.ripe(found.entity, on, [found.pk]) if may else [],
        "may_act": may,
    }
    return render(request, "collections_app/_contentious_panel.html", context)
