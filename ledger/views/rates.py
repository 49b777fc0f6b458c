"""Exchange rates: the latest of each currency, and days that seem to be missing."""

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts import policy
from ledger.rates_shown import gaps, newest
from ledger.views.common import person, today


@require_GET
@login_required
def rates(request: HttpRequest) -> HttpResponse:
    """What is known, of which day, and where to bring more. Who reads any ledger reads them: they belong to none."""
    scope = policy.scope(person(request))
    if not scope.entities("ledger.read"):
        raise PermissionDenied
    on = today(request)
    rows = newest(on)
    context = {
        "rows": rows,
        "published": max((row.rate.on for row in rows), default=None),
        "late": [row for row in rows if row.late],
        "gaps": gaps(on),
        "may_import": bool(scope.entities("ledger.import")),
    }
    return render(request, "ledger/rates.html", context)
