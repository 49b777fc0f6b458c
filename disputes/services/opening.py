"""Opening a dispute."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from disputes.choices import Via
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Counter, Dispute, Reason, RouteVersion
from disputes.services.asking import ask_for_stage
from disputes.services.common import (
    day_of,
    due,
    holder_facts,
    lock_invoices,
    stage_facts,
    start_stay,
    tell,
    write,
)
from disputes.services.holding import find_coordinator, find_holder, give_to, take_part
from disputes.services.lines import LineInput, check_lines, line_facts, write_lines
from ledger.models import Customer
from lib.money import q

LONGEST_STATEMENT = 4000


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
    dispute = _start(customer, reason, by or None, at, on, coordinator)
    dispute.currency, dispute.statement, dispute.opened_via = currency, statement.strip(), via
    dispute.number = _next_number(customer.entity_id)
    write(dispute)
    write_lines(dispute, lines, on=on, at=at)
    dispute.refresh_from_db(fields=["amount"])
    start_stay(dispute, at)
    take_part(dispute, [by, dispute.coordinator, dispute.holder_user], at)
    tell(
        dispute,
        "dispute.opened",
        by=by,
        at=at,
        data={
            "ref": dispute.ref,
            "customer": customer.pk,
            "customer_name": customer.name,
            "reason": reason.code,
            "reason_labels": reason.labels,
            "amount": str(dispute.amount),
            "currency": currency,
            "lines": line_facts(lines, invoices),
            "statement": dispute.statement,
            "coordinator": dispute.coordinator_id,
            "via": via,
            "to": stage_facts(dispute.stage),
            **holder_facts(dispute),
        },
    )
    ask_for_stage(dispute, by=None, at=at)
    return dispute


def _check(customer: Customer, reason: Reason, statement: str) -> None:
    errors: dict[str, str] = {}
    if reason.entity_id != customer.entity_id or not reason.active:
        errors["reason"] = _("Choose a reason from the list.")
    if len(statement.strip()) > LONGEST_STATEMENT:
        errors["statement"] = _("The statement has at most 4000 characters.")
    if errors:
        raise FieldErrors(errors)


def current_version(reason: Reason) -> RouteVersion:
    """The edition of the route that new disputes of this reason follow; raises IllegalAct without any."""
    version = RouteVersion.objects.filter(route=reason.route_id, current=True).first()
    if version is None:
        raise IllegalAct(_("This reason has no route yet: choose one in the settings."), code="no_route")
    return version


def _start(
    customer: Customer, reason: Reason, by: User | None, at: datetime, on: date, coordinator: User | None
) -> Dispute:
    """The dispute at the first stage of its route, with coordinator, holder and deadline (not saved)."""
    version = current_version(reason)
    stage = version.stages.get(initial=True)
    dispute = Dispute(
        entity=customer.entity,
        customer=customer,
        reason=reason,
        route_version=version,
        stage=stage,
        status=stage.status,
        coordinator=coordinator or find_coordinator(entity=customer.entity, by=by, on=on),
        opened_by=by,
        opened_on=on,
        opened_at=at,
    )
    give_to(dispute, find_holder(stage=stage, customer=customer, coordinator=dispute.coordinator, on=on))
    dispute.due_at = None if stage.clock_stops else due(at, stage.deadline_minutes, customer.entity)
    return dispute


def _next_number(entity_id: int) -> int:
    """The next dispute number of the entity; its row is locked until the end of the transaction."""
    Counter.objects.bulk_create([Counter(entity_id=entity_id)], ignore_conflicts=True)
    Counter.objects.filter(entity=entity_id).update(last=F("last") + 1)
    return Counter.objects.get(entity=entity_id).last
