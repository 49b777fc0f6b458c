"""Pages of the accounts room: shape in, shape out."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login
from django.contrib.auth.decorators import login_required
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import palette
from accounts.context import landing, places
from accounts.demo import demo_people
from accounts.forms import SettingsForm
from accounts.models import User
from accounts.requests import person
from lib import clock
from lib.htmx import go

LONGEST = 100
YEAR = 365 * 24 * 3600
BACKEND = settings.AUTHENTICATION_BACKENDS[0]


def _remember(response: HttpResponse, language: str) -> HttpResponse:
    """Keep the language for the pages before signing in."""
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR,
        samesite="Lax",
        secure=bool(settings.LANGUAGE_COOKIE_SECURE),
    )
    return response


def _safe(request: HttpRequest, url: str) -> str:
    """`url` if it stays on this site, otherwise the start page."""
    here = url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())
    return url if here else reverse("accounts:home")


@require_GET
@login_required
def home(request: HttpRequest) -> HttpResponse:
    """The page where this person's work is."""
    response = redirect(landing(request))
    patch_vary_headers(response, ["Sec-CH-UA-Mobile", "User-Agent"])
    return response


@require_http_methods(["GET", "POST"])
@login_required
def me(request: HttpRequest) -> HttpResponse:
    """Personal settings."""
    assert not isinstance(request.user, AnonymousUser)
    form = SettingsForm(request.POST or None, instance=request.user)
    if not form.is_bound:
        return render(request, "accounts/me.html", {"form": form})
    if not form.is_valid():
        request.user.refresh_from_db()
        return render(request, "accounts/me.html", {"form": form}, status=422)
    person = form.save()
    with translation.override(person.language):
        messages.success(request, _("Settings saved."))
    return _remember(go(request, reverse("accounts:me")), person.language)


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    """Switch the language of the pages before signing in (and the person's own, once signed in)."""
    chosen = request.POST.get("language", "")
    back = redirect(_safe(request, request.POST.get("next", "")))
    if chosen not in dict(settings.LANGUAGES):
        return back
    if request.user.is_authenticated:
        User.objects.filter(pk=request.user.pk).update(language=chosen)
    return _remember(back, chosen)


@require_POST
def sign_in_as(request: HttpRequest) -> HttpResponse:
    """Become one of the invented people of the demo; nobody else, and nowhere else."""
    people = demo_people()
    if not people.exists():
        raise Http404
    chosen = request.POST.get("person", "")
    person = get_object_or_404(people, pk=int(chosen) if chosen.isdecimal() else 0)
    login(request, person, backend=BACKEND)
    return redirect(_safe(request, request.POST.get("next", "")))


@login_required
@require_GET
def find(request: HttpRequest) -> HttpResponse:
    """What the palette finds for the words typed so far, as options of the list below its field."""
    text = request.GET.get("q", "").strip()[:LONGEST]
    groups = palette.find(person(request), text, places(request), clock.now())
    return render(request, "accounts/_palette.html", {"groups": groups})
