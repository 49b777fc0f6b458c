"""The route of one dispute, drawn with the way it took and where it is."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.models import Event
from disputes import services
from disputes.drawing import Marks, draw
from disputes.models import Dispute
from disputes.route_shown import rows_of_stages
from disputes.services.common import STREAM
from disputes.views.common import find
from disputes.views.route_common import names_of


def marks_of(dispute: Dispute) -> Marks:
    """Where the dispute was on the edition it follows, which moves it made, and where it is or how it ended."""
    stages = dispute.stays.filter(stage__version=dispute.route_version_id)
    rows = Event.objects.filter(
        stream=STREAM, object_id=dispute.pk, kind__in=["dispute.moved", "dispute.closed"]
    )
    moves = [
        ((data.get("from") or {}).get("code"), data.get("move"))
        for data in rows.values_list("data", flat=True)
    ]
    return Marks(
        been=frozenset(stages.values_list("stage__code", flat=True)),
        taken=frozenset((str(stage), str(move)) for stage, move in moves if stage and move),
        here=dispute.stage.code if dispute.is_open else "",
        ended="" if dispute.is_open else dispute.status,
    )


@require_GET
@login_required
def dispute_route(request: HttpRequest, pk: int) -> HttpResponse:
    """The drawing, for everybody who sees the dispute."""
    dispute = find(request, pk)
    data = services.read_route(dispute.route_version)
    names = names_of(dispute.entity, data)
    context = {
        "dispute": dispute,
        "picture": draw(data, names, marks_of(dispute)),
        "stages": rows_of_stages(data, names),
    }
    return render(request, "disputes/dispute_route.html", context)
