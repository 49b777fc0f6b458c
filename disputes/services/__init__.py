"""What changes disputes: one transaction each, locks first, rule, write, event."""

from disputes.evidence.keeping import Vetted, vet
from disputes.services import catalogue
from disputes.services.absent import hand_over_for_the_absent
from disputes.services.alerting import send_alerts
from disputes.services.answering import answer_question, may_answer
from disputes.services.approving import expire_approvals, take_back, vote
from disputes.services.arrivals import (
    notes_of_batch,
    refuse_request,
    take_allocation,
    take_as_issued,
    take_credit_note,
)
from disputes.services.asking import ask_question, withdraw_question
from disputes.services.asking_templates import TemplateInput, add_usual_questions, drop_template, set_template
from disputes.services.bulk import Outcomes, Refusal, change, change_many
from disputes.services.changes import ME
from disputes.services.changing import change_answer
from disputes.services.closing import close_dispute, reopen_dispute, settle_if_paid, withdraw_dispute
from disputes.services.codes import CodeInput, drop_code, set_code
from disputes.services.demands import Wrong, read_amount, read_date
from disputes.services.drafts import drop_draft_of, keep_draft
from disputes.services.ends_of_days import end_what_is_over
from disputes.services.evidence import add_evidence, share_evidence
from disputes.services.finishing import finish_branch, give_branch, may_finish
from disputes.services.handing import end_delegations, give_back, hand_over, open_hand_over
from disputes.services.internal import (
    break_promises,
    keep_promise,
    keep_with_request,
    promise_internally,
    release_promise,
)
from disputes.services.invoice_answers import Heard, take_answer
from disputes.services.limits import LimitInput, RuleInput, set_rules, set_tolerance
from disputes.services.limits import install as install_limits
from disputes.services.lines import LineInput, change_lines, disputable, disputed_now
from disputes.services.links import LIFE, Origin, Seen, State, answer_by_link, look_at, make_link
from disputes.services.macros import (
    drop_macro,
    drop_view,
    may_change,
    may_share,
    order_views,
    run_macro,
    save_macro,
    save_view,
)
from disputes.services.mails import (
    attach_mail,
    block_mail,
    keep_files,
    know_sender,
    open_from_mail,
    settle_mail,
    take_inbound,
    take_mail,
)
from disputes.services.managing import assign, classify, dismiss, involve, set_cause
from disputes.services.massing import Decided, add_to_mass, close_mass_if_done, decide_mass, detach, open_mass
from disputes.services.merging import merge_disputes
from disputes.services.moving import make_move
from disputes.services.nudging import expect_mail, remind, remind_due, remind_now
from disputes.services.offering import (
    accept_offer,
    decline_offer,
    expire_offers,
    make_offer,
    withdraw_offer,
)
from disputes.services.opening import open_dispute, preview
from disputes.services.outcomes_told import draft_outcome, send_outcome, tell_otherwise
from disputes.services.packing import add_pack_part, make_pack
from disputes.services.passing import forward_question, put_off_question
from disputes.services.prioritizing import prioritize, prioritize_stale, set_weights
from disputes.services.question_mail import address_of, send_nudges
from disputes.services.redacting import redact_evidence
from disputes.services.rescheduling import due_again
from disputes.services.reversals import take_back_allocation
from disputes.services.route_migrating import Migrated, migrate_disputes, migration_plan
from disputes.services.route_rules import (
    Chosen,
    RouteRuleInput,
    choose_version,
    drop_rule,
    order_rules,
    set_rule,
)
from disputes.services.route_yaml import from_yaml, to_yaml
from disputes.services.routes import (
    Problem,
    activate_version,
    check_route,
    drop_draft,
    read_route,
    switch_letters,
    switch_route,
    write_version,
)
from disputes.services.searching import close_texts, drop_text, index_dispute, index_text, open_texts
from disputes.services.seeing import see_questions
from disputes.services.short_payments import Short, take_short_payment
from disputes.services.snoozing import end_of, snooze, wake, wake_due
from disputes.services.splitting import Part, split_dispute
from disputes.services.tolerance import accept_if_small
from disputes.services.undoing import undo

__all__ = [
    "LIFE",
    "ME",
    "Chosen",
    "CodeInput",
    "Decided",
    "Heard",
    "LimitInput",
    "LineInput",
    "Migrated",
    "Origin",
    "Outcomes",
    "Part",
    "Problem",
    "Refusal",
    "RouteRuleInput",
    "RuleInput",
    "Seen",
    "Short",
    "State",
    "TemplateInput",
    "Vetted",
    "Wrong",
    "accept_if_small",
    "accept_offer",
    "activate_version",
    "add_evidence",
    "add_pack_part",
    "add_to_mass",
    "add_usual_questions",
    "address_of",
    "answer_by_link",
    "answer_question",
    "ask_question",
    "assign",
    "attach_mail",
    "block_mail",
    "break_promises",
    "catalogue",
    "change",
    "change_answer",
    "change_lines",
    "change_many",
    "check_route",
    "choose_version",
    "classify",
    "close_dispute",
    "close_mass_if_done",
    "close_texts",
    "decide_mass",
    "decline_offer",
    "detach",
    "dismiss",
    "disputable",
    "disputed_now",
    "draft_outcome",
    "drop_code",
    "drop_draft",
    "drop_draft_of",
    "drop_macro",
    "drop_rule",
    "drop_template",
    "drop_text",
    "drop_view",
    "due_again",
    "end_delegations",
    "end_of",
    "end_what_is_over",
    "expect_mail",
    "expire_approvals",
    "expire_offers",
    "finish_branch",
    "forward_question",
    "from_yaml",
    "give_back",
    "give_branch",
    "hand_over",
    "hand_over_for_the_absent",
    "index_dispute",
    "index_text",
    "install_limits",
    "involve",
    "keep_draft",
    "keep_files",
    "keep_promise",
    "keep_with_request",
    "know_sender",
    "look_at",
    "make_link",
    "make_move",
    "make_offer",
    "make_pack",
    "may_answer",
    "may_change",
    "may_finish",
    "may_share",
    "merge_disputes",
    "migrate_disputes",
    "migration_plan",
    "notes_of_batch",
    "open_dispute",
    "open_from_mail",
    "open_hand_over",
    "open_mass",
    "open_texts",
    "order_rules",
    "order_views",
    "preview",
    "prioritize",
    "prioritize_stale",
    "promise_internally",
    "put_off_question",
    "read_amount",
    "read_date",
    "read_route",
    "redact_evidence",
    "refuse_request",
    "release_promise",
    "remind",
    "remind_due",
    "remind_now",
    "reopen_dispute",
    "run_macro",
    "save_macro",
    "save_view",
    "see_questions",
    "send_alerts",
    "send_nudges",
    "send_outcome",
    "set_cause",
    "set_code",
    "set_rule",
    "set_rules",
    "set_template",
    "set_tolerance",
    "set_weights",
    "settle_if_paid",
    "settle_mail",
    "share_evidence",
    "snooze",
    "split_dispute",
    "switch_letters",
    "switch_route",
    "take_allocation",
    "take_answer",
    "take_as_issued",
    "take_back",
    "take_back_allocation",
    "take_credit_note",
    "take_inbound",
    "take_mail",
    "take_short_payment",
    "tell_otherwise",
    "to_yaml",
    "undo",
    "vet",
    "vote",
    "wake",
    "wake_due",
    "withdraw_dispute",
    "withdraw_offer",
    "withdraw_question",
    "write_version",
]
