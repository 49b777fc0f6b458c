"""Disputes, reasons, routes and stages, questions, answers, outcomes.

May import: lib, accounts, ledger, mailroom.
"""
