"""How the tables are emptied after a test that committed: row by row where there are any, which TRUNCATE cannot do.

TRUNCATE makes new files for every table and index of the house, after each of hundreds of tests; here only tables with
rows cost something. What the migrations' signals fill (content types, permissions) stays as it is.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import OperationalError, connection, transaction
from django.test import TransactionTestCase
from psycopg.errors import DeadlockDetected

KEPT = frozenset({"django_migrations", "django_content_type", "auth_permission", "django_site"})
ATTEMPTS = 5
# As a replica does: without triggers, so that neither the guards of the house nor foreign keys stand in the way.
DELETE = """
SET LOCAL session_replication_role = replica;
DO $$ DECLARE one text; BEGIN
    FOREACH one IN ARRAY ARRAY[{names}] LOOP EXECUTE 'DELETE FROM ' || one; END LOOP;
END $$
"""


def _tables() -> list[str]:
    found = set(connection.introspection.table_names()) - KEPT
    return sorted(connection.ops.quote_name(name) for name in found)


@transaction.atomic
def _empty(tables: list[str]) -> None:
    with connection.cursor() as cursor:
        # Whatever the running application still writes ends first; nothing of it may come after.
        cursor.execute(f"LOCK TABLE {', '.join(tables)} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(DELETE.format(names=", ".join(f"'{name}'" for name in tables)))


def empty() -> None:
    """Empty every table. It may cross a query of the running application; PostgreSQL ends one of the two: once more."""
    tables = _tables()
    for left in reversed(range(ATTEMPTS)):
        try:
            _empty(tables)
        except OperationalError as error:
            if not left or not isinstance(error.__cause__, DeadlockDetected):
                raise
        else:
            return


@pytest.fixture(scope="session", autouse=True)
def light_emptying() -> Iterator[None]:
    """Tests that commit leave empty tables behind."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _self: empty())
        yield
