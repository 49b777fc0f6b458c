"""People, what they are in a legal entity, and the partner companies outsiders come from."""

from __future__ import annotations

import secrets
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.events import emit
from accounts.models import Department, LegalEntity, Membership, User


def add_person(
    *,
    email: str,
    name: str,
    language: str = "es",
    time_zone: str = "Europe/Madrid",
    password: str | None = None,
    is_demo: bool = False,
) -> User:
    """A person who can sign in, once given a password."""
    return User.objects.create_user(
        email, password, name=name, language=language, time_zone=time_zone, is_demo=is_demo
    )


@transaction.atomic
def give_role(
    *,
    user: User,
    entity: LegalEntity,
    role: Role | str,
    at: datetime,
    department: Department | None = None,
    by: User | None = None,
) -> Membership:
    """Make the person `role` in `entity`; giving it twice changes nothing but the department.

    A partner belongs to a partner company; without one named, they are a company of their own.
    """
    if role == Role.PARTNER and department is None:
        department = _own_company(user, entity)
    before = list(user.memberships.filter(entity=entity).values_list("role", "department"))
    membership, _made = Membership.objects.update_or_create(
        user=user, entity=entity, role=Role(role), defaults={"department": department}
    )
    # A further role takes something away too: who becomes one of the team is no guest any more.
    if before and (membership.role, membership.department_id) not in before:
        _tell(user, entity.pk, "person.role_changed", by=by, at=at, data=_facts(membership))
    return membership


@transaction.atomic
def take_role(
    *, user: User, entity: LegalEntity, role: Role | str, at: datetime, by: User | None = None
) -> bool:
    """The person is not `role` in `entity` any more; what they have open on it closes at once. False when they
    were not."""
    rows = Membership.objects.select_for_update().filter(user=user, entity=entity, role=Role(role))
    membership = rows.first()
    if membership is None:
        return False
    facts = _facts(membership)
    membership.delete()
    _tell(user, entity.pk, "person.role_taken", by=by, at=at, data=facts)
    return True


@transaction.atomic
def deactivate(*, user: User, at: datetime, by: User | None = None) -> bool:
    """The person cannot sign in any more, and is signed out wherever they are. False when they could not before.

    What they did stays theirs, and so do their roles: they count again when the person comes back.
    """
    if not User.objects.filter(pk=user.pk, is_active=True).update(is_active=False):
        return False
    user.is_active = False
    entities: list[int | None] = [
        *user.memberships.order_by("entity").values_list("entity", flat=True).distinct()
    ]
    for entity_id in entities or [None]:
        _tell(user, entity_id, "person.deactivated", by=by, at=at, data={})
    return True


def _facts(membership: Membership) -> dict[str, object]:
    return {"role": membership.role, "department": membership.department_id}


def _tell(
    user: User, entity_id: int | None, kind: str, *, by: User | None, at: datetime, data: dict[str, object]
) -> None:
    """Rooms above that keep something open for the person ask again what they may see (`chat.listeners`)."""
    facts = {"user": user.pk, **data}
    emit(stream="person", object_id=user.pk, entity_id=entity_id, kind=kind, actor=by, at=at, data=facts)


def _own_company(user: User, entity: LegalEntity) -> Department:
    """The company a partner is in already, or a new one of their name."""
    before = user.memberships.filter(entity=entity, role=Role.PARTNER).select_related("department").first()
    if before is not None and before.department is not None:
        return before.department
    return add_department(entity=entity, code=f"partner-{user.pk}", name=str(user)[:100], outside=True)


def add_department(*, entity: LegalEntity, code: str, name: str, outside: bool = False) -> Department:
    """A team of the entity, or a partner company (`outside`); the same code twice is the same one."""
    fresh = {"name": name, "outside": outside}
    return Department.objects.get_or_create(entity=entity, code=code, defaults=fresh)[0]


@transaction.atomic
def invite_partner(
    *, entity: LegalEntity, email: str, name: str, company: Department | str, language: str, at: datetime
) -> User:
    """The person of a partner company with this address, made when it is a new one; they sign in with no password.

    `company` is one of the entity's partner companies, or the name of a new one. Somebody who is known already stays
    who they are; raises ValidationError when they come from another company.
    """
    user = User.objects.filter(email__iexact=email.strip()).first()
    if user is None:
        user = add_person(email=email.strip(), name=name.strip(), language=language)
    before = user.memberships.filter(entity=entity).select_related("department")
    if isinstance(company, str):
        company = _company_named(entity, company)
    if any(one.role == Role.PARTNER and one.department != company for one in before):
        raise ValidationError({"company": _("This person comes from another partner company.")})
    if not before:
        give_role(user=user, entity=entity, role=Role.PARTNER, at=at, department=company)
    return user


def _company_named(entity: LegalEntity, name: str) -> Department:
    """The partner company of this name, made when there is none."""
    known = Department.objects.filter(entity=entity, outside=True, name__iexact=name.strip()).first()
    if known is not None:
        return known
    company = Department(
        entity=entity, name=name.strip(), code=f"partner-{secrets.token_hex(6)}", outside=True
    )
    company.full_clean()
    company.save()
    return company
