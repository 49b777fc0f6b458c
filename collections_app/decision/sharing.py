"""Which message an open item goes into, as SQL: that of its customer, its own, or that of whoever deals with it.

A plan says which. What nobody deals with, or somebody whose e-mail address does not work, goes to the contact who gets
the customer's reminders: a contact gets one message, whatever it is about.
"""

from collections_app.choices import Grouping, Why
from collections_app.decision.book import Book
from ledger.models import Contact, Invoice
from lib.text import MAIL_ADDRESS

# `part` tells the messages of a customer apart: an invoice, a contact, or 0 where there is one or nobody to write to.
SHARED = """,
shared AS (
    SELECT judged.*, {part} AS part, {kind} AS kind FROM judged{dealers} WHERE why = '{Why.ASKED}'
)"""
DEALERS = """
    LEFT JOIN LATERAL (
        SELECT k.id AS dealer FROM {invoice} i JOIN {contact} k ON k.id = i.contact_id
        WHERE i.id = judged.id AND k.email ~ '{usable}' AND k.undeliverable_since IS NULL) dealing ON TRUE
    LEFT JOIN LATERAL (
        SELECT k.id AS usual FROM {contact} k WHERE k.customer_id = judged.customer_id
            AND k.email ~ '{usable}' AND k.undeliverable_since IS NULL
        ORDER BY k.is_billing DESC, k.id LIMIT 1) usually ON TRUE"""
PARTS = {Grouping.INVOICE: "id", Grouping.CONTACT: "COALESCE(dealer, usual, 0)"}


def source(book: Book) -> str:
    """Where what is asked for is read from: with `part` and `kind` when any plan writes several messages."""
    return "shared" if book.parted else "judged"


def shared(book: Book) -> str:
    """The named query `shared`, to go behind `judged`; nothing when every plan writes one message."""
    if not book.parted:
        return ""
    groupings = {plan: rule.version.grouping for plan, rule in book.rules.items()}
    several = {plan: Grouping(one) for plan, one in groupings.items() if one != Grouping.CUSTOMER}
    dealers = DEALERS.format(
        invoice=Invoice._meta.db_table, contact=Contact._meta.db_table, usable=MAIL_ADDRESS
    )
    return SHARED.format(
        part=book.per_plan({plan: PARTS[one] for plan, one in several.items()}, "0"),
        kind=book.per_plan({plan: f"'{one.value}'" for plan, one in several.items()}, "'customer'"),
        dealers=dealers if Grouping.CONTACT in several.values() else "",
        Why=Why,
    )
