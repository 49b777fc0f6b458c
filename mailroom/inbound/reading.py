"""Reads an e-mail, as it travels or from pasted text. Pure: bytes or words in, parts out; everything is bounded."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, replace
from datetime import datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from django.utils.translation import gettext as _

from lib.errors import Unprocessable
from mailroom.inbound.automatic import Bounce, bounce_of, is_forged, reason_of
from mailroom.inbound.words import plain

LARGEST = 10 * 1024 * 1024
MOST_PARTS = 200
MOST_FILES = 20
LONGEST_TEXT = 50_000
LONGEST_LINE = 250
LONGEST_HEADER = 20
LONGEST_HEAD = 64 * 1024
MOST_HEADERS = 50
MOST_RECIPIENTS = 100
MOST_REFERENCES = 50
RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-forwarded-to")
# The first lines of a pasted mail that say who wrote it, in four languages.
PASTED = re.compile(
    r"^\W{0,3}(from|de|von|subject|asunto|objet|betreff)\s*:\s*(.+)$", re.IGNORECASE | re.MULTILINE
)
SENDER_WORDS = {"from", "de", "von"}
ADDRESS = re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,5}")


class UnreadableMail(Unprocessable):
    """It is no e-mail, or it is too large (422)."""


@dataclass(frozen=True, slots=True)
class Attached:
    """A file that came with the mail; `inline` when it is a picture in its text."""

    name: str
    data: bytes
    inline: bool = False


@dataclass(frozen=True, slots=True)
class Read:
    """What a mail says. `identity` never repeats: its Message-ID, or what its content gives.

    `recipients` are all the addresses it names or came through; `automatic` is why nobody wrote it, or nothing.
    """

    identity: str
    address: str
    sender: str
    subject: str
    sent_at: datetime | None
    text: str
    files: tuple[Attached, ...] = ()
    message_id: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    recipients: tuple[str, ...] = ()
    automatic: str = ""
    bounce: Bounce | None = None
    forged: bool = False


def read_eml(data: bytes, *, largest: int = LARGEST) -> Read:
    """An .eml file; raises UnreadableMail."""
    if len(data) > largest:
        raise UnreadableMail(too_large(largest), code="mail_too_large")
    try:
        message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(data)
        if not message.keys() or not (message["from"] or message["subject"]):
            raise UnreadableMail(_("This is no e-mail: save it as .eml, or paste its text."), code="no_mail")
        return _read(message, data)
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UnreadableMail(_("This e-mail cannot be read."), code="unreadable_mail") from error


def read_head(data: bytes) -> Read:
    """What can be told of a mail that cannot be read, or is too large: whatever its first headers say."""
    head = data[:LONGEST_HEAD].replace(b"\r\n", b"\n").partition(b"\n\n")[0]
    try:
        mail = _read(BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(head), data)
        return replace(mail, text="", files=(), bounce=None)
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError):
        return Read(_digest(data), "", "", "", None, "")


def too_large(largest: int) -> str:
    """The sentence about a mail that is larger than allowed."""
    return _("An e-mail may have at most %(most)s MB.") % {"most": largest // (1024 * 1024)}


def _read(message: EmailMessage, data: bytes) -> Read:
    name, address = parseaddr(_header(message, "from"))
    identity = _ids(_header(message, "message-id"))
    answered = _ids(_header(message, "in-reply-to"))
    return Read(
        identity=(identity[0] if identity else "") or _digest(data),
        address=address.lower()[:LONGEST_LINE],
        sender=(name or address)[:LONGEST_LINE],
        subject=_header(message, "subject")[:LONGEST_LINE],
        sent_at=_moment(_header(message, "date")),
        text=_clean(_text(message)),
        files=_files(message),
        message_id=identity[0] if identity else "",
        in_reply_to=answered[0] if answered else "",
        references=_ids(_header(message, "references"))[-MOST_REFERENCES:],
        recipients=_recipients(message),
        automatic=reason_of(message),
        bounce=bounce_of(message),
        forged=is_forged(message),
    )


def _ids(header: str) -> tuple[str, ...]:
    """The message ids of a header, without their brackets."""
    found = re.findall(r"<([^<>\s]+)>", header) or header.strip("<> ").split()
    return tuple(one[:LONGEST_LINE] for one in found)


def _recipients(message: EmailMessage) -> tuple[str, ...]:
    """Every address the mail is written to or was delivered to, in small letters."""
    values = [str(value) for name in RECIPIENTS for value in message.get_all(name, [])]
    found = (address.lower() for _name, address in getaddresses(values[:MOST_HEADERS]) if "@" in address)
    return tuple(dict.fromkeys(address[:LONGEST_LINE] for address in found))[:MOST_RECIPIENTS]


def read_text(text: str) -> Read:
    """A pasted mail: `From:` and `Subject:` are read when they stand among its first lines."""
    text = _clean(text)
    if not text:
        raise UnreadableMail(_("Paste the text of the e-mail."), code="no_mail")
    head = "\n".join(text.splitlines()[:LONGEST_HEADER])
    found = {match[1].lower(): match[2].strip() for match in reversed(list(PASTED.finditer(head)))}
    said = next((words for name, words in found.items() if name in SENDER_WORDS), "")
    address = ADDRESS.search(said) or ADDRESS.search(head)
    name = parseaddr(said)[0] or re.sub(r"[<(].*", "", said).strip()
    subject = next((words for key, words in found.items() if key not in SENDER_WORDS), "")
    return Read(
        identity=_digest(" ".join(text.split()).encode()),
        address=address[0].lower() if address else "",
        sender=(name or (address[0] if address else ""))[:LONGEST_LINE],
        subject=subject[:LONGEST_LINE],
        sent_at=None,
        text=text,
    )


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(str(message[name] or "").split()).replace("\x00", "")


def _digest(data: bytes) -> str:
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def _moment(text: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError):
        return None
    return moment if moment.tzinfo else None


def _text(message: EmailMessage) -> str:
    """The words of the mail: its plain part, else its HTML part without tags."""
    body = message.get_body(preferencelist=("plain", "html"))
    if body is None:
        return ""
    words = _content(body)
    if body.get_content_type() == "text/html":
        return plain(words)
    return _unfolded(words) if str(body.get_param("format", "")).lower() == "flowed" else words


def _unfolded(text: str) -> str:
    """Text whose lines were broken for the journey ("format=flowed"): a line that ends in a space goes on."""
    lines: list[str] = []
    goes_on = False
    for line in text.replace("\r\n", "\n").split("\n"):
        if goes_on and line[:1] not in (">", ""):
            lines[-1] += line.removeprefix(" ")
        else:
            lines.append(line)
        goes_on = line.endswith(" ") and line != "-- " and not line.startswith(">")
    return "\n".join(lines)


def _content(part: MIMEPart) -> str:
    data = part.get_payload(decode=True)
    if isinstance(data, bytes) and str(part.get_content_charset("us-ascii")) == "us-ascii":
        try:  # many programs forget to say which character set they use
            return data.decode()
        except UnicodeDecodeError:
            return data.decode("cp1252", "replace")
    try:
        return str(part.get_content())
    except LookupError:  # a character set that nobody knows
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""


def _files(message: EmailMessage) -> tuple[Attached, ...]:
    files: list[Attached] = []
    for place, part in enumerate(message.iter_attachments()):
        if place >= MOST_PARTS or len(files) >= MOST_FILES:
            break
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            name = (part.get_filename() or f"{place + 1}").replace("\x00", "")
            inline = part.get_content_maintype() == "image" and part["content-id"] is not None
            files.append(Attached(name[:LONGEST_LINE], data, inline))
    return tuple(files)


def _clean(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\x00", "").replace("\r\n", "\n").splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT]
