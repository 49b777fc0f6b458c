"""Writes an answer to a mail as a mail program would: on a machine without a mail server, to try both ways."""

from __future__ import annotations

import mimetypes
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, make_msgid

LONGEST_REPLY = 20_000


@dataclass(frozen=True, slots=True)
class Answered:
    """The mail that is answered, as its recipient got it."""

    sender: str
    recipient: str
    reply_to: str
    subject: str
    message_id: str
    references: str
    text: str


def answer(to: Answered, *, text: str, at: datetime, file: tuple[str, bytes] | None = None) -> bytes:
    """The whole answer: threaded, with the answered mail quoted below, and a file when there is one."""
    mail = EmailMessage(policy=SMTP)
    mail["From"], mail["To"] = to.recipient, to.reply_to
    mail["Subject"] = to.subject if to.subject.lower().startswith("re:") else f"Re: {to.subject}"
    mail["Date"] = format_datetime(at)
    mail["Message-ID"] = make_msgid(domain="localhost")
    if to.message_id:
        mail["In-Reply-To"] = to.message_id
        mail["References"] = " ".join(filter(None, [to.references, to.message_id]))
    quoted = "\n".join(f"> {line}".rstrip() for line in to.text.splitlines())
    mail.set_content(f"{text.strip()}\n\nOn {at:%d/%m/%Y %H:%M}, {to.sender} wrote:\n\n{quoted}\n")
    if file is not None:
        name, data = file
        kind, _encoding = mimetypes.guess_type(name)
        main, _slash, sub = (kind or "application/octet-stream").partition("/")
        mail.add_attachment(data, maintype=main, subtype=sub, filename=name)
    return mail.as_bytes()
