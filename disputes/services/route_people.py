"""Whether somebody is behind each holder of a route: the roles, departments and people of its legal entity."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from accounts.choices import Role
from accounts.models import Department, LegalEntity, Membership, User
from disputes.choices import HolderKind
from disputes.services.route_shape import Problem, branches_of


class Staff:
    """The people of one legal entity as far as one route speaks of them, read in three queries."""

    def __init__(self, entity: LegalEntity, data: Mapping[str, Any]) -> None:
        rows = Membership.objects.filter(entity=entity, user__is_active=True)
        pairs = list(rows.values_list("role", "department__code"))
        self.roles = Counter(role for role, _team in pairs)
        self.staffed = Counter(team for _role, team in pairs if team)
        self.departments = dict(Department.objects.filter(entity=entity).values_list("code", "name"))
        named = {
            str(part["person"]).lower()
            for stage in data["stages"]
            for part in (stage, *branches_of(stage))
            if part.get("person")
        }
        people = User.objects.filter(memberships__entity=entity).distinct() if named else []
        self.people = {person.email.lower(): person for person in people}

    def problems(self, place: str, part: Mapping[str, Any], people: bool) -> list[Problem]:
        """What is wrong with who has this stage or branch."""
        kind = part["holder"]
        if kind == HolderKind.DEPARTMENT and part.get("department"):
            return self._department(f"{place}.department", part["department"], people)
        if kind == HolderKind.PERSON and part.get("person"):
            return self._person(f"{place}.person", part["person"], people)
        if kind == HolderKind.ROLE and part.get("role") and people and not self.roles[part["role"]]:
            words = _("Nobody has the role “%(role)s”.") % {"role": Role(part["role"]).label}
            return [Problem(f"{place}.role", "nobody_has_the_role", words)]
        return []

    def _department(self, place: str, code: str, people: bool) -> list[Problem]:
        if code not in self.departments:
            words = _("There is no department “%(department)s” here.") % {"department": code}
            return [Problem(place, "unknown_department", words, broken=True)]
        if people and not self.staffed[code]:
            words = _("Nobody works in “%(department)s”.") % {"department": self.departments[code]}
            return [Problem(place, "empty_department", words)]
        return []

    def _person(self, place: str, email: str, people: bool) -> list[Problem]:
        person = self.people.get(email.lower())
        if person is None:
            words = _("Nobody here has the address “%(email)s”.") % {"email": email}
            return [Problem(place, "unknown_person", words, broken=True)]
        if people and not person.is_active:
            words = _("%(name)s no longer works here.") % {"name": person.name}
            return [Problem(place, "inactive_person", words)]
        return []
