"""The views for BI tools: a role reads its companies there and nothing else; the figures are those of the reports."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.db.utils import InternalError, NotSupportedError
from psycopg.rows import dict_row

from accounts.models import LegalEntity
from lib import clock
from reporting.bi import roles, views
from reporting.models import ReaderRole
from reporting.selectors.frame import make_frame
from reporting.selectors.position import position
from tests.architecture.house import ROOT
from tests.factories import AT
from tests.reporting.company import Company, bill, receive

DOCS = (ROOT / "docs" / "bi.md").read_text()
# Others may test beside us on the same server, in databases of their own.
TABLES = "SELECT schemaname || '.' || quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"


@pytest.fixture
def name(db: None) -> str:
    made = f"bi_{connection.settings_dict['NAME']}"[:60].lower().replace("-", "_")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [made])
        if cursor.fetchone():  # Left behind by a run that was killed.
            cursor.execute(f"DROP OWNED BY {made}")
            cursor.execute(f"DROP ROLE {made}")
    return made


@pytest.fixture
def foreign(company: Company) -> None:
    """The other company has a debt too."""
    bill(company.cast.foreign, "O-1", "99.00", date(2026, 1, 1), date(2026, 2, 1))


@pytest.fixture
def reader(name: str, company: Company, foreign: None) -> Iterator[psycopg.Connection[dict[str, Any]]]:
    """A connection of a role that reads ACM."""
    password = roles.set_role(name=name, entities=[company.cast.entity], at=AT)
    known = connection.get_connection_params()
    kept = {key: known[key] for key in ("host", "port", "dbname") if known.get(key)}
    with psycopg.connect(**kept, user=name, password=password, row_factory=dict_row, autocommit=True) as made:
        yield made
    roles.drop_role(name=name, at=AT)


def ask(reader: psycopg.Connection[dict[str, Any]], statement: str) -> list[dict[str, Any]]:
    return reader.execute(statement).fetchall()  # type: ignore[call-overload,no-any-return]


pytestmark = pytest.mark.django_db(transaction=True)


def test_a_role_reads_its_company_in_every_view_and_nothing_of_another(reader: Any) -> None:
    for view in views.definitions():
        codes = {row["company_code"] for row in ask(reader, f"SELECT company_code FROM {view.name}")}
        assert codes <= {"ACM"}
    assert [row["number"] for row in ask(reader, "SELECT number FROM invoices ORDER BY number")] == [
        "A-1", "A-2", "B-1", "B-2", "CN-1",
    ]  # fmt: skip
    (dispute,) = ask(reader, "SELECT * FROM disputes")
    assert (dispute["reason"], dispute["amount"]) == ("price", Decimal("500.00"))
    assert len(ask(reader, "SELECT * FROM dispute_stays")) >= 1
    # Without the role's row there is nothing to see, whatever is granted.
    ReaderRole.objects.all().delete()
    assert ask(reader, "SELECT * FROM invoices") == []


def test_a_condition_with_side_effects_sees_no_row_of_another_company(reader: Any) -> None:
    reader.execute("SET default_transaction_read_only = off")
    reader.execute("""CREATE FUNCTION pg_temp.spy(text) RETURNS boolean LANGUAGE plpgsql COST 0.0000001 AS
        $$ BEGIN RAISE NOTICE '%', $1; RETURN true; END $$""")
    heard: list[str] = []
    reader.add_notice_handler(lambda said: heard.append(str(said.message_primary)))
    # A plan that looks at every company, and at every invoice, as a reader may ask for.
    for way in ("nestloop", "mergejoin", "indexscan", "bitmapscan"):
        reader.execute(f"SET enable_{way} = off")
    ask(reader, "SELECT * FROM companies WHERE pg_temp.spy(name)")
    ask(reader, "SELECT * FROM invoices WHERE pg_temp.spy(number)")
    assert {"Acme Ibérica, S.L.", "A-1"} <= set(heard)
    assert not {"Autre SAS", "O-1"} & set(heard)


def test_it_reads_no_table_and_writes_nothing(reader: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TABLES)
        tables = [row[0] for row in cursor.fetchall()]
    assert len(tables) > 100
    for table in tables:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(f"SELECT 1 FROM {table} LIMIT 1")
    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        reader.execute("CREATE TEMP TABLE mine (x int)")
    reader.execute("SET default_transaction_read_only = off")
    for statement in (
        "UPDATE companies SET name = 'x'", "DELETE FROM companies", "CREATE TABLE reporting.mine (x int)",
        "CREATE TABLE public.mine (x int)", "INSERT INTO public.reporting_readerrole (role) VALUES ('x')",
        "CREATE ROLE another",
    ):  # fmt: skip
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            reader.execute(statement)


def test_its_aging_is_that_of_the_report(reader: Any, company: Company) -> None:
    entity, norte = company.cast.entity, company.cast.norte
    today = clock.today(entity.time_zone)
    for days in (-10, 5, 45, 75):
        due = today - timedelta(days=days)
        bill(norte, f"T{days}", "310.55", due - timedelta(days=30), due)
    # Placed tomorrow: open today.
    receive(company.b1, "100.00", today + timedelta(days=1))
    total = position(make_frame(entity, today)).total
    rows = ask(reader, "SELECT bucket, sum(open) AS open, sum(disputed) AS disputed FROM aging GROUP BY 1")
    found = {row["bucket"]: row for row in rows}
    expected = {name: amount for name, amount in total.buckets.items() if amount}
    assert {n: row["open"] for n, row in found.items() if n != "unapplied"} == expected
    assert len(expected) == 5
    assert found["unapplied"]["open"] == total.unapplied
    assert sum(row["disputed"] for row in rows) == total.disputed_total == 500


def test_amounts_in_another_currency_are_worth_what_the_report_says(reader: Any, company: Company) -> None:
    today = clock.today(company.cast.entity.time_zone)
    bill(company.cast.norte, "USD-1", "1000.00", date(2026, 1, 1), date(2026, 2, 1), currency="USD")
    ((worth, currency),) = _usd(reader)
    assert (worth, currency) == (None, "EUR")
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_exchangerate (currency, \"on\", per_euro) VALUES ('USD', %s, 1.1234), ('USD', %s, 9)",
            [today - timedelta(days=3), today - timedelta(days=9)],
        )
    total = position(make_frame(company.cast.entity, today)).total
    assert _usd(reader) == [(Decimal("890.15"), "EUR")]
    assert ask(reader, "SELECT sum(open) AS n FROM aging")[0]["n"] == total.total


def _usd(reader: Any) -> list[tuple[Decimal | None, str]]:
    rows = ask(reader, "SELECT open, own_currency FROM aging WHERE currency = 'USD'")
    return [(row["open"], row["own_currency"]) for row in rows]


def test_other_companies_and_a_new_password_are_given_by_the_command(
    name: str, company: Company, capsys: Any
) -> None:
    try:
        call_command("reporting_role", name, "--entity", "ACM", "--entity", "OTH")
        assert re.search(r"password: \S{30,}", capsys.readouterr().out)
        assert set(ReaderRole.objects.values_list("entity__code", flat=True)) == {"ACM", "OTH"}
        call_command("reporting_role", name, "--entity", "OTH")
        assert "password" not in capsys.readouterr().out
        assert ReaderRole.objects.get().entity == company.cast.other
        call_command("reporting_role", name, "--new-password")
        assert "password" in capsys.readouterr().out
        assert ReaderRole.objects.get().entity == company.cast.other
    finally:
        call_command("reporting_role", name, "--drop")
    assert not ReaderRole.objects.exists()
    with pytest.raises(CommandError, match="no role"):
        call_command("reporting_role", name, "--drop")


def test_a_role_made_elsewhere_is_left_alone(company: Company) -> None:
    owner = connection.get_connection_params()["user"]
    for name in (owner, "pg_monitor", "Robert'); --"):
        with pytest.raises(roles.RoleRefused):
            roles.set_role(name=name, entities=[company.cast.entity], at=AT)
        with pytest.raises(roles.RoleRefused):
            roles.drop_role(name=name, at=AT)
    assert not ReaderRole.objects.exists()


def test_views_are_away_while_a_table_changes_and_the_role_reads_them_again_afterwards(reader: Any) -> None:
    change = "ALTER TABLE ledger_customer ALTER COLUMN tax_id TYPE varchar(222)"
    with pytest.raises((NotSupportedError, ProgrammingError, InternalError)), transaction.atomic():
        connection.cursor().execute(change)

    with transaction.atomic():
        views.take_away()
        assert views.installed() == ""
        connection.cursor().execute(change)
        assert views.put_up() is True
        assert views.put_up() is False
        # Nothing of it stays.
        transaction.set_rollback(True)
    views.take_away()
    with pytest.raises(psycopg.errors.UndefinedTable):
        ask(reader, "SELECT * FROM invoices")
    call_command("migrate", verbosity=0)
    assert len(ask(reader, "SELECT * FROM invoices")) == 5


def test_views_of_an_older_version_are_replaced(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    connection.cursor().execute("CREATE VIEW reporting.former AS SELECT * FROM reporting.companies")
    connection.cursor().execute("COMMENT ON SCHEMA reporting IS 'older'")
    assert views.put_up() is True
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT to_regclass('reporting.former'), to_regclass('reporting.companies') IS NOT NULL"
        )
        assert cursor.fetchone() == (None, True)


def test_every_view_and_column_is_described_in_the_database_and_in_the_documentation(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("""SELECT c.relname, a.attname, col_description(c.oid, a.attnum)
            FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
            WHERE c.relnamespace = 'reporting'::regnamespace AND c.relkind = 'v' ORDER BY c.relname, a.attnum""")
        rows = cursor.fetchall()
    there: dict[str, dict[str, str]] = {}
    for view, column, words in rows:
        there.setdefault(view, {})[column] = words
    assert there == {view.name: view.columns for view in views.definitions()}
    written: dict[str, dict[str, str]] = {}
    for section in re.split(r"^## `", DOCS, flags=re.MULTILINE)[1:]:
        columns = re.findall(r"^\| `(\w+)` \| (.+) \|$", section, re.MULTILINE)
        written[section.partition("`")[0]] = dict(columns)
    assert written == there


def test_no_function_lends_a_reader_the_rights_of_its_owner(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        )
        assert cursor.fetchall() == []
    assert LegalEntity._meta.db_table == "accounts_legalentity"
