"""Opening a dispute."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from disputes.choices import Via
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Counter, Dispute, Reason
from disputes.services import branches
from disputes.services.common import (
    day_of,
    holder_facts,
    lock_invoices,
    stage_facts,
    start_stay,
    tell,
    write,
)
from disputes.services.holding import find_coordinator, take_part
from disputes.services.lines import LineInput, check_lines, line_facts, write_lines
from disputes.services.moving import begin_stage
from disputes.services.route_rules import Chosen, choose_version, route_facts
from ledger.models import Customer, Invoice
from lib.money import ZERO, q

LONGEST_STATEMENT = 4000


@dataclass(frozen=True, slots=True)
class Opening:
    """What a new dispute starts from, checked."""

    customer: Customer
    reason: Reason
    lines: Sequence[LineInput]
    currency: str
    statement: str = ""
    coordinator: User | None = None
    via: Via = Via.PAGE
    split_from: Dispute | None = None


@transaction.atomic
def open_dispute(
    *,
    customer: Customer,
    lines: Sequence[LineInput],
    reason: Reason,
    by: User | None,
    at: datetime,
    statement: str = "",
    coordinator: User | None = None,
    via: str = Via.PAGE,
) -> Dispute:
    """Open a dispute on parts of one customer's invoices and put it at the start of its reason's route.

    Raises FieldErrors naming the line that asks for more than is open and undisputed, RoleMayNot for a person
    who may not open disputes here. `by` is None when a file or a feed opens it.
    """
    if by is not None and not policy.may(by, "dispute.open", customer.entity_id):
        raise RoleMayNot(_("Your role does not allow you to open disputes."))
    lines = [
        replace(line, amount=q(line.amount)) if line.amount == q(line.amount) else line for line in lines
    ]
    invoices = lock_invoices(line.invoice_id for line in lines)
    on = day_of(at, customer.entity)
    currency = check_lines(customer, lines, invoices, on)
    _check(customer, reason, statement)
    opening = Opening(customer, reason, lines, currency, statement, coordinator, Via(via))
    return begin(opening, invoices, by=by, at=at, on=on)


def begin(
    opening: Opening, invoices: Mapping[int, Invoice], *, by: User | None, at: datetime, on: date
) -> Dispute:
    """Write the dispute, its lines and its first stay, and ask what its first stage asks.

    The caller has checked what is disputed and holds the locks of `invoices`.
    """
    chosen = _choose(opening)
    dispute = _start(opening, chosen, by, at, on)
    dispute.number = _next_number(opening.customer.entity_id)
    write(dispute)
    write_lines(dispute, opening.lines, on=on, at=at)
    dispute.refresh_from_db(fields=["amount"])
    start_stay(dispute, at)
    take_part(dispute, [by, dispute.coordinator, dispute.holder_user], at)
    tell(
        dispute, "dispute.opened", by=by, at=at, data=_facts(dispute, opening, invoices) | route_facts(chosen)
    )
    begin_stage(dispute, at)
    return dispute


def preview(*, customer: Customer, reason: Reason, by: User, at: datetime) -> Dispute:
    """The dispute as it would be opened (not saved): its route, first stage, holder, coordinator and deadline."""
    opening = Opening(customer, reason, [], customer.entity.currency)
    return _start(opening, _choose(opening), by, at, day_of(at, customer.entity))


def _facts(dispute: Dispute, opening: Opening, invoices: Mapping[int, Invoice]) -> dict[str, Any]:
    """A new dispute as its first event tells it."""
    whole = opening.split_from
    return {
        "ref": dispute.ref,
        "customer": dispute.customer_id,
        "customer_name": dispute.customer.name,
        "reason": dispute.reason.code,
        "reason_labels": dispute.reason.labels,
        "amount": str(dispute.amount),
        "currency": dispute.currency,
        "lines": line_facts(opening.lines, invoices),
        "statement": dispute.statement,
        "coordinator": dispute.coordinator_id,
        "via": opening.via,
        "split_from": {"id": whole.pk, "ref": whole.ref} if whole else None,
        "to": stage_facts(dispute.stage),
        **holder_facts(dispute),
    }


def _check(customer: Customer, reason: Reason, statement: str) -> None:
    errors: dict[str, str] = {}
    if reason.entity_id != customer.entity_id or not reason.active:
        errors["reason"] = _("Choose a reason from the list.")
    if len(statement.strip()) > LONGEST_STATEMENT:
        errors["statement"] = _("The statement has at most 4000 characters.")
    if errors:
        raise FieldErrors(errors)


def _choose(opening: Opening) -> Chosen:
    """The edition of a route that the dispute will follow, and why."""
    return choose_version(
        reason=opening.reason,
        customer=opening.customer,
        amount=sum((line.amount for line in opening.lines), ZERO),
        currency=opening.currency,
        via=opening.via,
    )


def _start(opening: Opening, chosen: Chosen, by: User | None, at: datetime, on: date) -> Dispute:
    """The dispute at the first stage of its route, with coordinator, holder and deadline (not saved)."""
    customer = opening.customer
    version = chosen.version
    stage = version.stages.get(initial=True)
    dispute = Dispute(
        entity=customer.entity,
        customer=customer,
        reason=opening.reason,
        route_version=version,
        stage=stage,
        coordinator=opening.coordinator or find_coordinator(entity=customer.entity, by=by, on=on),
        currency=opening.currency,
        statement=opening.statement.strip(),
        opened_by=by,
        opened_on=on,
        opened_at=at,
        opened_via=opening.via,
        split_from=opening.split_from,
    )
    branches.place(dispute, stage, at)
    return dispute


def _next_number(entity_id: int) -> int:
    """The next dispute number of the entity; its row is locked until the end of the transaction."""
    Counter.objects.bulk_create([Counter(entity_id=entity_id)], ignore_conflicts=True)
    Counter.objects.filter(entity=entity_id).update(last=F("last") + 1)
    return Counter.objects.get(entity=entity_id).last
