"""Turns IMAP_URL, REPLY_ADDRESS and POST_URL into settings, or says what is wrong with them."""

import re
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from mailroom.inbound.mailbox import Mailbox

EXAMPLE = "imaps://user:password@mail.example.com/INBOX?move=Archive"
PORTS = {"imap": 143, "imap+tls": 143, "imaps": 993}


def mailbox(url: str) -> Mailbox | None:
    """`imaps:`, `imap+tls:` (STARTTLS) or `imap:`; None when no mailbox is read."""
    if not url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(
            f"IMAP_URL is not a valid address ({error}). Example: {EXAMPLE}."
        ) from error
    if parts.scheme not in PORTS or not parts.hostname or not parts.username:
        raise ImproperlyConfigured(f"IMAP_URL must name a user and a host. Example: {EXAMPLE}.")
    return Mailbox(
        host=parts.hostname,
        port=port or PORTS[parts.scheme],
        user=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        move=dict(parse_qsl(parts.query)).get("move", ""),
        starttls=parts.scheme == "imap+tls",
        tls=parts.scheme == "imaps",
    )


def reply_address(given: str, email_url: str) -> str:
    """The mailbox that answers come to; letters that are written to files are answered in the browser."""
    address = given.strip().lower() or ("reply@localhost" if email_url.startswith("file:") else "")
    if address and not re.fullmatch(r"[a-z0-9._-]{1,30}@[a-z0-9.-]+", address):
        raise ImproperlyConfigured(
            "REPLY_ADDRESS must be a plain address such as reply@mail.example.com; "
            "answers come to reply+something@mail.example.com."
        )
    return address


def posting(url: str) -> str:
    """A service that prints and posts what it is given; empty when people print batches."""
    if url and not url.startswith(("https://", "http://")):
        raise ImproperlyConfigured(
            "POST_URL must be an address like https://user:password@post.example.com/letters."
        )
    return url
