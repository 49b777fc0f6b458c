"""What changes the mailroom: the texts and the outbox."""

from mailroom.catalogue import Text
from mailroom.paper.sheet import Paper, sheet_of
from mailroom.services.batches import make_batch, mark_posted, pdf_of_batch, reviews
from mailroom.services.carrying import envelope_of, framed_html, pdf_of, with_pictures
from mailroom.services.inbound import (
    block_sender,
    let_wait,
    place_mail,
    receive,
    settle_inbound,
    unblock_sender,
)
from mailroom.services.keeping import forget_old_mail, raw_of
from mailroom.services.letterheads import set_letterhead
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
    render_short,
    reset_template,
    sample_values,
    save_template,
    sender_of,
    text_for,
)
from mailroom.services.tracking import bounce_letter, mark_delivered, mark_read, return_letter

__all__ = [
    "Draft",
    "File",
    "Paper",
    "Rendered",
    "Sender",
    "Text",
    "Thread",
    "block_sender",
    "bounce_letter",
    "deliver",
    "deliver_due",
    "envelope_of",
    "forget_old_mail",
    "framed_html",
    "let_wait",
    "make_batch",
    "make_reply_address",
    "mark_delivered",
    "mark_posted",
    "mark_read",
    "pdf_of",
    "pdf_of_batch",
    "place_mail",
    "plain",
    "queue_letter",
    "raw_of",
    "receive",
    "render",
    "render_short",
    "reset_template",
    "return_letter",
    "reviews",
    "revoke_reply_addresses",
    "sample_values",
    "save_template",
    "sender_of",
    "set_letterhead",
    "settle_inbound",
    "sheet_of",
    "sweep",
    "text_for",
    "try_again",
    "unblock_sender",
    "with_pictures",
    "withdraw_letter",
]
