"""Giving a dispute to somebody, finding its reason, calling people in."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import Department, User
from disputes.choices import HolderSide
from disputes.errors import FieldErrors
from disputes.lifecycle import Act
from disputes.models import Dispute, Participation, Reason
from disputes.services.common import allow, holder_facts, lock, moment_for, start_stay, tell
from disputes.services.holding import Holder, give_to, take_part
from disputes.services.moving import enter
from disputes.services.route_rules import choose_version, route_facts
from disputes.services.timing import set_due


@transaction.atomic
def assign(
    *,
    dispute: Dispute,
    by: User,
    at: datetime,
    user: User | None = None,
    department: Department | None = None,
    coordinator: User | None = None,
) -> Dispute:
    """Give the dispute to one person or one department of its entity, or to another coordinator, or both."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.ASSIGN, by)
    _check(dispute, user, department, coordinator)
    at = moment_for(dispute, at)
    before = {"holder": dispute.holder_name, "coordinator": dispute.coordinator_id}
    was = {"coordinator": dispute.coordinator_id, "holder_side": dispute.holder_side}
    was |= {"holder_user": dispute.holder_user_id, "holder_department": dispute.holder_department_id}
    if coordinator is not None:
        dispute.coordinator = coordinator
    moves = (user or department) is not None and (dispute.holder_user, dispute.holder_department) != (
        user,
        department,
    )
    if moves:
        give_to(dispute, Holder(HolderSide.OURS, user, department))
        set_due(dispute, at)
    elif coordinator is None:
        return dispute
    dispute.save()
    if moves:
        start_stay(dispute, at)
    take_part(dispute, [user, coordinator], at)
    data = {"before": before, "was": was, "coordinator": dispute.coordinator_id, **holder_facts(dispute)}
    tell(dispute, "dispute.assigned", by=by, at=at, data=data)
    return dispute


def _check(
    dispute: Dispute, user: User | None, department: Department | None, coordinator: User | None
) -> None:
    errors: dict[str, str] = {}
    if user is not None and department is not None:
        errors["user"] = _("Choose one person or one department.")
    if user is None and department is None and coordinator is None:
        errors["user"] = _("Choose who gets the dispute.")
    for name, person in (("user", user), ("coordinator", coordinator)):
        if person and not (person.is_active and policy.may(person, "dispute.move", dispute.entity_id)):
            errors[name] = _("Choose a person who works on disputes of this legal entity.")
    if department is not None and department.entity_id != dispute.entity_id:
        errors["department"] = _("Choose a department of this legal entity.")
    if errors:
        raise FieldErrors(errors)


@transaction.atomic
def classify(*, dispute: Dispute, reason: Reason, by: User | None, at: datetime) -> Dispute:
    """Change the stated reason. When the new reason has another route, the dispute starts on that one."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.CHANGE_REASON, by)
    if reason.entity_id != dispute.entity_id or not reason.active:
        raise FieldErrors({"reason": _("Choose a reason from the list.")})
    if reason.pk == dispute.reason_id:
        return dispute
    at = moment_for(dispute, at)
    before = dispute.reason
    dispute.reason = reason
    chosen = choose_version(
        reason=reason,
        customer=dispute.customer,
        amount=dispute.amount,
        currency=dispute.currency,
        via=dispute.opened_via,
    )
    version = chosen.version
    reroute = version.route_id != dispute.route_version.route_id
    dispute.save(update_fields=["reason"])
    tell(
        dispute,
        "dispute.classified",
        by=by,
        at=at,
        data={
            "from": {"code": before.code, "labels": before.labels},
            "to": {"code": reason.code, "labels": reason.labels},
            **route_facts(chosen),
        },
    )
    if reroute:
        dispute.route_version = version
        enter(dispute, version.stages.get(initial=True), by=by, at=at)
    return dispute


@transaction.atomic
def set_cause(*, dispute: Dispute, cause: Reason | None, by: User, at: datetime) -> Dispute:
    """Say what the root cause is, as we find it, at any time; None takes it back. Saying the same changes nothing."""
    dispute = lock(dispute.pk)
    allow(dispute, Act.SET_CAUSE, by)
    if cause is not None and (cause.entity_id != dispute.entity_id or not cause.active):
        raise FieldErrors({"cause": _("Choose a reason from the list.")})
    before = dispute.root_cause
    if before == cause:
        return dispute
    dispute.root_cause = cause
    dispute.save(update_fields=["root_cause"])
    data = {
        name: {"code": one.code, "labels": one.labels} if one else None
        for name, one in (("from", before), ("to", cause))
    }
    tell(dispute, "dispute.cause_found", by=by, at=moment_for(dispute, at), data=data)
    return dispute


@transaction.atomic
def involve(*, dispute: Dispute, user: User, by: User, at: datetime) -> Participation:
    """Call somebody of the entity in: from now on they see the dispute. Calling twice changes nothing."""
    dispute = lock(dispute.pk)
    known = Participation.objects.filter(dispute=dispute, user=user).first()
    if known is not None:
        return known
    allow(dispute, Act.INVOLVE, by)
    if not user.is_active or not policy.may(user, "dispute.read", dispute.entity_id):
        raise FieldErrors({"user": _("Choose a person of this legal entity.")})
    at = moment_for(dispute, at)
    take_part(dispute, [user], at)
    tell(dispute, "dispute.joined", by=by, at=at, data={"user": user.pk, "name": user.name})
    return Participation.objects.get(dispute=dispute, user=user)


@transaction.atomic
def dismiss(*, dispute: Dispute, user: User) -> bool:
    """An outsider takes no part any more and does not see the dispute. Whoever asks them again lets them in again."""
    dispute = lock(dispute.pk)
    return bool(Participation.objects.filter(dispute=dispute, user=user).delete()[0])
