"""What a figure can be split by: the key of a row, the name a reader knows it by, and the tables that takes.

`c` is the customer, `d` the dispute, `ROW` the row that carries the currency, in every statement that uses these.
A name left empty is told from the key (see reports/table.py).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from psycopg import sql

from reporting.errors import unknown_dimension


@dataclass(frozen=True, slots=True)
class Dimension:
    """SQL of the key and of the name, and the joins both need."""

    key: str
    label: str = "''"
    joins: str = ""

    def sql(self, row: str = "o") -> tuple[sql.SQL, sql.SQL, sql.SQL]:
        """Key, name and joins for a statement whose rows are called `row`."""
        texts = (text.replace("ROW", row) for text in (self.key, self.label, self.joins))
        key, label, joins = (sql.SQL(text) for text in texts)  # type: ignore[arg-type]
        return key, label, joins


def _words(table: str, joins: str) -> Dimension:
    return Dimension(
        f"coalesce({table}.code, '')",
        f"coalesce({table}.labels ->> %(language)s, {table}.code, '')",
        joins,
    )


PORTFOLIO = """ LEFT JOIN collections_app_portfolio pf ON pf.customer_id = c.id
LEFT JOIN accounts_user collector ON collector.id = pf.collector_id"""
PLACED = " LEFT JOIN collections_app_effectivesegment placed ON placed.customer_id = c.id"
REASON = " LEFT JOIN disputes_reason reason ON reason.id = d.reason_id"

OF_CUSTOMERS: dict[str, Dimension] = {
    "entity": Dimension("''"),
    "customer": Dimension("c.code", "c.name"),
    # The segment that counts; the declared one where neither a rule nor a person says anything.
    "segment": Dimension("coalesce(placed.segment, c.segment)", joins=PLACED),
    "salesperson": Dimension(
        "coalesce(c.salesperson_id::text, '')",
        "coalesce(s.name, '')",
        " LEFT JOIN accounts_user s ON s.id = c.salesperson_id",
    ),
    "collector": Dimension("coalesce(pf.collector_id::text, '')", "coalesce(collector.name, '')", PORTFOLIO),
    "country": Dimension("c.country"),
    "currency": Dimension("ROW.currency"),
}

OF_DISPUTES: dict[str, Dimension] = {
    "reason": _words("reason", REASON),
    "root-cause": _words("cause", " LEFT JOIN disputes_reason cause ON cause.id = d.root_cause_id"),
    "department": Dimension(
        "coalesce(department.code, '')",
        "coalesce(department.name, '')",
        REASON + " LEFT JOIN accounts_department department ON department.id = reason.department_id",
    ),
    "route": _words(
        "route",
        " LEFT JOIN disputes_routeversion version ON version.id = d.route_version_id"
        " LEFT JOIN disputes_route route ON route.id = version.route_id",
    ),
}

# What is owed can be split by the customers who owe it and by the disputes that hold it up.
OF_POSITION = OF_CUSTOMERS | {key: OF_DISPUTES[key] for key in ("reason", "root-cause", "department")}
# What happens to disputes.
OF_LIVES = OF_DISPUTES | OF_CUSTOMERS


def chosen(by: str, known: Mapping[str, Dimension]) -> Dimension:
    """The dimension of this name; a wrong one says which there are."""
    if by not in known:
        raise unknown_dimension(by, known)
    return known[by]
