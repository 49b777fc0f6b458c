"""Takes the import of a bank file back, while no person has decided anything of it."""

from datetime import datetime

from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import User
from ledger.bank import bounce, decide
from ledger.bank.known import UNDECIDED
from ledger.errors import LedgerError
from ledger.models import BankStatement, BankTransaction, ImportBatch


def undo_statements(batch: ImportBatch, by: User | None, at: datetime) -> dict[str, int]:
    """What was placed by itself is taken back, then the statements go; the payments stay as rows, taken back.

    Raises LedgerError when a person has decided something: that is taken back by a person first.
    """
    statements = BankStatement.objects.select_for_update().filter(batch=batch)
    rows = BankTransaction.objects.select_for_update().filter(statement__batch=batch)
    decided = rows.exclude(decided_by=None).exclude(status__in=UNDECIDED).count()
    by_people = statements.exclude(decided_by=None).exclude(decided_at=F("recorded_at"))
    if decided or by_people:
        raise LedgerError(
            _("Somebody has decided about payments of this file. Take those decisions back first."),
            code="import_depended_on",
        )
    movements = list(rows.order_by("-pk"))
    for row in movements:
        if row.payment_return_id:
            bounce.undo(row=row, at=at, by=by, note=_("Import undone"))
    for row in movements:
        if row.status in decide.PLACED:
            decide.reverse(transaction=row, at=at, by=by, note=_("Import undone"))
    counts = {"statements": statements.count(), "transactions": len(movements)}
    statements.delete()
    return counts
