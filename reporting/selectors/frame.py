"""The frame of a report: whose ledger, as of when, as known at, through which filters, and for whose eyes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Coalesce
from psycopg import sql

from accounts import policy
from accounts.models import LegalEntity, User
from ledger.models import Customer
from lib.money import unit
from reporting import errors
from reporting.metrics.aging import DEFAULT, Buckets
from reporting.selectors.dimensions import OF_CUSTOMERS, chosen

READ = "report.read"
FILTERS = ("salesperson", "collector", "segment", "country", "currency", "customer")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every statement of a report starts from. `customers` holds only those the reader may see."""

    entity: LegalEntity
    as_of: date
    customers: QuerySet[Customer]
    known_at: datetime | None = None
    currency: str = ""
    buckets: Buckets = field(default=DEFAULT)
    # What part of the entity it is: a dimension and its only key ("entity": the whole); None: some other customers.
    piece: tuple[str, str] | None = None

    def at(self, as_of: date) -> "Frame":
        """The same frame on another day."""
        return replace(self, as_of=as_of)

    @property
    def decimals(self) -> int:
        """How many decimals amounts of the entity's currency have."""
        return 0 if unit(self.entity.currency) == 1 else 2


def entities_for(user: User | AnonymousUser) -> QuerySet[LegalEntity]:
    """The legal entities whose figures the person may read."""
    return LegalEntity.objects.filter(pk__in=policy.scope(user).entities(READ))


def one_entity(entities: QuerySet[LegalEntity], code: str = "") -> LegalEntity:
    """The entity of this code; without a code, the only one there is."""
    known = {entity.code: entity for entity in entities}
    if code:
        if code not in known:
            raise errors.unknown_entity(code, known)
        return known[code]
    if not known:
        raise errors.no_entity()
    if len(known) > 1:
        raise errors.choose_entity(known)
    return next(iter(known.values()))


def make_frame(
    entity: LegalEntity,
    as_of: date,
    *,
    user: User | AnonymousUser | None = None,
    known_at: datetime | None = None,
    filters: Mapping[str, Any] | None = None,
) -> Frame:
    """A frame for a person, or (without `user`) for the operator of the machine, who sees the whole entity.

    `filters`: salesperson, collector (user id, or "none"), segment, country, currency, customer (id); empty values do
    not filter.
    """
    customers = Customer.objects.filter(entity=entity)
    if user is not None:
        customers = customers.filter(policy.rows(user, READ, salesperson="salesperson"))
    chosen = {key: value for key, value in (filters or {}).items() if value}
    for key, column in (("salesperson", "salesperson"), ("collector", "portfolio__collector")):
        if key in chosen:
            customers = customers.filter(**{column: None if chosen[key] == "none" else chosen[key]})
    if "segment" in chosen:
        customers = customers.alias(followed=Coalesce("effective__segment", "segment"))
    for key, column in (("segment", "followed"), ("country", "country"), ("customer", "pk")):
        if key in chosen:
            customers = customers.filter(**{column: chosen[key]})
    piece = _piece(entity, user, chosen)
    return Frame(entity, as_of, customers, known_at, str(chosen.get("currency", "")), piece=piece)


def _piece(
    entity: LegalEntity, user: User | AnonymousUser | None, chosen: Mapping[str, Any]
) -> tuple[str, str] | None:
    """What part of the entity a reader looks at: all of it, one value of one dimension, or (None) something else."""
    if user is not None and entity.pk not in policy.scope(user).wide(READ):
        own = entity.pk in policy.scope(user).own(READ) and not chosen
        return ("salesperson", str(user.pk)) if own else None
    if not chosen:
        return ("entity", "")
    name, value = next(iter(chosen.items()))
    if len(chosen) > 1 or name not in OF_CUSTOMERS or name == "customer":
        return None
    return (name, "" if value == "none" else str(value))


def customers_sql(frame: Frame) -> tuple[str, dict[str, Any]]:
    """The frame's customers as a subquery with named parameters."""
    try:
        ids, values = frame.customers.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "SELECT NULL::bigint WHERE false", {}
    names = {f"customers_{i}": value for i, value in enumerate(values)}
    parts = ids.split("%s")
    text = "".join(part + (f"%(customers_{i})s" if i < len(values) else "") for i, part in enumerate(parts))
    return text, names


def fetch(statement: str, params: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The rows of one statement, by column name."""
    with connection.cursor() as cursor:
        cursor.execute(statement, dict(params))
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


LABELS = sql.SQL("""SELECT DISTINCT {key} AS key, {label} AS label FROM ledger_customer c{joins}
WHERE c.id IN ({customers})""")


def labels_of(frame: Frame, by: str) -> dict[str, str]:
    """The names of the values of a dimension of customers, where it has any. One query at most."""
    key, label, joins = chosen(by, OF_CUSTOMERS).sql("c")
    if OF_CUSTOMERS[by].label == "''":
        return {}
    customers, params = customers_sql(frame)
    statement = LABELS.format(key=key, label=label, joins=joins, customers=sql.SQL(customers))  # type: ignore[arg-type]
    return {row["key"]: row["label"] for row in fetch(statement.as_string(None), params)}
