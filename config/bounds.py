"""Bounds what a request may upload, before it fills memory or disk."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

FLAG = "zanjar.oversized"


class BoundedBody:
    """ASGI: swallows a body longer than MAX_UPLOAD_BYTES and hands on an empty one, with a flag in the scope.

    The body is read to its end so that the browser, which listens only after sending, gets the answer;
    nothing of it is kept.
    """

    def __init__(self, app: Callable[..., Any]) -> None:
        self.app = app

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Any], send: Callable[..., Any]
    ) -> None:
        """Pass the request on, with its body bounded."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        bound = settings.MAX_UPLOAD_BYTES
        seen = 0

        async def bounded() -> dict[str, Any]:
            nonlocal seen
            message: dict[str, Any] = await receive()
            while message["type"] == "http.request":
                seen += len(message.get("body", b""))
                if not scope.get(FLAG) and seen <= bound:
                    return message
                scope[FLAG] = True
                if not message.get("more_body", False):
                    return {"type": "http.request", "body": b"", "more_body": False}
                message = await receive()
            return message

        if declared.isdigit() and int(declared) > bound:
            scope[FLAG] = True
        await self.app(scope, bounded, send)


class RefuseOversized:
    """Answers 413 with a sentence to a request whose body was longer than allowed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """The 413 page (or problem details under /api/), or whatever comes next."""
        if not getattr(request, "scope", {}).get(FLAG):
            return self.get_response(request)
        megabytes = settings.MAX_UPLOAD_BYTES // (1024 * 1024)
        detail = _("The upload is larger than %(bound)s MB. Split the file, or use the command line.")
        detail = detail % {"bound": megabytes}
        if request.path.startswith("/api/"):
            problem = {"type": "about:blank", "title": _("Too large"), "status": 413, "detail": detail}
            return JsonResponse(problem, status=413, content_type="application/problem+json")
        return render(request, "413.html", {"title": _("Too large"), "detail": detail}, status=413)
