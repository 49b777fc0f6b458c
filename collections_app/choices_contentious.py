"""The closed lists of the contentious stage: where a legal file stands, what may be done with it, how it ends."""

from django.db.models import TextChoices
from django.utils.translation import pgettext_lazy


class FileStatus(TextChoices):
    """Where a legal file stands."""

    PREPARED = "prepared", pgettext_lazy("legal file", "Prepared")
    NOTIFIED = "notified", pgettext_lazy("legal file", "Formal notice sent")
    AGREED = "agreed", pgettext_lazy("legal file", "Payment agreed")
    AGENCY = "agency", pgettext_lazy("legal file", "With the agency")
    RETURNED = "returned", pgettext_lazy("legal file", "Returned by the agency")
    COURT = "court", pgettext_lazy("legal file", "Filed at court")
    ORDERED = "ordered", pgettext_lazy("legal file", "Order issued")
    OPPOSED = "opposed", pgettext_lazy("legal file", "Opposed by the debtor")
    ENFORCED = "enforced", pgettext_lazy("legal file", "Being enforced")
    REJECTED = "rejected", pgettext_lazy("legal file", "Rejected by the court")
    CLOSED = "closed", pgettext_lazy("legal file", "Closed")


# With a court, whose name the file then has.
AT_COURT = (FileStatus.COURT, FileStatus.ORDERED, FileStatus.OPPOSED, FileStatus.ENFORCED)


class FileAct(TextChoices):
    """What is done with a legal file; each is a step of it."""

    OPEN = "open", pgettext_lazy("legal file act", "Opened")
    NOTIFY = "notify", pgettext_lazy("legal file act", "Send the formal notice")
    TRACK = "track", pgettext_lazy("legal file act", "Note the tracking number")
    SECOND = "second", pgettext_lazy("legal file act", "Agree as the second person")
    AGREE = "agree", pgettext_lazy("legal file act", "Payment agreed")
    RESUME = "resume", pgettext_lazy("legal file act", "Agreement not kept")
    HAND_OVER = "hand_over", pgettext_lazy("legal file act", "Hand over to an agency")
    RETURN = "return", pgettext_lazy("legal file act", "Returned by the agency")
    FILE = "file", pgettext_lazy("legal file act", "Filed at court")
    ORDER = "order", pgettext_lazy("legal file act", "Order issued")
    OPPOSE = "oppose", pgettext_lazy("legal file act", "Opposed by the debtor")
    ENFORCE = "enforce", pgettext_lazy("legal file act", "Enforcement begun")
    REJECT = "reject", pgettext_lazy("legal file act", "Rejected by the court")
    REPORT = "report", pgettext_lazy("legal file act", "News of it")
    CLOSE = "close", pgettext_lazy("legal file act", "Close the file")


class FileEnd(TextChoices):
    """Why a legal file was closed."""

    NONE = "", ""
    PAID = "paid", pgettext_lazy("legal file end", "Paid")
    SETTLED = "settled", pgettext_lazy("legal file end", "Settled with the customer")
    IRRECOVERABLE = "irrecoverable", pgettext_lazy("legal file end", "Nothing to recover")
    GIVEN_UP = "given_up", pgettext_lazy("legal file end", "Given up")
    MISTAKE = "mistake", pgettext_lazy("legal file end", "Opened by mistake")


class Law(TextChoices):
    """Under which law payment is claimed: it decides the words of the notice and the court file."""

    ES = "ES", pgettext_lazy("law", "Spain (proceso monitorio)")
    FR = "FR", pgettext_lazy("law", "France (injonction de payer)")
    OTHER = "other", pgettext_lazy("law", "Another country (no court file)")
