"""The rules that choose a route, as sentences, and tried on the disputes of the last days."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.utils.translation import gettext as _

from accounts.models import LegalEntity
from disputes.choices import Via
from disputes.models import Dispute, Route, RouteRule
from disputes.services.route_rules import Case, fits
from ledger.choices import Segment
from ledger.segments import segments_of
from lib import formats

DAYS = 90
MOST = 5000


@dataclass(frozen=True, slots=True)
class Shift:
    """How many disputes went one way and would go another."""

    was: str
    would: str
    count: int
    changed: bool


@dataclass(frozen=True, slots=True)
class Tried:
    """What the rules would have done. `by_rule` counts by the key of the rule (0: an unsaved one)."""

    disputes: int
    more: bool
    by_rule: dict[int, int]
    by_reason: int
    nowhere: int
    shifts: tuple[Shift, ...]

    @property
    def changed(self) -> int:
        """How many disputes would take another route."""
        return sum(shift.count for shift in self.shifts if shift.changed)


def rules_of(entity: LegalEntity) -> list[RouteRule]:
    """The rules in their order, with what they speak of."""
    rows = RouteRule.objects.filter(entity=entity).select_related("reason", "route")
    return list(rows.order_by("position", "pk"))


def conditions_of(rule: RouteRule) -> list[str]:
    """The conditions of a rule, each in words."""
    said = []
    if rule.reason is not None:
        said.append(_("the reason is %(reason)s") % {"reason": rule.reason.label})
    if rule.amount_from is not None:
        said.append(
            _("the amount is at least %(amount)s")
            % {"amount": formats.money(rule.amount_from, rule.currency)}
        )
    if rule.amount_to is not None:
        said.append(
            _("the amount is below %(amount)s") % {"amount": formats.money(rule.amount_to, rule.currency)}
        )
    if rule.currency and rule.amount_from is None and rule.amount_to is None:
        said.append(_("the currency is %(currency)s") % {"currency": rule.currency})
    if rule.segment:
        said.append(_("the customer is in “%(segment)s”") % {"segment": Segment(rule.segment).label})
    if rule.country:
        said.append(_("the customer's country is %(country)s") % {"country": rule.country})
    if rule.via:
        said.append(_("it comes by %(door)s") % {"door": Via(rule.via).label})
    return said


def sentence_of(rule: RouteRule) -> str:
    """`If the reason is Price and the amount is at least 5 000 €, then “Large prices”`."""
    said = conditions_of(rule)
    if not said:
        return _("Always “%(route)s”") % {"route": rule.route.label}
    words = {"conditions": _(" and ").join(said), "route": rule.route.label}
    return _("If %(conditions)s, then “%(route)s”") % words


def try_rules(entity: LegalEntity, rules: Sequence[RouteRule], since: date) -> Tried:
    """Where the disputes opened since then would go by these rules; four queries, the newest disputes. By segment they
    go as their customers stand today."""
    rows = Dispute.objects.filter(entity=entity, opened_on__gte=since)
    rows = rows.select_related("reason__route", "customer", "route_version__route")
    found = list(rows.order_by("-opened_on", "-pk")[: MOST + 1])
    usable = {
        route.pk: route for route in Route.objects.filter(entity=entity, active=True, versions__current=True)
    }
    live = [rule for rule in rules if rule.active and rule.route_id in usable]
    followed = segments_of({dispute.customer for dispute in found})
    by_rule: Counter[int] = Counter()
    shifts: Counter[tuple[str, str, bool]] = Counter()
    by_reason = nowhere = 0
    for dispute in found[:MOST]:
        rule = next((rule for rule in live if _fits(rule, dispute, followed[dispute.customer_id])), None)
        if rule is not None:
            by_rule[rule.pk or 0] += 1
        else:
            by_reason += 1
        would = usable.get(rule.route_id if rule else dispute.reason.route_id or 0)
        if would is None:
            nowhere += 1
            continue
        was = dispute.route_version.route
        shifts[was.label, would.label, was.pk != would.pk] += 1
    told = [Shift(was, would, count, changed) for (was, would, changed), count in shifts.most_common()]
    told.sort(key=lambda shift: not shift.changed)
    return Tried(len(found[:MOST]), len(found) > MOST, dict(by_rule), by_reason, nowhere, tuple(told))


def _fits(rule: RouteRule, dispute: Dispute, segment: str) -> bool:
    facts = (dispute.amount, dispute.currency, dispute.opened_via)
    return fits(rule, Case(dispute.reason, dispute.customer.country, segment, *facts))


def first_day(today: date) -> date:
    """The first of the last 90 days."""
    return today - timedelta(days=DAYS)
