"""What changes the ledger."""

from ledger.services.invoices import DocumentFacts, LineFacts, choose_contact, record_document
from ledger.services.money import allocate, record_payment, reverse_allocation
from ledger.services.parties import change_contact, mark_undeliverable, record_contact, record_customer
from ledger.services.returns import return_payment, reverse_return

__all__ = [
    "DocumentFacts",
    "LineFacts",
    "allocate",
    "change_contact",
    "choose_contact",
    "mark_undeliverable",
    "record_contact",
    "record_customer",
    "record_document",
    "record_payment",
    "return_payment",
    "reverse_allocation",
    "reverse_return",
]
