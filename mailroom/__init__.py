"""Every letter out and in: templates, outbox, delivery.

May import: lib, accounts.
"""
