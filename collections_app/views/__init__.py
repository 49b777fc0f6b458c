"""The pages of the collections room."""

from collections_app.views.customers import (
    customer_panel,
    customer_promises,
    hold,
    lift,
    promise_list,
)
from collections_app.views.days import notice, preview, preview_body, run, today
from collections_app.views.paying import pay, pay_sandbox

__all__ = [
    "customer_panel",
    "customer_promises",
    "hold",
    "lift",
    "notice",
    "pay",
    "pay_sandbox",
    "preview",
    "preview_body",
    "promise_list",
    "run",
    "today",
]
