"""A statement that does not balance waits for a person: booked as it is, or dismissed."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.events import emit
from accounts.models import User
from ledger.bank.rows import HELD_PREFIX, first_status
from ledger.choices import StatementStatus
from ledger.errors import LedgerError
from ledger.models import BankStatement, BankTransaction


@transaction.atomic
def book_held(
    *, statement: BankStatement, at: datetime, by: User | None = None, note: str = ""
) -> list[BankTransaction]:
    """Book a held (or dismissed) statement as it is; its new movements. Matching is the caller's next step."""
    statement = BankStatement.objects.select_for_update().get(pk=statement.pk)
    if statement.status == StatementStatus.BOOKED:
        raise LedgerError(_("This statement is booked already."), code="already_booked")
    _decide(statement, StatementStatus.BOOKED, at=at, by=by, note=note)
    prefix = f"{HELD_PREFIX}:{statement.pk}:"
    rows = list(statement.transactions.order_by("entry", "part"))
    names = [row.identity.removeprefix(prefix) for row in rows]
    entries = {row.entry_identity.removeprefix(prefix) for row in rows}
    asked = BankTransaction.objects.filter(entity_id=statement.entity_id)
    known = set(asked.filter(identity__in=names).values_list("identity", flat=True))
    known_entries = set(asked.filter(entry_identity__in=entries).values_list("entry_identity", flat=True))
    new: list[BankTransaction] = []
    double: list[BankTransaction] = []
    for row in rows:
        row.identity = row.identity.removeprefix(prefix)
        row.entry_identity = row.entry_identity.removeprefix(prefix)
        row.status = first_status(row.amount, row.returned)
        (double if row.identity in known or row.entry_identity in known_entries else new).append(row)
    BankTransaction.objects.filter(pk__in=[row.pk for row in double]).delete()
    BankTransaction.objects.bulk_update(new, ["identity", "entry_identity", "status"], batch_size=1000)
    return new


@transaction.atomic
def dismiss(*, statement: BankStatement, at: datetime, by: User, note: str = "") -> BankStatement:
    """Put a held statement aside: nothing of it is ever booked, unless somebody books it after all."""
    statement = BankStatement.objects.select_for_update().get(pk=statement.pk)
    if statement.status != StatementStatus.HELD:
        raise LedgerError(_("Only a held statement can be dismissed."), code="not_held")
    _decide(statement, StatementStatus.DISMISSED, at=at, by=by, note=note)
    return statement


def _decide(
    statement: BankStatement, status: StatementStatus, *, at: datetime, by: User | None, note: str
) -> None:
    statement.status, statement.decided_by, statement.decided_at = status, by, at
    statement.held_facts = {**statement.held_facts, "note": note[:500]}
    statement.save(update_fields=["status", "decided_by", "decided_at", "held_facts"])
    emit(
        stream="statement",
        object_id=statement.pk,
        entity_id=statement.entity_id,
        kind=f"statement.{status}",
        actor=by,
        at=at,
        data={"note": note[:500], "difference": str(statement.difference)},
    )
