"""What people may agree to with customers alone, and what follows when it is not kept."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.events import emit
from accounts.models import LegalEntity, User
from collections_app.errors import PromiseError
from collections_app.models import PromiseLimit, PromiseRules
from ledger.selectors import worth

# The roles that agree to anything with customers.
ROLES = (Role.SALES, Role.COLLECTOR, Role.CREDIT_MANAGER, Role.ADMIN)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many days from today and so much money (in the entity's currency); None: no limit."""

    days: int | None = None
    amount: Decimal | None = None


def rules_of(entity: LegalEntity) -> PromiseRules:
    """The entity's rules, or the usual ones."""
    found = PromiseRules.objects.filter(entity=entity).first()
    return found or PromiseRules(entity=entity)


def limits_of(entity: LegalEntity) -> dict[str, Limit]:
    """The limit of every role that may agree to something."""
    rows = {row.role: row for row in PromiseLimit.objects.filter(entity=entity)}
    return {
        role.value: Limit(rows[role].days, rows[role].amount) if role in rows else Limit() for role in ROLES
    }


def within(*, user: User, entity: LegalEntity, amount: Decimal, currency: str, until: date, on: date) -> bool:
    """Whether the person may agree alone to `amount` being paid by `until`.

    The widest of their roles counts. An amount in a currency without a rate is beyond every limit.
    """
    mine = policy.scope(user).roles_in(entity.pk)
    limits = [limit for role, limit in limits_of(entity).items() if role in mine]
    if not limits:
        return False
    if any(limit == Limit() for limit in limits):
        return True
    value = worth(amount, currency, entity.currency, on)
    return any(_allows(limit, value, (until - on).days) for limit in limits)


def _allows(limit: Limit, value: Decimal | None, days: int) -> bool:
    if limit.days is not None and days > limit.days:
        return False
    return limit.amount is None or (value is not None and value <= limit.amount)


@transaction.atomic
def set_rules(
    *,
    entity: LegalEntity,
    grace_days: int,
    whole_comes_back: bool,
    limits: Mapping[str, Limit],
    by: User,
    at: datetime,
) -> PromiseRules:
    """Replace the entity's rules and the limits of its roles. Raises PromiseError for a role that agrees to nothing."""
    entity = LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    if not set(limits) <= {role.value for role in ROLES}:
        raise PromiseError(_("This role agrees to nothing with customers."), code="limit_role")
    rules = rules_of(entity)
    rules.grace_days, rules.whole_comes_back, rules.set_by, rules.set_at = (
        grace_days,
        whole_comes_back,
        by,
        at,
    )
    rules.full_clean(validate_unique=False)
    rules.save()
    PromiseLimit.objects.filter(entity=entity).delete()
    for role, limit in limits.items():
        if limit != Limit():
            row = PromiseLimit(entity=entity, role=role, days=limit.days, amount=limit.amount)
            row.full_clean()
            row.save()
    data: dict[str, object] = {"grace_days": grace_days, "whole_comes_back": whole_comes_back}
    data |= {
        "limits": {
            role: [v.days, str(v.amount) if v.amount is not None else None] for role, v in limits.items()
        }
    }
    emit(
        stream="entity",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind="promise_rules.set",
        actor=by,
        at=at,
        data=data,
    )
    return rules
