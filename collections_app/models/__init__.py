"""The tables of the collections room."""

from collections_app.models.debit import DebitNote, DebitNoteLine, Waiver, WaiverLine
from collections_app.models.interest import InterestRate, InterestSettings, InterestTerms
from collections_app.models.notices import Notice, NoticeLine, Run
from collections_app.models.paying import PayOrder
from collections_app.models.plans import Plan, PlanVersion, Segment, Step
from collections_app.models.promises import Hold, Promise

__all__ = [
    "DebitNote",
    "DebitNoteLine",
    "Hold",
    "InterestRate",
    "InterestSettings",
    "InterestTerms",
    "Notice",
    "NoticeLine",
    "PayOrder",
    "Plan",
    "PlanVersion",
    "Promise",
    "Run",
    "Segment",
    "Step",
    "Waiver",
    "WaiverLine",
]
