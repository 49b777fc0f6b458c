"""Takes an import back: everything it brought goes, everything it changed is put back, in one transaction.

For a day, and while nothing else stands on it. Each kind of file has its undoer; bank statements have their own.
The content of invoice files stays on disk: it is kept by its digest, and another invoice may have the same.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger.answers.undo import refuse_answers, refuse_rates
from ledger.bank.undo import undo_statements
from ledger.choices import BatchStatus
from ledger.errors import LedgerError
from ledger.intake import undo_sql
from ledger.intake.depends import Standing, name_of, what_stands_on
from ledger.intake.formats import ANSWERS, KNOWN, RATES, STATEMENTS
from ledger.intake.write import lock_entity
from ledger.models import ImportBatch
from lib.plans import count_anew, plan_anew

WITHIN = timedelta(hours=24)
FINISHED = (BatchStatus.DONE, BatchStatus.PARTLY)

# Takes a batch back under the entity's lock, or raises LedgerError; gives what it took, for the event.
Undoer = Callable[[ImportBatch, User | None, datetime], dict[str, int]]


class StillNeeded(LedgerError):
    """Something stands on the import. `standing` says what and where."""

    def __init__(self, standing: list[Standing]) -> None:
        words = "; ".join(map(str, standing))
        super().__init__(
            _("This import cannot be undone any more, because something depends on it. %(what)s.")
            % {"what": words},
            code="import_depended_on",
            standing=[{"what": row.what, "count": row.count, "where": list(row.where)} for row in standing],
        )
        self.standing = standing


def can_undo(batch: ImportBatch, at: datetime) -> bool:
    """Whether the import is of an age and state in which an undo may be tried."""
    return batch.status in FINISHED and batch.finished_at is not None and at - batch.finished_at <= WITHIN


def undo_import(*, batch: ImportBatch, by: User | None, at: datetime) -> ImportBatch:
    """Take the import back. A second undo finds nothing to do; raises LedgerError with what stands in the way."""
    with transaction.atomic():
        lock_entity(batch.entity_id)
        batch = ImportBatch.objects.select_for_update().get(pk=batch.pk)
        if batch.status == BatchStatus.UNDONE:
            return batch
        if batch.status not in FINISHED:
            raise LedgerError(
                _("Nothing of this import was written: there is nothing to undo."), code="not_imported"
            )
        if not can_undo(batch, at):
            raise LedgerError(
                _("An import can be undone for 24 hours; this one is older."), code="too_late_to_undo"
            )
        # Rows that were corrected later go first: they may stand on the others.
        for part in [*batch.fixed_by.filter(status__in=FINISHED).order_by("-id"), batch]:
            _undo_one(part, by, at)
    batch.refresh_from_db()
    return batch


def _undo_one(batch: ImportBatch, by: User | None, at: datetime) -> None:
    """Take one import back and tell it."""
    taken = _undoer(batch)(batch, by, at)
    batch.status, batch.undone_by, batch.undone_at = BatchStatus.UNDONE, by, at
    batch.save(update_fields=["status", "undone_by", "undone_at"])
    emit(
        stream="import",
        object_id=batch.pk,
        entity_id=batch.entity_id,
        kind="import.undone",
        actor=by,
        at=at,
        data={"file": batch.file_name, **taken},
    )


def undo_rows(batch: ImportBatch, by: User | None, at: datetime) -> dict[str, int]:
    """Documents and customers: delete what came, put back what was changed."""
    params = {"batch": batch.pk, "entity": batch.entity_id, "finished": batch.finished_at}
    with connection.cursor() as cursor:
        for lock in undo_sql.LOCKS:
            cursor.execute(lock, params)
        cursor.execute(undo_sql.MADE, params)
        # Before they go: of a table that is nearly empty afterwards it would read everything again and again.
        count_anew(cursor, batch.created, "ledger_customer", "ledger_invoice")
        _refuse_if_needed(params)
        cursor.execute("SELECT set_config('ledger.undo_batch', %s, true)", [str(batch.pk)])
        try:
            with transaction.atomic():
                taken = _take_away(params)
        except IntegrityError as error:
            raise StillNeeded([_named(error)]) from error
        cursor.execute("SELECT set_config('ledger.undo_batch', '', true)")
    return taken


# Kind of file -> its undoer. Files that are not named here go by their rows.
UNDOERS: dict[str, Undoer] = {
    STATEMENTS: undo_statements,
    ANSWERS: refuse_answers,
    RATES: refuse_rates,
}


def _undoer(batch: ImportBatch) -> Undoer:
    """The undoer of the batch's kind of file."""
    kind = next((known.kind for known in KNOWN if known.name == batch.format), "")
    return UNDOERS.get(kind, undo_rows)


def _refuse_if_needed(params: dict[str, Any]) -> None:
    standing = what_stands_on(params)
    if standing:
        raise StillNeeded(standing)


def _take_away(params: dict[str, Any]) -> dict[str, int]:
    """Put back and delete; every foreign key is asked at once, not at the end."""
    taken: dict[str, int] = {}
    with connection.cursor() as cursor:
        for column, value in undo_sql.INVOICE_FIELDS.items():
            back = undo_sql.BACK_INVOICE.format(column=column, value=value)
            cursor.execute(back, params | {"field": column})
        for field, value in undo_sql.CUSTOMER_FIELDS.items():
            column = "salesperson_id" if field == "salesperson" else field
            cursor.execute(
                undo_sql.BACK_CUSTOMER.format(column=column, value=value), params | {"field": field}
            )
        for statement in undo_sql.AWAY:
            cursor.execute(statement, params)
            table = statement.split("DELETE FROM ", 1)[1].split()[0]
            if cursor.rowcount and table != "ledger_importchange":
                taken[table.removeprefix("ledger_")] = cursor.rowcount
        plan_anew(cursor)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return taken


def _named(error: IntegrityError) -> Standing:
    """What the database says refers to a row that was to go."""
    told = getattr(error.__cause__, "diag", None)
    return Standing(name_of(str(getattr(told, "table_name", "") or "?")), 1)
