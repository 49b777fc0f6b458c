"""Who may do what to which rows. The one place that answers both questions.

An action is allowed by a role in a legal entity. `WIDE` roles see every row of the entity; the others see only
their own: the customers they are the salesperson of, and what they take part in.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q

from accounts.choices import Role

if TYPE_CHECKING:
    from accounts.models import User

ADMIN, MANAGER, COLLECTOR = Role.ADMIN, Role.CREDIT_MANAGER, Role.COLLECTOR
SALES, EXPERT, FINANCE, PARTNER = Role.SALES, Role.EXPERT, Role.FINANCE, Role.PARTNER
OFFICE = frozenset({ADMIN, MANAGER, COLLECTOR})
STAFF = OFFICE | {SALES, EXPERT}

# Sees every row of the entity; anybody else sees their own.
WIDE = frozenset({ADMIN, MANAGER, COLLECTOR, FINANCE})

ACTIONS: dict[str, frozenset[Role]] = {
    "ledger.read": OFFICE | {SALES, FINANCE},
    "ledger.import": OFFICE,
    "ledger.write": OFFICE,
    "ledger.limits": frozenset({ADMIN, MANAGER}),
    "dispute.read": STAFF | {FINANCE, PARTNER},
    "dispute.open": OFFICE | {SALES},
    "dispute.move": STAFF,
    "dispute.decide": frozenset({ADMIN, MANAGER}),
    "route.edit": frozenset({ADMIN, MANAGER}),
    "approval.see": OFFICE | {FINANCE},
    "approval.vote": STAFF | {FINANCE},
    "approval.rules": frozenset({ADMIN}),
    "credit.follow": OFFICE | {EXPERT},
    "offer.make": OFFICE | {SALES},
    "question.ask": OFFICE | {EXPERT, SALES},
    "question.template": OFFICE,
    "question.answer": STAFF | {PARTNER},
    "evidence.add": STAFF | {PARTNER},
    "evidence.keep": OFFICE,
    "evidence.pack": OFFICE | {FINANCE},
    "room.read": STAFF | {FINANCE, PARTNER},
    "room.post": STAFF | {PARTNER},
    # Who decides what guests see, and who comes in.
    "room.share": STAFF,
    "room.invite": OFFICE | {SALES},
    # Taking away what somebody else said.
    "room.moderate": frozenset({ADMIN, MANAGER}),
    "plan.read": OFFICE | {FINANCE},
    "plan.run": frozenset({ADMIN, MANAGER}),
    "plan.edit": frozenset({ADMIN, MANAGER}),
    # Claiming late interest, giving it up, asking to give it up, and the rates it is reckoned with.
    "interest.claim": frozenset({ADMIN, MANAGER}),
    "interest.waive": frozenset({ADMIN, MANAGER}),
    "interest.ask": OFFICE,
    "interest.rates": frozenset({ADMIN, MANAGER}),
    # Opening a legal file, sending its notice, handing it over, filing it, closing it; noting how it goes on.
    "contentious.act": frozenset({ADMIN, MANAGER}),
    "contentious.follow": OFFICE,
    "promise.make": OFFICE | {SALES},
    # What is beyond the limits of who agreed to it, and those limits.
    "promise.approve": frozenset({ADMIN, MANAGER}),
    "promise.rules": frozenset({ADMIN, MANAGER}),
    "call.make": OFFICE | {SALES},
    # Which collector looks after which customer.
    "portfolio.set": frozenset({ADMIN, MANAGER}),
    "letter.read": OFFICE | {FINANCE},
    # Printing batches, posting them, taking back what the post returns.
    "letter.print": OFFICE,
    # Whoever delivers raw mail says whom it is from.
    "mail.deliver": frozenset({ADMIN}),
    "report.read": OFFICE | {FINANCE, SALES},
    # What figures should be, and what time and money cost.
    "report.standards": frozenset({ADMIN, MANAGER, FINANCE}),
    "score.see": STAFF | {FINANCE},
    "score.rules": frozenset({ADMIN, MANAGER}),
    "calendar.read": STAFF | {FINANCE},
    "calendar.edit": frozenset({ADMIN, MANAGER}),
    # One's own absence needs no action; this is about those of others.
    "absence.edit": OFFICE,
    "audit.read": frozenset({ADMIN, MANAGER}),
    # What people are told of where they said nothing themselves, and what could not be told.
    "reach.house": frozenset({ADMIN, MANAGER}),
    "admin": frozenset({ADMIN}),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """What a person's memberships add up to."""

    user_id: int | None
    roles: dict[int, frozenset[str]] = field(default_factory=dict)
    departments: frozenset[int] = frozenset()

    def entities(self, action: str) -> frozenset[int]:
        """The legal entities in which the person may do `action` to at least some rows."""
        allowed = ACTIONS[action]
        return frozenset(entity for entity, roles in self.roles.items() if roles & allowed)

    def wide(self, action: str) -> frozenset[int]:
        """The legal entities in which the person may do `action` to every row."""
        allowed = ACTIONS[action] & WIDE
        return frozenset(entity for entity, roles in self.roles.items() if roles & allowed)

    def own(self, action: str) -> frozenset[int]:
        """The legal entities in which the person may do `action` to their own rows only."""
        return self.entities(action) - self.wide(action)

    def roles_in(self, entity_id: int) -> frozenset[str]:
        """The person's roles in one legal entity."""
        return self.roles.get(entity_id, frozenset())


NOBODY = Scope(user_id=None)


def scope(user: User | AnonymousUser) -> Scope:
    """The person's scope, read once per user object (so once per request)."""
    if not user.is_authenticated or not user.is_active:
        return NOBODY
    kept: Scope | None = getattr(user, "_scope", None)
    if kept is None:
        roles: dict[int, set[str]] = {}
        departments: set[int] = set()
        for entity_id, role, department_id in user.memberships.values_list(
            "entity_id", "role", "department_id"
        ):
            roles.setdefault(entity_id, set()).add(role)
            if department_id:
                departments.add(department_id)
        kept = Scope(user.pk, {e: frozenset(r) for e, r in roles.items()}, frozenset(departments))
        user._scope = kept  # type: ignore[attr-defined]
    return kept


def may(user: User | AnonymousUser, action: str, entity_id: int) -> bool:
    """Whether the person's roles in this legal entity allow the action."""
    return entity_id in scope(user).entities(action)


def rows(
    user: User | AnonymousUser,
    action: str,
    *,
    entity: str = "entity",
    salesperson: str | None = None,
    people: Iterable[str] = (),
    departments: Iterable[str] = (),
) -> Q:
    """The rows to which the person may do `action`, as a filter.

    `entity`, `salesperson`, `people` and `departments` are field paths from the filtered model: the legal entity,
    the customer's salesperson, further people and departments who take part. Without any of the latter three a
    person without a wide role sees nothing.
    """
    mine = scope(user)
    wide = Q(**{f"{entity}__in": mine.wide(action)})
    own = [Q(**{path: mine.user_id}) for path in ([salesperson] if salesperson else []) + list(people)]
    own += [Q(**{f"{path}__in": mine.departments}) for path in departments if mine.departments]
    if not own or not mine.own(action):
        return wide
    return wide | (Q(**{f"{entity}__in": mine.own(action)}) & reduce(or_, own))
