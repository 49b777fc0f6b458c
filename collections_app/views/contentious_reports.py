"""What an agency reports, as a file; what was taken and what was not."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.requests import person
from collections_app.contentious import lifecycle
from collections_app.contentious.reports import MOST_BYTES
from collections_app.forms_contentious import ReportsForm
from collections_app.services.contentious_reports import import_reports
from collections_app.views.interest import entity_of
from lib import clock
from lib.errors import DomainError


@login_required
@require_http_methods(["GET", "POST"])
def reports(request: HttpRequest) -> HttpResponse:
    """Give the file, see what became of each row. Giving it again is harmless."""
    entity, mine = entity_of(request)
    if not policy.may(request.user, lifecycle.FOLLOW, entity.pk):
        raise PermissionDenied
    form = ReportsForm(request.POST or None, request.FILES or None)
    context: dict[str, Any] = {"entity": entity, "entities": mine, "form": form}
    status = 200
    if request.method == "POST" and form.is_valid():
        content = form.cleaned_data["upload"].read(MOST_BYTES + 1)
        on = clock.today(entity.time_zone)
        try:
            context["done"] = import_reports(
                entity=entity, content=content, by=person(request), on=on, at=clock.now()
            )
        except DomainError as error:
            context["error"], status = str(error), 409
    return render(request, "collections_app/contentious_reports.html", context, status=status)
