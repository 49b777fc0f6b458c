"""Who may give up how much alone, and whose yes is needed above that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.choices_outcome import RequestKind, RequestState
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import ApprovalLimit, ApprovalRule, CreditRequest, Dispute, Reason, Tolerance
from disputes.services.common import write
from disputes.services.credits import open_request
from disputes.services.ending import Ending
from disputes.services.families import given_of_the_matter
from ledger.selectors import worth
from lib.money import ZERO

ALONE = Decimal("500.00")
TWO_FROM = Decimal("5000.00")
STARTING_LIMITS = (Role.ADMIN, Role.CREDIT_MANAGER, Role.COLLECTOR, Role.EXPERT)
STARTING_RULES = ((ALONE, Role.CREDIT_MANAGER), (TWO_FROM, Role.ADMIN))
# Whose yes is needed when no rule says so.
FALLBACK = Role.CREDIT_MANAGER


@dataclass(frozen=True, slots=True)
class Book:
    """The limits and rules of one legal entity; the starting set where nobody has changed anything."""

    limits: Sequence[ApprovalLimit]
    rules: Sequence[ApprovalRule]

    def alone(self, user: User | None, roles: frozenset[str]) -> Decimal:
        """Up to which amount this person decides alone: their own limit, else the highest of their roles."""
        if user is None or not roles:
            return ZERO
        own = [limit.amount for limit in self.limits if limit.user_id == user.pk]
        return own[0] if own else max((x.amount for x in self.limits if x.role in roles), default=ZERO)

    def steps(self, resolution: str, amount: Decimal | None) -> list[str]:
        """The roles whose yes is needed, one for each; every rule counts when the amount cannot be weighed."""
        wanted = [
            rule.role
            for rule in self.rules
            if rule.resolution in ("", resolution) and (amount is None or amount > rule.above)
            for _yes in range(rule.approvals)
        ]
        return wanted or [FALLBACK.value]


def book_of(entity: LegalEntity) -> Book:
    """The entity's own rows, or the starting set."""
    limits = list(ApprovalLimit.objects.filter(entity=entity))
    rules = list(ApprovalRule.objects.filter(entity=entity))
    if limits or rules:
        return Book(limits, rules)
    return Book(*starting_set(entity))


def starting_set(entity: LegalEntity) -> tuple[list[ApprovalLimit], list[ApprovalRule]]:
    """Up to 500 alone in the office and in billing; above by a credit manager, above 5,000 by an admin too."""
    limits = [ApprovalLimit(entity=entity, role=role.value, amount=ALONE) for role in STARTING_LIMITS]
    rules = [
        ApprovalRule(entity=entity, above=above, role=role.value, position=place)
        for place, (above, role) in enumerate(STARTING_RULES)
    ]
    return limits, rules


@transaction.atomic
def install(entity: LegalEntity) -> None:
    """Write the starting set for an entity that has nothing yet; harmless when repeated."""
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    if ApprovalLimit.objects.filter(entity=entity).exists() or entity.approval_rules.exists():
        return
    limits, rules = starting_set(entity)
    ApprovalLimit.objects.bulk_create(limits)
    ApprovalRule.objects.bulk_create(rules)


def weigh(amount: Decimal, dispute: Dispute, on: date) -> Decimal | None:
    """The amount in the entity's currency; None when no rate of the day is known."""
    if dispute.currency == dispute.entity.currency:
        return amount
    return worth(amount, dispute.currency, dispute.entity.currency, on)


@dataclass(frozen=True, slots=True)
class Needed:
    """Whose yes an ending needs (nobody's when empty), and what it weighs in the entity's currency."""

    steps: list[str]
    weighed: Decimal | None


def needed(
    dispute: Dispute, ending: Ending, by: User | None, on: date, *, of_the_matter: bool = True
) -> Needed:
    """What the rules say of this ending when this person asks for it; the system alone gives up nothing.

    `of_the_matter`: what they gave up in other disputes of the same matter counts too.
    """
    if not ending.gives_up:
        return Needed([], ZERO)
    if ending.amount <= decided_already(dispute):
        return Needed([], weigh(ending.amount, dispute, on))
    earlier = _given_before(dispute)
    if by is not None and of_the_matter:
        earlier += given_of_the_matter(dispute, by, on, held=True)
    weighed = weigh(ending.amount + earlier, dispute, on)
    book = book_of(dispute.entity)
    roles = policy.scope(by).roles_in(dispute.entity_id) if by else frozenset()
    if weighed is not None and weighed <= book.alone(by, roles):
        return Needed([], weighed)
    return Needed(book.steps(ending.resolution, weighed), weighed)


