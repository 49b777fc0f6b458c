"""The days whose position is kept: a cache that says itself how far it can be trusted.

A day counts as kept while it lies within what was computed and before every mark of a change. Marks and kept days are
read in one statement, so that what comes out is of one state of the database; the rest is computed as if nothing were
kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from reporting.metrics.aging import DEFAULT
from reporting.selectors.frame import Frame, fetch

Level = tuple[tuple[Decimal, ...], tuple[Decimal, ...]]

KEPT = """
SELECT k.first, least(k.last, (
        SELECT min(since) FROM reporting_ledgermark m
        WHERE (m.entity_id = k.entity_id OR m.entity_id IS NULL) AND m.dim IN ('', k.dim)) - 1) AS last,
    s.day, s.key, s.opens, s.disputes
FROM reporting_dayskept k LEFT JOIN reporting_daystanding s
    ON s.entity_id = k.entity_id AND s.dim = k.dim AND s.day = ANY(%(days)s)
    AND (%(key)s::text IS NULL OR s.key = %(key)s)
WHERE k.entity_id = %(entity)s AND k.dim = %(dim)s
"""


def place_of(frame: Frame, by: str) -> tuple[str, str | None] | None:
    """Where the days of a frame by a dimension are kept: the dimension and the only key; None when they are not."""
    if frame.piece is None or frame.known_at is not None or frame.buckets != DEFAULT or by == "customer":
        return None
    dim, key = frame.piece
    if dim == "entity":
        return (by, None)
    return (dim, key) if by in ("entity", dim) else None


def kept(frame: Frame, days: Sequence[date], by: str) -> tuple[set[date], dict[str, dict[date, Level]]]:
    """Which of the days are kept, and what was open and disputed by key on them. One query, none where nothing is."""
    place = place_of(frame, by)
    if place is None:
        return set(), {}
    dim, key = place
    params: dict[str, Any] = {"entity": frame.entity.pk, "dim": dim, "key": key, "days": list(days)}
    rows = fetch(KEPT, params)
    if not rows:
        return set(), {}
    first, last = rows[0]["first"], rows[0]["last"]
    trusted = {day for day in days if first <= day <= last}
    found: dict[str, dict[date, Level]] = {}
    for row in rows:
        if row["day"] in trusted:
            name = row["key"] if by == dim else ""
            found.setdefault(name, {})[row["day"]] = (tuple(row["opens"]), tuple(row["disputes"]))
    return trusted, found
