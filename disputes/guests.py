"""What a guest of a dispute may know of it: nothing of another partner company, not even that it is there.

Our side knows everything. Files are asked about in `disputes.evidence.sides`.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from accounts import policy
from accounts.choices import Role
from accounts.models import Department, Membership
from disputes.choices import EvidenceSide, HolderSide
from disputes.evidence.sides import Person, ours_in, side_of, told_q
from disputes.models import BranchRun, Dispute, Question

# What our side settles among itself and with the customer.
INNER = (
    "approval.",
    "branch.",
    "credit.",
    "mass.",
    "offer.",
    "outcome.",
    "pack.",
    "promise.",
    "dispute.joined_mass",
    "dispute.left_mass",
    "dispute.mailed",
    "dispute.not_sent",
    "dispute.snoozed",
    "dispute.told",
    "dispute.woken",
)


def is_guest(user: Person, entity_id: int) -> bool:
    """Whether the person sits at the table of this legal entity from outside."""
    return side_of(user, entity_id) != EvidenceSide.INTERNAL


def is_guest_somewhere(user: Person) -> bool:
    """Whether the person sits outside in any legal entity: lists over all of them say less."""
    return len(ours_in(user)) < len(policy.scope(user).roles)


def questions_q(user: Person) -> Q:
    """The questions this person may see, of the disputes they may see: our side all of them, a guest those that wait
    for somebody of their own company."""
    mine, ours = policy.scope(user), ours_in(user)
    if not is_guest_somewhere(user):
        return Q(dispute__entity__in=ours)
    company = Membership.objects.filter(department__in=mine.departments, role=Role.PARTNER)
    return Q(dispute__entity__in=ours) | Q(asked_of__in=company.values("user")) | Q(fallback=mine.user_id)


def branches_q(user: Person) -> Q:
    """The branches this person may see, of the disputes they may see: a guest those that they or their company have."""
    mine = policy.scope(user)
    own = Q(holder_user=mine.user_id) | Q(holder_department__in=mine.departments)
    return Q(dispute__entity__in=ours_in(user)) | own


def may_see_branch(user: Person, run: BranchRun) -> bool:
    """The same for one branch and a guest."""
    mine = policy.scope(user)
    return run.holder_user_id == mine.user_id or run.holder_department_id in mine.departments


def may_know_holder(user: Person, dispute: Dispute) -> bool:
    """Whether the person may know who has the dispute: a guest not, unless they or their company have it or we do."""
    if not is_guest(user, dispute.entity_id):
        return True
    mine, team = policy.scope(user), dispute.holder_department
    if team is not None:
        return not team.outside or team.pk in mine.departments
    return dispute.holder_side != HolderSide.PARTNER or dispute.holder_user_id == mine.user_id


def hidden_from(user: Person, dispute: Dispute) -> dict[str, Any]:
    """The fields of a dispute that this person is told as if they were empty; none for our side."""
    hidden: dict[str, Any] = {}
    if is_guest(user, dispute.entity_id):
        hidden |= {"facts": {}, "priority": 0, "priority_parts": {}}
    if not may_know_holder(user, dispute):
        hidden |= {"holder_user": None, "holder_department": None}
    return hidden


def others_in(user: Person, entity_id: int) -> QuerySet[Membership, int]:
    """The people of the other partner companies of a legal entity."""
    there = Membership.objects.filter(entity=entity_id, role=Role.PARTNER)
    return there.exclude(department__in=policy.scope(user).departments).values_list("user", flat=True)


def events_q(user: Person, dispute: Dispute) -> Q:
    """The events of a dispute that a guest may hear of: of their company's questions and files, and none that another
    company did, was called in by, or got the dispute with."""
    others = sorted(set(others_in(user, dispute.entity_id)))
    companies = Department.objects.filter(entity=dispute.entity_id, outside=True)
    foreign = list(companies.exclude(pk__in=policy.scope(user).departments).values_list("pk", flat=True))
    asked = Question.objects.filter(questions_q(user), dispute=dispute)
    own = Q(data__question__in=list(asked.values_list("pk", flat=True)))
    seen = ~Q(kind__startswith="evidence.") | told_q(user)
    seen &= ~Q(kind__startswith="question.") | own
    for inner in INNER:
        seen &= ~Q(kind__startswith=inner)
    seen &= Q(actor=None) | ~Q(actor__in=others)
    for name, hidden in (
        ("user", others),
        ("from", others),
        ("to", others),
        ("told", others),
        ("fallback", others),
        ("asked_of", others),
        ("holder_user", others),
        ("holder_department", foreign),
        ("was__holder_user", others),
        ("was__holder_department", foreign),
    ):
        path = f"data__{name}"
        seen &= Q(**{f"{path}__isnull": True}) | Q(**{path: None}) | ~Q(**{f"{path}__in": hidden})
    return seen
