"""Ways of sending. `outgoing()` is the one that EMAIL_URL names."""

from pathlib import Path

from django.conf import settings

from mailroom.providers.base import Provider, Refused, Unreachable
from mailroom.providers.files import FileProvider
from mailroom.providers.smtp import Server, SmtpProvider
from mailroom.sms import ShortMessage, send_sms

__all__ = [
    "FileProvider",
    "Provider",
    "Refused",
    "Server",
    "ShortMessage",
    "SmtpProvider",
    "Unreachable",
    "outgoing",
    "send_sms",
    "to_files",
]


def to_files() -> bool:
    """Whether letters are written to files (the embedded default)."""
    return str(settings.EMAIL_URL).startswith("file:")


def outgoing() -> Provider:
    """A fresh provider, to be used as a context."""
    if to_files():
        return FileProvider(Path(settings.EMAIL_FILE_PATH))
    server = Server(
        host=settings.EMAIL_HOST,
        port=settings.EMAIL_PORT,
        user=settings.EMAIL_HOST_USER,
        password=settings.EMAIL_HOST_PASSWORD,
        starttls=settings.EMAIL_USE_TLS,
        tls=settings.EMAIL_USE_SSL,
        timeout=settings.EMAIL_TIMEOUT,
    )
    return SmtpProvider(server)
