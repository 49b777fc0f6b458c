"""Turns DATABASE_URL, REDIS_URL and EMAIL_URL into settings, or says what is wrong with them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

EMBEDDED_USER = "postgres"
EMBEDDED_NAME = "zanjar"
WEB_POOL = "16"  # connections of a web process at the most
POOL_WAIT = 10  # seconds that a request waits for one
# Seconds after which the pool stops asking a dead server, each time later: the next request asks at once instead,
# and the site is back when the server is.
POOL_GIVES_UP = 3


def _split(name: str, url: str, schemes: set[str], example: str) -> SplitResult:
    """The parts of `url`; raises when the scheme is not one of `schemes` or the port is no number."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not a valid address ({error}). Example: {example}.") from error
    if parts.scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must look like {example}, not {parts.scheme or 'nothing'}:...")
    return parts


def database(url: str, embedded_socket: Path) -> dict[str, Any]:
    """The connection part of DATABASES: the server `url` names, or the embedded one when it is empty."""
    if not url:
        return {"NAME": EMBEDDED_NAME, "USER": EMBEDDED_USER, "HOST": str(embedded_socket), "PORT": ""}
    example = "postgres://user:password@host:5432/zanjar"
    parts = _split("DATABASE_URL", url, {"postgres", "postgresql"}, example)
    if not parts.path.strip("/"):
        raise ImproperlyConfigured(f"DATABASE_URL names no database. Example: {example}.")
    options = dict(parse_qsl(parts.query))
    return {
        "NAME": unquote(parts.path.strip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),  # ?host=/path names a socket's directory
        "PORT": str(parts.port or ""),
        "OPTIONS": options,
    }


def pooled(connection: dict[str, Any], most: int) -> dict[str, Any]:
    """The same connection out of a pool of at most `most`; 0 is none, each thread then keeps its own."""
    if not most:
        return connection
    pool = {"min_size": 1, "max_size": most, "timeout": POOL_WAIT, "reconnect_timeout": POOL_GIVES_UP}
    return connection | {"CONN_MAX_AGE": 0, "OPTIONS": {**connection.get("OPTIONS", {}), "pool": pool}}


def broker_url(redis_url: str) -> str:
    """REDIS_URL as Celery spells it (a UNIX socket has another scheme there)."""
    parts = _split("REDIS_URL", redis_url, {"redis", "rediss", "unix"}, "redis://host:6379/0")
    if parts.scheme != "unix":
        return redis_url
    number = dict(parse_qsl(parts.query)).get("db", "0")
    return f"redis+socket://{quote(unquote(parts.path))}?virtual_host={number}"


@dataclass(frozen=True, slots=True)
class Mail:
    """How Django itself sends mail (password resets): the parts of EMAIL_URL."""

    backend: str
    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False


def mail(url: str) -> Mail:
    """`file:` writes messages to VAR_DIR/mail; `smtp:`, `smtp+tls:` (STARTTLS) and `smtps:` send them."""
    parts = _split(
        "EMAIL_URL", url, {"file", "smtp", "smtp+tls", "smtps"}, "smtp+tls://user:password@host:587"
    )
    if parts.scheme == "file":
        return Mail(backend="django.core.mail.backends.filebased.EmailBackend")
    if not parts.hostname:
        raise ImproperlyConfigured("EMAIL_URL names no host. Example: smtp+tls://user:password@host:587.")
    return Mail(
        backend="django.core.mail.backends.smtp.EmailBackend",
        host=parts.hostname,
        port=parts.port or {"smtp": 25, "smtp+tls": 587, "smtps": 465}[parts.scheme],
        user=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        starttls=parts.scheme == "smtp+tls",
        tls=parts.scheme == "smtps",
    )
