"""The rules that choose a route, in order: the first whose conditions all hold decides; else the reason's route."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import LegalEntity, User
from disputes.choices import Via
from disputes.errors import FieldErrors, IllegalAct
from disputes.models import Reason, Route, RouteRule, RouteVersion
from disputes.services.route_writing import check_editor
from ledger.choices import Segment
from ledger.models import Customer
from ledger.segments import segments_of
from lib import formats

STREAM = "route_rules"


@dataclass(frozen=True, slots=True)
class RouteRuleInput:
    """What a rule says. Empty conditions always hold."""

    route: Route
    reason: Reason | None = None
    amount_from: Decimal | None = None
    amount_to: Decimal | None = None
    currency: str = ""
    segment: str = ""
    country: str = ""
    via: str = ""
    active: bool = True


@dataclass(frozen=True, slots=True)
class Chosen:
    """The edition a dispute follows, and the rule that chose it (None: the route of its reason)."""

    version: RouteVersion
    rule: RouteRule | None = None

    @property
    def why(self) -> str:
        """The choice in words."""
        if self.rule is None:
            return _("The route of the reason.")
        return _("Rule %(number)s: %(conditions)s.") % {
            "number": self.rule.position,
            "conditions": conditions(self.rule),
        }


def choose_version(*, reason: Reason, customer: Customer, amount: Decimal, currency: str, via: str) -> Chosen:
    """The edition that a dispute like this follows: of the first rule that fits, else of its reason's route.

    Rules of routes that are off or have no edition in force are passed over. Raises IllegalAct without any route.
    """
    rules = RouteRule.objects.filter(entity=reason.entity_id, active=True, route__active=True)
    known = list(rules.select_related("reason", "route").order_by("position", "pk"))
    segment = segments_of([customer])[customer.pk] if any(rule.segment for rule in known) else ""
    facts = Case(reason, customer.country, segment, amount, currency, via)
    for rule in known:
        if fits(rule, facts):
            version = RouteVersion.objects.filter(route=rule.route_id, current=True).first()
            if version is not None:
                return Chosen(version, rule)
    own = RouteVersion.objects.filter(route=reason.route_id, route__active=True, current=True).first()
    if own is None:
        raise IllegalAct(_("This reason has no route yet: choose one in the settings."), code="no_route")
    return Chosen(own)


@dataclass(frozen=True, slots=True)
class Case:
    """What the conditions of rules look at; `segment` is the one that counts for the customer."""

    reason: Reason
    country: str
    segment: str
    amount: Decimal
    currency: str
    via: str


def fits(rule: RouteRule, case: Case) -> bool:
    """Whether every condition of the rule holds. An amount is only compared in its own currency."""
    if rule.reason_id not in (None, case.reason.pk) or rule.via not in ("", case.via):
        return False
    if rule.segment not in ("", case.segment) or rule.country not in ("", case.country):
        return False
    if rule.currency not in ("", case.currency):
        return False
    above = rule.amount_from is None or case.amount >= rule.amount_from
    return above and (rule.amount_to is None or case.amount < rule.amount_to)


def conditions(rule: RouteRule) -> str:
    """The conditions of a rule in words."""
    told = []
    if rule.reason:
        told.append(rule.reason.label)
    if rule.amount_from is not None:
        told.append(_("from %(amount)s") % {"amount": formats.money(rule.amount_from, rule.currency)})
    if rule.amount_to is not None:
        told.append(_("below %(amount)s") % {"amount": formats.money(rule.amount_to, rule.currency)})
    if rule.currency and rule.amount_from is None and rule.amount_to is None:
        told.append(rule.currency)
    if rule.segment:
        told.append(str(Segment(rule.segment).label))
    if rule.country:
        told.append(rule.country)
    if rule.via:
        told.append(_("by %(door)s") % {"door": Via(rule.via).label})
    return ", ".join(told) or _("always")


def route_facts(chosen: Chosen) -> dict[str, Any]:
    """Which route was chosen and why, as the events of a dispute tell it."""
    return {
        "route": {"code": chosen.version.route.code, "number": chosen.version.number},
        "rule": rule_facts(chosen.rule) if chosen.rule else None,
    }


@transaction.atomic
def set_rule(
    *, entity: LegalEntity, wanted: RouteRuleInput, by: User, at: datetime, rule: RouteRule | None = None
) -> RouteRule:
    """Change a rule, or put a new one at the end. Raises FieldErrors naming what is wrong."""
    check_editor(entity.pk, by)
    _lock(entity)
    _check(entity, wanted)
    last = RouteRule.objects.filter(entity=entity).aggregate(last=Max("position"))["last"] or 0
    row = rule or RouteRule(entity=entity, position=last + 1)
    for name in RouteRuleInput.__dataclass_fields__:
        setattr(row, name, getattr(wanted, name))
    try:
        row.full_clean(exclude=["entity", "reason", "route"])
    except ValidationError as wrong:
        names = {name: " ".join(texts) for name, texts in wrong.message_dict.items()}
        raise FieldErrors(
            {("amount_to" if name == "__all__" else name): text for name, text in names.items()}
        ) from None
    row.save()
    _tell(entity, "route_rule.set", by, at, rule_facts(row))
    return row


@transaction.atomic
def drop_rule(*, rule: RouteRule, by: User, at: datetime) -> None:
    """Take a rule out; harmless when somebody did already. The others keep their order."""
    check_editor(rule.entity_id, by)
    _lock(rule.entity)
    found = RouteRule.objects.filter(pk=rule.pk).select_related("reason", "route").first()
    if found is not None:
        facts = rule_facts(found)
        found.delete()
        _tell(rule.entity, "route_rule.dropped", by, at, facts)


@transaction.atomic
def order_rules(*, entity: LegalEntity, ids: Sequence[int], by: User, at: datetime) -> list[RouteRule]:
    """Put the entity's rules into this order. Raises IllegalAct when it does not name each of them once."""
    check_editor(entity.pk, by)
    _lock(entity)
    rules = {rule.pk: rule for rule in RouteRule.objects.filter(entity=entity)}
    if sorted(ids) != sorted(rules):
        raise IllegalAct(_("Somebody changed the rules meanwhile: look at them again."), code="rules_changed")
    for position, pk in enumerate(ids, start=1):
        rules[pk].position = position
    RouteRule.objects.bulk_update(rules.values(), ["position"])
    _tell(entity, "route_rule.ordered", by, at, {"rules": list(ids)})
    return [rules[pk] for pk in ids]


