"""The worklist as people read it: customers in order, each with the reasons in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts import policy
from accounts.models import LegalEntity, User
from collections_app.behaviour.words import habits
from collections_app.contentious.lists import ripe
from collections_app.models import Behaviour, Rest
from collections_app.segmenting.shown import with_segment
from collections_app.segmenting.words import label
from collections_app.worklist.sql import Scored, Wanted, scored
from ledger.choices import Segment
from ledger.models import Customer, Invoice
from ledger.selectors import worth
from lib import formats
from lib.money import ZERO

MINE, TEAM, ALL = "mine", "team", "all"
SIZE = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A customer of the worklist. `reasons` are sentences, `points` what each of them counts."""

    customer: Customer
    facts: Scored
    currency: str
    reasons: list[str] = field(default_factory=list)
    points: list[tuple[str, Decimal]] = field(default_factory=list)
    # The last step of the plan went without effect: time for a legal file.
    ripe: bool = False

    @property
    def why(self) -> str:
        """The reasons in one line."""
        return ", ".join(self.reasons)


@dataclass(frozen=True, slots=True)
class WorkPage:
    """One page of the worklist; `after` is the key of the next one, empty at the end."""

    rows: Sequence[Row]
    after: str
    first: bool


def customers_of(user: User, entity: LegalEntity, whose: str, on: date) -> QuerySet[Customer]:
    """Whom the person may call there, without those they have put off.

    `mine`: in their portfolio, sold to by them, or with a call planned for them. `team`: in the portfolio of somebody
    of their departments, or in nobody's. `all`: everybody they may see.
    """
    rows = Customer.objects.visible_to(user).filter(entity=entity)
    resting = Rest.objects.filter(user=user, until__gt=on)
    rows = rows.exclude(pk__in=resting.values("customer"))
    if whose == MINE:
        planned = Q(calls__assigned_to=user, calls__status="planned", calls__due_on__lte=on)
        mine = Customer.objects.filter(entity=entity).filter(planned)
        return rows.filter(Q(portfolio__collector=user) | Q(salesperson=user) | Q(pk__in=mine.values("pk")))
    if whose == TEAM:
        teams = policy.scope(user).departments
        colleagues = User.objects.filter(memberships__entity=entity, memberships__department__in=teams)
        return rows.filter(Q(portfolio=None) | Q(portfolio__collector__in=colleagues.values("pk")))
    return rows


def page(
    *,
    user: User,
    entity: LegalEntity,
    whose: str,
    why: str,
    after: str,
    on: date,
    at: datetime,
    size: int = SIZE,
) -> WorkPage:
    """A page of the worklist; the same few queries however many customers there are."""
    behind = _key(after)
    found = scored(
        entity=entity,
        customers=customers_of(user, entity, whose, on),
        rates=worths(entity, on),
        on=on,
        at=at,
        wanted=Wanted(why, behind, size),
    )
    shown = found[:size]
    last = shown[-1] if len(found) > size else None
    return WorkPage(
        rows_of(shown, entity, on), f"{last.score}~{last.customer_id}" if last else "", behind is None
    )


def rows_of(found: Sequence[Scored], entity: LegalEntity, on: date) -> list[Row]:
    """The rows of these customers, with their words. Three queries."""
    ids = [one.customer_id for one in found]
    rows = with_segment(Customer.objects.select_related("salesperson", "portfolio__collector"))
    customers = rows.in_bulk(ids)
    known = Behaviour.objects.in_bulk(ids)
    ready = {one.customer_id for one in ripe(entity, on, ids)} if ids else set()
    made = [_row(customers[one.customer_id], one, entity, known.get(one.customer_id), on) for one in found]
    return [replace(row, ripe=row.customer.pk in ready) for row in made]


def worths(entity: LegalEntity, on: date) -> dict[str, Decimal]:
    """What one unit of each currency that is open is worth in the entity's. A query, and one per other currency."""
    used = Invoice.objects.open_now().filter(entity=entity).exclude(currency=entity.currency)
    found = {entity.currency: Decimal(1)}
    for currency in sorted(used.order_by().values_list("currency", flat=True).distinct()):
        # A large amount, so that the rounding to cents says nothing.
        value = worth(Decimal(10**6), currency, entity.currency, on)
        if value is not None:
            found[currency] = value / Decimal(10**6)
    return found


def _key(after: str) -> tuple[Decimal, int] | None:
    score, tilde, pk = after.partition("~")
    number, dot, cents = score.partition(".")
    if not tilde or not pk.isdecimal() or not number.isdecimal() or (dot and not cents.isdecimal()):
        return None
    return Decimal(score), min(int(pk), 2**63 - 1)


def _row(
    customer: Customer, facts: Scored, entity: LegalEntity, behaviour: Behaviour | None, on: date
) -> Row:
    zone = ZoneInfo(entity.time_zone)
    pairs = [
        (_overdue(facts, entity.currency), facts.p_amount + facts.p_age),
        (_broken(facts, zone, on), facts.p_broken),
        (_planned(facts, zone, on), facts.p_planned),
        (_silence(facts, zone, on), facts.p_silence),
        (_often(facts), facts.p_habit),
        (_segment(customer), ZERO),
        (habits(behaviour) if behaviour else "", ZERO),
    ]
    said = [(words, points) for words, points in pairs if words]
    return Row(customer, facts, entity.currency, [words for words, _points in said], said)


def _segment(customer: Any) -> str:
    """The segment that counts, where it is not the usual one."""
    if customer.followed == Segment.STANDARD:
        return ""
    return _("segment: %(name)s") % {"name": label(customer.followed)}


def _overdue(facts: Scored, currency: str) -> str:
    if facts.overdue <= ZERO or facts.age is None:
        return _("nothing overdue without a dispute")
    words = ngettext("%(amount)s overdue %(days)d day", "%(amount)s overdue %(days)d days", facts.age)
    return words % {"amount": formats.money(facts.overdue, currency), "days": facts.age}


def _broken(facts: Scored, zone: ZoneInfo, on: date) -> str:
    if facts.broken_at is None:
        return ""
    when = _day(facts.broken_at.astimezone(zone).date(), on)
    words = _("instalment missed %(when)s") if facts.by_instalment else _("promise broken %(when)s")
    return words % {"when": when}


def _planned(facts: Scored, zone: ZoneInfo, on: date) -> str:
    if facts.planned_on is None:
        return ""
    if facts.planned_at is not None and facts.planned_at.astimezone(zone).date() == on:
        return _("call agreed for %(clock)s") % {"clock": formats.clock(facts.planned_at.astimezone(zone))}
    return _("call planned for %(when)s") % {"when": _day(facts.planned_on, on)}


def _silence(facts: Scored, zone: ZoneInfo, on: date) -> str:
    if facts.spoken_at is None:
        return _("never called")
    return _("last called %(when)s") % {"when": _day(facts.spoken_at.astimezone(zone).date(), on)}


def _often(facts: Scored) -> str:
    if facts.often < 2:
        return ""
    words = ngettext("%(n)d promise broken in a year", "%(n)d promises broken in a year", facts.often)
    return words % {"n": facts.often}


def _day(day: date, on: date) -> str:
    days = (on - day).days
    if days == 0:
        return _("today")
    if days == 1:
        return _("yesterday")
    if 1 < days < 60:
        return ngettext("%(n)d day ago", "%(n)d days ago", days) % {"n": days}
    return formats.day(day)
