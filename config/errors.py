"""The answers when something goes wrong: a page for people, problem details (RFC 9457) under /api/."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def _answer(request: HttpRequest, status: int, title: str) -> HttpResponse:
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": title, "status": status}
        return JsonResponse(problem, status=status, content_type="application/problem+json")
    return render(request, f"{status}.html", {"title": title}, status=status)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood."""
    return _answer(request, 400, _("The request cannot be understood"))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: you may not do this."""
    return _answer(request, 403, _("You may not do this"))


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: the form was too old, or came from elsewhere."""
    return _answer(request, 403, _("The form has expired; load the page again"))


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: nothing here that you may see."""
    return _answer(request, 404, _("Not found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault. The page uses no database, which may be the very thing that failed."""
    title = _("Something went wrong on our side")
    if request.path.startswith("/api/"):
        return _answer(request, 500, title)
    return HttpResponse(render(None, "500.html", {"title": title}).content, status=500)
