"""Which segment counts for each customer, as SQL: what a person has set, else the first rule that fits, else nothing.

Conditions are typed numbers and codes of closed shapes, written into the text (see conditions.py); only ids are
parameters.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from accounts.models import LegalEntity
from collections_app.choices_segments import SegmentFact
from collections_app.models import SegmentRule
from collections_app.segmenting.conditions import SQL, Condition, read_all

# `segment` is null where the declared one counts; a customer about whom nobody says anything has no row.
DECIDED = """
decided AS (
    SELECT c.id AS customer_id, c.segment AS declared, COALESCE(pin.segment, {segment}::varchar) AS segment,
           CASE WHEN pin.segment IS NULL THEN hit.rule_id END AS rule_id,
           CASE WHEN pin.segment IS NULL THEN {figures}::jsonb ELSE '{{}}'::jsonb END AS figures
    FROM ledger_customer c JOIN accounts_legalentity home ON home.id = c.entity_id
    LEFT JOIN collections_app_behaviour b ON b.customer_id = c.id
    LEFT JOIN collections_app_segmentpin pin ON pin.customer_id = c.id
    CROSS JOIN LATERAL (SELECT {rule}::bigint AS rule_id) hit
    WHERE c.entity_id = %s AND (%s::bigint IS NULL OR c.id = %s)
      AND (pin.segment IS NOT NULL OR hit.rule_id IS NOT NULL)
)"""
# In one statement every part sees the rows as they were before it.
STORED = """,
put AS (
    INSERT INTO collections_app_effectivesegment AS e (customer_id, segment, rule_id, figures, since)
    SELECT customer_id, segment, rule_id, figures, %s FROM decided
    ON CONFLICT (customer_id) DO UPDATE SET segment = excluded.segment, rule_id = excluded.rule_id,
        figures = excluded.figures,
        since = CASE WHEN e.segment IS DISTINCT FROM excluded.segment THEN excluded.since ELSE e.since END
    WHERE (e.segment, e.rule_id, e.figures) IS DISTINCT FROM (excluded.segment, excluded.rule_id, excluded.figures)
),
gone AS (
    DELETE FROM collections_app_effectivesegment e USING ledger_customer c
    WHERE c.id = e.customer_id AND c.entity_id = %s AND (%s::bigint IS NULL OR c.id = %s)
      AND NOT EXISTS (SELECT 1 FROM decided WHERE decided.customer_id = c.id)
)"""
MOVED = """
SELECT c.id, COALESCE(e.segment, c.segment), COALESCE(decided.segment, c.segment), decided.rule_id,
       decided.figures::text
FROM ledger_customer c LEFT JOIN decided ON decided.customer_id = c.id
LEFT JOIN collections_app_effectivesegment e ON e.customer_id = c.id
WHERE c.entity_id = %s AND (%s::bigint IS NULL OR c.id = %s)
  AND COALESCE(e.segment, c.segment) <> COALESCE(decided.segment, c.segment)
ORDER BY c.id"""
HITS = "\nSELECT rule_id, count(*) FROM decided WHERE rule_id IS NOT NULL GROUP BY rule_id"


@dataclass(frozen=True, slots=True)
class Move:
    """A customer whose segment changes. `rule_id` is null for what a person set, and where no rule fits any more."""

    customer_id: int
    was: str
    segment: str
    rule_id: int | None
    figures: str | None

    def read_figures(self) -> dict[str, Any]:
        """The facts the rule looked at."""
        found: dict[str, Any] = json.loads(self.figures or "{}")
        return found


def moves(entity: LegalEntity, rules: Sequence[SegmentRule]) -> list[Move]:
    """Whose segment these rules would change. Writes nothing."""
    text, params = _decided(entity, rules)
    return _moved(f"WITH {text}{MOVED}", [*params, entity.pk, None, None])


def store(
    entity: LegalEntity, rules: Sequence[SegmentRule], on: Any, customer_id: int | None = None
) -> list[Move]:
    """Stores the segment that counts, of one customer or of all; whose changed. One statement."""
    text, params = _decided(entity, rules, customer_id)
    scope = [entity.pk, customer_id, customer_id]
    return _moved(f"WITH {text}{STORED}{MOVED}", [*params, on, *scope, *scope])


def hits(entity: LegalEntity, rules: Sequence[SegmentRule]) -> dict[int, int]:
    """How many customers each rule decides about, by its id."""
    text, params = _decided(entity, rules)
    with connection.cursor() as cursor:
        cursor.execute(f"WITH {text}{HITS}", params)
        return dict(cursor.fetchall())


def _decided(
    entity: LegalEntity, rules: Sequence[SegmentRule], customer_id: int | None = None
) -> tuple[str, list[Any]]:
    read = [(rule, read_all(rule.conditions)) for rule in rules]
    fits = " ".join(f"WHEN {' AND '.join(one.sql for one in found)} THEN {rule.pk}" for rule, found in read)
    text = DECIDED.format(
        rule=f"(CASE {fits} END)" if fits else "NULL",
        segment=_of_rule(
            {rule.pk: f"'{rule.segment}'" if rule.segment else "NULL::varchar" for rule in rules}
        ),
        figures=_of_rule({rule.pk: _figures(found) for rule, found in read}),
    )
    return text, [entity.pk, customer_id, customer_id]


def _of_rule(said: dict[int, str]) -> str:
    cases = " ".join(f"WHEN {pk} THEN {expression}" for pk, expression in said.items())
    return f"(CASE hit.rule_id {cases} END)" if cases else "NULL"


def _figures(conditions: list[Condition]) -> str:
    """The facts the conditions look at, by name, as they are."""
    facts: dict[SegmentFact, None] = dict.fromkeys(one.fact for one in conditions)
    return "jsonb_build_object(" + ", ".join(f"'{fact.value}', {SQL[fact]}" for fact in facts) + ")"


def _moved(text: str, params: list[Any]) -> list[Move]:
    with connection.cursor() as cursor:
        cursor.execute(text, params)
        return [Move(*row) for row in cursor.fetchall()]