def decided_already(dispute: Dispute) -> Decimal:
    """What nobody needs to agree to again: a request that waits was agreed to, or has come in the ledger."""
    request = open_request(dispute)
    if request is None:
        return ZERO
    return request.arrived if request.requested_by_id is None else max(request.amount, request.arrived)


def _given_before(dispute: Dispute) -> Decimal:
    """What earlier closings of this dispute gave up: little by little counts as all at once."""
    rows = CreditRequest.objects.filter(dispute=dispute, state=RequestState.ISSUED)
    return sum((one.amount for one in rows.exclude(kind=RequestKind.REBILL).prefetch_related("lines")), ZERO)


@dataclass(frozen=True, slots=True)
class LimitInput:
    """Up to `amount` alone, for a role or for a person."""

    amount: Decimal
    role: str = ""
    user: User | None = None


@dataclass(frozen=True, slots=True)
class RuleInput:
    """Above `above`, `approvals` people of `role` must agree; for one resolution or for any (empty)."""

    above: Decimal
    role: str
    approvals: int = 1
    resolution: str = ""


@transaction.atomic
def set_rules(
    *,
    entity: LegalEntity,
    limits: Sequence[LimitInput],
    rules: Sequence[RuleInput],
    by: User,
    at: datetime,
) -> Book:
    """Replace the limits and rules of an entity. Requests that already wait keep the steps they were given.

    Only an administrator may: whoever decides must not widen their own limit.
    """
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    _allow(entity, by)
    if not rules:
        raise FieldErrors({"rules": _("Keep at least one rule: somebody must agree above the limits.")})
    for limit in limits:
        if limit.user and entity.pk not in policy.scope(limit.user).roles:
            raise FieldErrors({"limits": _("Choose a person of this legal entity.")})
    ApprovalLimit.objects.filter(entity=entity).delete()
    ApprovalRule.objects.filter(entity=entity).delete()
    for each in limits:
        write(ApprovalLimit(entity=entity, role=each.role, user=each.user, amount=each.amount))
    for place, one in enumerate(rules):
        row = ApprovalRule(entity=entity, position=place, above=one.above, role=one.role)
        row.approvals, row.resolution = one.approvals, one.resolution
        write(row)
    facts: dict[str, Any] = {
        "limits": [
            {"role": x.role, "user": x.user.pk if x.user else None, "amount": str(x.amount)} for x in limits
        ],
        "rules": [
            {"above": str(x.above), "role": x.role, "approvals": x.approvals, "resolution": x.resolution}
            for x in rules
        ],
    }
    _say(entity, "approval_rules.changed", by, at, facts)
    return book_of(entity)


@transaction.atomic
def set_tolerance(
    *,
    entity: LegalEntity,
    amount: Decimal,
    percent: Decimal,
    reasons: Sequence[Reason],
    active: bool,
    by: User,
    at: datetime,
) -> Tolerance:
    """Which small claims the system accepts by itself. Only an administrator may."""
    _allow(entity, by)
    if any(reason.entity_id != entity.pk for reason in reasons):
        raise FieldErrors({"reasons": _("Choose a reason from the list.")})
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    row = Tolerance.objects.filter(entity=entity).first() or Tolerance(entity=entity)
    row.amount, row.percent, row.active = amount, percent, active
    write(row)
    row.reasons.set(reasons)
    facts = {"amount": str(amount), "percent": str(percent), "active": active}
    _say(entity, "tolerance.changed", by, at, facts | {"reasons": [reason.code for reason in reasons]})
    return row


def _allow(entity: LegalEntity, by: User) -> None:
    if not policy.may(by, "approval.rules", entity.pk):
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")


def _say(entity: LegalEntity, kind: str, by: User, at: datetime, data: dict[str, Any]) -> None:
    emit(stream="entity", object_id=entity.pk, entity_id=entity.pk, kind=kind, actor=by, at=at, data=data)
