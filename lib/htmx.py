"""What a view asks of a request that htmx made."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asks for a fragment (a boosted link asks for the whole page)."""
    return request.headers.get("HX-Request") == "true" and request.headers.get("HX-Boosted") != "true"


def go(request: HttpRequest, url: str) -> HttpResponse:
    """Send the browser to `url`, by header for htmx and by redirect otherwise; the next request is a GET."""
    if is_htmx(request):
        return HttpResponse(headers={"HX-Redirect": url})
    return redirect(url)
