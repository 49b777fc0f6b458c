"""What cannot be taken back: a message of a customer was said, and a published rate may have been used."""

from datetime import datetime

from django.utils.translation import gettext as _

from accounts.models import User
from ledger.errors import LedgerError
from ledger.models import ImportBatch


def refuse_answers(batch: ImportBatch, by: User | None, at: datetime) -> dict[str, int]:
    """Answers stay: disputes and people have heard them. Raises LedgerError."""
    raise LedgerError(
        _("What a customer's system said cannot be unsaid. Withdraw the dispute that it opened instead."),
        code="not_undoable",
    )


def refuse_rates(batch: ImportBatch, by: User | None, at: datetime) -> dict[str, int]:
    """Rates stay: figures that people have seen rest on them. Raises LedgerError."""
    raise LedgerError(
        _(
            "Exchange rates cannot be taken back, because figures rest on them. Import the right ones instead."
        ),
        code="not_undoable",
    )
