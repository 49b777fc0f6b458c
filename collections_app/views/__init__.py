"""The pages of the collections room."""

from collections_app.views.account import (
    account_calls,
    account_letters,
    account_note,
    account_notes,
    account_promises,
    account_timeline,
    statement,
)
from collections_app.views.addresses import addresses, complete_address, correct_address
from collections_app.views.after import after_dispute
from collections_app.views.ahead import ahead, ahead_days
from collections_app.views.behaviour import account_behaviour, segment_pin
from collections_app.views.calls import call_cancel, call_plan, call_screen, collector, contact_clear
from collections_app.views.customers import customer_panel
from collections_app.views.days import notice, preview, preview_body, preview_pdf, preview_test, run, today
from collections_app.views.holds import hold, lift
from collections_app.views.instalments import instalment_plan, instalments_act, new_instalments
from collections_app.views.pay_settings import pay_provider
from collections_app.views.paying import pay, pay_invoice, pay_sandbox
from collections_app.views.plans import (
    plan,
    plan_discard,
    plan_edit,
    plan_follow,
    plan_list,
    plan_new,
    plan_publish,
    plan_tried,
)
from collections_app.views.promises import cancel, customer_promises, decide, promise_list
from collections_app.views.release import release, release_queue
from collections_app.views.rules import promise_rules
from collections_app.views.segments import (
    segment_list,
    segment_members,
    segment_rule,
    segment_rules,
    segment_rules_act,
    segment_tried,
)
from collections_app.views.worklist import put_off, work_count, work_list, work_next

__all__ = [
    "account_behaviour",
    "account_calls",
    "account_letters",
    "account_note",
    "account_notes",
    "account_promises",
    "account_timeline",
    "addresses",
    "after_dispute",
    "ahead",
    "ahead_days",
    "call_cancel",
    "call_plan",
    "call_screen",
    "cancel",
    "collector",
    "complete_address",
    "contact_clear",
    "correct_address",
    "customer_panel",
    "customer_promises",
    "decide",
    "hold",
    "instalment_plan",
    "instalments_act",
    "lift",
    "new_instalments",
    "notice",
    "pay",
    "pay_invoice",
    "pay_provider",
    "pay_sandbox",
    "plan",
    "plan_discard",
    "plan_edit",
    "plan_follow",
    "plan_list",
    "plan_new",
    "plan_publish",
    "plan_tried",
    "preview",
    "preview_body",
    "preview_pdf",
    "preview_test",
    "promise_list",
    "promise_rules",
    "put_off",
    "release",
    "release_queue",
    "run",
    "segment_list",
    "segment_members",
    "segment_pin",
    "segment_rule",
    "segment_rules",
    "segment_rules_act",
    "segment_tried",
    "statement",
    "today",
    "work_count",
    "work_list",
    "work_next",
]
