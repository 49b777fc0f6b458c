"""The tables of the collections room."""

from collections_app.models.behaviour import Behaviour
from collections_app.models.calls import Call, ContactFlag, Rest
from collections_app.models.contentious import LegalFile, LegalFileLine, LegalStep
from collections_app.models.debit import DebitNote, DebitNoteLine, Waiver, WaiverLine
from collections_app.models.holds import Hold
from collections_app.models.instalments import Instalment, InstalmentInvoice, InstalmentPlan
from collections_app.models.interest import InterestRate, InterestSettings, InterestTerms
from collections_app.models.limits import PromiseLimit, PromiseRules
from collections_app.models.notices import Notice, NoticeLine, Run
from collections_app.models.paying import PayOrder
from collections_app.models.plans import Plan, PlanVersion, Segment, Step
from collections_app.models.portfolio import Portfolio
from collections_app.models.promises import Promise
from collections_app.models.remarks import Remark
from collections_app.models.segments import (
    EffectiveSegment,
    Segmentation,
    SegmentPin,
    SegmentRule,
    SegmentRules,
)

__all__ = [
    "Behaviour",
    "Call",
    "ContactFlag",
    "DebitNote",
    "DebitNoteLine",
    "EffectiveSegment",
    "Hold",
    "Instalment",
    "InstalmentInvoice",
    "InstalmentPlan",
    "InterestRate",
    "InterestSettings",
    "InterestTerms",
    "LegalFile",
    "LegalFileLine",
    "LegalStep",
    "Notice",
    "NoticeLine",
    "PayOrder",
    "Plan",
    "PlanVersion",
    "Portfolio",
    "Promise",
    "PromiseLimit",
    "PromiseRules",
    "Remark",
    "Rest",
    "Run",
    "Segment",
    "SegmentPin",
    "SegmentRule",
    "SegmentRules",
    "Segmentation",
    "Step",
    "Waiver",
    "WaiverLine",
]
