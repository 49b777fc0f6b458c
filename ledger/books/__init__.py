"""The checks of the ledger; importing them registers them."""

from ledger.books import bank, imports, money

__all__ = ["bank", "imports", "money"]
