"""Asks ClamAV whether a file carries something harmful. Without CLAMD_URL nobody is asked."""

from __future__ import annotations

import logging
from io import BytesIO
from urllib.parse import urlsplit

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings
from django.utils.translation import gettext as _

from disputes.errors import EvidenceRefused, ScannerAway

PATIENCE = 30
log = logging.getLogger(__name__)


def scan(data: bytes) -> None:
    """Raises EvidenceRefused when the file is infected, ScannerAway when nobody can tell."""
    if not settings.CLAMD_URL:
        return
    try:
        answers = _daemon(settings.CLAMD_URL).instream(BytesIO(data))
    except (ClamdError, OSError) as error:
        log.warning("The virus scanner cannot be reached at %s: %s", settings.CLAMD_URL, error)
        raise ScannerAway(
            _("The virus scanner does not answer. Try again in a moment."), code="scanner_away"
        ) from error
    state, found = answers.get("stream") or ("ERROR", "no answer")
    if state == "FOUND":
        raise EvidenceRefused(
            _("This file is infected (%(name)s) and was not kept.") % {"name": found},
            code="evidence_infected",
        )
    if state != "OK":
        log.warning("The virus scanner answered %s %s", state, found)
        raise ScannerAway(
            _("The virus scanner could not read this file, so it was not kept."), code="scanner_away"
        )


def _daemon(url: str) -> ClamdNetworkSocket:
    parts = urlsplit(url)
    if parts.scheme == "unix":
        return ClamdUnixSocket(path=parts.path, timeout=PATIENCE)
    return ClamdNetworkSocket(host=parts.hostname or "127.0.0.1", port=parts.port or 3310, timeout=PATIENCE)
