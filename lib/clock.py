"""The only place that reads the clock. Doors call it; rules are given dates."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone


def now() -> datetime:
    """The moment, aware, in UTC."""
    return timezone.now()


def today(time_zone: str | None = None) -> date:
    """The calendar day it is now in `time_zone` (UTC when none is given)."""
    return timezone.now().astimezone(ZoneInfo(time_zone or "UTC")).date()
