"""Whom a message names: rows beside its words, and colleagues brought in."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from accounts.models import User
from chat.audience import TEAM, Reader
from chat.choices import JoinRoute
from chat.errors import MentionUnseen
from chat.models import Mention, Message, Room
from chat.selectors import Standing
from chat.services.rooms import bring_in
from chat.services.said import Said
from chat.talk import people
from chat.talk.people import Nameable


def find_named(
    *, room: Room, by: User, place: Standing, body: str, reader: Reader, said: Said
) -> list[Nameable]:
    """Whom the words name. Raises MentionUnseen for somebody who will not see them, unless the author knows."""
    if "@" not in body:
        return []
    found = people.named_in(body, people.nameable(by, place, room), said.chosen)
    blind = [one for one in found if not people.sees(one, reader)]
    if blind and not said.unseen:
        raise MentionUnseen([one.name for one in blind])
    return [one for one in found if one not in blind]


def name(*, message: Message, room: Room, named: Iterable[Nameable], at: datetime) -> list[User]:
    """Write down whom the message names, and bring in the colleagues who are not in the room. Whom it newly names."""
    named = list(named)
    if not named:
        return []
    known = set(message.mentions.values_list("user", flat=True))
    rows: dict[int, Mention] = {}
    for one in named:
        for user_id in _people_of(one):
            if user_id not in known and user_id != message.author_id:
                department = one.pk if one.is_department else None
                rows.setdefault(
                    user_id,
                    Mention(message=message, user_id=user_id, department_id=department, label=one.name),
                )
    Mention.objects.bulk_create(rows.values())
    fresh = list(User.objects.filter(pk__in=rows))
    inside = {user_id for one in named if one.reader == TEAM for user_id in _people_of(one)}
    bring_in(room=room, people=[(user, JoinRoute.INVITED) for user in fresh if user.pk in inside], at=at)
    return fresh


def unname(*, message: Message, named: Iterable[Nameable]) -> None:
    """Forget whom the words of the message name no longer."""
    still = {user_id for one in named for user_id in _people_of(one)}
    message.mentions.exclude(user__in=still).delete()


def _people_of(one: Nameable) -> list[int]:
    if not one.is_department:
        return [one.pk]
    members = User.objects.filter(
        is_active=True, memberships__department=one.pk, memberships__role__in=people.STAFF_ROLES
    )
    return list(members.distinct().order_by("pk").values_list("pk", flat=True))
