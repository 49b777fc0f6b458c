"""The plans in force of one entity, read once and written out as SQL expressions."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Self

from django.db.models import Prefetch

from accounts.models import LegalEntity
from collections_app.models import PlanVersion, Segment, Step
from ledger.choices import Segment as SegmentCode

NULL = "NULL::int"


@dataclass(frozen=True, slots=True)
class Rule:
    """The version of a plan in force, with its steps by days from the due date."""

    plan_id: int
    code: str
    minimum: Decimal
    gap: int
    answer_days: int
    steps: dict[int, Step]

    def reached(self, after: str = "") -> str:
        """The last step whose day has come for an item `late` days past due, as an SQL CASE.

        A step before the due date is over once the item is overdue. With `after` (an SQL date), only steps
        whose day is later than that count.
        """
        cases = [
            f"WHEN late >= {days}"
            + (" AND late <= 0" if days <= 0 else "")
            + (f" AND due_on + ({days}) > {after}" if after else "")
            + f" THEN {days}"
            for days in sorted(self.steps, reverse=True)
        ]
        return f"(CASE {' '.join(cases)} END)" if cases else NULL

    def next_after(self, last: str) -> str:
        """The lowest step after the due date that is above `last` (an SQL integer or null)."""
        cases = [
            f"WHEN {last} IS NULL OR {last} < {days} THEN {days}" for days in sorted(self.steps) if days > 0
        ]
        return f"(CASE {' '.join(cases)} END)" if cases else NULL

    @property
    def last(self) -> int:
        """The days of the last step."""
        return max(self.steps, default=0)

    def skipped(self, last_days: int | None, days: int) -> list[int]:
        """The steps passed over between the one sent last and the one asked now."""
        return [d for d in sorted(self.steps) if (last_days is None or d > last_days) and d < days]


@dataclass(frozen=True, slots=True)
class Book:
    """All plans in force of an entity and who follows which."""

    entity: LegalEntity
    rules: dict[int, Rule]
    by_segment: dict[str, int]

    @classmethod
    def of(cls, entity: LegalEntity, plan_code: str | None = None) -> Self:
        """The book of `entity`; with `plan_code`, of that plan's customers only."""
        steps = Prefetch("steps", Step.objects.order_by("days"))
        current = PlanVersion.objects.filter(current=True, plan__entity=entity, plan__active=True)
        if plan_code:
            current = current.filter(plan__code=plan_code)
        rules = {
            version.plan_id: Rule(
                plan_id=version.plan_id,
                code=version.plan.code,
                minimum=version.minimum_amount,
                gap=version.gap_days,
                answer_days=version.answer_days,
                steps={step.days: step for step in version.steps.all()},
            )
            for version in current.select_related("plan").prefetch_related(steps)
        }
        followers = Segment.objects.filter(entity=entity, plan__in=rules).values_list("code", "plan_id")
        known = {code: plan_id for code, plan_id in followers if plan_id and code in SegmentCode.values}
        return cls(entity, rules, known)

    @property
    def earliest(self) -> int:
        """The first day, from the due date, on which anything can happen."""
        return min((days for rule in self.rules.values() for days in rule.steps), default=0)

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

    def per_plan(self, expressions: dict[int, str]) -> str:
        """One SQL expression out of one per plan."""
        cases = " ".join(f"WHEN {plan} THEN {expression}" for plan, expression in expressions.items())
        return f"(CASE plan {cases} END)" if cases else NULL
