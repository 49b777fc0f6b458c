"""The life of one telling."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class Telling(TextChoices):
    """What became of it."""

    WAITING = "waiting", pgettext_lazy("notification", "Waiting")
    SENDING = "sending", pgettext_lazy("notification", "On its way")
    SENT = "sent", pgettext_lazy("notification", "Sent")
    BUNDLED = "bundled", pgettext_lazy("notification", "Told together with another")
    DROPPED = "dropped", pgettext_lazy("notification", "Not needed")
    FAILED = "failed", pgettext_lazy("notification", "Failed")


OPEN = (Telling.WAITING, Telling.SENDING)
