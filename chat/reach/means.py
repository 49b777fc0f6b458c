"""Who can be notified: whoever allowed it on a device that still answers."""

from accounts.reach.choices import ReachChannel
from accounts.reach.selectors import means
from chat.models import PushDevice


@means(ReachChannel.PUSH)
def with_devices(people: set[int]) -> set[int]:
    """Those of these people who have a device. One query."""
    return set(PushDevice.objects.filter(user__in=people).values_list("user", flat=True))
