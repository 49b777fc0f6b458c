"""The sheets of a dispute: each asks for what an act demands, and does it."""

from __future__ import annotations

from collections.abc import Callable

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from disputes import selectors, services
from disputes.errors import FieldErrors
from disputes.forms import AssignForm, LinesForm, MoveForm, ReasonForm, ReopenForm
from disputes.forms_outcome import DecideForm
from disputes.models import Dispute
from disputes.views.common import done, find, person, refused, sheet
from lib import clock
from lib.errors import DomainError

Do = Callable[[forms.Form], object]


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, even when it is empty: an empty post is a form with everything missing."""
    return request.POST if request.method == "POST" else None


def fill(
    request: HttpRequest,
    dispute: Dispute,
    form: forms.Form,
    do: Do,
    *,
    title: str,
    button: str,
    said: str = "",
) -> HttpResponse:
    """Show the form, or do what it says: fields that are wrong stay in the sheet, a refusal shows the card."""
    context = {"form": form, "title": title, "button": button}
    if request.method != "POST":
        return sheet(request, dispute, context)
    if form.is_valid():
        try:
            do(form)
            return done(request, dispute.pk, said)
        except FieldErrors as wrong:
            for name, sentence in wrong.fields.items():
                form.add_error(name if name in form.fields else None, sentence)
        except DomainError as error:
            return refused(request, dispute.pk, error)
    return sheet(request, dispute, context, status=422)


@login_required
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Make a move of the route; a move that demands nothing needs no sheet."""
    dispute, user = find(request, pk), person(request)
    found = next((one for one in selectors.moves_for(dispute, user) if one.code == code), None)
    form = MoveForm(posted(request), dispute=dispute, demands=found.demands if found else [])
    if request.method == "GET" and found is None:
        raise Http404
    if found is not None and found.to_stage_id is None:
        form.after, form.move = "move,credit_amount", found.code
    dispute.stage_id = (
        int(request.POST.get("stage", "")) if request.POST.get("stage", "").isdigit() else dispute.stage_id
    )

    def do(form: forms.Form) -> object:
        return services.make_move(
            dispute=dispute, move_code=code, by=user, at=clock.now(), fields=form.cleaned_data
        )

    title = found.label if found else ""
    return fill(request, dispute, form, do, title=title, button=title, said=_("Done."))


@login_required
@require_http_methods(["GET", "POST"])
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the dispute to a person or department, or to another coordinator."""
    dispute, user = find(request, pk), person(request)
    form = AssignForm(posted(request), dispute=dispute)

    def do(form: forms.Form) -> object:
        return services.assign(dispute=dispute, by=user, at=clock.now(), **form.cleaned_data)

    return fill(request, dispute, form, do, title=_("Assign"), button=_("Assign"), said=_("Assigned."))


@login_required
@require_http_methods(["GET", "POST"])
def classify(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the stated reason."""
    dispute, user = find(request, pk), person(request)
    form = ReasonForm(posted(request), dispute=dispute)

    def do(form: forms.Form) -> object:
        return services.classify(dispute=dispute, by=user, at=clock.now(), reason=form.cleaned_data["reason"])

    return fill(
        request,
        dispute,
        form,
        do,
        title=_("Change the reason"),
        button=_("Change"),
        said=_("Reason changed."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def lines(request: HttpRequest, pk: int) -> HttpResponse:
    """Change how much of each invoice is disputed."""
    dispute, user = find(request, pk), person(request)
    form = LinesForm(posted(request), dispute=dispute)

    def do(form: forms.Form) -> object:
        wanted = [
            services.LineInput(
                line.invoice_id,
                amount,
                line.invoice_line_id,
                line.quantity if amount == line.amount else None,
            )
            for line, amount in form.wanted()  # type: ignore[attr-defined]
        ]
        try:
            return services.change_lines(dispute=dispute, by=user, at=clock.now(), lines=wanted)
        except FieldErrors as wrong:
            raise form.own_errors(wrong) from None  # type: ignore[attr-defined]

    title = _("Change the disputed amounts")
    return fill(
        request, dispute, form, do, title=title, button=_("Save"), said=_("Disputed amounts changed.")
    )


@login_required
@require_http_methods(["GET", "POST"])
def close(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide the outcome and close, wherever the dispute stands."""
    dispute, user = find(request, pk), person(request)
    form = DecideForm(posted(request), dispute=dispute, user=user)

    def do(form: forms.Form) -> object:
        given = form.given()  # type: ignore[attr-defined]
        return services.close_dispute(dispute=dispute, by=user, at=clock.now(), **given)

    return fill(
        request,
        dispute,
        form,
        do,
        title=_("Close the dispute"),
        button=_("Close the dispute"),
        said=_("Decided."),
    )


@login_required
@require_http_methods(["GET", "POST"])
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a closed dispute up again."""
    dispute, user = find(request, pk), person(request)
    form = ReopenForm(posted(request))

    def do(form: forms.Form) -> object:
        return services.reopen_dispute(
            dispute=dispute, by=user, at=clock.now(), note=form.cleaned_data["note"]
        )

    return fill(
        request, dispute, form, do, title=_("Reopen the dispute"), button=_("Reopen"), said=_("Reopened.")
    )
