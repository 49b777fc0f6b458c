"""Finding disputes by words: what a person types, and which texts they may be found by."""

from __future__ import annotations

import re

from django.db.models import Q, QuerySet

from accounts import policy
from accounts.choices import Role
from accounts.models import User
from disputes.choices import Side
from disputes.models import SearchText
from disputes.services.searching import CUSTOMER, OWN
from lib.text import fold

REF = re.compile(r"^\s*[dD]?-?0*(\d{1,9})\s*$")
SHORTEST, MOST_WORDS = 3, 8


def texts_for(user: User) -> QuerySet[SearchText]:
    """The texts this person may find disputes by.

    Where somebody is a guest: the dispute's own words, and what was written for their side while they were there.
    """
    scope = policy.scope(user)
    guest_in = [entity for entity, roles in scope.roles.items() if roles <= {Role.PARTNER}]
    if not guest_in:
        return SearchText.objects.all()
    theirs = Q(source__in=(OWN, CUSTOMER)) | (
        Q(side=Side.PARTNER)
        & (Q(party=None) | Q(party__in=scope.departments))
        & (Q(guests=None) | Q(guests__contains=[user.pk]))
    )
    return SearchText.objects.filter(~Q(dispute__entity__in=guest_in) | theirs)


def words_of(text: str) -> list[str]:
    """What is looked for, folded; short words only count when there are no others."""
    words = list(dict.fromkeys(fold(text).split()))[:MOST_WORDS]
    return [word for word in words if len(word) >= SHORTEST] or words


def search(user: User, text: str) -> Q:
    """Disputes by reference (D-000123 or 123), or with every word somewhere in what this person may read of them.

    Parts of words count: of customers, invoice numbers, statements, messages, evidence.
    """
    found = Q()
    for word in words_of(text):
        found &= Q(pk__in=texts_for(user).filter(text__contains=word).values("dispute"))
    ref = REF.match(text)
    return found | Q(number=int(ref.group(1))) if ref else found
