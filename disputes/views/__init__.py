"""The pages of the disputes room. Every form works as a plain POST with a redirect, and with htmx as a fragment."""

from disputes.views.new import new
from disputes.views.questions import answer, ask, question_card, questions, withdraw
from disputes.views.queue import bulk, fresh, queue
from disputes.views.sheets import assign, classify, close, lines, move, reopen
from disputes.views.short_payment import short_payment
from disputes.views.workspace import card, detail, timeline

__all__ = [
    "answer",
    "ask",
    "assign",
    "bulk",
    "card",
    "classify",
    "close",
    "detail",
    "fresh",
    "lines",
    "move",
    "new",
    "question_card",
    "questions",
    "queue",
    "reopen",
    "short_payment",
    "timeline",
    "withdraw",
]
