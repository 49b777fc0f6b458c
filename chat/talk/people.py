"""Whom one can name in a room with @, and whom a text names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from accounts import policy
from accounts.choices import Role
from accounts.models import Department, User
from chat.audience import TEAM, Reader
from chat.choices import Side
from chat.models import Participant, Room
from chat.selectors import Standing, messages_for
from lib.text import fold

SHOWN = 8
STAFF_ROLES = policy.ACTIONS["room.read"] - {Role.PARTNER}


@dataclass(frozen=True, slots=True)
class Nameable:
    """Somebody, or a department, that a message can name. `reader`: as whom they read."""

    key: str
    name: str
    hint: str = ""
    reader: Reader = TEAM

    @property
    def side(self) -> str:
        """On which side they read."""
        return self.reader.side

    @property
    def pk(self) -> int:
        """The number of the person or department."""
        return int(self.key.partition(":")[2])

    @property
    def is_department(self) -> bool:
        """Whether it stands for several people."""
        return self.key.startswith("department:")


def nameable(user: User, place: Standing, room: Room) -> list[Nameable]:
    """Whom the person may name here: the team everybody inside and the guests; a guest whom they can know of."""
    if place.side != Side.INTERNAL:
        return _known_to_guest(user, place)
    staff = User.objects.filter(
        is_active=True, memberships__entity=room.entity_id, memberships__role__in=STAFF_ROLES
    )
    people = [
        Nameable(f"user:{pk}", name, department or "")
        for pk, name, department in staff.order_by("name", "pk").values_list(
            "pk", "name", "memberships__department__name"
        )
    ]
    guests = Participant.objects.filter(room=room.pk, left_at=None, user__isnull=False).exclude(
        side=Side.INTERNAL
    )
    people += [
        Nameable(f"user:{pk}", name, company or "", Reader(side, party))
        for pk, name, company, side, party in guests.order_by("user__name").values_list(
            "user", "user__name", "party__name", "side", "party"
        )
    ]
    inside = Department.objects.filter(
        entity=room.entity_id,
        outside=False,
        memberships__role__in=STAFF_ROLES,
        memberships__user__is_active=True,
    )
    departments = inside.distinct().order_by("name").values_list("pk", "name")
    unique = {one.key: one for one in people if one.pk != user.pk}
    return [*unique.values(), *(Nameable(f"department:{pk}", name) for pk, name in departments)]


def _known_to_guest(user: User, place: Standing) -> list[Nameable]:
    """Those who wrote what the guest can read."""
    wrote = messages_for(place)
    found = User.objects.filter(is_active=True, pk__in=wrote.values("author")).exclude(pk=user.pk)
    return [Nameable(f"user:{pk}", name) for pk, name in found.order_by("name").values_list("pk", "name")]


def matching(people: Iterable[Nameable], text: str) -> list[Nameable]:
    """The first few whose name, or a word of it, begins with the text."""
    wanted = fold(text)
    found = [one for one in people if f" {fold(one.name)}".find(f" {wanted}") >= 0]
    return sorted(found, key=lambda one: not fold(one.name).startswith(wanted))[:SHOWN]


def named_in(body: str, people: Sequence[Nameable], chosen: Iterable[str] = ()) -> list[Nameable]:
    """Whom the text names: each `@` followed by a whole name, the longest that fits. Of two of the same name, those
    whose key was `chosen`, or the first."""
    if "@" not in body:
        return []
    keys = set(chosen)
    by_name: dict[str, list[Nameable]] = {}
    for one in people:
        by_name.setdefault(one.name.casefold(), []).append(one)
    found: dict[str, Nameable] = {}
    for match in pattern(by_name).finditer(body) if by_name else ():
        same = by_name[match[1].casefold()]
        for one in [one for one in same if one.key in keys] or same[:1]:
            found[one.key] = one
    return list(found.values())


def pattern(names: Iterable[str]) -> re.Pattern[str]:
    """Finds the names behind an @ that begins a word; the longest first, and never a part of a longer word."""
    longest = sorted(names, key=len, reverse=True)
    return re.compile(rf"(?<![\w@])@({'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)


def sees(one: Nameable, written_for: Reader) -> bool:
    """Whether the named may read what is written for these."""
    if one.reader == TEAM:
        return True
    return one.reader.side == written_for.side and written_for.party in (None, one.reader.party)
