"""What the ledger refuses."""

from lib.errors import DomainError


class LedgerError(DomainError):
    """A rule of the books said no."""
