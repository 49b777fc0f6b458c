"""Of what people are told, over which channels, and what holds where nobody said otherwise."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ReachEvent(TextChoices):
    """What a person may be told of outside of the app."""

    QUESTION = "question", _("A question for you")
    REMINDER = "reminder", _("A question that waits too long")
    MENTION = "mention", _("Somebody names you")
    MESSAGE = "message", _("A message in a room of yours")
    HANDOVER = "handover", _("A dispute comes to you")
    APPROVAL = "approval", _("Something to approve")
    DEADLINE = "deadline", _("A deadline is near or past")
    CLOSED = "closed", _("A dispute you opened is closed")
    PROMISE = "promise", _("A customer did not keep their word")
    DIGEST = "digest", _("The day in one letter")
    TRIAL = "trial", _("A test")


class ReachChannel(TextChoices):
    """The ways out of the app."""

    PUSH = "push", _("Notification")
    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    BRIDGE = "bridge", _("Messenger")


class Reason(TextChoices):
    """Why something goes when it goes, or does not go at all."""

    PLANNED = "planned", pgettext_lazy("why told", "as set")
    QUIET = "quiet", pgettext_lazy("why told", "after the quiet hours")
    HOURS = "hours", pgettext_lazy("why told", "in working hours")
    URGENT = "urgent", pgettext_lazy("why told", "at once: urgent")
    OFF = "off", pgettext_lazy("why told", "switched off")
    NO_MEANS = "no_means", pgettext_lazy("why told", "no device, number or address")
    CAP = "cap", pgettext_lazy("why told", "enough for that day")
    OVER = "over", pgettext_lazy("why told", "no longer needed")
    SEEN = "seen", pgettext_lazy("why told", "seen in the app")
    HERE = "here", pgettext_lazy("why told", "was in the app")
    HIDDEN = "hidden", pgettext_lazy("why told", "may no longer see it")
    NOBODY = "nobody", pgettext_lazy("why told", "no device answered")
    REFUSED = "refused", pgettext_lazy("why told", "refused")
    GAVE_UP = "gave_up", pgettext_lazy("why told", "tried too often")


E, C = ReachEvent, ReachChannel
# The rows of the table of settings.
SETTABLE = tuple(event for event in E if event not in (E.DIGEST, E.TRIAL))
# An SMS costs money and wakes people: only what waits for them.
ESCALATING = (E.QUESTION, E.REMINDER, E.APPROVAL, E.DEADLINE)
# Without a device for notifications nobody waits so long for the mail.
SOON = 5
LONGEST = 7 * 24 * 60

# Minutes after the event, and whether it is on, where neither the person nor the legal entity said otherwise.
DEFAULTS: dict[tuple[str, str], tuple[bool, int]] = {
    (E.QUESTION, C.PUSH): (True, 0),
    (E.QUESTION, C.BRIDGE): (True, 0),
    (E.QUESTION, C.EMAIL): (True, 30),
    (E.QUESTION, C.SMS): (False, 60),
    (E.REMINDER, C.PUSH): (True, 0),
    (E.REMINDER, C.BRIDGE): (True, 0),
    (E.REMINDER, C.EMAIL): (True, 0),
    (E.REMINDER, C.SMS): (False, 30),
    (E.MENTION, C.PUSH): (True, 0),
    (E.MENTION, C.BRIDGE): (True, 0),
    (E.MENTION, C.EMAIL): (True, 30),
    (E.MESSAGE, C.PUSH): (True, 2),
    (E.MESSAGE, C.BRIDGE): (False, 2),
    (E.MESSAGE, C.EMAIL): (True, 60),
    (E.HANDOVER, C.PUSH): (True, 0),
    (E.HANDOVER, C.BRIDGE): (True, 0),
    (E.HANDOVER, C.EMAIL): (True, 30),
    (E.APPROVAL, C.PUSH): (True, 0),
    (E.APPROVAL, C.BRIDGE): (True, 0),
    (E.APPROVAL, C.EMAIL): (True, 15),
    (E.APPROVAL, C.SMS): (False, 120),
    (E.DEADLINE, C.PUSH): (True, 0),
    (E.DEADLINE, C.BRIDGE): (True, 0),
    (E.DEADLINE, C.EMAIL): (True, 0),
    (E.DEADLINE, C.SMS): (False, 30),
    (E.CLOSED, C.PUSH): (True, 0),
    (E.CLOSED, C.BRIDGE): (False, 0),
    (E.CLOSED, C.EMAIL): (False, 0),
    (E.PROMISE, C.PUSH): (True, 0),
    (E.PROMISE, C.BRIDGE): (True, 0),
    (E.PROMISE, C.EMAIL): (True, 30),
    (E.DIGEST, C.EMAIL): (True, 0),
    **{(E.TRIAL, channel): (True, 0) for channel in C},
}
