"""What people call the kinds of letters."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: dict[str, Promise] = {
    "contentious.notice": _("Contentious: formal notice"),
    "digest": _("To colleagues: the letter of the day"),
    "message": _("To guests: a new message"),
    "question": _("To colleagues: a question"),
    "reach": _("To colleagues: something happened"),
    "report.subscription": _("To colleagues: a report by e-mail"),
    "dispute.answered": _("Dispute: our answer"),
    "dispute.credit_announced": _("Dispute: a credit note is coming"),
    "dispute.late": _("Dispute: it takes longer"),
    "dispute.outcome": _("Dispute: the outcome"),
    "dispute.received": _("Dispute: received"),
    "dispute.rejected": _("Dispute: rejected"),
    "dispute.rejected.delivery": _("Dispute: rejected, delivery"),
    "dispute.rejected.price": _("Dispute: rejected, price"),
    "dispute.rejected.quantity": _("Dispute: rejected, quantity"),
    "dunning.courtesy": _("Reminder: before the due date"),
    "dunning.friendly": _("Reminder: friendly"),
    "dunning.firm": _("Reminder: firm"),
    "dunning.formal": _("Reminder: formal notice"),
    "dunning.statement": _("Reminder: statement of account"),
    "instalments.agreed": _("Instalments: agreed"),
}


def name_of(kind: str) -> str:
    """The kind in the active language; a new one by its code."""
    return str(NAMES.get(kind, kind))
