"""The tables of the ledger."""

from ledger.models.intake import ImportBatch, MappingProfile, RejectedRow
from ledger.models.invoices import Invoice, InvoiceLine
from ledger.models.money import Allocation, ExchangeRate, Payment
from ledger.models.parties import Contact, Customer

__all__ = [
    "Allocation",
    "Contact",
    "Customer",
    "ExchangeRate",
    "ImportBatch",
    "Invoice",
    "InvoiceLine",
    "MappingProfile",
    "Payment",
    "RejectedRow",
]
