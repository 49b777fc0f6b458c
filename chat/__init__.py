"""Rooms, messages, presence, pop-ups: talking about a dispute or a customer.

May import: lib, accounts, ledger, mailroom, disputes.
"""
