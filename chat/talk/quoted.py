"""What a message that came by mail quoted: cut from its words, kept with the mail, shown to who reads the message."""

from __future__ import annotations

from collections.abc import Iterable

from chat.models import Message
from mailroom.models import InboundMail

BY_MAIL = "mail:"
# More than a person reads below an answer is cut.
MOST = 20_000


def token_of(mail_id: int) -> str:
    """The token of the message that a mail becomes."""
    return f"{BY_MAIL}{mail_id:08d}"


def quoting(messages: Iterable[Message]) -> set[int]:
    """Those of the messages, by primary key, below which their mail quotes something. Load author and contact.

    One query, none when nothing came by mail. The sender is compared, for anybody can choose a token.
    """
    mails = {pk: one for one in messages if one.deleted_at is None and (pk := _mail(one)) is not None}
    if not mails:
        return set()
    found = InboundMail.objects.filter(pk__in=mails).exclude(rest="").values_list("pk", "from_address")
    return {mails[pk].pk for pk, sender in found if _wrote(mails[pk], sender)}


def text_of(message: Message) -> str:
    """What its mail quotes, as plain text; empty when it quotes nothing."""
    mail_id = _mail(message)
    if mail_id is None or message.pk not in quoting([message]):
        return ""
    rest = InboundMail.objects.values_list("rest", flat=True).get(pk=mail_id)
    text = rest.replace("\x00", "").strip()
    return text if len(text) <= MOST else text[:MOST] + "\n\n[…]"


def _mail(message: Message) -> int | None:
    number = message.client_token.removeprefix(BY_MAIL)
    known = message.client_token.startswith(BY_MAIL) and number.isascii() and number.isdigit()
    return int(number) if known and len(number) < 19 else None


def _wrote(message: Message, sender: str) -> bool:
    return message.writer is not None and message.writer.email.lower() == sender.lower()
