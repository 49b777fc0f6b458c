"""What every API door shares: problem details (RFC 9457), cursor pages, and errors of the domain as answers."""

from __future__ import annotations

from http import HTTPStatus
from io import BytesIO
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, ValidationError
from django.http import Http404, HttpRequest
from django.utils.encoding import force_str
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.pagination import CursorPagination
from rest_framework.response import Response
from rest_framework.views import set_rollback

from lib.errors import DomainError

PROBLEM = "application/problem+json"
BULK_BYTES = 32 * 1024 * 1024


def problem(
    status: int, detail: str, *, code: str = "", headers: dict[str, str] | None = None, **more: Any
) -> Response:
    """An answer in the shape of RFC 9457: type, title, status, detail, and what else is known."""
    body = {
        "type": f"urn:zanjar:problem:{code}" if code else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return Response(body, status=status, headers=headers, content_type=PROBLEM)


def handle_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn what a view raised into problem details; None lets a bug become a 500."""
    answer = _answer(error)
    if answer is not None:
        set_rollback()
    return answer


def _answer(error: Exception) -> Response | None:
    if isinstance(error, DomainError):
        return problem(error.status, str(error), code=error.code, **error.facts)
    if isinstance(error, Http404):
        return problem(404, _("There is no such thing, or you may not see it."), code="not_found")
    if isinstance(error, PermissionDenied):
        return problem(403, _("You may not do this."), code="not_allowed")
    if isinstance(error, ValidationError):
        return problem(422, " ".join(error.messages), code="invalid", errors=_django_errors(error))
    if isinstance(error, exceptions.ValidationError):
        return problem(
            400, _("Some fields are missing or have the wrong shape."), code="shape", errors=error.detail
        )
    if isinstance(error, exceptions.APIException):
        return _rest_problem(error)
    return None


def _rest_problem(error: exceptions.APIException) -> Response:
    headers = {}
    challenge, wait = getattr(error, "auth_header", ""), getattr(error, "wait", None)
    if challenge:
        headers["WWW-Authenticate"] = challenge
    if wait:
        headers["Retry-After"] = str(int(wait))
    return problem(error.status_code, force_str(error.detail), code=str(error.default_code), headers=headers)


def _django_errors(error: ValidationError) -> dict[str, list[str]]:
    return error.message_dict if hasattr(error, "error_dict") else {"": error.messages}


def whole_body(request: HttpRequest) -> bytes:
    """The body, for a program that is signed in and sends many rows: beyond Django's bound for forms, up to BULK_BYTES.

    It stays readable for the view. Raises RequestDataTooBig beyond the bound.
    """
    if not hasattr(request, "_body") and request.path.endswith("/bulk/"):
        declared = request.headers.get("Content-Length", "")
        if declared.isdigit() and int(declared) > BULK_BYTES:
            raise RequestDataTooBig(f"The body of a bulk call has more than {BULK_BYTES} bytes.")
        body = request.read(BULK_BYTES + 1)
        if len(body) > BULK_BYTES:
            raise RequestDataTooBig(f"The body of a bulk call has more than {BULK_BYTES} bytes.")
        request._body, request._stream = body, BytesIO(body)  # type: ignore[attr-defined]
    return request.body


class NewestFirst(CursorPagination):
    """Pages of 50, newest first; page N costs what page 1 costs."""

    page_size = 50
    max_page_size = 500
    page_size_query_param = "page_size"
    ordering = "-id"
