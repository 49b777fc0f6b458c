"""What stands on the rows of an import: asked of the database's own catalogue, so that no room above is forgotten."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection
from django.utils.translation import gettext as _

from ledger.intake import undo_sql

SHOWN = 3
# The table of what goes -> the temporary table of its ids, and what names a row to a person.
GOING = {
    "ledger_invoice": ("undo_invoice", "number"),
    "ledger_payment": ("undo_payment", "coalesce(nullif(reference, ''), identity)"),
    "ledger_customer": ("undo_customer", "name"),
    "ledger_contact": ("undo_contact", "name"),
}
# What goes with it, or was only noted about it: no reason to refuse.
OURS = {
    "ledger_invoiceline": "true",
    "ledger_invoicefile": "t.batch_id = %(batch)s",
    "ledger_allocation": "t.id IN (SELECT id FROM undo_allocation)",
    "ledger_invoice": "t.batch_id = %(batch)s",
    # A document that was there before goes back to whoever dealt with it then.
    "ledger_invoice.contact_id": (
        "t.batch_id = %(batch)s OR EXISTS (SELECT 1 FROM ledger_importchange h WHERE h.batch_id = %(batch)s"
        " AND h.invoice_id = t.id AND h.field = 'contact_id')"
    ),
    "ledger_payment": "t.batch_id = %(batch)s",
    "ledger_contact": "t.id IN (SELECT id FROM undo_contact)",
    "ledger_importchange": (
        "t.batch_id = %(batch)s OR EXISTS (SELECT 1 FROM ledger_importbatch b"
        " WHERE b.id = t.batch_id AND b.status = 'undone')"
    ),
}
KEYS = """
SELECT c.conrelid::regclass::text, a.attname, c.confrelid::regclass::text
FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid = ANY(%s::regclass[]) AND cardinality(c.conkey) = 1
ORDER BY 1, 2
"""
FOUND = """
SELECT count(*), (array_agg(DISTINCT {name}))[1:%(shown)s] FROM {table} t JOIN {going} g ON g.id = t.{column}
JOIN {owner} o ON o.id = g.id WHERE NOT coalesce({ours}, false)
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that depends on an import: what it is, how often, and on which of its rows it stands."""

    what: str
    count: int
    where: tuple[str, ...] = ()

    def __str__(self) -> str:
        places = ", ".join(self.where)
        words = {"what": self.what, "count": self.count, "where": places}
        return _("%(what)s: %(count)s (%(where)s)") % words if places else _("%(what)s: %(count)s") % words


def what_stands_on(params: dict[str, Any]) -> list[Standing]:
    """Everything that would hang in the air. `params` are those of undo_sql; its temporary tables are made."""
    return [*_rows(params), *_events(params), *_changes(params), *_later(params)]


def name_of(table: str) -> str:
    """What people call the rows of a table."""
    model = next((model for model in apps.get_models() if model._meta.db_table == table), None)
    words = str(model._meta.verbose_name_plural) if model else table
    return words[:1].upper() + words[1:]


def _rows(params: dict[str, Any]) -> Iterator[Standing]:
    """Rows of any room that refer to rows that would go."""
    with connection.cursor() as cursor:
        cursor.execute(KEYS, [list(GOING)])
        keys = cursor.fetchall()
        for table, column, owner in keys:
            going, name = GOING[owner]
            statement = FOUND.format(
                table=table,
                column=column,
                owner=owner,
                going=going,
                ours=OURS.get(f"{table}.{column}") or OURS.get(table, "false"),
                name=name.replace("(reference", "(o.reference").replace("identity)", "o.identity)")
                if "(" in name
                else f"o.{name}",
            )
            cursor.execute(statement, params | {"shown": SHOWN})
            count, where = cursor.fetchone()
            if count:
                yield Standing(name_of(table), count, tuple(where or ()))


def _events(params: dict[str, Any]) -> Iterator[Standing]:
    """What is told in the streams of rows that would go: history is never taken away."""
    with connection.cursor() as cursor:
        for owner, stream in (("ledger_invoice", "invoice"), ("ledger_customer", "customer")):
            going, name = GOING[owner]
            cursor.execute(
                f"SELECT count(*), (array_agg(DISTINCT o.{name}))[1:%s] FROM accounts_event e"  # noqa: S608 - constants
                f" JOIN {going} g ON g.id = e.object_id JOIN {owner} o ON o.id = g.id WHERE e.stream = %s",
                [SHOWN, stream],
            )
            count, where = cursor.fetchone()
            if count:
                yield Standing(_("Events in its history"), count, tuple(where or ()))


def _changes(params: dict[str, Any]) -> Iterator[Standing]:
    """What the import changed and somebody has changed again."""
    with connection.cursor() as cursor:
        cursor.execute(undo_sql.CHANGED_SINCE, params)
        names = [row[0] for row in cursor.fetchall()]
        cursor.execute(undo_sql.CONTACTS_CHANGED, params)
        names += [row[0] for row in cursor.fetchall()]
    if names:
        yield Standing(_("Changed again since"), len(names), tuple(dict.fromkeys(names))[:SHOWN])


def _later(params: dict[str, Any]) -> Iterator[Standing]:
    """A later import that builds on this one."""
    with connection.cursor() as cursor:
        cursor.execute(undo_sql.LATER, params)
        found = cursor.fetchone()
    if found:
        yield Standing(_("Later imports that build on it; undo them first"), 1, (found[1],))
