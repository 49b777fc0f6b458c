"""The tables of the ledger."""

from ledger.models.bank import BankStatement, BankTransaction, KnownPayer
from ledger.models.intake import ImportBatch, ImportChange, MappingProfile, RejectedRow
from ledger.models.invoices import Invoice, InvoiceLine
from ledger.models.money import Allocation, ExchangeRate, Payment, PaymentReturn
from ledger.models.papers import InvoiceAnswer, InvoiceFile
from ledger.models.parties import Contact, Customer

__all__ = [
    "Allocation",
    "BankStatement",
    "BankTransaction",
    "Contact",
    "Customer",
    "ExchangeRate",
    "ImportBatch",
    "ImportChange",
    "Invoice",
    "InvoiceAnswer",
    "InvoiceFile",
    "InvoiceLine",
    "KnownPayer",
    "MappingProfile",
    "Payment",
    "PaymentReturn",
    "RejectedRow",
]
