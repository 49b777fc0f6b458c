"""Closed lists of the collections room."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class StepChannel(models.TextChoices):
    """How a step reaches the customer. A call goes on the worklist of the collectors."""

    EMAIL = "email", _("E-mail")
    SMS = "sms", _("SMS")
    POST = "post", _("Letter by post")
    CALL = "call", _("Call")
    PORTAL = "portal", _("Message on the customer's page")


class Attachment(models.TextChoices):
    """What goes along with the letter of a step."""

    STATEMENT_PDF = "statement_pdf", _("Statement (PDF)")
    STATEMENT_XLSX = "statement_xlsx", _("Statement (Excel)")
    INVOICES = "invoices", _("Invoices (PDF)")


# The kinds of letter that ship with the product; an entity may add texts of other kinds.
LETTERS = {
    "dunning.courtesy": _("Courtesy note"),
    "dunning.friendly": _("Friendly reminder"),
    "dunning.statement": _("Statement of account"),
    "dunning.firm": _("Firm reminder"),
    "dunning.formal": _("Formal notice"),
}


def letter_name(kind: str) -> str:
    """What a kind of letter is called, in the active language."""
    return str(LETTERS.get(kind, kind))


class Climb(models.TextChoices):
    """Which step an invoice gets after days without one."""

    JUMP = "jump", _("The step that fits the age of the invoice")
    STEPS = "steps", _("One step after the other, none left out")


class Resume(models.TextChoices):
    """With which step an invoice goes on after its dispute ended. No step is sent twice."""

    NEXT = "next", _("The next regular step; missed ones are not made up for")
    LOWEST = "lowest", _("The gentlest step that was not sent yet")
    AGE = "age", _("The step that fits the age of the invoice")


class Grouping(models.TextChoices):
    """How many messages a customer gets for what is due on a day."""

    CUSTOMER = "customer", _("One message for everything that is due")
    INVOICE = "invoice", _("One message for each invoice")
    CONTACT = "contact", _("One message for each contact, about what they deal with")


class Release(models.TextChoices):
    """Whether a person looks at a message before it goes."""

    AUTOMATIC = "automatic", _("All go by themselves")
    ALWAYS = "always", _("A person releases each one")
    ABOVE = "above", _("A person releases those above an amount")
    SAMPLE = "sample", _("A person releases a sample")


class VersionState(models.TextChoices):
    """What a version of a plan is. A draft is tried and changed until it is put into force."""

    DRAFT = "draft", pgettext_lazy("plan version", "Draft")
    CURRENT = "current", pgettext_lazy("plan version", "In force")
    OLD = "old", pgettext_lazy("plan version", "Former")


class NoticeStatus(models.TextChoices):
    """Where a notice stands: (to approve ->) decided -> queued -> sending -> sent, or withdrawn, or failed."""

    TO_APPROVE = "to_approve", pgettext_lazy("notice status", "To release")
    DECIDED = "decided", pgettext_lazy("notice status", "Decided")
    QUEUED = "queued", pgettext_lazy("notice status", "Waiting")
    SENDING = "sending", pgettext_lazy("notice status", "Being sent")
    SENT = "sent", pgettext_lazy("notice status", "Sent")
    WITHDRAWN = "withdrawn", pgettext_lazy("notice status", "Withdrawn")
    FAILED = "failed", pgettext_lazy("notice status", "Not sent")


LIVE = (NoticeStatus.DECIDED, NoticeStatus.QUEUED, NoticeStatus.SENDING)
# Everything that has not ended; what waits for a person's yes is not sent by anybody.
UNENDED = (NoticeStatus.TO_APPROVE, *LIVE)
ENDED = (NoticeStatus.SENT, NoticeStatus.WITHDRAWN, NoticeStatus.FAILED)


class Why(models.TextChoices):
    """Why an invoice is asked for, or why it is left alone."""

    ASKED = "asked", _("Asked for")
    NOT_DUE = "not_due", _("No step of the plan is due yet.")
    NOT_MET = "not_met", _("A step's day has come, but its conditions are not met.")
    NO_PLAN = "no_plan", _("The customer's segment has no plan: a person decides.")
    CONTENTIOUS = "contentious", _("It is in a legal file: a person pursues it.")
    HELD = "held", _("A hold is set.")
    DISPUTED = "disputed", _("All that is open is in dispute, or granted and not in the books yet.")
    PROMISED = "promised", _("The rest is promised and the day has not passed.")
    UNTOLD = "outcome_untold", _("A dispute ended, and the customer has not been told the outcome.")
    AFTER_DISPUTE = "after_dispute", _("A dispute ended: the next regular step follows, not the missed one.")
    ALREADY_ASKED = "already_asked", _("This step was already sent.")
    TOO_SOON = "too_soon", _("Too soon after the invoice or the last message about it.")
    PAID = "paid", _("Paid in the meantime.")


class Reason(models.TextChoices):
    """Why a notice as a whole does not go."""

    NONE = "", ""
    BELOW_MINIMUM = "below_minimum", _("The amount is below the plan's minimum.")
    NOTHING_LEFT = (
        "nothing_left",
        _("Nothing is left to ask for: it was paid, disputed, promised or put on hold."),
    )
    SUPERSEDED = "superseded", _("It did not go out on its day; a later decision replaces it.")
    NO_ADDRESS = (
        "no_address",
        _("The customer has no usable address for this channel. Correct the contact or the customer."),
    )
    NOT_DELIVERED = "not_delivered", _("The letter could not be delivered.")
    NOT_WRITTEN = "not_written", _("The text of this kind of letter cannot be used. Correct the template.")
    IN_FLIGHT = "in_flight", _("An earlier message to this customer is still on its way.")
    SENT_TODAY = "sent_today", _("This customer has had today's message.")
    CAPPED = "capped", _("The plan allows no more messages to this customer for now.")
    CLOSED = "closed", _("Nobody works there today: it goes on the next working day.")
    COVERED = "covered", _("Money on account covers it. Place the payment on the invoices.")
    BANK_STALE = "bank_stale", _("The bank account was not read for too long. Import the statement first.")
    REFUSED = "refused", _("A person decided that it does not go today.")


class PromiseStatus(models.TextChoices):
    """What became of a promise. While it waits for an approval it holds nothing back."""

    MADE = "made", pgettext_lazy("promise status", "Promised")
    WAITING = "waiting", pgettext_lazy("promise status", "To approve")
    KEPT = "kept", pgettext_lazy("promise status", "Kept")
    BROKEN = "broken", pgettext_lazy("promise status", "Broken")
    REPLACED = "replaced", pgettext_lazy("promise status", "Replaced")
    CANCELLED = "cancelled", pgettext_lazy("promise status", "Cancelled")
    REFUSED = "refused", pgettext_lazy("promise status", "Not approved")


class PromiseSource(models.TextChoices):
    """How a promise reached us."""

    PHONE = "phone", pgettext_lazy("promise source", "By phone")
    MAIL = "mail", pgettext_lazy("promise source", "By e-mail")
    CHAT = "chat", pgettext_lazy("promise source", "In a conversation")
    PORTAL = "portal", pgettext_lazy("promise source", "On the customer's page")
    VISIT = "visit", pgettext_lazy("promise source", "On a visit")


class InstalmentStatus(models.TextChoices):
    """Where an agreement on instalments stands. Only a running one holds reminders back."""

    WAITING = "waiting", pgettext_lazy("instalments", "To approve")
    PROPOSED = "proposed", pgettext_lazy("instalments", "To be agreed")
    RUNNING = "running", pgettext_lazy("instalments", "Running")
    FULFILLED = "fulfilled", pgettext_lazy("instalments", "Paid in full")
    BROKEN = "broken", pgettext_lazy("instalments", "Broken")
    CANCELLED = "cancelled", pgettext_lazy("instalments", "Cancelled")
    REFUSED = "refused", pgettext_lazy("instalments", "Not approved")


INSTALMENTS_OPEN = (InstalmentStatus.WAITING, InstalmentStatus.PROPOSED, InstalmentStatus.RUNNING)


class PayStatus(models.TextChoices):
    """What became of a payer's wish to pay on a page."""

    OPEN = "open", pgettext_lazy("payment status", "Begun")
    PAID = "paid", pgettext_lazy("payment status", "Paid")
    GIVEN_UP = "given_up", pgettext_lazy("payment status", "Given up")


