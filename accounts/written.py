"""Questions that stand on every page of a busy list, written as SQL once instead of on every request.

The mapper takes longer to write such SQL than the database to answer it. A question is written for a person, as long
as their scope is the same, at a fixed moment, and asked at the present one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from accounts import policy
from accounts.models import User

WRITTEN_AT = datetime(2000, 1, 1, tzinfo=UTC)
KEPT = 1024
# Stands in a question for the keys that are given when it is asked: `filter(pk__in=given_keys())`.
GIVEN = "the keys that are given"


def given_keys() -> RawSQL:
    """The keys that `ask` is given, as the right side of an `__in`."""
    return RawSQL("SELECT unnest(%s::bigint[])", [GIVEN])


@dataclass(frozen=True, slots=True)
class Written:
    """The SQL of a question. Every moment in it is `WRITTEN_AT` or lies at a fixed distance from it."""

    sql: str
    params: tuple[Any, ...]

    def ask(self, at: datetime = WRITTEN_AT, keys: Sequence[int] = ()) -> list[tuple[Any, ...]]:
        """The rows of the answer at `at`, for these keys."""
        if not self.sql:
            return []
        params = [
            at + (one - WRITTEN_AT) if isinstance(one, datetime) else list(keys) if one is GIVEN else one
            for one in self.params
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


class Asker:
    """A person as the key of what is written: the same as long as their scope is."""

    def __init__(self, user: User) -> None:
        self.user = user
        mine = policy.scope(user)
        self.key = (user.pk, frozenset(mine.roles.items()), mine.departments)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Asker) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


def write(rows: QuerySet[Any, Any]) -> Written:
    """The question of `rows`; the columns are those of its `values_list`. Who may see nothing is told nothing."""
    try:
        sql, params = rows.query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:
        return Written("", ())
    return Written(sql, tuple(params))
