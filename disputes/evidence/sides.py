"""Who sits on which side of a dispute, and which files each side sees. The one rule behind every door."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from disputes.choices import EvidenceSide

# Our side sees every file, a guest only what is theirs.
SEEN_FROM: dict[str, tuple[str, ...]] = {
    EvidenceSide.INTERNAL: tuple(EvidenceSide.values),
    EvidenceSide.PARTNER: (EvidenceSide.PARTNER.value,),
    EvidenceSide.CUSTOMER: (EvidenceSide.CUSTOMER.value,),
}


def side_of(user: User | AnonymousUser, entity_id: int) -> EvidenceSide:
    """The side on which the person sits in this legal entity: a guest is a partner and nothing else."""
    roles = policy.scope(user).roles_in(entity_id)
    return EvidenceSide.INTERNAL if roles - {Role.PARTNER} else EvidenceSide.PARTNER


def seen_by(user: User | AnonymousUser, entity_id: int) -> tuple[str, ...]:
    """The sides of the files that this person may see in a dispute of the entity that they may see."""
    return SEEN_FROM[side_of(user, entity_id)]
