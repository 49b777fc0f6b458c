"""The closed lists of the chat room, and who sees which side."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class RoomKind(TextChoices):
    """What a room is about."""

    DISPUTE = "dispute", _("A dispute")
    CUSTOMER = "customer", _("A customer")
    TEAM = "team", _("A team")


class MessageKind(TextChoices):
    """What a line of a room is."""

    TEXT = "text", pgettext_lazy("message kind", "Message")
    QUESTION = "question", pgettext_lazy("message kind", "Question")
    SYSTEM = "system", pgettext_lazy("message kind", "System line")
    # An earlier message, shown to guests at this place; a line about it for the team.
    SHARED = "shared", pgettext_lazy("message kind", "Shared message")


class Side(TextChoices):
    """For whom a message is written, and on which side of the table a reader sits."""

    INTERNAL = "internal", _("Only your team")
    PARTNER = "partner", _("Partner")
    CUSTOMER = "customer", _("Customer")


class JoinRoute(TextChoices):
    """Why somebody is in a room."""

    OPENER = "opener", _("Opened the dispute")
    COORDINATOR = "coordinator", _("Coordinates the dispute")
    SALESPERSON = "salesperson", _("The customer's salesperson")
    HOLDER = "holder", _("Has the dispute now")
    ASKED = "asked", _("Was asked")
    INVITED = "invited", _("Was invited")
    WROTE = "wrote", _("Wrote here")


class Past(TextChoices):
    """How much of what was said before a guest sees who comes in."""

    NOTHING = "nothing", _("Nothing from before")
    FROM_HERE = "from_here", _("From one message on")
    ALL = "all", _("Everything that was written for their side")
