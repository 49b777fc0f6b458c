"""The closed lists of the disputes room. Apart from the models, so that tables and constraints can share them."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disputes.choices_outcome import ApprovalState as ApprovalState

# Decisions have a file of their own; the rooms above know one.
from disputes.choices_outcome import OfferSide as OfferSide
from disputes.choices_outcome import OfferState as OfferState
from disputes.choices_outcome import Promised as Promised
from disputes.choices_outcome import PromiseState as PromiseState
from disputes.choices_outcome import RequestKind as RequestKind
from disputes.choices_outcome import Telling as Telling


class Status(TextChoices):
    """Where a dispute stands, whatever its route says in detail."""

    OPEN = "open", pgettext_lazy("dispute status", "To triage")
    IN_PROGRESS = "in_progress", pgettext_lazy("dispute status", "In progress")
    WAITING_CUSTOMER = "waiting_customer", pgettext_lazy("dispute status", "Waiting for customer")
    TO_APPROVE = "to_approve", pgettext_lazy("dispute status", "To approve")
    SOLVED = "solved", pgettext_lazy("dispute status", "Solved")
    REJECTED = "rejected", pgettext_lazy("dispute status", "Rejected")
    WITHDRAWN = "withdrawn", pgettext_lazy("dispute status", "Withdrawn")


ACTIVE = (Status.OPEN, Status.IN_PROGRESS, Status.WAITING_CUSTOMER, Status.TO_APPROVE)
CLOSED = (Status.SOLVED, Status.REJECTED, Status.WITHDRAWN)


class HolderSide(TextChoices):
    """Which side has the dispute now."""

    OURS = "ours", pgettext_lazy("holder", "Us")
    CUSTOMER = "customer", pgettext_lazy("holder", "The customer")
    PARTNER = "partner", pgettext_lazy("holder", "A partner")
    SYSTEM = "system", pgettext_lazy("holder", "The system")


class Side(TextChoices):
    """For whom something was written: who may find it by its words."""

    INTERNAL = "internal", pgettext_lazy("side", "Only your team")
    PARTNER = "partner", pgettext_lazy("side", "Partner")
    CUSTOMER = "customer", pgettext_lazy("side", "Customer")


class HolderKind(TextChoices):
    """How a stage finds its holder."""

    COORDINATOR = "coordinator", _("The coordinator")
    SALESPERSON = "salesperson", _("The customer's salesperson")
    ROLE = "role", _("A role")
    DEPARTMENT = "department", _("A department")
    PERSON = "person", _("A named person")
    CUSTOMER = "customer", _("The customer")
    PARTNER = "partner", _("A partner")
    SYSTEM = "system", _("The system")


class QuestionKind(TextChoices):
    """What an answer looks like."""

    YES_NO = "yes_no", _("Yes or no")
    CHOICE = "choice", _("One of several")
    AMOUNT = "amount", _("An amount")
    NUMBER = "number", _("A number")
    DATE = "date", _("A date")
    TEXT = "text", _("A short text")
    DOCUMENT = "document", _("A document")


class QuestionStatus(TextChoices):
    """A question ends once: answered or withdrawn."""

    OPEN = "open", pgettext_lazy("question status", "Open")
    ANSWERED = "answered", pgettext_lazy("question status", "Answered")
    WITHDRAWN = "withdrawn", pgettext_lazy("question status", "Withdrawn")


class Later(TextChoices):
    """How long a question may wait, in working time."""

    HALF_HOUR = "30m", pgettext_lazy("later", "In 30 min")
    TWO_HOURS = "2h", pgettext_lazy("later", "In 2 h")
    TOMORROW = "tomorrow", pgettext_lazy("later", "Tomorrow")


class NudgeKind(TextChoices):
    """Why somebody is told of a question by e-mail."""

    ASKED = "asked", pgettext_lazy("nudge", "Asked")
    BEFORE = "before", pgettext_lazy("nudge", "Before the deadline")
    DUE = "due", pgettext_lazy("nudge", "At the deadline")
    FALLBACK = "fallback", pgettext_lazy("nudge", "The fallback, at the deadline")
    HAND = "hand", pgettext_lazy("nudge", "By hand")


class NudgeEnd(TextChoices):
    """What became of it."""

    SENT = "sent", pgettext_lazy("nudge", "Sent")
    NOT_NEEDED = "not_needed", pgettext_lazy("nudge", "Not needed any more")
    SEEN = "seen", pgettext_lazy("nudge", "Seen in the app")
    NOT_WANTED = "not_wanted", pgettext_lazy("nudge", "The person wants no mails")
    FAILED = "failed", pgettext_lazy("nudge", "Could not be sent")


class Asks(TextChoices):
    """Whom the question of a stage goes to."""

    SALESPERSON = "salesperson", _("The customer's salesperson")
    HOLDER = "holder", _("The holder")
    COORDINATOR = "coordinator", _("The coordinator")


class WaitFor(TextChoices):
    """When a stage with branches goes on."""

    ALL = "all", _("All of them are done")
    ANY = "any", _("One of them is done")


class RunState(TextChoices):
    """A branch ends once: done, or cancelled because the dispute left its stage."""

    OPEN = "open", pgettext_lazy("branch state", "Open")
    DONE = "done", pgettext_lazy("branch state", "Done")
    CANCELLED = "cancelled", pgettext_lazy("branch state", "Cancelled")


class AlertTo(TextChoices):
    """Whom an alert of a deadline goes to; a role is written "role:" with its name."""

    HOLDER = "holder", _("The holder")
    COORDINATOR = "coordinator", _("The coordinator")
    LEAD = "lead", _("The lead of the department")
    CREDIT_MANAGER = "credit_manager", _("The credit manager")


class SendTo(TextChoices):
    """Whom a letter of a stage goes to."""

    CUSTOMER = "customer", _("The customer")
    SALESPERSON = "salesperson", _("The customer's salesperson")
    COORDINATOR = "coordinator", _("The coordinator")


class Verdict(TextChoices):
    """Was the customer right?"""

    JUSTIFIED = "justified", pgettext_lazy("verdict", "Justified")
    PARTLY = "partly", pgettext_lazy("verdict", "Partly justified")
    UNJUSTIFIED = "unjustified", pgettext_lazy("verdict", "Not justified")


class Resolution(TextChoices):
    """What was done about it."""

    CREDIT = "credit", pgettext_lazy("resolution", "Credit note")
    REBILL = "rebill", pgettext_lazy("resolution", "New invoice")
    REJECTED = "rejected", pgettext_lazy("resolution", "Claim rejected")
    WRITE_OFF = "write_off", pgettext_lazy("resolution", "Written off")
    PAID = "paid", pgettext_lazy("resolution", "Paid in full")
    WITHDRAWN = "withdrawn", pgettext_lazy("resolution", "Withdrawn")
    DUPLICATE = "duplicate", pgettext_lazy("resolution", "Merged into another dispute")


# What a person or a route can decide; a duplicate ends by being merged, and in no other way.
DECISIONS = tuple(one for one in Resolution if one != Resolution.DUPLICATE)
DECIDED = [(one.value, one.label) for one in DECISIONS]


class Via(TextChoices):
    """Through which door something came."""

    PAGE = "page", pgettext_lazy("door", "page")
    POPUP = "popup", pgettext_lazy("door", "pop-up")
    CHAT = "chat", pgettext_lazy("door", "chat")
    API = "api", pgettext_lazy("door", "API")
    MAIL = "mail", pgettext_lazy("door", "e-mail")
    LINK = "link", pgettext_lazy("door", "link in an e-mail")
    PUSH = "push", pgettext_lazy("door", "notification")
    PHONE = "phone", pgettext_lazy("door", "phone")
    IMPORT = "import", pgettext_lazy("door", "import")
    SYSTEM = "system", pgettext_lazy("door", "system")
    ANSWER = "answer", pgettext_lazy("door", "e-invoice answer")
    SHORT_PAYMENT = "short_payment", pgettext_lazy("door", "short payment")


class Standard(TextChoices):
    """Whose codes a row of the code table speaks of."""

    ANY = "any", pgettext_lazy("code list", "Any source")
    PEPPOL = "peppol", pgettext_lazy("code list", "Peppol Invoice Response")
    MLR = "peppol_mlr", pgettext_lazy("code list", "Peppol message level response")
    CDAR = "cdar", pgettext_lazy("code list", "French life-cycle message (CDAR)")


class CodeKind(TextChoices):
    """What a code of another system says."""

    STATUS = "status", pgettext_lazy("code", "Status")
    REASON = "reason", pgettext_lazy("code", "Reason")


class Effect(TextChoices):
    """What a message with this code does to the disputes of its invoice."""

    NONE = "none", pgettext_lazy("effect", "Nothing")
    UPDATE = "update", pgettext_lazy("effect", "A note in the open dispute")
    OPEN = "open", pgettext_lazy("effect", "Opens a dispute, or goes into the open one")
    WITHDRAW = (
        "withdraw",
        pgettext_lazy("effect", "The customer accepts: withdraws what their answers opened"),
    )


class Deed(TextChoices):
    """What became of something that was told from below."""

    OPENED = "opened", pgettext_lazy("deed", "Dispute opened")
    UPDATED = "updated", pgettext_lazy("deed", "Dispute updated")
    NOTED = "noted", pgettext_lazy("deed", "Noted in the dispute")
    WITHDRAWN = "withdrawn", pgettext_lazy("deed", "Dispute withdrawn")
    NOTHING = "nothing", pgettext_lazy("deed", "Nothing to do")


class Demand(TextChoices):
    """A field a move may ask for before it is made."""

    NOTE = "note", _("Note")
    CREDIT_AMOUNT = "credit_amount", _("Amount to credit")
    CREDIT_NOTE_NUMBER = "credit_note_number", _("Credit note number")
    REASON = "reason", _("Reason")
    PROMISED_ON = "promised_on", _("Promised date")
    ROOT_CAUSE = "root_cause", _("Root cause")


class EvidenceSide(TextChoices):
    """For whom a file is there. Our side sees every file; the others only theirs."""

    INTERNAL = "internal", pgettext_lazy("who sees a file", "Only your team")
    PARTNER = "partner", pgettext_lazy("who sees a file", "Your team and all partners")
    CUSTOMER = "customer", pgettext_lazy("who sees a file", "Your team and the customer")


class HandedBy(TextChoices):
    """Why a dispute went from one of us to another within its stage."""

    HAND_OVER = "hand_over", pgettext_lazy("handed over", "Handed over")
    DELEGATION = "delegation", pgettext_lazy("handed over", "Delegated for a time")
    ABSENCE = "absence", pgettext_lazy("handed over", "Away: the deputy has it")
    ESCALATION = "escalation", pgettext_lazy("handed over", "Late: escalated")


class Nap(TextChoices):
    """How long a dispute is put aside."""

    LATER = "later", pgettext_lazy("snooze", "For 3 hours")
    TOMORROW = "tomorrow", pgettext_lazy("snooze", "Until the next working day")
    THREE_DAYS = "3d", pgettext_lazy("snooze", "For 3 days")
    WEEK = "week", pgettext_lazy("snooze", "For a week")
    MONTH = "month", pgettext_lazy("snooze", "For a month")


class Change(TextChoices):
    """What one step of a macro, or an act on many, does."""

    CLASSIFY = "classify", pgettext_lazy("change", "Change the reason")
    MOVE = "move", pgettext_lazy("change", "Move along the route")
    ASSIGN = "assign", pgettext_lazy("change", "Assign")
    ASK = "ask", pgettext_lazy("change", "Ask a question")
    SNOOZE = "snooze", pgettext_lazy("change", "Snooze")


class Then(TextChoices):
    """Where a macro leaves the person."""

    STAY = "stay", pgettext_lazy("macro", "Stay here")
    CLOSE = "close", pgettext_lazy("macro", "Back to the list")
    NEXT = "next", pgettext_lazy("macro", "On to the next one")
