"""Roles of the database for BI tools: each reads the views of `reporting`, of its companies only."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from psycopg import sql

from accounts.events import emit
from accounts.models import LegalEntity
from lib.errors import Unprocessable
from reporting.bi import views
from reporting.models import ReaderRole

NAME = re.compile(r"[a-z][a-z0-9_]{1,62}")
SETTINGS = {"default_transaction_read_only": "on", "statement_timeout": "10min", "search_path": views.SCHEMA}


class RoleRefused(Unprocessable):
    """The role cannot be made; the sentence says why."""


@transaction.atomic
def set_role(*, name: str, entities: Iterable[LegalEntity], at: datetime, renew: bool = False) -> str:
    """Make the role, or give it other companies; the password when it is new or renewed, else "".

    Raises RoleRefused for a name that is no name or belongs to a role made elsewhere, and where we may make no roles.
    """
    if not NAME.fullmatch(name) or name.startswith("pg_"):
        raise RoleRefused(f"{name!r} is no name for a role: small letters, figures and _.", code="role_name")
    wanted = list(entities)
    known = _exists(name)
    if known and not _ours(name):
        raise RoleRefused(f"There is a role {name} that was not made here.", code="role_taken")
    _may_make_roles()
    password = "" if known and not renew else secrets.token_urlsafe(24)
    _make(name, known=known, password=password)
    ReaderRole.objects.filter(role=name).exclude(entity__in=wanted).delete()
    ReaderRole.objects.bulk_create(
        [ReaderRole(role=name, entity=entity, made_at=at) for entity in wanted], ignore_conflicts=True
    )
    views.put_up()
    views.let_read(name)
    for entity in wanted:
        _say(entity, "report.bi_role", name, at)
    return password


@transaction.atomic
def drop_role(*, name: str, at: datetime) -> None:
    """The role is gone, and reads nothing any more. Raises RoleRefused for one that was not made here."""
    rows = list(ReaderRole.objects.filter(role=name).select_related("entity"))
    if not _ours(name) and (not rows or _exists(name)):
        raise RoleRefused(f"There is no role {name} that was made here.", code="role_unknown")
    if _exists(name):
        _may_make_roles()
        with connection.cursor() as cursor:
            for statement in ("DROP OWNED BY {}", "DROP ROLE {}"):
                cursor.execute(sql.SQL(statement).format(sql.Identifier(name)))  # type: ignore[arg-type]
    ReaderRole.objects.filter(role=name).delete()
    for row in rows:
        _say(row.entity, "report.bi_role_dropped", name, at)


def companies_of(name: str) -> list[LegalEntity]:
    """What the role reads now."""
    rows = ReaderRole.objects.filter(role=name).select_related("entity").order_by("entity__code")
    return [row.entity for row in rows]


def _exists(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        return cursor.fetchone() is not None


def _mark() -> str:
    """What the server keeps beside a role that was made here: other databases have their own."""
    return f"Zanjar: views for BI tools of {connection.settings_dict['NAME']}"


def _ours(name: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT shobj_description(oid, 'pg_authid') = %s FROM pg_roles WHERE rolname = %s",
            [_mark(), name],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _may_make_roles() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        row = cursor.fetchone()
    if not row or not row[0]:
        words = "The application's role may make no roles: give it CREATEROLE while this command runs."
        raise RoleRefused(words, code="no_createrole")


def _make(name: str, *, known: bool, password: str) -> None:
    """The password travels as its SCRAM verifier only: no log of the server can have it."""
    who = sql.Identifier(name)
    with connection.cursor() as cursor:
        if not known:
            cursor.execute(
                sql.SQL(
                    "CREATE ROLE {} LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOINHERIT CONNECTION LIMIT 10"
                ).format(who)
            )
            cursor.execute(sql.SQL("COMMENT ON ROLE {} IS {}").format(who, sql.Literal(_mark())))
        if password:
            real = connection.connection
            verifier = real.pgconn.encrypt_password(
                password.encode(), name.encode(), b"scram-sha-256"
            ).decode()
            cursor.execute(sql.SQL("ALTER ROLE {} PASSWORD {}").format(who, sql.Literal(verifier)))
        for setting, value in SETTINGS.items():
            cursor.execute(
                sql.SQL("ALTER ROLE {} SET {} = {}").format(who, sql.Identifier(setting), sql.Literal(value))
            )
        database = sql.Identifier(connection.settings_dict["NAME"])
        cursor.execute(sql.SQL("GRANT CONNECT ON DATABASE {} TO {}").format(database, who))


def _say(entity: LegalEntity, kind: str, name: str, at: datetime) -> None:
    emit(
        stream="entity",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind=kind,
        actor=None,
        at=at,
        data={"role": name},
    )
