"""One dispute: the whole page, its card and its timeline."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from disputes import selectors
from disputes.views.common import card_context, draw_card, find, person


@login_required
@require_GET
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """The workspace: card, timeline, and the slot of the conversation."""
    dispute = find(request, pk)
    context = card_context(request, dispute) | {
        "events": selectors.timeline(dispute, person(request)).reverse()
    }
    return render(request, "disputes/detail.html", context)


@login_required
@require_GET
def card(request: HttpRequest, pk: int) -> HttpResponse:
    """The card alone, fetched again when something happened to the dispute."""
    return draw_card(request, find(request, pk))


@login_required
@require_GET
def timeline(request: HttpRequest, pk: int) -> HttpResponse:
    """What happened, latest first."""
    dispute = find(request, pk)
    context = {"dispute": dispute, "events": selectors.timeline(dispute, person(request)).reverse()}
    return render(request, "disputes/_timeline.html", context)
