"""When a message may leave: the hours of a plan, on the customer's clock."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from accounts.selectors import Offices
from collections_app.choices import Door
from collections_app.models import Notice

DAY = timedelta(days=1)


def in_their_hours(notice: Notice, at: datetime) -> bool:
    """Whether the notice may leave now. One that must wait remembers until when.

    Only what the daily run decided waits: a person who sends, and the command, mean now. The notice comes with its run,
    customer, entity and `step__version`.
    """
    version = notice.step.version
    if notice.run.door != Door.BEAT or (version.hour_from, version.hour_until) == (0, 24):
        return True
    zone = ZoneInfo(Offices(notice.entity).customer(notice.customer.country).time_zone)
    opens = next_opening(at, version.hour_from, version.hour_until, zone)
    if opens <= at:
        return True
    notice.not_before = opens
    notice.save(update_fields=["not_before"])
    return False


def next_opening(at: datetime, hour_from: int, hour_until: int, zone: ZoneInfo) -> datetime:
    """The first moment from `at` on between these hours of the wall clock: `at` itself, or the next `hour_from`."""
    local = at.astimezone(zone)
    if hour_from <= local.hour < hour_until:
        return at
    day = local.date() if local.hour < hour_from else local.date() + DAY
    return datetime.combine(day, time(hour_from), zone)
