"""Tells the browser the number under which the log knows its request."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse


def current() -> str:
    """The number of the request that is being answered, "" outside of one."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


class RequestIdMiddleware:
    """After django_structlog's: puts the number into `X-Request-Id` of every answer."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = current()
        response = self.get_response(request)
        if number:
            response.headers.setdefault("X-Request-Id", number)
        return response
