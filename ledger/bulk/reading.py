"""Checks the shape of each row, and finds the customers that rows name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func
from rest_framework import serializers

from ledger.bulk.sheet import BadRow, Sheet
from ledger.intake.parties import TAX_KEY_SQL, tax_key
from ledger.models import Customer

CUSTOMER = ("customer", "customer_code", "customer_tax_id")


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the right shape, and its place in the call."""

    index: int
    data: dict[str, Any]


def read_rows(sheet: Sheet, shape: serializers.Serializer[Any]) -> Iterator[Row]:
    """The rows of the right shape; the others are refused, with the first field that is wrong."""
    known = frozenset(sheet.header)
    for index, said in enumerate(sheet.rows):
        if isinstance(said, BadRow):
            sheet.refuse(index, "row_not_json", detail=said.detail)
        elif not isinstance(said, Mapping):
            sheet.refuse(index, "row_not_object")
        elif unknown := next((name for name in said if name not in known), None):
            sheet.refuse(
                index, "row_unknown_field", str(unknown)[:120], name=unknown, known=", ".join(sheet.header)
            )
        else:
            try:
                yield Row(index, shape.run_validation(said))
            except serializers.ValidationError as error:
                column, message = first_of(error.detail)
                sheet.refuse(index, "row_shape", column, message=message)


def first_of(detail: Any, place: str = "") -> tuple[str, str]:
    """The first field that is wrong (`lines.0.net`), and the sentence about it."""
    if isinstance(detail, Mapping):
        name, inner = next((pair for pair in detail.items() if pair[1]), ("", ""))
        name = "" if name == "non_field_errors" else str(name)
        return first_of(inner, ".".join(part for part in (place, name) if part))
    if isinstance(detail, list):
        for number, inner in enumerate(detail):
            if isinstance(inner, Mapping):
                if inner:
                    return first_of(inner, f"{place}.{number}" if place else str(number))
            else:
                return place, str(inner)
    return place, str(detail)


def with_customers(sheet: Sheet, rows: Iterable[Row]) -> list[tuple[Row, Customer]]:
    """The rows whose customer is known, with it; three queries at most. The others are refused."""
    named: dict[str, dict[int, Any]] = {name: {} for name in CUSTOMER}
    kept = []
    for row in rows:
        said = [(name, row.data[name]) for name in CUSTOMER if row.data.get(name) not in (None, "")]
        if len(said) != 1:
            sheet.refuse(row.index, "which_customer", "customer")
            continue
        ((name, value),) = said
        named[name][row.index] = value
        kept.append(row)
    found = _by_id(sheet, named["customer"]) | _by_code(sheet, named["customer_code"])
    found |= _by_tax_id(sheet, named["customer_tax_id"])
    return [(row, found[row.index]) for row in kept if row.index in found]


def _by_id(sheet: Sheet, wanted: dict[int, Any]) -> dict[int, Customer]:
    rows = Customer.objects.filter(entity=sheet.entity).in_bulk(set(wanted.values())) if wanted else {}
    return _matched(sheet, wanted, {pk: [customer] for pk, customer in rows.items()}, "customer")


def _by_code(sheet: Sheet, wanted: dict[int, Any]) -> dict[int, Customer]:
    found = defaultdict(list)
    if wanted:
        for customer in Customer.objects.filter(entity=sheet.entity, code__in=set(wanted.values())):
            found[customer.code].append(customer)
    return _matched(sheet, wanted, found, "customer_code")


def _by_tax_id(sheet: Sheet, wanted: dict[int, Any]) -> dict[int, Customer]:
    keys = {index: tax_key(value) for index, value in wanted.items()}
    found = defaultdict(list)
    if wanted:
        spelled = Func(F("tax_id"), template=TAX_KEY_SQL.replace("{0}", "%(expressions)s"))
        rows = Customer.objects.filter(entity=sheet.entity).exclude(tax_id="").annotate(key=spelled)
        for customer in rows.filter(key__in=set(keys.values())):
            found[tax_key(customer.tax_id)].append(customer)
    return _matched(sheet, keys, found, "customer_tax_id")


def _matched(
    sheet: Sheet, wanted: dict[int, Any], found: Mapping[Any, list[Customer]], name: str
) -> dict[int, Customer]:
    matched = {}
    for index, value in wanted.items():
        customers = found.get(value, [])
        if len(customers) == 1:
            matched[index] = customers[0]
        else:
            code = "ambiguous_customer" if customers else "unknown_customer"
            sheet.refuse(index, code, name, value=value)
    return matched
