"""Small claims that the system accepts by itself, and says why."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import override

from disputes.choices import Resolution, Status, Verdict
from disputes.models import DisputeLine, Tolerance
from disputes.services.carrying import carry_out
from disputes.services.common import day_of, lock, moment_for
from disputes.services.ending import Ending
from disputes.services.limits import weigh
from lib.formats import money, number
from lib.money import ZERO

HUNDRED = Decimal(100)


@transaction.atomic
def accept_if_small(*, dispute_id: int, at: datetime) -> bool:
    """Accept a fresh claim within the entity's tolerance, with the sum that shows why. Harmless twice.

    Only one nobody has touched: in triage, never closed before, its reason among the chosen ones.
    """
    dispute = lock(dispute_id)
    bounds = Tolerance.objects.filter(entity=dispute.entity, active=True).first()
    if bounds is None or dispute.status != Status.OPEN or dispute.stays.count() != 1:
        return False
    if not bounds.reasons.filter(pk=dispute.reason_id).exists():
        return False
    weighed = weigh(dispute.amount, dispute, day_of(at, dispute.entity))
    lines = DisputeLine.objects.filter(dispute=dispute, closed_on=None)
    invoices = dict(lines.values_list("invoice_id", "invoice__amount"))
    whole = sum(invoices.values(), ZERO)
    if weighed is None or weighed > bounds.amount or dispute.amount * HUNDRED > whole * bounds.percent:
        return False
    with override(dispute.entity.language):
        words = _(
            "Accepted by the system: %(amount)s is at most %(limit)s and at most %(percent)s %% of %(whole)s."
        ) % {
            "amount": money(dispute.amount, dispute.currency),
            "limit": money(bounds.amount, dispute.entity.currency),
            "percent": number(bounds.percent),
            "whole": money(whole, dispute.currency),
        }
    ending = Ending(Status.SOLVED, Verdict.JUSTIFIED, Resolution.CREDIT, dispute.amount, words)
    carry_out(dispute, ending, by=None, at=moment_for(dispute, at))
    return True
