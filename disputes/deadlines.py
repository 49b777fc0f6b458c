"""The deadlines a person can choose for a question, in working time."""

from datetime import datetime

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy

from accounts.models import LegalEntity
from disputes.services.common import due

MINUTES = {"2h": 120, "4h": 240, "1d": 540, "3d": 1620}


class Deadline(TextChoices):
    """How soon an answer is wanted."""

    TWO_HOURS = "2h", pgettext_lazy("deadline", "Within 2 working hours")
    FOUR_HOURS = "4h", pgettext_lazy("deadline", "Within 4 working hours")
    ONE_DAY = "1d", pgettext_lazy("deadline", "Within 1 working day")
    THREE_DAYS = "3d", pgettext_lazy("deadline", "Within 3 working days")
    NONE = "none", pgettext_lazy("deadline", "No deadline")


def moment_of(deadline: str, at: datetime, entity: LegalEntity) -> datetime | None:
    """The moment it falls on; None without one."""
    return due(at, MINUTES.get(deadline), entity)
