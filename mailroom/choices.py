"""Closed lists of the mailroom."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """How a letter travels."""

    EMAIL = "email", _("E-mail")


class LetterStatus(models.TextChoices):
    """Where a letter stands. `sent` and `withdrawn` are final; a person may retry a failed one."""

    QUEUED = "queued", pgettext_lazy("letter status", "Waiting")
    SENDING = "sending", pgettext_lazy("letter status", "Being sent")
    SENT = "sent", pgettext_lazy("letter status", "Sent")
    FAILED = "failed", pgettext_lazy("letter status", "Not sent")
    WITHDRAWN = "withdrawn", pgettext_lazy("letter status", "Withdrawn")


class Trouble(models.TextChoices):
    """Why a letter did not go out, as a sentence for the person who has to mend it."""

    NONE = "", ""
    BAD_ADDRESS = (
        "bad_address",
        _("The recipient has no usable e-mail address. Correct the contact and send again."),
    )
    REFUSED = "refused", _("The mail server refused this recipient or this message.")
    UNREACHABLE = "unreachable", _("The mail server could not be reached. It will be tried again.")
    GAVE_UP = "gave_up", _("The mail server could not be reached, time after time. Check it and send again.")
    WITHDRAWN = "withdrawn", _("Taken back before it was sent.")
