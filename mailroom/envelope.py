"""A letter as it travels: headers and parts, and nothing of the database."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A file that goes along; with a `cid` it is a picture inside the HTML."""

    name: str
    media_type: str
    data: bytes
    cid: str = ""


@dataclass(frozen=True, slots=True)
class Envelope:
    """One e-mail. The message id never changes, so that mailboxes fold a duplicate."""

    key: str
    message_id: str
    from_name: str
    from_address: str
    reply_to: str
    to_name: str
    to_address: str
    subject: str
    text: str
    html: str
    language: str
    entity: str
    at: datetime
    in_reply_to: str = ""
    references: str = ""
    unsubscribe: str = ""
    one_click: bool = False
    files: tuple[Enclosed, ...] = ()

    def as_bytes(self, *, entity_header: bool = False) -> bytes:
        """The whole message; `entity_header` adds whose letter it is, for the page that reads files."""
        message = EmailMessage(policy=SMTP)
        message["From"] = _address(self.from_name, self.from_address)
        message["To"] = _address(self.to_name, self.to_address)
        if self.reply_to:
            message["Reply-To"] = self.reply_to
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.at)
        message["Message-ID"] = self.message_id
        message["Auto-Submitted"] = "auto-generated"
        if self.in_reply_to:
            message["In-Reply-To"] = self.in_reply_to
            message["References"] = self.references or self.in_reply_to
        if self.unsubscribe:
            message["List-Unsubscribe"] = f"<{self.unsubscribe}>"
            if self.one_click:
                message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        if entity_header:
            message["X-Zanjar-Entity"] = self.entity
        message.set_content(self.text)
        if self.html:
            message.add_alternative(self.html, subtype="html")
            self._inline(message)
        for file in self.files:
            if not file.cid:
                main, _slash, sub = file.media_type.partition("/")
                message.add_attachment(file.data, maintype=main, subtype=sub, filename=file.name)
        # Last: setting the content drops every Content-* header set before.
        message["Content-Language"] = self.language
        return message.as_bytes()

    def _inline(self, message: EmailMessage) -> None:
        """The pictures of the HTML, beside it in a part of their own, as RFC 2387 wants it."""
        page = list(message.iter_parts())[-1]
        for file in self.files:
            if file.cid and isinstance(page, EmailMessage):
                main, _slash, sub = file.media_type.partition("/")
                page.add_related(
                    file.data,
                    maintype=main,
                    subtype=sub,
                    cid=f"<{file.cid}>",
                    filename=file.name,
                    disposition="inline",
                )


def _address(name: str, address: str) -> Address:
    """The display name loses line breaks: nothing in it can become a header of its own."""
    return Address(display_name=" ".join(name.split()), addr_spec=address)


def usable(address: str) -> bool:
    """Whether mail can be addressed to it at all."""
    try:
        validate_email(address)
    except ValidationError:
        return False
    return address.isascii()


def message_id(key: str, from_address: str) -> str:
    """The message id of a letter: always the same for the same key and sender's domain."""
    digest = hashlib.sha256(key.encode()).hexdigest()[:32]
    return f"<{digest}@{from_address.rpartition('@')[2] or 'localhost'}>"
