"""The frame of a report: whose ledger, as of when, as known at, through which filters, and for whose eyes."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet

from accounts import policy
from accounts.models import LegalEntity, User
from ledger.models import Customer
from lib.money import unit
from reporting import errors
from reporting.metrics.aging import DEFAULT, Buckets

READ = "report.read"
FILTERS = ("salesperson", "segment", "country", "currency", "customer")


@dataclass(frozen=True, slots=True)
class Frame:
    """What every statement of a report starts from. `customers` holds only those the reader may see."""

    entity: LegalEntity
    as_of: date
    customers: QuerySet[Customer]
    known_at: datetime | None = None
    currency: str = ""
    buckets: Buckets = field(default=DEFAULT)

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

    `filters`: salesperson (user id, or "none"), segment, country, currency, customer (id); empty values do not filter.
    """
    customers = Customer.objects.filter(entity=entity)
    if user is not None:
        customers = customers.filter(policy.rows(user, READ, salesperson="salesperson"))
    chosen = {key: value for key, value in (filters or {}).items() if value}
    if chosen.get("salesperson") == "none":
        customers = customers.filter(salesperson=None)
    elif "salesperson" in chosen:
        customers = customers.filter(salesperson=chosen["salesperson"])
    for key, column in (("segment", "segment"), ("country", "country"), ("customer", "pk")):
        if key in chosen:
            customers = customers.filter(**{column: chosen[key]})
    return Frame(entity, as_of, customers, known_at, str(chosen.get("currency", "")))


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
