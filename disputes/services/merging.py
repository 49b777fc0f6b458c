"""Two disputes about one matter become one: the lines go over, the other is closed as its duplicate."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import Resolution, Status, Verdict
from disputes.errors import FieldErrors, IllegalAct
from disputes.lifecycle import Act
from disputes.models import Dispute, DisputeLine
from disputes.services.common import allow, day_of, lock_disputes, lock_invoices, moment_for, tell
from disputes.services.ending import Ending
from disputes.services.holding import take_part
from disputes.services.lines import LineInput, write_lines
from disputes.services.moving import finish


@transaction.atomic
def merge_disputes(*, into: Dispute, other: Dispute, by: User | None, at: datetime) -> Dispute:
    """Put what `other` disputes into `into`, and close `other` as its duplicate; not a cent is lost or doubled.

    The people of `other` take part from now on; its open questions are taken back. Raises IllegalAct when one of
    them is closed meanwhile, FieldErrors when they cannot be one dispute.
    """
    if into.pk == other.pk:
        raise FieldErrors({"other": _("Choose another dispute.")})
    live = DisputeLine.objects.filter(dispute__in=[into.pk, other.pk], closed_on=None)
    invoices = lock_invoices(live.values_list("invoice_id", flat=True))
    locked = lock_disputes([into.pk, other.pk])
    into, other = locked[into.pk], locked[other.pk]
    _check(into, other, by)
    lines = list(other.lines.filter(closed_on=None))
    if not {line.invoice_id for line in lines} <= set(invoices):
        raise IllegalAct(
            _("Somebody changed what is disputed meanwhile: look at it again."), code="changed_meanwhile"
        )
    at = max(moment_for(into, at), moment_for(other, at))
    before = into.amount
    other.merged_into = into
    finish(other, Ending(Status.WITHDRAWN, Verdict.UNJUSTIFIED, Resolution.DUPLICATE), by=by, at=at)
    moved = [LineInput(line.invoice_id, line.amount, line.invoice_line_id, line.quantity) for line in lines]
    write_lines(into, moved, on=day_of(at, into.entity), at=at)
    into.refresh_from_db(fields=["amount"])
    take_part(into, [row.user for row in other.participations.select_related("user")], at)
    data = {
        "into": into.pk,
        "into_ref": into.ref,
        "other": other.pk,
        "other_ref": other.ref,
        "statement": other.statement,
        "moved": str(other.amount),
        "before": str(before),
        "amount": str(into.amount),
        "currency": into.currency,
    }
    for dispute in (into, other):
        tell(dispute, "dispute.merged", by=by, at=at, data=data)
    return into


def _check(into: Dispute, other: Dispute, by: User | None) -> None:
    """Both are open and the person may; they are of one customer and one currency."""
    for dispute in (into, other):
        allow(dispute, Act.MERGE, by)
    if into.customer_id != other.customer_id:
        raise FieldErrors({"other": _("Only disputes of the same customer can be merged.")})
    if into.currency != other.currency:
        raise FieldErrors({"other": _("All invoices of a dispute must be in the same currency.")})
