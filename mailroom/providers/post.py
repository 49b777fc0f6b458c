"""Posting by a provider that prints: any HTTP service that takes a PDF and what it is about (POST_URL)."""

from __future__ import annotations

import base64
import json
import secrets
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from mailroom.providers.base import Refused, Unreachable

TIMEOUT = 30
LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.CONFLICT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


@dataclass(frozen=True, slots=True)
class Posting:
    """One letter to post. `facts` are what the provider needs to know, as JSON."""

    key: str
    pdf: bytes
    facts: dict[str, Any]


class _NoRedirects(HTTPRedirectHandler):
    """A letter is given to the address the operator named and to no other."""

    def redirect_request(self, *_args: Any, **_kwargs: Any) -> None:
        return None


class HttpPost:
    """POSTs multipart/form-data: `letter` is the PDF, `data` the JSON. The key of the letter goes as Idempotency-Key.

    2xx is taken; 408, 409, 425, 429, 5xx and silence are tried again; any other answer is a refusal.
    """

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        host = parts.netloc.rpartition("@")[2]
        self.url = urlunsplit(parts._replace(netloc=host))
        self.login = (
            f"{unquote(parts.username or '')}:{unquote(parts.password or '')}" if parts.username else ""
        )

    def send(self, posting: Posting) -> None:
        """Hand over one letter; raises Refused or Unreachable."""
        boundary = secrets.token_hex(16)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Idempotency-Key": posting.key,
            "Accept": "application/json",
        }
        if self.login:
            headers["Authorization"] = f"Basic {base64.b64encode(self.login.encode()).decode()}"
        request = Request(self.url, data=_body(posting, boundary), headers=headers, method="POST")  # noqa: S310
        try:
            with build_opener(_NoRedirects).open(request, timeout=TIMEOUT):
                return
        except HTTPError as error:
            said = error.read(300).decode(errors="replace")
            later = error.code in LATER or error.code >= HTTPStatus.INTERNAL_SERVER_ERROR
            raise (Unreachable if later else Refused)(f"{error.code} {said}") from error
        except (URLError, OSError) as error:
            raise Unreachable(str(error)) from error


def _body(posting: Posting, boundary: str) -> bytes:
    name = "".join(sign if sign.isalnum() else "-" for sign in posting.key)
    parts = (
        ("data", "", "application/json", json.dumps(posting.facts, ensure_ascii=False).encode()),
        ("letter", f'; filename="{name}.pdf"', "application/pdf", posting.pdf),
    )
    lines = b""
    for field, more, media_type, content in parts:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{field}"{more}\r\n'
        lines += f"{head}Content-Type: {media_type}\r\n\r\n".encode() + content + b"\r\n"
    return lines + f"--{boundary}--\r\n".encode()
