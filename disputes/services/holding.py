"""Who gets a dispute: the holder of a stage, the coordinator, deputies. Somebody is always responsible."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.models import Absence, Department, LegalEntity, User
from disputes.choices import HolderKind, HolderSide
from disputes.errors import IllegalAct
from disputes.models import Dispute, Participation, Stage, StageBranch
from ledger.models import Customer

OUTSIDE = {
    HolderKind.CUSTOMER: HolderSide.CUSTOMER,
    HolderKind.PARTNER: HolderSide.PARTNER,
    HolderKind.SYSTEM: HolderSide.SYSTEM,
}


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has it: a side, and on ours exactly one person or department."""

    side: HolderSide
    user: User | None = None
    department: Department | None = None


def absence_of(user: User, on: date) -> Absence | None:
    """The absence of the person on that day, if there is one."""
    away = Absence.objects.filter(user=user, starts_on__lte=on, ends_on__gte=on)
    return away.select_related("deputy").order_by("-starts_on", "-pk").first()


def is_away(user: User, on: date) -> bool:
    """Whether the person is away on that day."""
    return absence_of(user, on) is not None


def stand_in(user: User, on: date) -> User:
    """The person, or the deputy who answers for them that day (deputies of deputies too).

    When everybody along the chain is away, or it comes back to where it was, nobody stands in: the person.
    """
    seen, person = {user.pk}, user
    while (absence := absence_of(person, on)) is not None:
        deputy = absence.deputy
        if deputy is None or not deputy.is_active or deputy.pk in seen:
            return user
        seen.add(deputy.pk)
        person = deputy
    return person


def lead_of(user: User | None, department: Department | None, entity_id: int) -> User | None:
    """Who leads the department, or a department of the person; nobody leads themselves."""
    if department is not None:
        return department.lead
    if user is None:
        return None
    teams = Department.objects.filter(entity=entity_id, memberships__user=user, lead__isnull=False)
    team = teams.exclude(lead=user).select_related("lead").order_by("pk").first()
    return team.lead if team else None


def replacement(user: User, entity_id: int, on: date, coordinator: User | None = None) -> User | None:
    """Who gets what an absent person has: the deputy at work, else the department's lead, else the coordinator.

    Only who may work on disputes of the entity and is at work; None when that is nobody.
    """
    for person in (stand_in(user, on), lead_of(user, None, entity_id), coordinator):
        if person is None or person.pk == user.pk or not person.is_active:
            continue
        if policy.may(person, "dispute.move", entity_id) and not is_away(person, on):
            return person
    return None


def members(entity_id: int, on: date, *, role: str = "", department: Department | None = None) -> list[User]:
    """Active people with the role or in the department, those at work first, then by age of the account."""
    found = Q(memberships__entity_id=entity_id)
    found &= Q(memberships__role=role) if role else Q(memberships__department=department)
    people = list(User.objects.filter(found, is_active=True).distinct().order_by("pk"))
    away = set(
        Absence.objects.filter(user__in=people, starts_on__lte=on, ends_on__gte=on).values_list(
            "user_id", flat=True
        )
    )
    return sorted(people, key=lambda person: person.pk in away)


def find_coordinator(*, entity: LegalEntity, by: User | None, on: date) -> User:
    """Who answers for a new dispute: the opener when they work in credit, else a credit manager, else an admin."""
    if by is not None and policy.scope(by).roles_in(entity.pk) & policy.OFFICE:
        return by
    for role in (Role.CREDIT_MANAGER, Role.ADMIN, Role.COLLECTOR):
        people = members(entity.pk, on, role=role)
        if people:
            return people[0]
    if by is not None:
        return by
    raise IllegalAct(
        _("Nobody here can coordinate disputes: give somebody the role of credit manager."),
        code="no_coordinator",
    )


def find_holder(*, stage: Stage | StageBranch, customer: Customer, coordinator: User, on: date) -> Holder:
    """The holder of a stage, or of a branch of one, for this customer.

    Falls back to the coordinator, so that nothing is nobody's.
    """
    kind = HolderKind(stage.holder_kind)
    if kind in OUTSIDE:
        return Holder(OUTSIDE[kind])
    if kind == HolderKind.DEPARTMENT:
        return Holder(HolderSide.OURS, department=stage.department)
    if kind == HolderKind.ROLE and stage.holder_role not in policy.scope(coordinator).roles_in(
        customer.entity_id
    ):
        people = members(customer.entity_id, on, role=stage.holder_role)
        person = people[0] if people else coordinator
    else:
        named = {HolderKind.PERSON: stage.person, HolderKind.SALESPERSON: customer.salesperson}
        person = named.get(kind) or coordinator
    person = person if person.is_active else coordinator
    if is_away(person, on):
        person = replacement(person, customer.entity_id, on, coordinator) or person
    return Holder(HolderSide.OURS, user=person)


def give_to(dispute: Dispute, holder: Holder) -> None:
    """Write the holder on the dispute (not saved)."""
    dispute.holder_side = holder.side
    dispute.holder_user = holder.user
    dispute.holder_department = holder.department


def take_part(dispute: Dispute, people: list[User | None], at: datetime) -> None:
    """These people take part in the dispute from now on, and therefore see it."""
    rows = [
        Participation(dispute=dispute, user=person, joined_at=at) for person in people if person is not None
    ]
    Participation.objects.bulk_create(rows, ignore_conflicts=True)
