"""What a draft would change: today, in the month to come, and in the ninety days gone by. Writes nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _

from collections_app.choices import NoticeStatus
from collections_app.decision.book import Book, Rule
from collections_app.decision.items import Chosen, chosen
from collections_app.decision.play import Day, month_ahead, replayed
from collections_app.decision.sql import Scope
from collections_app.models import Notice, PlanVersion
from collections_app.services.plans import Rules
from ledger.models import Customer
from lib import formats
from lib.money import ZERO


@dataclass(frozen=True, slots=True)
class Message:
    """What one customer would get: the name of the step and the amount."""

    step: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Change:
    """A customer whom the draft treats otherwise today. None on a side: nothing goes."""

    customer: Customer
    currency: str
    before: Message | None
    after: Message | None


@dataclass(frozen=True, slots=True)
class Tally:
    """So many messages of one step in a period, and what they ask for in all, in one currency."""

    step: str
    days: int
    messages: int
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Period:
    """A period by step: as it is and as it would be; how many customers get something."""

    first: date
    last: date
    before: list[Tally]
    after: list[Tally]
    customers_before: int
    customers_after: int

    @property
    def messages_before(self) -> int:
        """All messages as it is."""
        return sum(tally.messages for tally in self.before)

    @property
    def messages_after(self) -> int:
        """All messages as it would be."""
        return sum(tally.messages for tally in self.after)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything a person looks at before a draft comes into force."""

    figures: list[tuple[str, str, str]]
    today: list[Change]
    same_today: int
    ahead: Period
    past: Period


def compare(*, draft: PlanVersion, on: date) -> Comparison:
    """The draft beside the version in force of its plan, for the customers who follow the plan. Amounts are of the
    entity's own currency; messages count in every one."""
    entity = draft.plan.entity
    before, after = Book.of(entity), Book.of(entity, draft=draft)
    today, same = _today(before, after, draft.plan_id, on)
    return Comparison(
        figures=_figures(before.rules.get(draft.plan_id), draft),
        today=today,
        same_today=same,
        ahead=_period(month_ahead(before, on), month_ahead(after, on), before, after, draft),
        past=_past(after, draft, on),
    )


def _figures(rule: Rule | None, draft: PlanVersion) -> list[tuple[str, str, str]]:
    """The figures that differ: name, as it is, as it would be."""
    if rule is None:
        return []
    pairs = [(name, getattr(rule.version, name), getattr(draft, name)) for name in Rules.__dataclass_fields__]
    words = {
        field.name: field.verbose_name
        for field in PlanVersion._meta.get_fields()
        if hasattr(field, "verbose_name")
    }
    return [
        (str(words[name]), _shown(name, old), _shown(name, new)) for name, old, new in pairs if old != new
    ]


def _label(name: str) -> str:
    return str(PlanVersion._meta.get_field(name).verbose_name)  # type: ignore[union-attr]


def _shown(name: str, value: object) -> str:
    words = dict(PlanVersion._meta.get_field(name).flatchoices)  # type: ignore[union-attr]
    if value is None:
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return formats.number(value, 2) if isinstance(value, Decimal) else str(words.get(value, value))


def _today(before: Book, after: Book, plan_id: int, on: date) -> tuple[list[Change], int]:
    old, new = (_going(book, plan_id, on) for book in (before, after))
    keys = sorted(set(old) | set(new))
    customers = Customer.objects.in_bulk({customer_id for customer_id, _currency in keys})
    changes = [
        Change(customers[key[0]], key[1], _message(before, old.get(key)), _message(after, new.get(key)))
        for key in keys
    ]
    differing = [change for change in changes if change.before != change.after]
    differing.sort(key=lambda change: -max(m.amount for m in (change.before, change.after) if m))
    return differing, len(changes) - len(differing)


def _going(book: Book, plan_id: int, on: date) -> dict[tuple[int, str], Chosen]:
    """The messages of today by customer and currency; several about one invoice each are one here, their sum."""
    rows = chosen(Scope(book, on)) if book.rules else []
    going: dict[tuple[int, str], Chosen] = {}
    for row in rows:
        if row.plan_id == plan_id and not row.reason:
            key = (row.customer_id, row.currency)
            other = going.get(key)
            going[key] = _together(other, row) if other else row
    return going


def _together(one: Chosen, other: Chosen) -> Chosen:
    top = max(one.step_days, other.step_days)
    return replace(one, step_days=top, amount=one.amount + other.amount)


def _message(book: Book, row: Chosen | None) -> Message | None:
    return Message(book.rules[row.plan_id].steps[row.step_days].name, row.amount) if row else None


def _period(old: list[Day], new: list[Day], before: Book, after: Book, draft: PlanVersion) -> Period:
    days = new or old
    first, last = days[0].on, days[-1].on
    currency, plan = draft.plan.entity.currency, draft.plan_id
    return Period(
        first,
        last,
        _tallies(old, before.rules.get(plan), currency),
        _tallies(new, after.rules.get(plan), currency),
        _reached(old, plan),
        _reached(new, plan),
    )


def _tallies(days: Iterable[Day], rule: Rule | None, currency: str) -> list[Tally]:
    counted: dict[int, list[Decimal]] = defaultdict(list)
    for day in days:
        for one in day.sent:
            if rule and one.plan_id == rule.plan_id:
                counted[one.step_days].append(one.amount if one.currency == currency else ZERO)
    if rule is None:
        return []
    return [
        Tally(step.name, days, len(counted[days]), sum(counted[days], ZERO))
        for days, step in sorted(rule.steps.items())
    ]


def _reached(days: Iterable[Day], plan_id: int) -> int:
    return len({one.customer_id for day in days for one in day.sent if one.plan_id == plan_id})


def _past(after: Book, draft: PlanVersion, on: date) -> Period:
    """What really went in the last ninety days, beside what the draft would have sent, with the facts of each day."""
    days = replayed(after, on)
    first, last = days[0].on, days[-1].on
    entity = draft.plan.entity
    sent = Notice.objects.filter(
        entity=entity,
        status=NoticeStatus.SENT,
        on__gte=first,
        on__lte=last,
        step__version__plan=draft.plan_id,
    ).select_related("step")
    counted: dict[tuple[int, str], list[Decimal]] = defaultdict(list)
    for notice in sent:
        amount = notice.asked if notice.currency == entity.currency else ZERO
        counted[notice.step.days, notice.step.name].append(amount)
    before = [
        Tally(name, place, len(rows), sum(rows, ZERO)) for (place, name), rows in sorted(counted.items())
    ]
    return Period(
        first,
        last,
        before,
        _tallies(days, after.rules.get(draft.plan_id), entity.currency),
        len({notice.customer_id for notice in sent}),
        _reached(days, draft.plan_id),
    )


def ahead_by_week(days: list[Day], first: date) -> list[list[Day | None]]:
    """The days as weeks, Monday to Friday; None for a day before the first."""
    monday = first - timedelta(days=first.weekday())
    by_day = {day.on: day for day in days}
    weeks = []
    while days and monday <= days[-1].on:
        weeks.append([by_day.get(monday + timedelta(days=n)) for n in range(5)])
        monday += timedelta(days=7)
    return weeks
