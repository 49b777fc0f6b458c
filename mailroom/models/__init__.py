"""The rows of the mailroom: templates and letters, and the mail that comes in."""

from mailroom.models.batches import PrintBatch
from mailroom.models.inbound import BlockedSender, InboundMail, ReplyToken
from mailroom.models.letters import Letter, LetterQuerySet, Template

__all__ = ["BlockedSender", "InboundMail", "Letter", "LetterQuerySet", "PrintBatch", "ReplyToken", "Template"]
