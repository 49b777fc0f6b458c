"""The pages of the disputes room. Every form works as a plain POST with a redirect, and with htmx as a fragment."""

from disputes.views.answers import answers, for_invoice
from disputes.views.ask_templates import ask_template, ask_templates, drop_ask_template
from disputes.views.branches import finish_branch, give_branch
from disputes.views.case import absorb, beside, cause, split
from disputes.views.codes import code_form, codes, drop_code, map_code
from disputes.views.decisions import (
    approvals,
    approve,
    credit_requests,
    my_promises,
    refuse,
    rules,
    take_back,
)
from disputes.views.evidence import (
    all_evidence,
    evidence,
    evidence_file,
    evidence_preview,
    redact_evidence,
    share_evidence,
)
from disputes.views.handing import give_back, hand_over
from disputes.views.links import by_link
from disputes.views.mail import mail
from disputes.views.mails import mail_aside, mails
from disputes.views.mass import mass_detach, mass_list, mass_new, mass_page
from disputes.views.new import new, new_draft
from disputes.views.outcomes import (
    answer_offer,
    credit_issued,
    credit_refused,
    end_promise,
    offer,
    outcome_letter,
    outcome_told,
    promise,
)
from disputes.views.pack import pack
from disputes.views.passing import forward, later, remind
from disputes.views.questions import answer, ask, change, question_card, questions, withdraw
from disputes.views.queue import bulk, choices, fresh, queue, row, step
from disputes.views.saved import macro_drop, macro_form, macros, saved_views, view_drop, view_form, view_up
from disputes.views.sheets import assign, classify, close, lines, move, reopen
from disputes.views.short_payment import short_payment
from disputes.views.triage import macro, merge, snooze, take, undo, wake
from disputes.views.workspace import card, detail, timeline

__all__ = [
    "absorb",
    "all_evidence",
    "answer",
    "answer_offer",
    "answers",
    "approvals",
    "approve",
    "ask",
    "ask_template",
    "ask_templates",
    "assign",
    "beside",
    "bulk",
    "by_link",
    "card",
    "cause",
    "change",
    "choices",
    "classify",
    "close",
    "code_form",
    "codes",
    "credit_issued",
    "credit_refused",
    "credit_requests",
    "detail",
    "drop_ask_template",
    "drop_code",
    "end_promise",
    "evidence",
    "evidence_file",
    "evidence_preview",
    "finish_branch",
    "for_invoice",
    "forward",
    "fresh",
    "give_back",
    "give_branch",
    "hand_over",
    "later",
    "lines",
    "macro",
    "macro_drop",
    "macro_form",
    "macros",
    "mail",
    "mail_aside",
    "mails",
    "map_code",
    "mass_detach",
    "mass_list",
    "mass_new",
    "mass_page",
    "merge",
    "move",
    "my_promises",
    "new",
    "new_draft",
    "offer",
    "outcome_letter",
    "outcome_told",
    "pack",
    "promise",
    "question_card",
    "questions",
    "queue",
    "redact_evidence",
    "refuse",
    "remind",
    "reopen",
    "row",
    "rules",
    "saved_views",
    "share_evidence",
    "short_payment",
    "snooze",
    "split",
    "step",
    "take",
    "take_back",
    "timeline",
    "undo",
    "view_drop",
    "view_form",
    "view_up",
    "wake",
    "withdraw",
]
