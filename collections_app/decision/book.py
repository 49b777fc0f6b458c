"""The plans in force of one entity, read once and written out as SQL expressions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Self

from django.db.models import Prefetch, Q

from accounts.models import LegalEntity
from accounts.selectors import Offices
from collections_app.choices import Climb, Grouping, Resume
from collections_app.models import PlanVersion, Segment, Step
from ledger.choices import Segment as SegmentCode
from ledger.models import Customer
from mailroom.choices import Channel

NULL = "NULL::int"


def quoted(words: Iterable[str]) -> str:
    """A list of SQL strings, never empty: nothing is in it that is no word. Only for words of closed lists and codes
    made of letters."""
    safe = [word for word in map(str, words) if word.replace("_", "").isalnum()]
    return ", ".join(f"'{word}'" for word in safe) or "'-'"


@dataclass(frozen=True, slots=True)
class Rule:
    """A version of a plan, with its steps by days from the due date."""

    version: PlanVersion
    steps: dict[int, Step]

    @property
    def plan_id(self) -> int:
        """The plan it is a version of."""
        return self.version.plan_id

    @property
    def gap(self) -> int:
        """At least so many days between two messages about an invoice."""
        return self.version.gap_days

    @property
    def minimum(self) -> Decimal:
        """Nothing below it is asked for."""
        return self.version.minimum_amount

    @property
    def answer_days(self) -> int:
        """The letter gives so many days to pay."""
        return self.version.answer_days

    @property
    def conditional(self) -> bool:
        """Whether a step is taken only under conditions."""
        return any(step.conditional for step in self.steps.values())

    def reached(self, after: str = "", *, met: bool = True) -> str:
        """The last step whose day has come for an item `late` days past due, as an SQL CASE.

        A step before the due date is over once the item is overdue. With `after` (an SQL date), only steps
        whose day is later than that count. Without `met`, whatever the conditions of the steps.
        """
        return self._case(
            f"WHEN late >= {days}{_before(days)}"
            + (f" AND due_on + ({days}) > {after}" if after else "")
            + (_condition(self.steps[days]) if met else "")
            + f" THEN {days}"
            for days in sorted(self.steps, reverse=True)
        )

    def climbed(self, last: str) -> str:
        """The first step above `last` (an SQL integer or null) whose day has come: none is left out."""
        return self._case(
            f"WHEN ({last} IS NULL OR {last} < {days}) AND late >= {days}{_before(days)}"
            f"{_condition(self.steps[days])} THEN {days}"
            for days in sorted(self.steps)
        )

    def next_after(self, last: str) -> str:
        """The lowest step after the due date that is above `last` (an SQL integer or null)."""
        return self._case(
            f"WHEN ({last} IS NULL OR {last} < {days}){_condition(self.steps[days])} THEN {days}"
            for days in sorted(self.steps)
            if days > 0
        )

    def step(self, day: str) -> str:
        """The step an item is at that has `reached` one (a column). After a dispute the missed steps are not made
        up for: the next regular one follows; when none is left, the lowest one not yet sent, once a cool-down has
        passed. A version may say otherwise."""
        climbs = self.version.climb == Climb.STEPS
        regular = self.climbed("last_days") if climbs else "reached"
        quiet = f"WHEN {day} < released_on + {self.quiet} THEN NULL" if self.quiet else ""
        return f"(CASE WHEN released_on IS NULL THEN {regular} {quiet} ELSE {self._resumed(day)} END)"

    @property
    def quiet(self) -> int:
        """So many days after a dispute nothing is asked; climbing and catching up keep at least the usual gap."""
        plain = self.version.climb == Climb.JUMP and self.version.resume == Resume.NEXT
        return self.version.cool_days if plain else max(self.version.cool_days, self.gap)

    def _resumed(self, day: str) -> str:
        """The step after a dispute and its quiet days."""
        if self.version.resume == Resume.AGE and self.version.climb == Climb.JUMP:
            return "reached"
        if self.version.resume == Resume.LOWEST or self.version.climb == Climb.STEPS:
            return self.climbed("last_days")
        return (
            f"COALESCE({self.reached(after='released_on')},"
            f" CASE WHEN late >= {self.last} AND {day} >= released_on + {max(self.gap, self.quiet)}"
            f" THEN {self.next_after('last_days')} END)"
        )

    def _case(self, cases: Iterable[str]) -> str:
        written = " ".join(cases)
        return f"(CASE {written} END)" if written else NULL

    @property
    def last(self) -> int:
        """The days of the last step."""
        return max(self.steps, default=0)

    def skipped(self, last_days: int | None, days: int) -> list[int]:
        """The steps passed over between the one sent last and the one asked now."""
        return [d for d in sorted(self.steps) if (last_days is None or d > last_days) and d < days]


def _before(days: int) -> str:
    return " AND late <= 0" if days <= 0 else ""


def _condition(step: Step) -> str:
    """The conditions of a step, as ` AND ...`; empty without any."""
    late = step.days > 0
    amount = "customer_late" if late else "free"
    wanted = [
        f"{amount} >= {step.from_amount}" if step.from_amount else "",
        f"customer_count >= {step.from_count}" if step.from_count and late else "",
        f"country IN ({quoted(step.countries)})" if step.countries else "",
        f"segment IN ({quoted(step.segments)})" if step.segments else "",
    ]
    return "".join(f" AND {one}" for one in wanted if one)


@dataclass(frozen=True, slots=True)
class Book:
    """All plans in force of an entity and who follows which."""

    entity: LegalEntity
    rules: dict[int, Rule]
    by_segment: dict[str, int]

    @classmethod
    def of(cls, entity: LegalEntity, plan_code: str | None = None, draft: PlanVersion | None = None) -> Self:
        """The book of `entity`; with `plan_code`, of that plan's customers only; with `draft`, that version stands in
        for the one in force of its plan."""
        steps = Prefetch("steps", Step.objects.order_by("days"))
        wanted = (
            Q(current=True) if draft is None else Q(current=True) & ~Q(plan=draft.plan_id) | Q(pk=draft.pk)
        )
        versions = PlanVersion.objects.filter(wanted, plan__entity=entity, plan__active=True)
        if plan_code:
            versions = versions.filter(plan__code=plan_code)
        rules = {
            version.plan_id: Rule(version, {step.days: step for step in version.steps.all()})
            for version in versions.select_related("plan").prefetch_related(steps)
        }
        followers = Segment.objects.filter(entity=entity, plan__in=rules).values_list("code", "plan_id")
        known = {code: plan_id for code, plan_id in followers if plan_id and code in SegmentCode.values}
        return cls(entity, rules, known)

    @property
    def earliest(self) -> int:
        """The first day, from the due date, on which anything can happen."""
        return min((days for rule in self.rules.values() for days in rule.steps), default=0)

    @property
    def conditional(self) -> bool:
        """Whether any plan has steps with conditions."""
        return any(rule.conditional for rule in self.rules.values())

    @property
    def parted(self) -> bool:
        """Whether any plan may write a customer several messages on a day; see `decision.sharing`."""
        return any(rule.version.grouping != Grouping.CUSTOMER for rule in self.rules.values())

    def plan_of(self, segment: str) -> str:
        """The plan of an SQL `segment`, null without one. Segments are a closed list of plain words."""
        cases = " ".join(f"WHEN '{code}' THEN {plan}" for code, plan in sorted(self.by_segment.items()))
        return f"(CASE {segment} {cases} END)" if cases else NULL

    def step_ids(self) -> str:
        """The id of the step at `top` days of `plan`, as SQL."""
        each = {
            plan: "(CASE top "
            + " ".join(f"WHEN {d} THEN {s.pk}" for d, s in sorted(rule.steps.items()))
            + " END)"
            for plan, rule in self.rules.items()
            if rule.steps
        }
        return self.per_plan(each)

    def by_mail(self) -> str:
        """Whether the step at `top` days of `plan` goes by e-mail, as SQL; other channels judge their own address."""
        each = {
            plan: f"top IN ({', '.join(str(d) for d in sorted(days))})"
            for plan, rule in self.rules.items()
            if (days := [d for d, step in rule.steps.items() if step.channel == Channel.EMAIL])
        }
        return f"COALESCE({self.per_plan(each)}, false)" if each else "false"

    def per_plan(self, expressions: dict[int, str], default: str = "") -> str:
        """One SQL expression out of one per plan."""
        cases = " ".join(f"WHEN {plan} THEN {expression}" for plan, expression in expressions.items())
        otherwise = f" ELSE {default}" if default else ""
        return f"(CASE plan {cases}{otherwise} END)" if cases else default or NULL

    def closed_countries(self, on: date) -> list[str]:
        """The countries of the entity's customers where nobody works on the day; none when no plan minds."""
        if not any(rule.version.working_days for rule in self.rules.values()):
            return []
        offices = Offices(self.entity)
        found = (
            Customer.objects.filter(entity=self.entity)
            .order_by()
            .values_list("country", flat=True)
            .distinct()
        )
        return sorted(country for country in found if not offices.customer(country).works_on(on))
