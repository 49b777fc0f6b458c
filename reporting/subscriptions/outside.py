"""The page that ends a reader's mails: a signed link, no session. A GET only shows, so that scanners end nothing."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from lib import clock
from lib.throttle import within
from reporting.models import SubscriptionReader
from reporting.subscriptions import links, services
from reporting.subscriptions.contents import title_of

# A minute, from one address.
LOOKS = 60


# The secret in the address is the right itself, and a mail program posts it without cookies (RFC 8058).
@csrf_exempt
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Show what ends; a POST ends it. One that is gone altogether counts as ended."""
    pk = links.read(token)
    if pk is None or not within(f"stop:{request.META.get('REMOTE_ADDR', '')}", limit=LOOKS, seconds=60):
        raise Http404
    reader = SubscriptionReader.objects.select_related("subscription__entity", "user").filter(pk=pk).first()
    if reader is None:
        return _draw({"over": True})
    if request.method == "POST":
        services.leave(reader=reader, at=clock.now())
    with override(reader.user.language):
        row = reader.subscription
        over = request.method == "POST" or reader.left_at is not None
        return _draw(
            {"over": over, "title": title_of(row.report), "company": row.entity.name, "token": token}
        )


def _draw(context: dict[str, object]) -> HttpResponse:
    """The page, without the shell of the app: no session, no script."""
    page = render(None, "reporting/stop.html", context)  # type: ignore[arg-type]
    page["Referrer-Policy"], page["X-Robots-Tag"] = "no-referrer", "noindex, nofollow"
    return page
