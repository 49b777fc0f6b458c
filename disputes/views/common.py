"""What the pages share: finding a dispute, drawing its card, answering a form."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from accounts.requests import person as person
from disputes import selectors
from disputes.evidence.keeping import Vetted, vet
from disputes.guests import is_guest, may_know_holder
from disputes.lifecycle import Act
from disputes.models import Dispute, Question
from disputes.panels import panels_of
from disputes.services.lines import last_lines
from disputes.triage import triage_of
from lib import clock
from lib.errors import DomainError
from lib.htmx import is_htmx


def find(request: HttpRequest, pk: int) -> Dispute:
    """The dispute, or 404 when the person may not see it."""
    return get_object_or_404(selectors.with_people(selectors.disputes_for(person(request))), pk=pk)


def card_context(request: HttpRequest, dispute: Dispute, error: str = "") -> dict[str, Any]:
    """Everything the card of a dispute shows, as this person sees it."""
    user, at = person(request), clock.now()
    shown = last_lines(dispute).select_related("invoice", "invoice_line")
    questions = selectors.question_cards(user).filter(dispute=dispute)
    acts = selectors.acts_for(dispute, user)
    return {
        "dispute": dispute,
        "lines": list(shown),
        "stages": selectors.path_of(dispute),
        "moves": selectors.moves_for(dispute, user),
        "questions": selectors.with_rights(list(questions), user, at),
        "may": {act.value: act in acts for act in Act},
        "error": error,
        "triage": triage_of(dispute, user, at),
        "guest": is_guest(user, dispute.entity_id),
        "knows_holder": may_know_holder(user, dispute),
        "participants": selectors.participants(dispute, user),
        "panels": panels_of(dispute, user, at),
    }


def draw_card(request: HttpRequest, dispute: Dispute, error: str = "", status: int = 200) -> HttpResponse:
    """The card alone; it also empties the sheet it may have been answered from."""
    context = card_context(request, dispute, error) | {"after_post": request.method == "POST"}
    return render(request, "disputes/_card.html", context, status=status)


def done(request: HttpRequest, pk: int, sentence: str = "") -> HttpResponse:
    """After a change: the fresh card for htmx, a redirect with the sentence otherwise."""
    if is_htmx(request):
        response = draw_card(request, find(request, pk))
        response["HX-Retarget"] = f"#card-{pk}"
        response["HX-Reswap"] = "outerHTML"
        return response
    if sentence:
        messages.success(request, sentence)
    return redirect("disputes:detail", pk)


def refused(request: HttpRequest, pk: int, error: DomainError) -> HttpResponse:
    """After a refusal: the card as it is now, with the reason (409 or 403); plain requests get the page."""
    dispute = find(request, pk)
    if not is_htmx(request):
        messages.error(request, str(error))
        return redirect("disputes:detail", pk)
    # 409 whatever the refusal: htmx swaps it, and the person sees the truth with the reason.
    response = draw_card(request, dispute, error=str(error), status=409)
    response["HX-Retarget"] = f"#card-{pk}"
    response["HX-Reswap"] = "outerHTML"
    return response


def sheet(
    request: HttpRequest, dispute: Dispute, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    """A form in a sheet for htmx, on a page of its own otherwise."""
    template = "disputes/_sheet.html" if is_htmx(request) else "disputes/sheet_page.html"
    context = {"dispute": dispute, "action": request.get_full_path(), **context}
    response = render(request, template, context, status=status)
    if status == 422 and is_htmx(request):
        response["HX-Retarget"], response["HX-Reswap"] = "#sheet", "innerHTML"
    return response


def back_to(question: Question) -> str:
    """Where a plain answer returns to."""
    return reverse("disputes:questions") + f"#question-{question.pk}"


def document_of(request: HttpRequest) -> Vetted | None:
    """The file posted with an answer, vetted before anything is locked; raises EvidenceRefused or ScannerAway."""
    file = request.FILES.get("file")
    return vet(file, str(file.name)) if file else None
