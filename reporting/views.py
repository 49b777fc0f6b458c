"""The pages of reporting: shape in, shape out."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import User
from lib.errors import DomainError
from reporting.dashboard.cards import cards
from reporting.dashboard.drill import behind
from reporting.dashboard.figures import figures
from reporting.dashboard.filters import Chosen, chosen, shown
from reporting.dashboard.pictures import pictures
from reporting.export import FORMATS, media_type, write
from reporting.reports import NAMES, TITLES, Options, build

FILES = [{"name": name, "title": TITLES[name], "forms": ("xlsx", "pdf", "csv")} for name in NAMES]


def _chosen(request: HttpRequest) -> Chosen:
    """What the reader chose; 404 for those who may read no figures here."""
    made = chosen(cast(User, request.user), request.GET)
    if made is None:
        raise Http404(_("There are no figures here that you may read."))
    return made


@login_required
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """The finance dashboard: figures, charts, and the table behind what was clicked."""
    made = _chosen(request)
    page = {
        "made": made,
        "bar": shown(made.form, made),
        "entity": made.frame.entity,
        "as_of": made.frame.as_of,
        "here": reverse("reporting:dashboard"),
        "query": made.query(),
        "reports": FILES,
        "now": timezone.now(),
    }
    try:
        found = figures(made.frame, made.months)
        page |= {"found": found, "cards": cards(found, made), "pictures": pictures(found, made)}
        page["behind"] = behind(made, request.GET)
    except DomainError as error:
        return render(request, "reporting/dashboard.html", page | {"error": str(error)}, status=error.status)
    return render(request, "reporting/dashboard.html", page)


@login_required
@require_GET
def behind_figure(request: HttpRequest) -> HttpResponse:
    """The table behind a figure, as a fragment for the dashboard."""
    made = _chosen(request)
    page = {"made": made, "entity": made.frame.entity, "here": reverse("reporting:dashboard")}
    try:
        table = behind(made, request.GET)
    except DomainError as error:
        return render(request, "reporting/_behind.html", page | {"error": str(error)}, status=error.status)
    if table is None:
        raise Http404
    return render(request, "reporting/_behind.html", page | {"behind": table})


@login_required
@require_GET
def report_file(request: HttpRequest, name: str, form: str) -> HttpResponse:
    """One report with the filters of the address, as a file."""
    made = _chosen(request)
    if name not in NAMES or form not in FORMATS:
        raise Http404
    first = made.first_day
    try:
        report = build(
            name, made.frame, Options(by=request.GET.get("by", ""), first=first, last=made.frame.as_of)
        )
    except DomainError as error:
        page = {"error": str(error), "back": reverse("reporting:dashboard") + made.query()}
        return render(request, "reporting/refused.html", page, status=error.status)
    answer = HttpResponse(write(report, form), content_type=media_type(form))
    file_name = f"{name}-{made.frame.entity.code}-{made.frame.as_of}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer
