"""Reads the mail that was written to files, for the page that shows it on a machine without a mail server."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

# The newest ones are what a person looks for; older files stay on disk.
SHOWN = 200
KINDS = {".eml", ".log"}


@dataclass(frozen=True, slots=True)
class Mail:
    """One message as it was written. `entity` is empty for mail that is not about a legal entity's customers."""

    name: str
    at: datetime
    sender: str
    recipient: str
    subject: str
    entity: str
    text: str
    html: str
    reply_to: str = ""
    message_id: str = ""
    references: str = ""


def read(directory: Path, name: str) -> Mail | None:
    """The message in that file; None when there is no such file in the directory itself."""
    path = directory / name
    if path.suffix not in KINDS or path.parent != directory or path.is_symlink() or not path.is_file():
        return None
    message = message_from_bytes(path.read_bytes(), policy=policy.default)
    return Mail(
        name=name,
        at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        sender=str(message["From"] or ""),
        recipient=str(message["To"] or ""),
        subject=str(message["Subject"] or ""),
        entity=str(message["X-Zanjar-Entity"] or ""),
        text=_part(message, "plain"),
        html=_part(message, "html"),
        reply_to=str(message["Reply-To"] or message["From"] or ""),
        message_id=str(message["Message-ID"] or ""),
        references=str(message["References"] or ""),
    )


def _part(message: EmailMessage, kind: str) -> str:
    found = message.get_body((kind,))
    return str(found.get_content()) if found else ""


def newest(directory: Path, entities: Iterable[str], *, others: bool) -> list[Mail]:
    """The newest messages of these entities (by code), and with `others` those that belong to none."""
    known = set(entities)
    if not directory.is_dir():
        return []
    paths = [path for path in directory.iterdir() if path.suffix in KINDS]
    paths.sort(key=lambda path: path.stat().st_mtime, reverse=True)
    mails = (read(directory, path.name) for path in paths[:SHOWN])
    return [mail for mail in mails if mail and may_see(mail, known, others=others)]


def may_see(mail: Mail, entities: Iterable[str], *, others: bool) -> bool:
    """Whether somebody with these entities may read it."""
    return mail.entity in set(entities) if mail.entity else others
