"""A new dispute: one page, one form; its buttons find and add invoices, calculate, and open."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy
from accounts.models import User
from disputes import draft as drafts
from disputes import services
from disputes.draft import Draft
from disputes.errors import FieldErrors
from disputes.mail.proposing import as_form, propose
from disputes.models import Dispute, NewDraft, Reason, TakenMail
from disputes.views.common import person
from ledger.models import Customer
from lib import clock
from lib.errors import DomainError
from lib.htmx import go

# With one of these in the address the form starts from them, not from the kept draft.
STARTS = {"invoice", "customer", "add", "mail"}
MOST_FILES = 10


@login_required
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write a dispute. `?invoice=` (several) or `?customer=` starts it; `act` says which button was pressed."""
    user = person(request)
    if not policy.scope(user).entities("dispute.open"):
        raise PermissionDenied
    at = clock.now()
    data, mail, kept = _start(request)
    if data.get("act") == "fresh":
        services.drop_draft_of(user=user)
        return go(request, reverse("disputes:new"))
    ids = [*data.getlist("invoice"), *data.getlist("add")]
    gone = data.get("drop", "")
    draft = drafts.read(user, data, [pk for pk in ids if pk != gone], clock.today())
    if draft.customer is None and data.get("customer", "").isdigit():
        visible = policy.rows(user, "dispute.open", salesperson="salesperson")
        draft.customer = get_object_or_404(Customer.objects.filter(visible), pk=data["customer"])
    status = 200
    if request.method == "POST":
        if data.get("act") == "open":
            dispute = _open(request, draft, mail)
            if dispute is not None:
                return _opened(request, dispute, mail)
            status = 422
        services.keep_draft(user=user, values=_values(data, draft), at=at)
    return _draw(request, draft, status, mail=mail, kept=kept)


def _start(request: HttpRequest) -> tuple[QueryDict, TakenMail | None, NewDraft | None]:
    """The values to begin with: what was posted or addressed, what a mail proposes, or what was kept."""
    user = person(request)
    data = request.POST if request.method == "POST" else request.GET
    mail: TakenMail | None = None
    if data.get("mail", ""):
        pk = data["mail"]
        mail = get_object_or_404(TakenMail.objects.visible_to(user).waiting(), pk=pk if pk.isdigit() else 0)
    if request.method == "POST":
        return data, mail, None
    if mail is not None:
        return _query(as_form(propose(user, mail, clock.today()), mail)), mail, None
    kept = NewDraft.objects.filter(user=user).first() if not STARTS & set(data) else None
    return (_query(kept.data) if kept else data), _mail_of(user, kept), kept


def _mail_of(user: User, kept: NewDraft | None) -> TakenMail | None:
    """The mail that the kept draft was begun from, while it still waits."""
    pk = (kept.data.get("mail") or [""])[0] if kept else ""
    found: TakenMail | None = TakenMail.objects.visible_to(user).waiting().filter(pk=pk or 0).first()
    return found


def _query(values: Mapping[str, list[str]]) -> QueryDict:
    """Values as if they had been posted."""
    query = QueryDict(mutable=True)
    for name, given in values.items():
        query.setlist(name, given)
    return query


def _values(data: QueryDict, draft: Draft) -> dict[str, list[str]]:
    """What is worth keeping of the form: the invoices as they are chosen now."""
    kept = {name: given for name, given in data.lists() if name != "invoice"}
    return kept | {"invoice": [str(entry.invoice.pk) for entry in draft.invoices]}


def _opened(request: HttpRequest, dispute: Dispute, mail: TakenMail | None) -> HttpResponse:
    """The dispute is open: keep the files that came with it, forget the draft, go there."""
    user, at = person(request), clock.now()
    refused: list[str] = []
    for file in request.FILES.getlist("files")[:MOST_FILES]:
        try:
            services.add_evidence(dispute=dispute, file=file, name=file.name or "", by=user, at=at)
        except DomainError as error:
            refused.append(f"{file.name}: {error}")
    if mail is not None:
        mail.refresh_from_db()
        refused += services.keep_files(mail=mail, by=user, at=at)
    services.drop_draft_of(user=user)
    messages.success(request, _("Dispute %(ref)s is open.") % {"ref": dispute.ref})
    for sentence in refused:
        messages.warning(request, sentence)
    return go(request, reverse("disputes:detail", args=[dispute.pk]))


@login_required
@require_POST
def new_draft(request: HttpRequest) -> HttpResponse:
    """Keep what is typed so far; the answer says when."""
    at = clock.now()
    kept = services.keep_draft(user=person(request), values=dict(request.POST.lists()), at=at)
    return render(request, "disputes/_draft_state.html", {"kept": kept})


def _draw(
    request: HttpRequest, draft: Draft, status: int, *, mail: TakenMail | None, kept: NewDraft | None
) -> HttpResponse:
    user = person(request)
    reason = _reason(draft)
    context: dict[str, Any] = {
        "draft": draft,
        "found": drafts.find_invoices(user, draft, clock.today()),
        "already": drafts.open_already(user, draft) if draft.invoices else [],
        "reasons": drafts.reasons(draft, user),
        "checked": status == 422,
        "mail": mail,
        "marks": propose(user, mail, clock.today()).marks if mail else {},
        "kept": kept,
        "preview": _preview(user, draft, reason),
    }
    return render(request, "disputes/new.html", context, status=status)


def _preview(user: User, draft: Draft, reason: Reason | None) -> Dispute | None:
    """Whom it would go to, and until when; nothing while customer or reason are missing."""
    if draft.customer is None or reason is None:
        return None
    try:
        return services.preview(customer=draft.customer, reason=reason, by=user, at=clock.now())
    except DomainError:
        return None


def _open(request: HttpRequest, draft: Draft, mail: TakenMail | None) -> Dispute | None:
    """Open it, or put the sentences where they belong and return None."""
    reason = _reason(draft)
    if not draft.invoices:
        draft.errors["invoices"] = _("Choose at least one invoice.")
    if reason is None:
        draft.errors["reason"] = _("Choose why the customer does not pay.")
    if draft.problems or reason is None or draft.customer is None:
        return None
    lines, sources = drafts.inputs(draft)
    try:
        what: dict[str, Any] = {
            "customer": draft.customer,
            "lines": lines,
            "reason": reason,
            "statement": draft.statement,
        }
        if mail is not None:
            return services.open_from_mail(mail=mail, by=person(request), at=clock.now(), **what)
        return services.open_dispute(by=person(request), at=clock.now(), **what)
    except FieldErrors as wrong:
        for path, sentence in wrong.fields.items():
            place = path.split(".")[1] if path.startswith("lines.") else ""
            if place:
                sources[int(place)].error = sentence
            else:
                draft.errors[path] = sentence
    except DomainError as error:
        draft.errors["form"] = str(error)
    return None


def _reason(draft: Draft) -> Reason | None:
    if draft.customer is None:
        return None
    return Reason.objects.filter(entity=draft.customer.entity_id, code=draft.reason, active=True).first()
