"""Segments as people read them: how many customers are where, what moves, and why one customer is where they are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from accounts.models import LegalEntity, User
from collections_app.behaviour.words import sentences
from collections_app.choices_segments import SegmentSource
from collections_app.models import (
    Behaviour,
    EffectiveSegment,
    Segmentation,
    SegmentPin,
    SegmentRule,
    SegmentRules,
)
from collections_app.segmenting import words
from collections_app.segmenting.conditions import read_all
from collections_app.segmenting.deciding import Move, hits, moves
from collections_app.services.segments import RuleInput
from ledger.choices import Segment
from ledger.models import Customer
from lib.money import ZERO

Person = User | AnonymousUser
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Row:
    """A segment with its customers. Amounts are in the entity's currency, as of the last learning."""

    segment: Segment
    customers: int = 0
    by_rule: int = 0
    by_pin: int = 0
    open_amount: Decimal = ZERO
    overdue_amount: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer whom a draft would move."""

    customer: Customer
    was: str
    segment: str
    why: list[str]


@dataclass(frozen=True, slots=True)
class Tried:
    """What a draft would change: how many move, the first of them by name, how many each rule decides about."""

    count: int
    moved: list[Moved]
    flows: list[tuple[str, str, int]]
    hits: dict[int, int]


@dataclass(frozen=True, slots=True)
class Standing:
    """Why a customer is in their segment. `why` are the matched conditions, or what the person said."""

    segment: str
    declared: str
    source: SegmentSource
    why: list[str] = field(default_factory=list)
    rule: str = ""
    version: int | None = None
    since: date | None = None
    pin: SegmentPin | None = None

    @property
    def name(self) -> str:
        """What the segment is called."""
        return words.label(self.segment)

    @property
    def declared_name(self) -> str:
        """What the declared segment is called."""
        return words.label(self.declared)


def with_segment(rows: QuerySet[Customer]) -> QuerySet[Any, Any]:
    """The customers with `followed`, the segment that counts."""
    return rows.annotate(followed=Coalesce("effective__segment", "segment"))


def counted(user: Person, entity: LegalEntity) -> list[Row]:
    """Each segment with its customers whom the person may see. One query."""
    mine = with_segment(Customer.objects.visible_to(user).filter(entity=entity)).order_by()
    found = mine.values("followed").annotate(
        n=Count("pk"),
        pins=Count("segment_pin"),
        rules=Count("effective", filter=Q(effective__rule__isnull=False, effective__segment__isnull=False)),
        owed=Sum("behaviour__open_amount"),
        late=Sum("behaviour__overdue_amount"),
    )
    by_code = {row["followed"]: row for row in found}
    return [_row(segment, by_code.get(segment.value)) for segment in Segment]


def _row(segment: Segment, found: dict[str, Any] | None) -> Row:
    if found is None:
        return Row(segment)
    return Row(
        segment, found["n"], found["rules"], found["pins"], found["owed"] or ZERO, found["late"] or ZERO
    )


def members(user: Person, entity: LegalEntity, segment: str) -> QuerySet[Customer]:
    """The customers of a segment, those with most open first, with what put them there."""
    rows = with_segment(Customer.objects.visible_to(user).filter(entity=entity))
    rows = rows.filter(followed=segment).select_related("behaviour", "effective__rule", "segment_pin")
    return rows.order_by(F("behaviour__open_amount").desc(nulls_last=True), "pk")


def version_of(entity: LegalEntity, *, draft: bool) -> SegmentRules | None:
    """The rules in force, or the draft, with their rules."""
    state = Q(draft=True) if draft else Q(current=True)
    rows = SegmentRules.objects.filter(state, entity=entity).select_related("created_by")
    return rows.prefetch_related("rules").first()


def in_force(entity: LegalEntity, version: SegmentRules | None) -> list[tuple[str, int]]:
    """The rules in force as sentences, each with the number of customers it decides about now. One query."""
    if version is None:
        return []
    placed = EffectiveSegment.objects.filter(rule__version=version).values("rule").annotate(n=Count("pk"))
    counts = dict(placed.values_list("rule", "n"))
    return [(rule_words(rule, entity.currency), counts.get(rule.pk, 0)) for rule in version.rules.all()]


def learned_on(entity: LegalEntity) -> date | None:
    """The day up to which is known how customers pay."""
    return Segmentation.objects.filter(pk=entity.pk).values_list("learned_on", flat=True).first()


def words_of(rule: RuleInput, entity: LegalEntity) -> str:
    """A rule as a sentence."""
    return words.rule(rule.segment, rule.conditions, entity.currency)


def explained(customer: Customer) -> Customer:
    """The customer again, with all that `standing` and `behaviour_words` read. One query."""
    rows = Customer.objects.select_related("entity", "behaviour", "effective__rule", "segment_pin__by")
    return rows.get(pk=customer.pk)


def rule_words(rule: SegmentRule, currency: str) -> str:
    """A stored rule as a sentence."""
    return words.rule(rule.segment, read_all(rule.conditions), currency)


def tried(user: Person, entity: LegalEntity, rules: Sequence[SegmentRule], size: int = SHOWN) -> Tried:
    """What these rules would change among the customers, the person sees the names of theirs. Writes nothing."""
    found = moves(entity, rules)
    conditions = {rule.pk: rule.conditions for rule in rules}
    mine = Customer.objects.visible_to(user).filter(pk__in=[one.customer_id for one in found])
    shown = list(mine.order_by("name_key", "pk")[:size])
    by_customer = {one.customer_id: one for one in found}
    flows: dict[tuple[str, str], int] = {}
    for one in found:
        flows[one.was, one.segment] = flows.get((one.was, one.segment), 0) + 1
    return Tried(
        len(found),
        [_moved(customer, by_customer[customer.pk], conditions, entity.currency) for customer in shown],
        [(words.label(was), words.label(now), n) for (was, now), n in sorted(flows.items())],
        hits(entity, rules),
    )


def _moved(customer: Customer, move: Move, conditions: dict[int, Any], currency: str) -> Moved:
    why = []
    if move.rule_id is not None:
        why = words.matched(
            {"conditions": conditions[move.rule_id], "figures": move.read_figures()}, currency
        )
    return Moved(customer, words.label(move.was), words.label(move.segment), why)


def standing(customer: Customer, currency: str) -> Standing:
    """Why the customer is in their segment. Two queries; none when `members` gave the customer."""
    pin: SegmentPin | None = getattr(customer, "segment_pin", None)
    placed: EffectiveSegment | None = getattr(customer, "effective", None)
    if pin is not None:
        since = placed.since if placed else None
        return Standing(pin.segment, customer.segment, SegmentSource.PIN, [pin.reason], since=since, pin=pin)
    if placed is None or placed.rule is None:
        return Standing(customer.segment, customer.segment, SegmentSource.DECLARED)
    rule = placed.rule
    why = words.matched({"conditions": rule.conditions, "figures": placed.figures}, currency)
    source = SegmentSource.RULE if placed.segment else SegmentSource.DECLARED
    return Standing(
        placed.segment or customer.segment,
        customer.segment,
        source,
        why,
        rule=rule_words(rule, currency),
        since=placed.since,
    )


def behaviour_words(customer: Customer) -> list[str]:
    """How they pay, in sentences; nothing before it was learned for the first time."""
    found: Behaviour | None = getattr(customer, "behaviour", None)
    return sentences(found) if found else []
