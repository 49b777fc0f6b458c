"""Mail that nobody wrote: answers of machines, mailing lists, and reports that a letter could not be delivered."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage, Message
from typing import Any

from lib.text import fold
from mailroom.choices import Automatic

LONGEST = 500
# What mail programs write before the subject when they answer for somebody who is away.
AWAY = re.compile(
    r"^(automatic reply|auto(matic)?[ -]?reply|autoreply|out of (the )?office|respuesta automatica|"
    r"fuera de (la )?oficina|ausente|reponse automatique|absence du bureau|absent du bureau|"
    r"absence|automatische antwort|abwesenheitsnotiz)\b"
)
QUIET = frozenset({"bulk", "junk", "auto_reply", "auto-reply"})


@dataclass(frozen=True, slots=True)
class Bounce:
    """What a report says about one letter: whose it was, whether it is given up, and the server's words."""

    message_id: str
    recipient: str
    failed: bool
    diagnostic: str


def reason_of(message: EmailMessage) -> str:
    """Why nobody wrote this mail, or nothing."""
    if message.get_content_type() == "multipart/report":
        kind = str(message.get_param("report-type", "")).lower()
        return Automatic.RECEIPT if kind == "disposition-notification" else Automatic.REPORT
    submitted = _word(message, "auto-submitted")
    if submitted and submitted != "no":
        return Automatic.AWAY if submitted == "auto-replied" else Automatic.MACHINE
    if any(message[name] for name in ("x-autoreply", "x-autorespond", "x-autoresponder")):
        return Automatic.AWAY
    precedence = _word(message, "precedence")
    if precedence == "list" or message["list-id"] or message["list-post"]:
        return Automatic.LIST
    if precedence in QUIET:
        return Automatic.MACHINE
    if AWAY.match(fold(str(message["subject"] or ""))):
        return Automatic.AWAY
    nobody = str(message["return-path"] if message["return-path"] is not None else "x").strip()
    return Automatic.MACHINE if nobody == "<>" else ""


def is_forged(message: EmailMessage) -> bool:
    """Whether a mail server on the way says that the sender's own servers did not send it (DMARC)."""
    said = " ".join(str(one) for one in message.get_all("authentication-results", []))
    return bool(re.search(r"\bdmarc\s*=\s*fail\b", said, re.IGNORECASE))


def _word(message: Message, name: str) -> str:
    """The first word of a header, without its parameters."""
    return str(message[name] or "").split(";")[0].strip().lower()


def bounce_of(message: EmailMessage) -> Bounce | None:
    """What a delivery report says; None for any other mail."""
    if message.get_content_type() != "multipart/report":
        return None
    parts = list(message.walk())[:50]
    report = next((one for one in parts if one.get_content_type() == "message/delivery-status"), None)
    if report is None:
        return None
    blocks: Any = report.get_payload()
    fields = next((one for one in blocks if one["action"]), None) if isinstance(blocks, list) else None
    if fields is None:
        return None
    said = " ".join(filter(None, [_plain(fields["status"]), _plain(fields["diagnostic-code"])]))
    return Bounce(
        message_id=_about(parts),
        recipient=_plain(fields["final-recipient"]).rpartition(";")[2].strip().lower(),
        failed=_word(fields, "action") == "failed",
        diagnostic=said[:LONGEST],
    )


def _plain(value: object) -> str:
    return " ".join(str(value or "").split()).replace("\x00", "")


def _about(parts: Sequence[Message]) -> str:
    """The message id of the letter that the report is about, from the copy that came with it."""
    for part in parts:
        kind = part.get_content_type()
        if kind == "message/rfc822" and isinstance(payload := part.get_payload(), list) and payload:
            return str(payload[0]["message-id"] or "").strip()  # type: ignore[index]
        if kind == "text/rfc822-headers":
            found = re.search(r"^message-id:\s*(<[^>\s]+>)", str(part.get_payload()), re.I | re.M)
            if found:
                return found[1]
    return ""
