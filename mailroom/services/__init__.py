"""What changes the mailroom: the texts and the outbox."""

from mailroom.catalogue import Text
from mailroom.services.outbox import (
    Draft,
    deliver,
    deliver_due,
    queue_letter,
    sweep,
    try_again,
    withdraw_letter,
)
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
    "Rendered",
    "Sender",
    "Text",
    "deliver",
    "deliver_due",
    "plain",
    "queue_letter",
    "render",
    "reset_template",
    "sample_values",
    "save_template",
    "sender_of",
    "sweep",
    "text_for",
    "try_again",
    "withdraw_letter",
]
