"""Customers by the thousand, made or brought up to date by their code. What a row does not give stays as it is."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from django.db import connection

from accounts.models import User
from ledger.bulk.reading import Row
from ledger.bulk.sheet import CREATED, UNCHANGED, UPDATED, Sheet
from ledger.models import Customer, ImportChange
from lib.text import fold

FIELDS = (
    "name",
    "tax_id",
    "endpoint",
    "country",
    "language",
    "segment",
    "terms_days",
    "credit_limit",
    "email",
    "address",
)
# One statement for all of them: the new values travel as one JSON array.
UPDATE = """
UPDATE ledger_customer c SET name = r.name, name_key = r.name_key, tax_id = r.tax_id, endpoint = r.endpoint,
    country = r.country, language = r.language, segment = r.segment, terms_days = r.terms_days,
    credit_limit = r.credit_limit, email = r.email, address = r.address, salesperson_id = r.salesperson_id
FROM jsonb_to_recordset(%s) AS r(id bigint, name text, name_key text, tax_id text, endpoint text, country text,
    language text, segment text, terms_days smallint, credit_limit numeric(14, 2), email text, address text,
    salesperson_id bigint)
WHERE c.id = r.id
"""


def take_customers(sheet: Sheet, rows: Iterable[Row]) -> None:
    """Make the unknown ones, change the known ones; every change is kept with the import."""
    good = list(rows)
    people = _salespeople(sheet, good)
    codes = {row.data["code"] for row in good}
    before = _locked(sheet, codes)
    fresh: dict[str, Customer] = {}
    for row in good:
        if row.data["code"] not in before and row.data.get("name"):
            fresh.setdefault(row.data["code"], _new(sheet, row.data, people))
    Customer.objects.bulk_create(fresh.values(), ignore_conflicts=True, batch_size=2000)
    known = _locked(sheet, codes)
    changes, changed = _compare(sheet, good, known, people)
    ImportChange.objects.bulk_create(changes, batch_size=5000)
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [json.dumps([_values(customer) for customer in changed], default=str)])


def _salespeople(sheet: Sheet, rows: list[Row]) -> dict[str, int]:
    """E-mail address -> person, of those who work for the entity."""
    wanted = {str(row.data.get("salesperson_email") or "").lower() for row in rows} - {""}
    people = User.objects.filter(memberships__entity=sheet.entity, is_active=True, email__in=wanted)
    return {email.lower(): pk for pk, email in people.values_list("pk", "email")}


def _locked(sheet: Sheet, codes: set[str]) -> dict[str, Customer]:
    rows = Customer.objects.select_for_update(no_key=True).filter(entity=sheet.entity, code__in=codes)
    return {customer.code: customer for customer in rows.order_by("pk")}


def _said(data: dict[str, Any], people: dict[str, int]) -> dict[str, Any]:
    """The columns that a row speaks of."""
    said = {name: data[name] for name in FIELDS if name in data}
    if "name" in said:
        said["name_key"] = fold(said["name"])[:250]
    if "salesperson_email" in data:
        said["salesperson_id"] = people.get(str(data["salesperson_email"] or "").lower())
    return said


def _new(sheet: Sheet, data: dict[str, Any], people: dict[str, int]) -> Customer:
    defaults = {"language": sheet.entity.language, "batch": sheet.batch, "recorded_at": sheet.call.at}
    return Customer(entity=sheet.entity, code=data["code"], **(defaults | _said(data, people)))


def _compare(
    sheet: Sheet, rows: list[Row], known: dict[str, Customer], people: dict[str, int]
) -> tuple[list[ImportChange], list[Customer]]:
    """Say of each row what it does; what changes, and the customers with their new values."""
    changes: list[ImportChange] = []
    changed: list[Customer] = []
    seen: set[str] = set()
    for row in rows:
        code, email = row.data["code"], str(row.data.get("salesperson_email") or "").lower()
        customer = known.get(code)
        first = code not in seen
        if email and email not in people:
            sheet.refuse(row.index, "unknown_salesperson", "salesperson_email", value=email)
            continue
        if customer is None:
            sheet.refuse(row.index, "customer_without_name", "name")
            continue
        seen.add(code)
        said = _said(row.data, people)
        differs = {name: value for name, value in said.items() if getattr(customer, name) != value}
        if differs and not first:
            sheet.refuse(row.index, "row_other_facts", "code")
        elif differs:
            changes += [_change(sheet, customer, name, value) for name, value in differs.items()]
            for name, value in differs.items():
                setattr(customer, name, value)
            changed.append(customer)
            sheet.done(row.index, UPDATED, customer.pk)
        else:
            created = first and customer.batch_id == sheet.batch.pk
            sheet.done(row.index, CREATED if created else UNCHANGED, customer.pk)
    return changes, changed


def _change(sheet: Sheet, customer: Customer, name: str, value: Any) -> ImportChange:
    field, old = name.removesuffix("_id") if name == "salesperson_id" else name, getattr(customer, name)
    texts = {"before": "" if old is None else str(old), "after": "" if value is None else str(value)}
    return ImportChange(batch=sheet.batch, customer=customer, field=field, **texts)


def _values(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in ("id", "name_key", "salesperson_id", *FIELDS)}
