"""What one person gave up of one matter: splitting it, or closing it in parts, does not go past a limit."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import Q, Sum

from accounts.models import User
from disputes.choices import Resolution
from disputes.choices_outcome import ApprovalState, OfferSide, OfferState, RequestKind, RequestState
from disputes.models import Approval, CreditRequestLine, Dispute, DisputeLine, Offer, Outcome
from lib.money import ZERO

REMEMBERED = timedelta(days=30)


def given_of_the_matter(dispute: Dispute, by: User, on: date, *, held: bool = False) -> Decimal:
    """What this person gave up, or asked to, in the other disputes of the matter within 30 days, in its currency.

    Decided, asked for and offered count alike. `held`: with the person's row locked until the transaction ends, so
    that what they decide in two of these disputes at the same instant is counted one after the other.
    """
    family = family_of(dispute) - {dispute.pk}
    if not family:
        return ZERO
    if held:
        User.objects.select_for_update(no_key=True).get(pk=by.pk)
    day = datetime.combine(on - REMEMBERED, time(), ZoneInfo(dispute.entity.time_zone))
    return _decided(family, by, day) + _asked(family, by) + _offered(family, by)


def family_of(dispute: Dispute) -> set[int]:
    """The disputes of the same matter: split off from one another, or about the same invoices."""
    family, found = set(), {dispute.pk}
    while found:
        family |= found
        near = Dispute.objects.filter(Q(split_from__in=found) | Q(parts__in=found))
        found = set(near.values_list("pk", flat=True)) - family
    invoices = DisputeLine.objects.filter(dispute=dispute).values("invoice")
    alike = DisputeLine.objects.filter(invoice__in=invoices).values_list("dispute", flat=True)
    return family | set(alike)


def _decided(family: set[int], by: User, since: datetime) -> Decimal:
    """By dispute: what billing was asked for, or what the outcome says when that is more."""
    lines = CreditRequestLine.objects.filter(
        request__dispute__in=family,
        request__requested_by=by,
        request__requested_at__gte=since,
        request__state__in=[RequestState.REQUESTED, RequestState.ISSUED],
    ).exclude(request__kind=RequestKind.REBILL)
    rows = lines.order_by().values_list("request__dispute").annotate(total=Sum("amount"))
    given: dict[int, Decimal] = dict(rows)
    outcomes = Outcome.objects.filter(
        dispute__in=family,
        decided_by=by,
        decided_at__gte=since,
        resolution__in=[Resolution.CREDIT, Resolution.WRITE_OFF],
    )
    for pk, amount in outcomes.values_list("dispute", "amount"):
        given[pk] = max(given.get(pk, ZERO), amount)
    return sum(given.values(), ZERO)


def _asked(family: set[int], by: User) -> Decimal:
    waiting = Approval.objects.filter(dispute__in=family, asked_by=by, state=ApprovalState.PENDING)
    return sum(waiting.values_list("amount", flat=True), ZERO)


def _offered(family: set[int], by: User) -> Decimal:
    shown = Offer.objects.filter(dispute__in=family, made_by=by, side=OfferSide.OURS, state=OfferState.OPEN)
    return sum(shown.values_list("amount", flat=True), ZERO)
