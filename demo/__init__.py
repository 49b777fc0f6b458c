"""The demo company: two legal entities with customers, three years of books, disputes, talk and reminders.

Owns: no table. It invents, and writes through the services of the rooms below; whoever reads it sees how they are
called. May import: everything below (accounts, ledger, mailroom, disputes, collections_app, chat, reporting).
"""