class Door(models.TextChoices):
    """Through which door a run was started."""

    COMMAND = "command", _("command")
    BEAT = "beat", _("daily run")
    PAGE = "page", _("page")
    API = "api", _("API")


class CallStatus(models.TextChoices):
    """Where a call stands."""

    PLANNED = "planned", pgettext_lazy("call status", "Planned")
    DONE = "done", pgettext_lazy("call status", "Done")
    CANCELLED = "cancelled", pgettext_lazy("call status", "Cancelled")


class CallReason(models.TextChoices):
    """Why a customer is called: it chooses the script."""

    OVERDUE = "overdue", pgettext_lazy("call reason", "Overdue and not disputed")
    BROKEN = "broken", pgettext_lazy("call reason", "Promise broken")
    OVERSIGHT = "oversight", pgettext_lazy("call reason", "A small amount, perhaps an oversight")
    BEFORE_DUE = "before_due", pgettext_lazy("call reason", "A large amount falls due")
    CALL_BACK = "call_back", pgettext_lazy("call reason", "Asked to be called back")
    NO_ANSWER = "no_answer", pgettext_lazy("call reason", "Nobody answered last time")
    CONTACT = "contact", pgettext_lazy("call reason", "Who pays the invoices there?")
    OTHER = "other", pgettext_lazy("call reason", "Something else")


class CallOutcome(models.TextChoices):
    """What came of a call."""

    PROMISE = "promise", pgettext_lazy("call outcome", "They promise to pay")
    DISPUTE = "dispute", pgettext_lazy("call outcome", "They dispute it")
    CALL_BACK = "call_back", pgettext_lazy("call outcome", "Call back at")
    NO_ANSWER = "no_answer", pgettext_lazy("call outcome", "No answer")
    MESSAGE = "message", pgettext_lazy("call outcome", "Left a message")
    WRONG_CONTACT = "wrong_contact", pgettext_lazy("call outcome", "Wrong contact")
    PAID = "paid", pgettext_lazy("call outcome", "Already paid, they say")
    REFUSED = "refused", pgettext_lazy("call outcome", "They refuse to pay")


# Nobody was spoken to.
UNREACHED = (CallOutcome.NO_ANSWER, CallOutcome.MESSAGE, CallOutcome.WRONG_CONTACT)
