"""Closed lists of segments: what rules look at, and what put a customer where they are."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class SegmentFact(models.TextChoices):
    """What a rule looks at. Money is in the legal entity's currency."""

    DECLARED = "declared", _("Declared segment")
    COUNTRY = "country", _("Country")
    CURRENCY = "currency", _("Invoiced in")
    OPEN = "open", _("Open amount")
    SALES = "sales", _("Sales in a year")
    LIMIT_USED = "limit_used", _("Credit limit used")
    RELATION = "relation", _("Customer for")
    LATE = "late", _("Typical delay")
    TREND = "trend", _("Slower than half a year ago by")
    ON_TIME = "on_time", _("Paid on time")
    OVERDUE_SHARE = "overdue_share", _("Overdue part of what is open")
    BROKEN = "broken", _("Promises broken in a year")
    PAID = "paid", _("Invoices paid in a year")


# Facts that are one word of a list; all others are numbers.
LISTED = (SegmentFact.DECLARED, SegmentFact.COUNTRY, SegmentFact.CURRENCY)
NUMBERS = tuple(fact for fact in SegmentFact if fact not in LISTED)


class RuleOp(models.TextChoices):
    """How a fact is compared. What is not known fulfils no condition."""

    AT_LEAST = "at_least", pgettext_lazy("condition", "at least")
    AT_MOST = "at_most", pgettext_lazy("condition", "at most")
    ONE_OF = "one_of", pgettext_lazy("condition", "is")
    NONE_OF = "none_of", pgettext_lazy("condition", "is not")


class SegmentSource(models.TextChoices):
    """What says in which segment a customer is."""

    DECLARED = "declared", pgettext_lazy("segment", "Declared")
    RULE = "rule", pgettext_lazy("segment", "By a rule")
    PIN = "pin", pgettext_lazy("segment", "Set by a person")
