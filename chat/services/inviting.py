"""Who comes into a room by somebody's choice, how much of the past they see, and who is sent away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from accounts import policy
from accounts import services as accounts
from accounts.models import Department, User
from chat import selectors
from chat.audience import TEAM
from chat.choices import JoinRoute, Past
from chat.errors import MayNotPost
from chat.models import Participant, Room
from chat.services.posting import post_system_line
from chat.services.rooms import end_stay, join, join_contact, locked_room
from disputes import services as disputes
from ledger.models import Contact


@dataclass(frozen=True, slots=True)
class Seen:
    """How much of what was said before a guest sees: nothing, everything for their side, or from one message on."""

    past: Past = Past.NOTHING
    start: int = 0

    @property
    def after(self) -> int | None:
        """The number behind which they see what is for them; None for the newest."""
        if self.past == Past.ALL:
            return 0
        return max(self.start - 1, 0) if self.past == Past.FROM_HERE and self.start else None


@transaction.atomic
def invite(*, room: Room, user: User, by: User, at: datetime, seen: Seen = Seen()) -> Participant:
    """Call a colleague or a partner in. Of a dispute they see the case too."""
    room, told = _allowed(room, by), False
    if room.dispute is not None:
        # The first time the dispute says so itself.
        told = not room.dispute.participations.filter(user=user).exists()
        disputes.involve(dispute=room.dispute, user=user, by=by, at=at)
    elif not policy.may(user, "room.read", room.entity_id):
        raise Room.DoesNotExist
    known = Participant.objects.filter(room=room, user=user, left_at=None).exists()
    stay = join(room=room, user=user, route=JoinRoute.INVITED, at=at, after=seen.after)
    if not known and not told:
        _write(room, "room.joined", stay, by, at)
    return stay


@dataclass(frozen=True, slots=True)
class Outsider:
    """Somebody of a partner company, known by their address; `company` is one we know, or the name of a new one."""

    email: str
    name: str
    company: Department | str


@transaction.atomic
def invite_partner(
    *, room: Room, outsider: Outsider, by: User, at: datetime, seen: Seen = Seen()
) -> Participant:
    """Call somebody of a partner company in, made known when they are new; raises ValidationError."""
    here = _allowed(room, by)
    user = accounts.invite_partner(
        entity=here.entity,
        email=outsider.email,
        name=outsider.name,
        company=outsider.company,
        language=here.entity.language,
        at=at,
    )
    return invite(room=room, user=user, by=by, at=at, seen=seen)


@transaction.atomic
def invite_contact(
    *, room: Room, contact: Contact, by: User, at: datetime, seen: Seen = Seen()
) -> Participant:
    """Let a contact of the customer take part by mail."""
    room = _allowed(room, by)
    known = Participant.objects.filter(room=room, contact=contact, left_at=None).exists()
    stay = join_contact(room=room, contact=contact, route=JoinRoute.INVITED, at=at, after=seen.after)
    if not known:
        _write(room, "room.joined", stay, by, at)
    return stay


@transaction.atomic
def remove(*, stay: Participant, by: User, at: datetime) -> bool:
    """Send somebody away; what they had open closes at once. A guest loses the case too. False when they had gone."""
    room = _allowed(stay.room, by)
    if room.dispute is not None and stay.user is not None and stay.side != TEAM.side:
        disputes.dismiss(dispute=room.dispute, user=stay.user)
    room = locked_room(room.pk)
    stay = Participant.objects.select_related("user", "contact", "party").get(pk=stay.pk)
    if stay.left_at is not None:
        return False
    end_stay(room, stay, at)
    _write(room, "room.left", stay, by, at)
    return True


def _write(room: Room, code: str, stay: Participant, by: User, at: datetime) -> None:
    company = stay.party.name if stay.party else ""
    facts = {"name": str(stay.person), "company": company, "side": stay.side, "actor": str(by)}
    post_system_line(room=room, code=code, data=facts, token=f"{code}:{stay.pk}", at=at)


def _allowed(room: Room, by: User) -> Room:
    """The room with what it is about; raises when it does not exist for the person, or they may not invite."""
    place = selectors.standing(by, room.pk)
    if place is None:
        raise Room.DoesNotExist
    room = Room.objects.select_related("dispute__customer", "customer", "entity").get(pk=room.pk)
    if place.reader != TEAM or not policy.may(by, "room.invite", room.entity_id):
        raise MayNotPost
    return room
