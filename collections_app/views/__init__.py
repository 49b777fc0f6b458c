"""The pages of the collections room."""

from collections_app.views.customers import customer_panel
from collections_app.views.days import notice, preview, preview_body, run, today
from collections_app.views.holds import hold, lift
from collections_app.views.instalments import instalment_plan, instalments_act, new_instalments
from collections_app.views.paying import pay, pay_sandbox
from collections_app.views.promises import cancel, customer_promises, decide, promise_list
from collections_app.views.rules import promise_rules

__all__ = [
    "cancel",
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
    "pay_sandbox",
    "preview",
    "preview_body",
    "promise_list",
    "promise_rules",
    "run",
    "today",
]
