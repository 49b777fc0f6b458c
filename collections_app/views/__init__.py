"""The pages of the collections room."""

from collections_app.views.customers import (
    customer_panel,
    customer_promises,
    hold,
    lift,
    promise_list,
)
from collections_app.views.days import notice, preview, preview_body, run, today

__all__ = [
    "customer_panel",
    "customer_promises",
    "hold",
    "lift",
    "notice",
    "preview",
    "preview_body",
    "promise_list",
    "run",
    "today",
]
