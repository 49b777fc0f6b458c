"""What waits for a person's yes before it goes."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import policy
from accounts.models import User
from collections_app import selectors, tasks
from collections_app.services import releasing
from collections_app.views.days import entity_of
from lib import clock

PAGE = 50


@login_required
@require_GET
def release_queue(request: HttpRequest) -> HttpResponse:
    """The messages that wait, the largest first."""
    entity, mine = entity_of(request)
    page = Paginator(selectors.to_release(entity), PAGE).get_page(request.GET.get("page"))
    context = {
        "entity": entity,
        "entities": mine,
        "page": page,
        "may_run": policy.may(request.user, "plan.run", entity.pk),
    }
    return render(request, "collections_app/release.html", context)


@login_required
@require_POST
def release(request: HttpRequest) -> HttpResponse:
    """Yes or no to those that were ticked, or to all that wait."""
    entity, _mine = entity_of(request)
    if not policy.may(request.user, "plan.run", entity.pk):
        raise PermissionDenied
    waiting = selectors.to_release(entity)
    if "all" not in request.POST:
        waiting = waiting.filter(pk__in=[int(pk) for pk in request.POST.getlist("notice") if pk.isdecimal()])
    ids = list(waiting.values_list("pk", flat=True))
    user, at = cast(User, request.user), clock.now()
    if request.POST.get("answer") == "no":
        done = releasing.refuse(notice_ids=ids, by=user, at=at)
        words = ngettext("%(n)d message does not go today.", "%(n)d messages do not go today.", len(done))
    else:
        done = releasing.release(notice_ids=ids, by=user, at=at)
        tasks.send_soon(done)
        words = ngettext("%(n)d reminder is on its way.", "%(n)d reminders are on their way.", len(done))
    messages.success(request, words % {"n": len(done)} if done else _("Tick at least one message."))
    return redirect(f"{reverse('collections_app:release')}?entity={entity.code}")
