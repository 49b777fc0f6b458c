"""Closed lists of the mailroom."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Channel(models.TextChoices):
    """How a letter travels."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    POST = "post", _("Letter by post")
    PORTAL = "portal", _("Customer's page")


class LetterStatus(models.TextChoices):
    """Where a letter stands. `withdrawn` and `bounced` are final, a sent one may still come back; a person may retry a
    failed one. `tray` is paper that waits for the next print batch.
    """

    QUEUED = "queued", pgettext_lazy("letter status", "Waiting")
    SENDING = "sending", pgettext_lazy("letter status", "Being sent")
    TRAY = "tray", pgettext_lazy("letter status", "To be printed")
    SENT = "sent", pgettext_lazy("letter status", "Sent")
    FAILED = "failed", pgettext_lazy("letter status", "Not sent")
    BOUNCED = "bounced", pgettext_lazy("letter status", "Came back")
    WITHDRAWN = "withdrawn", pgettext_lazy("letter status", "Withdrawn")


class Trouble(models.TextChoices):
    """Why a letter did not go out, as a sentence for the person who has to mend it."""

    NONE = "", ""
    BAD_ADDRESS = (
        "bad_address",
        _("The recipient has no usable e-mail address. Correct the contact and send again."),
    )
    BAD_PHONE = (
        "bad_phone",
        _("The recipient has no usable mobile number. Correct the contact and send again."),
    )
    BAD_POSTAL = (
        "bad_postal",
        _(
            "The recipient has no whole postal address (street, postcode and town). Complete it and send again."
        ),
    )
    REFUSED = "refused", _("The mail server refused this recipient or this message.")
    UNREACHABLE = "unreachable", _("The mail server could not be reached. It will be tried again.")
    GAVE_UP = "gave_up", _("The mail server could not be reached, time after time. Check it and send again.")
    WITHDRAWN = "withdrawn", _("Taken back before it was sent.")
    RETURNED = "returned", _("The post brought it back. Correct the address and write again.")
    COMPLAINED = (
        "complained",
        _("The recipient marked it as unwanted mail. Speak with them before writing again."),
    )
    BOUNCED = "bounced", _("The recipient's mail server sent it back. Correct the address and write again.")


class InboundStatus(models.TextChoices):
    """Where a mail that came in stands. `new` lasts until the rooms above have looked at it."""

    NEW = "new", pgettext_lazy("mail status", "Just in")
    THREADED = "threaded", pgettext_lazy("mail status", "In its conversation")
    WAITING = "waiting", pgettext_lazy("mail status", "Waits for a person")
    SETTLED = "settled", pgettext_lazy("mail status", "Dealt with")
    AUTOMATIC = "automatic", pgettext_lazy("mail status", "Written by a machine")
    REFUSED = "refused", pgettext_lazy("mail status", "Refused")


class InboundSource(models.TextChoices):
    """Through which door a mail came in."""

    MAILBOX = "mailbox", pgettext_lazy("mail source", "Mailbox")
    WEBHOOK = "webhook", pgettext_lazy("mail source", "Mail provider")
    API = "api", pgettext_lazy("mail source", "API")
    FOLDER = "folder", pgettext_lazy("mail source", "Folder")
    FORM = "form", pgettext_lazy("mail source", "Form")


class Automatic(models.TextChoices):
    """Why nobody wrote a mail."""

    AWAY = "away", _("An answer of somebody who is away")
    MACHINE = "machine", _("Sent by a program")
    LIST = "list", _("From a mailing list")
    REPORT = "report", _("A report about a letter that could not be delivered")
    RECEIPT = "receipt", _("A receipt for reading")
    LOOP = "loop", _("One of our own letters, come back")
    TOO_MANY = "too_many", _("Too many from this sender within an hour")


class Doubt(models.TextChoices):
    """Why a person has to look at a mail."""

    NONE = "", ""
    UNKNOWN_SENDER = "unknown_sender", _("Nobody here knows this sender.")
    NO_THREAD = "no_thread", _("A known sender, but it belongs to no conversation.")
    OTHER_SENDER = (
        "other_sender",
        _("It answers a letter that was written to somebody else: it was passed on."),
    )
    NOT_TAKING_PART = "not_taking_part", _("The sender no longer takes part in that conversation.")
    EXPIRED = "expired", _("The conversation it answers ended more than a year ago.")
    MAY_NOT_WRITE = "may_not_write", _("The sender may read that conversation, but not write in it.")
    FORGED = "forged", _("The mail server that took it in says that the sender's address is forged.")
    UNREADABLE = "unreadable", _("It cannot be read as an e-mail.")
    TOO_LARGE = "too_large", _("It is too large to be kept.")
    BLOCKED = "blocked", _("The sender is blocked.")
