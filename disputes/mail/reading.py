"""Reads an e-mail: from an .eml file or from pasted text. Pure: bytes or words in, parts out; everything is bounded."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import parseaddr, parsedate_to_datetime
from html.parser import HTMLParser

from django.utils.translation import gettext as _

from lib.errors import Unprocessable

LARGEST = 10 * 1024 * 1024
MOST_PARTS = 200
MOST_FILES = 20
LONGEST_TEXT = 50_000
LONGEST_LINE = 250
LONGEST_HEADER = 20
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
    """A file that came with the mail."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says. `identity` never repeats: its Message-ID, or what its content gives."""

    identity: str
    address: str
    sender: str
    subject: str
    sent_at: datetime | None
    text: str
    files: tuple[Attached, ...] = ()


def read_eml(data: bytes) -> Letter:
    """An .eml file; raises UnreadableMail."""
    if len(data) > LARGEST:
        raise UnreadableMail(_("An e-mail may have at most 10 MB."), code="mail_too_large")
    try:
        message = BytesParser(_class=EmailMessage, policy=policy.default).parsebytes(data)
        if not message.keys() or not (message["from"] or message["subject"]):
            raise UnreadableMail(_("This is no e-mail: save it as .eml, or paste its text."), code="no_mail")
        name, address = parseaddr(_header(message, "from"))
        return Letter(
            identity=_header(message, "message-id").strip("<> ")[:LONGEST_LINE] or _digest(data),
            address=address.lower()[:LONGEST_LINE],
            sender=(name or address)[:LONGEST_LINE],
            subject=_header(message, "subject")[:LONGEST_LINE],
            sent_at=_moment(_header(message, "date")),
            text=_clean(_text(message)),
            files=_files(message),
        )
    except (LookupError, ValueError, AttributeError, TypeError, RecursionError) as error:
        raise UnreadableMail(_("This e-mail cannot be read."), code="unreadable_mail") from error


def read_text(text: str) -> Letter:
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
    return Letter(
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
    return _plain(words) if body.get_content_type() == "text/html" else words


def _content(part: MIMEPart) -> str:
    try:
        return str(part.get_content())
    except LookupError:  # a character set that nobody knows
        data = part.get_payload(decode=True)
        return data.decode("utf-8", "replace") if isinstance(data, bytes) else ""


def _files(message: EmailMessage) -> tuple[Attached, ...]:
    files: list[Attached] = []
    for place, part in enumerate(message.iter_attachments()):
        if place >= MOST_PARTS or len(files) >= MOST_FILES:
            break
        data = part.get_payload(decode=True)
        if isinstance(data, bytes) and data:
            name = (part.get_filename() or f"{place + 1}").replace("\x00", "")
            files.append(Attached(name[:LONGEST_LINE], data))
    return tuple(files)


def _clean(text: str) -> str:
    lines = (line.rstrip() for line in text.replace("\x00", "").replace("\r\n", "\n").splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()[:LONGEST_TEXT]


class _Words(HTMLParser):
    """The text of an HTML mail; what is never shown is left out."""

    HIDDEN = ("script", "style", "head", "title")
    BREAKS = ("p", "br", "div", "tr", "li", "h1", "h2", "h3", "table")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.hidden = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """A block begins a new line."""
        self.hidden += tag in self.HIDDEN
        if tag in self.BREAKS:
            self.words.append("\n")

    def handle_endtag(self, tag: str) -> None:
        """The end of something hidden."""
        self.hidden -= tag in self.HIDDEN and self.hidden > 0

    def handle_data(self, data: str) -> None:
        """Words."""
        if not self.hidden:
            self.words.append(data)


def _plain(html: str) -> str:
    reader = _Words()
    reader.feed(html[: 20 * LONGEST_TEXT])
    return re.sub(r"[ \t\xa0]+", " ", "".join(reader.words))
