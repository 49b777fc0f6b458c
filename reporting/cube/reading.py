"""Whether a position can be read from the cube, and the part of it that is in no cell.

A position is the cells, less the standings of the customers that are *read again*, plus these customers by their rows.
Read again are those with a mark and those of whom a fact counts only after the day; of customers that owe in other
currencies only what they owe there. Who that is, one statement says; the next one, which reads the figures, asks
whether there are other marks by now. Then, and where there are too many, everything is computed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from psycopg import sql

from reporting.selectors.frame import Frame, fetch

# How many customers are read again at most; and how many of those that owe in other currencies.
MOST, MOST_ABROAD = 2_000, 10_000
DIMS = ("entity", "salesperson", "collector", "segment", "country")
KEPT = "kept"

AGAIN = """
WITH again AS (
    SELECT DISTINCT customer_id FROM reporting_customermark WHERE entity_id = %(entity)s
    UNION
    SELECT customer_id FROM reporting_customerstanding WHERE entity_id = %(entity)s AND latest > %(as_of)s
    LIMIT %(most)s + 1
),
abroad AS (
    SELECT customer_id FROM reporting_customerstanding WHERE entity_id = %(entity)s AND abroad LIMIT %(most_abroad)s + 1
)
SELECT ARRAY(SELECT customer_id FROM again) AS again, ARRAY(SELECT customer_id FROM abroad) AS abroad
FROM reporting_agingkept WHERE entity_id = %(entity)s AND currency = %(home)s AND since <= %(as_of)s
"""

CELLS = sql.SQL("""
SELECT {key} AS key, {label} AS label, CASE WHEN o.late IS NULL THEN 'unapplied' ELSE {bucket} END AS bucket,
    sum(o.items) AS items, %(home)s AS currency, sum(o.open) AS open, sum(o.disputed) AS disputed
FROM (
    SELECT key, %(as_of)s::date - due_on AS late, open, disputed, items FROM reporting_agingcell
    WHERE entity_id = %(entity)s AND dim = %(dim)s AND (%(only_key)s::text IS NULL OR key = %(only_key)s)
    UNION ALL
    SELECT {own_key}, %(as_of)s::date - p.due_on, -p.open, -p.disputed, -p.items
    FROM reporting_customerstanding s,
        unnest(s.due_on, s.open, s.disputed, s.items) AS p (due_on, open, disputed, items)
    WHERE s.customer_id = ANY(%(again)s) AND (%(only_key)s::text IS NULL OR {own_key} = %(only_key)s)
) o{joins}
GROUP BY 1, 2, 3 HAVING sum(o.items) <> 0
""")
# By customer it is what each of them is, without those who are read again.
STANDINGS = sql.SQL("""
SELECT c.code AS key, c.name AS label, o.bucket, o.items, %(home)s AS currency, o.open, o.disputed
FROM (
    SELECT o.customer_id, CASE WHEN o.late IS NULL THEN 'unapplied' ELSE {bucket} END AS bucket,
        sum(o.items) AS items, sum(o.open) AS open, sum(o.disputed) AS disputed
    FROM (
        SELECT s.customer_id, %(as_of)s::date - p.due_on AS late, p.open, p.disputed, p.items
        FROM reporting_customerstanding s,
            unnest(s.due_on, s.open, s.disputed, s.items) AS p (due_on, open, disputed, items)
        WHERE s.entity_id = %(entity)s AND s.customer_id <> ALL(%(again)s)
          AND (%(only_key)s::text IS NULL OR {own_key} = %(only_key)s)
    ) o GROUP BY 1, 2
) o JOIN ledger_customer c ON c.id = o.customer_id
""")
WHOLE = sql.SQL("""UNION ALL
SELECT '', '', 'kept', 0, %(home)s, 0, 0 FROM reporting_agingkept k
WHERE k.entity_id = %(entity)s AND k.currency = %(home)s AND k.since <= %(as_of)s AND NOT EXISTS (
    SELECT 1 FROM reporting_customermark m
    WHERE m.entity_id = k.entity_id AND (m.customer_id IS NULL OR m.customer_id <> ALL(%(again)s)))
""")
PERSON = sql.SQL(" LEFT JOIN accounts_user person ON person.id = nullif(o.key, '')::bigint")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the cells of a frame by a dimension are: those of `dim`, or only one key of it."""

    dim: str
    only_key: str | None
    # What rows are told by: the key of the cells, the currency, the customer, or nothing.
    told: str


@dataclass(frozen=True, slots=True)
class Reading:
    """How a position is read from the cells, and who is read again."""

    place: Place
    again: list[int]
    abroad: list[int]

    @property
    def only(self) -> list[int]:
        """The customers of whom anything is read from their rows."""
        return sorted({*self.again, *self.abroad})

    @property
    def params(self) -> dict[str, Any]:
        """The parameters of the statements."""
        only_key = self.place.only_key
        return {"dim": self.place.dim, "only_key": only_key, "again": self.again, "only": self.only}

    def cells(self, bucket: sql.Composable) -> sql.Composable:
        """The cells without those who are read again, and a row `kept` when that is all that is needed."""
        dim, told = self.place.dim, self.place.told
        named = told == "key" and dim in ("salesperson", "collector")
        whole = sql.SQL("''")
        own_key = whole if dim == "entity" else sql.SQL("s.{}").format(sql.Identifier(dim))
        if told == "customer":
            return STANDINGS.format(bucket=bucket, own_key=own_key) + WHOLE
        cells = CELLS.format(
            key={"key": sql.SQL("o.key"), "currency": sql.SQL("%(home)s"), "": whole}[told],
            label=sql.SQL("coalesce(person.name, '')") if named else whole,
            joins=PERSON if named else sql.SQL(""),
            own_key=own_key,
            bucket=bucket,
        )
        return cells + WHOLE


def reading(frame: Frame, by: str) -> Reading | None:
    """How to read this frame by this dimension; None when it has to be computed. One query at most."""
    place = place_of(frame, by)
    if place is None:
        return None
    known = {"entity": frame.entity.pk, "home": frame.entity.currency, "as_of": frame.as_of}
    found = fetch(AGAIN, known | {"most": MOST, "most_abroad": MOST_ABROAD})
    if not found:
        return None
    again, abroad = found[0]["again"], found[0]["abroad"]
    if None in again or len(again) > MOST or len(abroad) > MOST_ABROAD:
        return None
    return Reading(place, again, abroad)


def place_of(frame: Frame, by: str) -> Place | None:
    """None where no cells fit: earlier knowledge, other filters than one value, dimensions of disputes."""
    if frame.piece is None or frame.known_at is not None or by not in (*DIMS, "currency", "customer"):
        return None
    dim, value = frame.piece
    if dim == "currency":
        if value != frame.entity.currency:
            return None
        dim = "entity"
    told = {"currency": "currency", "customer": "customer", "entity": ""}.get(by, "key")
    if dim == "entity":
        return Place(by if told == "key" else "entity", None, told)
    return Place(dim, value, told) if told != "key" or by == dim else None
