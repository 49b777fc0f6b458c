"""Reading a mailbox over IMAP: each mail is handed on, and only then marked as read or moved away."""

from __future__ import annotations

import imaplib
import re
from collections.abc import Callable
from dataclasses import dataclass, field

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

TIMEOUT = 30
AT_ONCE = 100


class MailboxAway(Exception):
    """The mailbox cannot be read now; the text is the server's, or the network's."""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """The mailbox that is read: mails stay in it as read, or are moved to `move`."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    folder: str = "INBOX"
    move: str = ""
    starttls: bool = False
    tls: bool = True


def fetch(box: Mailbox, take: Callable[[bytes], object], *, largest: int) -> int:
    """Hand each waiting mail to `take`, oldest first; how many. Raises MailboxAway.

    A crash between taking and marking is harmless as long as taking twice is. Of a mail larger than `largest`
    only the head is read.
    """
    taken = 0
    try:
        with _connected(box) as mailbox:
            if box.move and not mailbox.folder.exists(box.move):
                mailbox.folder.create(box.move)
            waiting = mailbox.uids("ALL" if box.move else "UNSEEN")
            for uid in waiting[:AT_ONCE]:
                take(_raw(mailbox, uid, largest))
                taken += 1
                if box.move:
                    mailbox.move(uid, box.move)
                else:
                    mailbox.flag(uid, "\\Seen", True)
    except (ImapToolsError, OSError, imaplib.IMAP4.error) as error:
        raise MailboxAway(str(error)) from error
    return taken


def look(box: Mailbox) -> int:
    """How many mails wait; raises MailboxAway."""
    try:
        with _connected(box) as mailbox:
            return len(mailbox.uids("ALL" if box.move else "UNSEEN"))
    except (ImapToolsError, OSError, imaplib.IMAP4.error) as error:
        raise MailboxAway(str(error)) from error


def _connected(box: Mailbox) -> BaseMailBox:
    kind = MailBoxStartTls if box.starttls else MailBox if box.tls else MailBoxUnencrypted
    mailbox = kind(box.host, box.port, timeout=TIMEOUT)
    plain = (box.user + box.password).isascii()
    return (mailbox.login if plain else mailbox.login_utf8)(box.user, box.password, box.folder)


def _raw(mailbox: BaseMailBox, uid: str, largest: int) -> bytes:
    """The mail as it travelled; of one that is too large the head, and enough behind it to be too large again."""
    size = re.search(rb"RFC822\.SIZE (\d+)", _joined(mailbox, uid, "(RFC822.SIZE)"))
    if size and int(size[1]) > largest:
        head = _literal(mailbox, uid, "(BODY.PEEK[HEADER])")
        return head + b"\r\n" + b"." * (largest + 1 - len(head))
    return _literal(mailbox, uid, "(BODY.PEEK[])")


def _joined(mailbox: BaseMailBox, uid: str, what: str) -> bytes:
    _state, answer = mailbox.client.uid("FETCH", uid, what)
    return b" ".join(part if isinstance(part, bytes) else part[0] for part in answer if part)


def _literal(mailbox: BaseMailBox, uid: str, what: str) -> bytes:
    _state, answer = mailbox.client.uid("FETCH", uid, what)
    return next((bytes(part[1]) for part in answer if isinstance(part, tuple)), b"")
