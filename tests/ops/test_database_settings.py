"""What the migrations set for the database itself."""

from importlib import import_module

import pytest
from django.db import connection

SET = "SELECT unnest(setconfig) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase WHERE datname = %s"
NO_JIT = import_module("reporting.migrations.0014_no_compiling").NO_JIT


def settings_of_the_database() -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(SET, [connection.settings_dict["NAME"]])
        return {row[0] for row in cursor.fetchall()}


@pytest.mark.django_db
def test_statements_are_not_compiled_where_we_own_the_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(NO_JIT)
    assert "jit=off" in settings_of_the_database()


@pytest.mark.django_db
def test_without_the_right_to_it_the_migration_goes_on() -> None:
    before = settings_of_the_database()
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE somebody_else; SET LOCAL ROLE somebody_else")
        cursor.execute(NO_JIT)
        cursor.execute("RESET ROLE; DROP ROLE somebody_else")
    assert settings_of_the_database() == before
