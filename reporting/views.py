"""The pages of reporting: shape in, shape out."""

from typing import cast

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import policy
from accounts.models import User
from accounts.requests import person
from lib.errors import DomainError
from reporting.boards.choices import ABOUT_A_PERSON
from reporting.boards.selectors import Opened, all_boards, opened
from reporting.dashboard.definitions import REPORTS
from reporting.dashboard.drill import behind
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen, chosen, shown
from reporting.dashboard.tiles import bands
from reporting.export import FORMATS, media_type, write
from reporting.reports import NAMES, TITLES, Options, build
from reporting.reports.group import currency_of, group_report
from reporting.selectors.frame import entities_for, make_frame

FILES = [
    {"name": name, "title": TITLES[name], "means": REPORTS[name], "forms": ("xlsx", "pdf", "csv")}
    for name in NAMES
]


def _chosen(request: HttpRequest) -> Chosen:
    """What the reader chose; 404 for those who may read no figures here."""
    made = chosen(cast(User, request.user), request.GET)
    if made is None:
        raise Http404(_("There are no figures here that you may read."))
    return made


def _people(made: Chosen, board: Opened) -> list[tuple[str, str]]:
    """Whom to choose when the board is about one salesperson and the address names none: names and addresses."""
    if made.person is not None or not ABOUT_A_PERSON.intersection(board.tiles):
        return []
    return [(name, made.query(board=board.key, salesperson=key)) for key, name in made.people]


@login_required
@require_GET
def dashboard(request: HttpRequest) -> HttpResponse:
    """A board of the dashboard: figures, charts, and the table behind what was clicked."""
    made = _chosen(request)
    boards = all_boards(person(request), made.frame.entity.pk)
    board = opened(boards, made.board)
    if board is None:
        raise Http404(_("There is no such board."))
    page = {
        "made": made,
        "board": board,
        "people": _people(made, board),
        "boards": [(one, made.query(board=one.key)) for one in boards],
        "bar": shown(made.form, made),
        "entity": made.frame.entity,
        "as_of": made.frame.as_of,
        "here": reverse("reporting:dashboard"),
        "query": made.query(),
        "reports": FILES,
        "now": timezone.now(),
        "group": ("xlsx", "pdf", "csv") if "entity" in made.form.fields else (),
        "group_means": REPORTS["group"],
        "may_set": policy.may(person(request), "report.standards", made.frame.entity.pk),
    }
    try:
        found = Figures(made.frame, made.months)
        page |= {"found": found, "empty": found.empty, "bands": bands(board.tiles, found, made)}
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
def group_file(request: HttpRequest, form: str) -> HttpResponse:
    """All legal entities of the reader together, on the day of the address, as a file."""
    made, user = _chosen(request), person(request)
    if form not in FORMATS:
        raise Http404
    entities = entities_for(user).order_by("code")
    frames = [make_frame(entity, made.frame.as_of, user=user) for entity in entities]
    try:
        report = group_report(frames, currency_of(frames, made.frame.entity.currency))
    except DomainError as error:
        page = {"error": str(error), "back": reverse("reporting:dashboard") + made.query()}
        return render(request, "reporting/refused.html", page, status=error.status)
    answer = HttpResponse(write(report, form), content_type=media_type(form))
    answer["Content-Disposition"] = f'attachment; filename="group-{made.frame.as_of}.{form}"'
    return answer


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
            name,
            made.frame,
            Options(
                by=request.GET.get("by", ""),
                first=first,
                last=made.frame.as_of,
                step=request.GET.get("step", ""),
                part=request.GET.get("part", ""),
                bucket=request.GET.get("bucket", ""),
            ),
        )
    except DomainError as error:
        page = {"error": str(error), "back": reverse("reporting:dashboard") + made.query()}
        return render(request, "reporting/refused.html", page, status=error.status)
    answer = HttpResponse(write(report, form), content_type=media_type(form))
    file_name = f"{name}-{made.frame.entity.code}-{made.frame.as_of}.{form}"
    answer["Content-Disposition"] = f'attachment; filename="{file_name}"'
    return answer
