"""Segment rules and what came of them, as sentences in the active language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from collections_app.choices_segments import RuleOp, SegmentFact
from collections_app.errors import SegmentError
from collections_app.segmenting.conditions import Condition
from ledger.choices import Segment
from lib import formats

MONEY = (SegmentFact.OPEN, SegmentFact.SALES)
SHARES = (SegmentFact.LIMIT_USED, SegmentFact.ON_TIME, SegmentFact.OVERDUE_SHARE)
DAYS = (SegmentFact.LATE, SegmentFact.TREND)


def label(segment: str) -> str:
    """What a segment is called; empty is the declared one."""
    return str(Segment(segment).label) if segment in Segment.values else _("the declared segment")


def figure(fact: SegmentFact, value: Any, currency: str) -> str:
    """A fact's value with its unit; a dash for what is not known."""
    if value is None:
        return "–"
    if fact == SegmentFact.DECLARED:
        return label(str(value))
    if fact == SegmentFact.CURRENCY and isinstance(value, list):
        return ", ".join(map(str, value))
    if fact in (SegmentFact.COUNTRY, SegmentFact.CURRENCY):
        return str(value)
    return _measured(fact, Decimal(str(value)), currency)


def _measured(fact: SegmentFact, number: Decimal, currency: str) -> str:
    if fact in MONEY:
        return formats.money(number, currency)
    if fact in SHARES:
        return formats.percent(number / 100)
    whole = int(number)
    if fact in DAYS:
        return ngettext("%(n)d day", "%(n)d days", whole) % {"n": whole}
    if fact == SegmentFact.RELATION:
        return ngettext("%(n)d month", "%(n)d months", whole) % {"n": whole}
    return formats.number(whole, 0)


def bound(one: Condition, currency: str) -> str:
    """What is asked of the fact: “at least 31 days”."""
    if one.value is not None:
        words = {"value": figure(one.fact, one.value, currency)}
        return (_("at least %(value)s") if one.op == RuleOp.AT_LEAST else _("at most %(value)s")) % words
    words = {"value": " / ".join(figure(one.fact, value, currency) for value in one.values)}
    return words["value"] if one.op == RuleOp.ONE_OF else _("not %(value)s") % words


def condition(one: Condition, currency: str) -> str:
    """The whole comparison: “Typical delay: at least 31 days”."""
    return f"{one.fact.label}: {bound(one, currency)}"


def rule(segment: str, conditions: Sequence[Condition], currency: str) -> str:
    """The rule as a sentence."""
    parts = [condition(one, currency) for one in conditions]
    inside = joined(part[:1].lower() + part[1:] for part in parts)
    facts = {"conditions": inside, "segment": label(segment)}
    if not segment:
        return _("If %(conditions)s, then the declared segment counts") % facts
    return _("If %(conditions)s, then %(segment)s") % facts


def joined(parts: Iterable[str]) -> str:
    """All of them hold."""
    return _(" and ").join(parts)


def matched(data: dict[str, Any], currency: str) -> list[str]:
    """Why a rule fitted: each condition with the figure it met, “Typical delay 42 days (at least 31 days)”.

    `data` is {"conditions", "figures"} as stored. What cannot be read any more is left out.
    """
    said = []
    for row in data.get("conditions", []):
        try:
            one = Condition.read(row)
        except SegmentError:
            continue
        value = figure(one.fact, data.get("figures", {}).get(one.fact.value), currency)
        if one.values:
            said.append(f"{one.fact.label}: {value}")
        else:
            facts = {"fact": one.fact.label, "value": value, "bound": bound(one, currency)}
            said.append(_("%(fact)s: %(value)s (%(bound)s)") % facts)
    return said


def because(data: Any, currency: str) -> str:
    """The same in one line, for the timeline."""
    if not isinstance(data, dict):
        return _("No rule fits any more: the declared segment counts.")
    return joined(matched(data, currency))
