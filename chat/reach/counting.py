"""How many tellings wait and failed, for whoever looks after the machine."""

from datetime import timedelta

from django.db.models import Count, Q

from chat.models import Notification
from chat.reach.choices import Telling
from lib import clock

LOOK_BACK = timedelta(days=7)


def counts() -> tuple[int, int]:
    """Waiting now, and failed within the last days."""
    failed = Q(status=Telling.FAILED, ended_at__gt=clock.now() - LOOK_BACK)
    found = Notification.objects.aggregate(
        waiting=Count("pk", filter=Q(status__in=[Telling.WAITING, Telling.SENDING])),
        failed=Count("pk", filter=failed),
    )
    return int(found["waiting"]), int(found["failed"])
