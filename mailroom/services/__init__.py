"""What changes the mailroom: the texts and the outbox."""

from mailroom.catalogue import Text
from mailroom.services.inbound import (
    block_sender,
    bounce_letter,
    let_wait,
    place_mail,
    receive,
    settle_inbound,
    unblock_sender,
)
from mailroom.services.keeping import forget_old_mail, raw_of
from mailroom.services.outbox import (
    Draft,
    File,
    Thread,
    deliver,
    deliver_due,
    queue_letter,
    sweep,
    try_again,
    withdraw_letter,
)
from mailroom.services.replying import make_reply_address, revoke_reply_addresses
from mailroom.services.texts import (
    Rendered,
    Sender,
    plain,
    render,
    reset_template,
    sample_values,
    save_template,
    sender_of,
    text_for,
)

__all__ = [
    "Draft",
    "File",
    "Rendered",
    "Sender",
    "Text",
    "Thread",
    "block_sender",
    "bounce_letter",
    "deliver",
    "deliver_due",
    "forget_old_mail",
    "let_wait",
    "make_reply_address",
    "place_mail",
    "plain",
    "queue_letter",
    "raw_of",
    "receive",
    "render",
    "reset_template",
    "revoke_reply_addresses",
    "sample_values",
    "save_template",
    "sender_of",
    "settle_inbound",
    "sweep",
    "text_for",
    "try_again",
    "unblock_sender",
    "withdraw_letter",
]
