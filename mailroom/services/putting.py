"""Stores a fresh letter by a statement that is written once: the day's run stores thousands, one after the other."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Field

from mailroom.models import Letter


@cache
def _statement() -> tuple[str, list[Field[Any, Any]]]:
    fields = [field for field in Letter._meta.concrete_fields if not field.primary_key]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    text = f"INSERT INTO {Letter._meta.db_table} ({columns}) VALUES ({marks})"  # noqa: S608  (our own text)
    return f"{text} ON CONFLICT DO NOTHING RETURNING id", fields


def put(letter: Letter) -> bool:
    """Store a letter unless its key is there already; whether it was stored."""
    text, fields = _statement()
    values = [field.get_db_prep_save(getattr(letter, field.attname), connection) for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        row = cursor.fetchone()
    if row is None:
        return False
    letter.pk, letter._state.adding, letter._state.db = row[0], False, connection.alias
    return True
