"""Closed lists of subscriptions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Every(TextChoices):
    """How often a report is sent."""

    WORKDAY = "workday", _("Each working day")
    WEEK = "week", _("Each week, on a day")
    MONTH = "month", _("Each month, on a day")
    MONTH_END = "month_end", _("Each month, on its last working day")


class DayOf(TextChoices):
    """The day whose figures are sent."""

    SENT = "sent", _("The day it is sent")
    MONTH_BEFORE = "month_before", _("The last day of the month before")


class FileKind(TextChoices):
    """The file that goes along."""

    XLSX = "xlsx", "Excel (XLSX)"
    PDF = "pdf", "PDF"
    CSV = "csv", "CSV"


class Trouble(TextChoices):
    """Why a reader got nothing."""

    NO_ACCESS = "no_access", pgettext_lazy("subscription", "may no longer see these figures")
    NOT_MADE = "not_made", pgettext_lazy("subscription", "the report could not be made")
