"""The closed lists of decisions: approvals, credit requests, offers, promises among ourselves."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class ApprovalState(TextChoices):
    """A request ends once: by its last yes, by one no, or because it no longer makes sense."""

    PENDING = "pending", pgettext_lazy("approval", "Waiting")
    APPROVED = "approved", pgettext_lazy("approval", "Approved")
    REFUSED = "refused", pgettext_lazy("approval", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("approval", "Taken back")
    EXPIRED = "expired", pgettext_lazy("approval", "Expired")


class Purpose(TextChoices):
    """What happens once everybody has said yes."""

    CLOSE = "close", pgettext_lazy("approval", "Close the dispute")
    REQUEST = "request", pgettext_lazy("approval", "Ask billing and wait")
    OFFER = "offer", pgettext_lazy("approval", "Make the offer")
    ACCEPT = "accept", pgettext_lazy("approval", "Accept the customer's offer")


class Ended(TextChoices):
    """Why a request for approval ended without a vote."""

    NONE = "", ""
    TAKEN_BACK = "taken_back", _("Taken back by a person.")
    LINES = "lines", _("The disputed amounts were changed meanwhile.")
    MOVED = "moved", _("The dispute went on to another stage meanwhile.")
    BOOKED = "booked", _("The invoices were credited or paid meanwhile.")
    CLOSED = "closed", _("The dispute was closed another way.")
    EXPIRED = "expired", _("Nobody decided in time.")


class Telling(TextChoices):
    """Whether the customer is to be told the outcome. One to be told is told once its letter was sent."""

    WANTED = "wanted", pgettext_lazy("outcome", "To be told by letter")
    OTHERWISE = "otherwise", pgettext_lazy("outcome", "Told otherwise")
    UNNEEDED = "unneeded", pgettext_lazy("outcome", "Needs no telling")


class RequestKind(TextChoices):
    """What billing or the ERP is asked to do."""

    CREDIT = "credit", pgettext_lazy("request", "Credit note")
    REBILL = "rebill", pgettext_lazy("request", "Credit note and new invoice")
    WRITE_OFF = "write_off", pgettext_lazy("request", "Write-off")


class RequestState(TextChoices):
    """Where a request to billing stands."""

    REQUESTED = "requested", pgettext_lazy("request", "Requested")
    ISSUED = "issued", pgettext_lazy("request", "Issued")
    REFUSED = "refused", pgettext_lazy("request", "Refused")
    WITHDRAWN = "withdrawn", pgettext_lazy("request", "Taken back")


class OfferSide(TextChoices):
    """Who proposes."""

    OURS = "ours", pgettext_lazy("offer", "Our offer")
    CUSTOMER = "customer", pgettext_lazy("offer", "The customer's offer")


class OfferState(TextChoices):
    """Where an offer stands; only `to_approve` and `open` may still change."""

    TO_APPROVE = "to_approve", pgettext_lazy("offer", "To approve")
    OPEN = "open", pgettext_lazy("offer", "Open")
    ACCEPTED = "accepted", pgettext_lazy("offer", "Accepted")
    DECLINED = "declined", pgettext_lazy("offer", "Declined")
    COUNTERED = "countered", pgettext_lazy("offer", "Countered")
    WITHDRAWN = "withdrawn", pgettext_lazy("offer", "Taken back")
    EXPIRED = "expired", pgettext_lazy("offer", "Expired")


LIVE_OFFERS = (OfferState.TO_APPROVE, OfferState.OPEN)


class Promised(TextChoices):
    """What somebody here promises."""

    CREDIT = "credit", pgettext_lazy("promised", "Credit note")
    PROOF = "proof", pgettext_lazy("promised", "Delivery proof")
    ANSWER = "answer", pgettext_lazy("promised", "Answer")
    OTHER = "other", pgettext_lazy("promised", "Something else")


class PromiseState(TextChoices):
    """What became of a promise among ourselves."""

    MADE = "made", pgettext_lazy("internal promise", "Promised")
    KEPT = "kept", pgettext_lazy("internal promise", "Kept")
    BROKEN = "broken", pgettext_lazy("internal promise", "Broken")
    RELEASED = "released", pgettext_lazy("internal promise", "No longer needed")
