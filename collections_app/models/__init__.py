"""The tables of the collections room."""

from collections_app.models.notices import Notice, NoticeLine, Run
from collections_app.models.paying import PayOrder
from collections_app.models.plans import Plan, PlanVersion, Segment, Step
from collections_app.models.promises import Hold, Promise

__all__ = [
    "Hold",
    "Notice",
    "NoticeLine",
    "PayOrder",
    "Plan",
    "PlanVersion",
    "Promise",
    "Run",
    "Segment",
    "Step",
]
