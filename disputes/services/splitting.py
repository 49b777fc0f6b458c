"""A part of a dispute becomes a dispute of its own, with its own reason, route and holder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from disputes.choices import Via
from disputes.errors import FieldErrors
from disputes.lifecycle import Act
from disputes.models import Dispute, DisputeLine, Reason
from disputes.services.common import allow, day_of, lock, lock_invoices, moment_for, tell
from disputes.services.lines import LineInput, close_lines, line_facts, write_lines
from disputes.services.opening import Opening, begin
from lib.formats import money
from lib.money import ZERO, q


@dataclass(frozen=True, slots=True)
class Part:
    """A live line of the dispute: all of it, or this much of its amount."""

    line_id: int
    amount: Decimal | None = None


@transaction.atomic
def split_dispute(
    *, dispute: Dispute, lines: Sequence[Part], by: User, at: datetime, reason: Reason | None = None
) -> Dispute:
    """Take `lines` out of the dispute into a new one, at the start of the route of `reason` (the same by default).

    What both dispute afterwards is what the one disputed before. Returns the new dispute. Raises FieldErrors with
    `lines.<n>.<field>` for what cannot be taken; something must stay.
    """
    ids = DisputeLine.objects.filter(dispute=dispute.pk, closed_on=None).values_list("invoice_id", flat=True)
    invoices = lock_invoices(ids)
    dispute = lock(dispute.pk)
    allow(dispute, Act.SPLIT, by)
    live = {line.pk: line for line in dispute.lines.filter(closed_on=None, invoice__in=invoices)}
    taken = _check(dispute, lines, live)
    _check_reason(dispute, reason)
    at = moment_for(dispute, at)
    on = max(day_of(at, dispute.entity), dispute.opened_on)
    before = dispute.amount
    # What is left of the lines first: the dispute never stands without any.
    close_lines((live[pk] for pk in taken), on=on, at=at)
    rest = [(live[pk], live[pk].amount - amount) for pk, amount in taken.items()]
    write_lines(dispute, [_as_input(line, left) for line, left in rest if left], on=on, at=at)
    dispute.refresh_from_db(fields=["amount"])
    opening = Opening(
        customer=dispute.customer,
        reason=reason or dispute.reason,
        lines=[_as_input(live[pk], amount) for pk, amount in taken.items()],
        currency=dispute.currency,
        statement=dispute.statement,
        coordinator=dispute.coordinator,
        via=Via(dispute.opened_via),
        split_from=dispute,
    )
    new = begin(opening, invoices, by=by, at=at, on=on)
    data = {
        "new": new.pk,
        "new_ref": new.ref,
        "lines": line_facts(opening.lines, invoices),
        "moved": str(new.amount),
        "before": str(before),
        "amount": str(dispute.amount),
        "currency": dispute.currency,
    }
    tell(dispute, "dispute.split", by=by, at=at, data=data)
    return new


def _as_input(line: DisputeLine, amount: Decimal) -> LineInput:
    """The line with this amount; its quantity only counts for all of it."""
    quantity = line.quantity if amount == line.amount else None
    return LineInput(line.invoice_id, amount, line.invoice_line_id, quantity)


def _check(dispute: Dispute, lines: Sequence[Part], live: Mapping[int, DisputeLine]) -> dict[int, Decimal]:
    """How much is taken of each line; raises FieldErrors."""
    errors: dict[str, str] = {}
    taken: dict[int, Decimal] = {}
    for place, part in enumerate(lines):
        line = live.get(part.line_id)
        if line is None or part.line_id in taken:
            errors[f"lines.{place}.line"] = _("Choose a line that this dispute disputes now, once.")
            continue
        amount = line.amount if part.amount is None else part.amount
        if amount != q(amount, dispute.currency):
            errors[f"lines.{place}.amount"] = _("The amount has too many decimals.")
        elif not 0 < amount <= line.amount:
            errors[f"lines.{place}.amount"] = _(
                "The amount must be more than zero and at most %(amount)s."
            ) % {"amount": money(line.amount, dispute.currency)}
        taken[part.line_id] = q(amount, dispute.currency)
    if not lines:
        errors["lines"] = _("Choose what becomes a dispute of its own.")
    elif not errors and sum(taken.values(), ZERO) >= dispute.amount:
        errors["lines"] = _(
            "Something must stay in this dispute: to treat all of it otherwise, change its reason."
        )
    if errors:
        raise FieldErrors(errors)
    return taken


def _check_reason(dispute: Dispute, reason: Reason | None) -> None:
    if reason is not None and (reason.entity_id != dispute.entity_id or not reason.active):
        raise FieldErrors({"reason": _("Choose a reason from the list.")})
