"""The doors of the app on the phone: its page, its worker, its manifest, its icons, and a fresh token."""

from __future__ import annotations

import json

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_GET

from accounts.requests import person
from chat.phone import installing, worker
from disputes.choices import Later

DAY = 24 * 3600


@login_required
@never_cache
@require_GET
def phone(request: HttpRequest) -> HttpResponse:
    """The inbox of the phone. The cards come by themselves, from the phone's own store first."""
    return render(request, "chat/phone.html", {"laters": Later.choices})


@never_cache
@require_GET
def token(request: HttpRequest) -> HttpResponse:
    """Who is signed in, and the token their next POST needs: what the worker asks before it sends.

    Only pages of this site can read the answer; 401 when nobody is signed in.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"detail": _("You are signed out.")}, status=401)
    return JsonResponse({"user": person(request).pk, "token": get_token(request)})


@require_GET
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, for the whole site; asked for again at every visit."""
    response = HttpResponse(worker.source(), content_type="text/javascript; charset=utf-8")
    response["Service-Worker-Allowed"] = "/"
    response["Cache-Control"] = "no-cache"
    return response


@cache_control(max_age=0, must_revalidate=True, private=True)
@require_GET
def manifest(request: HttpRequest) -> HttpResponse:
    """The manifest, in the reader's language."""
    text = json.dumps(installing.manifest(), ensure_ascii=False)
    return HttpResponse(text, content_type="application/manifest+json; charset=utf-8")


@cache_control(max_age=DAY, public=True)
@require_GET
def app_icon(request: HttpRequest, name: str) -> HttpResponse:
    """An icon of the app."""
    if name not in installing.ICONS:
        raise Http404
    return HttpResponse(installing.icon(name), content_type="image/png")
