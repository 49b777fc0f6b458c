"""Showing HTML that was written for somebody else (a letter): in a frame that may run nothing and load nothing."""

from django.http import HttpResponse

FRAME_POLICY = "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"


def framed(html: str) -> HttpResponse:
    """The answer for such a frame: no script, no form, no remote image, an origin of its own."""
    return HttpResponse(html, headers={"Content-Security-Policy": FRAME_POLICY, "Cache-Control": "private"})
