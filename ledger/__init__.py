"""Customers, contacts, invoices, payments, allocations; intake of files and feeds.

May import: lib, accounts.
"""