def rule_facts(rule: RouteRule) -> dict[str, Any]:
    """A rule as events tell it."""
    return {
        "rule": rule.pk,
        "position": rule.position,
        "reason": rule.reason.code if rule.reason else None,
        "amount_from": str(rule.amount_from) if rule.amount_from is not None else None,
        "amount_to": str(rule.amount_to) if rule.amount_to is not None else None,
        "currency": rule.currency,
        "segment": rule.segment,
        "country": rule.country,
        "via": rule.via,
        "route": rule.route.code,
        "active": rule.active,
    }


def _lock(entity: LegalEntity) -> None:
    """The rules of an entity change one after the other."""
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)


def _check(entity: LegalEntity, wanted: RouteRuleInput) -> None:
    errors: dict[str, str] = {}
    if wanted.route.entity_id != entity.pk:
        errors["route"] = _("Choose a route of this legal entity.")
    elif not wanted.route.versions.filter(current=True).exists():
        errors["route"] = _("This route has no edition in force yet: activate one first.")
    if wanted.reason and wanted.reason.entity_id != entity.pk:
        errors["reason"] = _("Choose a reason from the list.")
    if wanted.via and wanted.via not in Via.values:
        errors["via"] = _("Choose a source from the list.")
    if errors:
        raise FieldErrors(errors)


def _tell(entity: LegalEntity, kind: str, by: User, at: datetime, data: dict[str, Any]) -> None:
    emit(stream=STREAM, object_id=entity.pk, entity_id=entity.pk, kind=kind, actor=by, at=at, data=data)
