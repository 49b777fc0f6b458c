"""What approvals, offers, requests to billing and promises tell. Everything for a person starts from what they see."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts import policy
from accounts.choices import Role
from accounts.models import Absence, User
from disputes.choices_outcome import ApprovalState, PromiseState
from disputes.lifecycle import Act
from disputes.models import (
    Approval,
    ApprovalVote,
    CreditRequest,
    Dispute,
    InternalPromise,
    Offer,
)
from disputes.selectors import Person, acts_for, disputes_for
from disputes.services.common import day_of
from disputes.services.limits import Book, book_of
from disputes.services.voters import Pool, open_steps, seat_of

__all__ = ["Book", "book_of"]
MOST_COUNTED = 100


def approvals_for(user: Person) -> QuerySet[Approval]:
    """Every request of the disputes the person may see."""
    rows = Approval.objects.filter(dispute__in=disputes_for(user).values("pk"))
    return rows.select_related(
        "dispute__customer", "dispute__entity", "dispute__reason", "asked_by", "ended_by", "offer"
    ).prefetch_related("votes__user", "votes__counts_as")


def to_approve_for(user: User, at: datetime) -> QuerySet[Approval]:
    """The requests that may wait for this person: of their roles, or of somebody they stand in for.

    One query. Whether a vote is really theirs (nobody twice, everybody findable) is said by `seat_of`.
    """
    mine = policy.scope(user)
    away = Absence.objects.filter(deputy=mine.user_id, starts_on__lte=at.date(), ends_on__gte=at.date())
    voted = ApprovalVote.objects.filter(
        Q(user=mine.user_id) | Q(counts_as=mine.user_id), approval=OuterRef("pk")
    )
    wanted = Q(dispute__holder_user=mine.user_id)
    for entity_id, roles in mine.roles.items():
        asked = Q(steps__overlap=list(roles)) if Role.ADMIN not in roles else Q()
        wanted |= Q(dispute__entity=entity_id) & asked
    wanted |= Q(dispute__entity__in=away.values("user__memberships__entity"))
    rows = approvals_for(user).filter(wanted, state=ApprovalState.PENDING).exclude(asked_by=mine.user_id)
    return rows.exclude(Exists(voted)).order_by("asked_at", "pk")


def inbox(user: User, at: datetime, most: int | None = None) -> list[Approval]:
    """What waits for this person's yes or no now, oldest first, each with its `seat`; looks at `most` requests."""
    found, pool = [], Pool()
    for approval in to_approve_for(user, at)[:most]:
        seat = seat_of(approval, approval.dispute, user, day_of(at, approval.dispute.entity), pool)
        if seat is not None:
            approval.seat = seat  # type: ignore[attr-defined]
            found.append(approval)
    return found


def to_approve_count(user: User, at: datetime) -> int:
    """How many requests wait for this person's yes or no: the number in the rail, exact up to a hundred."""
    return len(inbox(user, at, MOST_COUNTED))


@dataclass(frozen=True, slots=True)
class Step:
    """A vote that is needed, and the one that was given."""

    role: str
    vote: ApprovalVote | None

    @property
    def words(self) -> str:
        """The role, in words."""
        return str(Role(self.role).label)


def steps_of(approval: Approval) -> list[Step]:
    """The steps of a request with their votes."""
    votes = {vote.step: vote for vote in approval.votes.all()}
    return [Step(role, votes.get(place)) for place, role in enumerate(approval.steps)]


def approval_panel(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """The request that waits, and the last one that was refused or taken back."""
    rows = Approval.objects.filter(dispute=dispute).select_related("asked_by", "ended_by", "offer")
    latest = rows.prefetch_related("votes__user", "votes__counts_as").first()
    if latest is None:
        return None
    seat = None
    if latest.is_open:
        seat = seat_of(latest, dispute, user, day_of(at, dispute.entity))
    decides = policy.may(user, "dispute.decide", dispute.entity_id)
    return {
        "approval": latest,
        "steps": steps_of(latest),
        "seat": seat,
        "instead_of": seat.counts_as if seat and seat.counts_as.pk != user.pk else None,
        "may_take_back": latest.is_open and (user.pk == latest.asked_by_id or decides),
        "open": [role for _place, role in open_steps(latest)],
        "weighs": _weighs(latest, dispute),
    }


def _weighs(approval: Approval, dispute: Dispute) -> Decimal | None:
    """What the limits looked at, where it is not just the amount: another currency, or the same matter before."""
    same = dispute.currency == dispute.entity.currency
    return None if same and approval.weighed == approval.amount else approval.weighed


def offers_for(user: Person) -> QuerySet[Offer]:
    """The offers of the disputes the person may see."""
    rows = Offer.objects.filter(dispute__in=disputes_for(user).values("pk"))
    return rows.select_related("dispute", "made_by", "answered_by")


def offers_panel(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """The offers of a dispute, latest first."""
    offers = list(
        Offer.objects.filter(dispute=dispute).select_related("dispute", "made_by", "answered_by")[:20]
    )
    if not offers:
        return None
    return {"offers": offers, "may": Act.OFFER in acts_for(dispute, user)}


def requests_for(user: Person) -> QuerySet[CreditRequest]:
    """The requests to billing of the disputes the person may see."""
    rows = CreditRequest.objects.filter(dispute__in=disputes_for(user).values("pk"))
    related = rows.select_related("dispute__customer", "dispute__entity", "department", "requested_by")
    return related.prefetch_related("lines__arrivals", "lines__invoice").order_by("pk")


def credits_panel(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """What billing was asked for, with the difference between that and what came."""
    rows = CreditRequest.objects.filter(dispute=dispute).select_related(
        "department", "requested_by", "dispute"
    )
    requests = list(rows.prefetch_related("lines__arrivals", "lines__invoice"))
    if not requests:
        return None
    return {"requests": requests, "may": Act.FOLLOW_CREDIT in acts_for(dispute, user)}


def promises_for(user: Person) -> QuerySet[InternalPromise]:
    """The promises of the disputes the person may see."""
    rows = InternalPromise.objects.filter(dispute__in=disputes_for(user).values("pk"))
    return rows.select_related("dispute__customer", "dispute__entity", "keeper", "department", "made_by")


def my_promises(user: User) -> QuerySet[InternalPromise]:
    """What this person, or their department, still has to keep, the most urgent first."""
    mine = policy.scope(user)
    own = Q(keeper=mine.user_id) | Q(department__in=mine.departments)
    return promises_for(user).filter(own, state=PromiseState.MADE).order_by("due_on", "pk")


def promises_panel(dispute: Dispute, user: User, at: datetime) -> dict[str, Any] | None:
    """The promises of a dispute."""
    rows = InternalPromise.objects.filter(dispute=dispute).select_related("keeper", "department", "made_by")
    promises = list(rows.order_by("-pk")[:20])
    if not promises:
        return None
    mine = policy.scope(user)
    office = bool(mine.roles_in(dispute.entity_id) & policy.OFFICE)
    for one in promises:
        one.mine = office or user.pk == one.keeper_id or one.department_id in mine.departments  # type: ignore[attr-defined]
    return {"promises": promises, "office": office, "on": day_of(at, dispute.entity)}
