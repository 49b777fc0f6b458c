"""The page of one's devices. Forms, so that it works without scripts; only a browser can add itself."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.models import LegalEntity
from accounts.requests import person
from chat.push import selectors, services
from chat.push.sending import Ended
from lib import clock


@login_required
@require_GET
def devices(request: HttpRequest) -> HttpResponse:
    """The browsers that are notified, and what a lock screen may tell."""
    user = person(request)
    context = {
        "devices": selectors.devices_of(user),
        "wants_privacy": selectors.wants_privacy(user),
        "private_entities": selectors.private_entities(user),
        "entities": selectors.entities_to_decide(user),
        "pushes": bool(settings.VAPID_PUBLIC_KEY),
    }
    return render(request, "chat/devices.html", context)


@login_required
@require_POST
def test(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a notification to that device now."""
    device = get_object_or_404(selectors.devices_of(person(request)), pk=pk)
    ended = services.send_trial(device=device, at=clock.now()).ended
    if ended == Ended.SENT:
        messages.success(request, _("Sent. It should appear within seconds."))
    elif ended == Ended.GONE:
        messages.error(request, _("That browser takes no notifications any more; it was removed."))
    else:
        messages.error(request, _("The push service cannot be reached now. Try again in a while."))
    return redirect("chat:devices")


@login_required
@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Notify that device no more."""
    if services.forget(user=person(request), device_id=pk):
        messages.success(request, _("The device was removed."))
    return redirect("chat:devices")


@login_required
@require_POST
def privacy(request: HttpRequest) -> HttpResponse:
    """Names and amounts on lock screens: for oneself, or for a legal entity."""
    user, on = person(request), request.POST.get("private") == "1"
    wanted = request.POST.get("entity", "")
    entity = None
    if wanted:
        mine = [one.pk for one in selectors.entities_to_decide(user)]
        rows = LegalEntity.objects.filter(pk__in=mine)
        entity = get_object_or_404(rows, pk=wanted if wanted.isdecimal() else 0)
    services.set_private(by=user, on=on, at=clock.now(), entity=entity)
    messages.success(request, _("Settings saved."))
    return redirect("chat:devices")
