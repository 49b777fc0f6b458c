"""Who may say yes to a request: by role, in an absent person's place, never twice and never to one's own."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from accounts.choices import Role
from accounts.models import User
from disputes.models import Approval, Dispute
from disputes.services.holding import members, stand_in


@dataclass(frozen=True, slots=True)
class Seat:
    """A vote a person may give: for which step, and as whom (themselves, or somebody they stand in for)."""

    step: int
    counts_as: User


def open_steps(approval: Approval) -> list[tuple[int, str]]:
    """The steps nobody has said yes to yet, in order, with their roles."""
    given = {vote.step for vote in approval.votes.all()}
    return [(place, role) for place, role in enumerate(approval.steps) if place not in given]


def barred(approval: Approval) -> set[int]:
    """Who may not vote any more: who asked, and everybody who has voted or was voted for."""
    used = {pk for vote in approval.votes.all() for pk in (vote.user_id, vote.counts_as_id)}
    return used | ({approval.asked_by_id} if approval.asked_by_id else set())


class Pool:
    """Who has which role and who stands in for whom; each is read once, however many requests are looked at."""

    def __init__(self) -> None:
        self._members: dict[tuple[int, date, str], list[User]] = {}
        self._deputies: dict[tuple[int, date], User] = {}

    def members(self, entity_id: int, on: date, role: str) -> list[User]:
        """The people of a role, those at work first."""
        key = (entity_id, on, role)
        if key not in self._members:
            self._members[key] = members(entity_id, on, role=role)
        return self._members[key]

    def stand_in(self, person: User, on: date) -> User:
        """The person, or who answers for them that day."""
        key = (person.pk, on)
        if key not in self._deputies:
            self._deputies[key] = stand_in(person, on)
        return self._deputies[key]


class Electorate:
    """The people of an entity on a day who may fill the steps of a request."""

    def __init__(self, entity_id: int, on: date, out: set[int], pool: Pool | None = None) -> None:
        self.entity_id, self.on, self.out, self.pool = entity_id, on, out, pool or Pool()

    def _members(self, role: str) -> list[User]:
        return self.pool.members(self.entity_id, self.on, role)

    def candidates(self, role: str, out: set[int]) -> list[User]:
        """Those of the role, at work first; an administrator where nobody else of the role is left."""
        found = [person for person in self._members(role) if person.pk not in out]
        return found or [person for person in self._members(Role.ADMIN) if person.pk not in out]

    def possible(self, roles: list[str], out: set[int] | None = None) -> bool:
        """Whether different people can be found for all of these steps."""
        out = self.out if out is None else out
        if not roles:
            return True
        return any(self.possible(roles[1:], out | {person.pk}) for person in self.candidates(roles[0], out))


def electorate(approval: Approval, dispute: Dispute, on: date, pool: Pool | None = None) -> Electorate:
    """Who may still vote on this request."""
    return Electorate(dispute.entity_id, on, barred(approval), pool)


def seat_of(
    approval: Approval, dispute: Dispute, user: User, on: date, pool: Pool | None = None
) -> Seat | None:
    """The vote this person may give now; None when their voice is not asked for.

    Their own place first, then that of somebody they stand in for. A vote that would leave another step without
    anybody is not theirs to give.
    """
    people = electorate(approval, dispute, on, pool)
    if user.pk in people.out or not user.is_active:
        return None
    steps = open_steps(approval)
    for own in (True, False):
        for place, role in steps:
            rest = [other for at, other in steps if at != place]
            for person in people.candidates(role, people.out):
                mine = person.pk == user.pk if own else person.pk != user.pk
                if not mine or (not own and people.pool.stand_in(person, on).pk != user.pk):
                    continue
                if people.possible(rest, people.out | {user.pk, person.pk}):
                    return Seat(place, person)
    return None


def next_voter(approval: Approval, dispute: Dispute, on: date) -> User | None:
    """Who is asked next: for the first open step somebody at work, or who stands in for them."""
    people = electorate(approval, dispute, on)
    for _place, role in open_steps(approval):
        found = people.candidates(role, people.out)
        for person in found:
            asked = people.pool.stand_in(person, on)
            if seat_of(approval, dispute, asked, on, people.pool):
                return asked
        if found:
            return found[0]
    return None
