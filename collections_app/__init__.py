"""Getting paid: segments, plans, notices, promises, holds.

May import: lib, accounts, ledger, mailroom, disputes.
"""
