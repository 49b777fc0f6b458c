"""The sheets of the branches that run at the same time."""

from __future__ import annotations

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.models import User
from disputes import services
from disputes.branches_shown import last_runs
from disputes.forms_branches import FinishForm, GiveForm
from disputes.models import BranchRun, Dispute
from disputes.views.common import find, person
from disputes.views.sheets import fill, posted
from lib import clock


@login_required
@require_http_methods(["GET", "POST"])
def finish_branch(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Say what came out of a branch; when enough of them are done the dispute goes on."""
    dispute, user = find(request, pk), person(request)
    run = _run(dispute, code, user)

    def do(form: forms.Form) -> object:
        given = form.cleaned_data
        return services.finish_branch(dispute=dispute, branch=code, by=user, at=clock.now(), **given)

    title = _("Finish “%(branch)s”") % {"branch": run.branch.label}
    return fill(
        request, dispute, FinishForm(posted(request)), do, title=title, button=_("Finish"), said=_("Done.")
    )


@login_required
@require_http_methods(["GET", "POST"])
def give_branch(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Give a branch to somebody else."""
    dispute, user = find(request, pk), person(request)
    run = _run(dispute, code, user)

    def do(form: forms.Form) -> object:
        given = form.cleaned_data
        return services.give_branch(dispute=dispute, branch=code, by=user, at=clock.now(), **given)

    title = _("Give “%(branch)s” to somebody else") % {"branch": run.branch.label}
    form = GiveForm(posted(request), dispute=dispute)
    return fill(request, dispute, form, do, title=title, button=_("Assign"), said=_("Assigned."))


def _run(dispute: Dispute, code: str, user: User) -> BranchRun:
    """The branch of the dispute's last stage with branches, or 404."""
    found = next((run for run in last_runs(dispute, user) if run.branch.code == code), None)
    if found is None:
        raise Http404
    return found
