"""Cash application: matches new movements, books what is certain, proposes the rest."""

from collections.abc import Sequence
from datetime import date, datetime

from accounts.models import LegalEntity, User
from ledger.models import BankTransaction


def match_new(
    *,
    entity: LegalEntity,
    transactions: Sequence[BankTransaction],
    at: datetime,
    day: date,
    by: User | None = None,
) -> None:
    """Match these movements with what is open."""
