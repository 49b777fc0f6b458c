"""Who sits on which side of a dispute, and which files each side sees. The one rule behind every door."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from disputes.choices import EvidenceSide

Person = User | AnonymousUser


def side_of(user: Person, entity_id: int) -> EvidenceSide:
    """The side on which the person sits in this legal entity: a guest is a partner and nothing else."""
    roles = policy.scope(user).roles_in(entity_id)
    return EvidenceSide.INTERNAL if roles - {Role.PARTNER} else EvidenceSide.PARTNER


def ours_in(user: Person) -> list[int]:
    """The legal entities in which the person sits on our side."""
    return [entity for entity in policy.scope(user).roles if side_of(user, entity) == EvidenceSide.INTERNAL]


def company_of(user: User, entity_id: int) -> int | None:
    """The partner company the person comes from in this legal entity."""
    mine = user.memberships.filter(entity=entity_id, role=Role.PARTNER, department__outside=True)
    return mine.values_list("department", flat=True).first()


def files_q(user: Person) -> Q:
    """The files this person may see, of the disputes they may see: our side every one, a guest only what is for all
    partners or for their own company."""
    return Q(dispute__entity__in=ours_in(user)) | _for_company(policy.scope(user).departments)


def copies_q(side: str, party: int | None) -> Q:
    """The files that somebody for whom a file is written like this sees."""
    if side == EvidenceSide.INTERNAL:
        return Q()
    return Q(side=side) if side == EvidenceSide.CUSTOMER else _for_company([party] if party else [])


def _for_company(companies: frozenset[int] | list[int]) -> Q:
    return Q(side=EvidenceSide.PARTNER) & (Q(party=None) | Q(party__in=companies))


def told_q(user: Person) -> Q:
    """The events of files that a guest may hear of: of those that were theirs to see."""
    for_all = Q(data__party=None) | Q(data__party__isnull=True)
    own = Q(data__party__in=sorted(policy.scope(user).departments))
    return Q(data__side=EvidenceSide.PARTNER.value) & (for_all | own)


def key_of(side: str, party: int | None) -> str:
    """For whom a file is, in one word, as the pages choose it: `internal`, `partner`, `partner:7`, `customer`."""
    return side if party is None else f"{side}:{party}"


def read_key(key: str) -> tuple[str, int | None]:
    """Side and company behind the word; one that makes no sense is no side, so that nobody is shown too much."""
    side, mark, party = key.partition(":")
    if not mark:
        return side, None
    return (side, int(party)) if party.isdecimal() else (key, None)


def audience(side: str, company: str = "") -> str:
    """For whom a file is, in words."""
    if company:
        return _("Your team and %(company)s") % {"company": company}
    return str(EvidenceSide(side).label) if side in EvidenceSide.values else ""
