"""What is placed, taken back and owned is what its rows add up to, on every day."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("invoice", _("invoice"), "ledger:invoice")
books.kind("payment", _("payment"))
books.kind("customer", _("customer"), "ledger:customer")
books.kind("allocation", _("allocation"))

INVOICES = """
SELECT i.entity_id, 'invoice', i.id, i.number, i.allocated::text, coalesce(s.total, 0)::numeric(20, 2)::text
FROM ledger_invoice i LEFT JOIN (
    SELECT id, sum(amount) AS total FROM (
        SELECT invoice_id AS id, amount FROM ledger_allocation
        UNION ALL SELECT credit_note_id, amount FROM ledger_allocation WHERE credit_note_id IS NOT NULL) a
    GROUP BY id) s ON s.id = i.id
WHERE i.allocated <> coalesce(s.total, 0)
"""
PAYMENTS = """
SELECT p.entity_id, 'payment', p.id, p.identity, p.allocated::text, coalesce(s.total, 0)::numeric(20, 2)::text,
       'customer', p.customer_id
FROM ledger_payment p LEFT JOIN (
    SELECT payment_id AS id, sum(amount) AS total FROM ledger_allocation WHERE payment_id IS NOT NULL
    GROUP BY payment_id) s ON s.id = p.id
WHERE p.allocated <> coalesce(s.total, 0)
"""
RETURNED = """
SELECT p.entity_id, 'payment', p.id, p.identity, p.returned::text, coalesce(s.total, 0)::numeric(20, 2)::text,
       'customer', p.customer_id
FROM ledger_payment p LEFT JOIN (
    SELECT payment_id AS id, sum(amount) AS total FROM ledger_paymentreturn GROUP BY payment_id) s ON s.id = p.id
WHERE p.returned <> coalesce(s.total, 0)
"""
# Payments of which something was taken back: what is placed and what is gone, together, on every day.
GONE = """
SELECT DISTINCT ON (p.id) p.entity_id, 'payment', p.id, p.identity || ' ' || d.day, d.gone || ' ' || d.taken,
       '0.00 ... ' || p.amount, 'customer', p.customer_id
FROM (SELECT m.payment_id, m.day, sum(m.amount) OVER days AS gone, sum(m.taken) OVER days AS taken
      FROM (SELECT payment_id, amount, 0 AS taken, allocated_on AS day FROM ledger_allocation
            WHERE payment_id IN (SELECT payment_id FROM ledger_paymentreturn)
            UNION ALL SELECT payment_id, amount, amount, returned_on FROM ledger_paymentreturn) m
      WINDOW days AS (PARTITION BY m.payment_id ORDER BY m.day)) d JOIN ledger_payment p ON p.id = d.payment_id
WHERE d.gone > p.amount OR d.taken < 0 ORDER BY p.id, d.day
"""
EARLY = """
SELECT p.entity_id, 'payment', p.id, p.identity, r.returned_on || ' ' || r.amount,
       '>= ' || greatest(p.received_on, o.returned_on) || coalesce(' ' || (-o.amount), ''), 'customer', p.customer_id
FROM ledger_paymentreturn r JOIN ledger_payment p ON p.id = r.payment_id
LEFT JOIN ledger_paymentreturn o ON o.id = r.reverses_id
WHERE r.returned_on < greatest(p.received_on, o.returned_on) OR r.amount <> -o.amount OR r.payment_id <> o.payment_id
"""
# The first day on which more than the amount, or less than nothing, was placed.
DAYS = """
SELECT DISTINCT ON (o.id) o.entity_id, '{kind}', o.id, o.{name} || ' ' || d.allocated_on, d.placed::text,
       '0.00 ... ' || o.amount, '{page}', o.{page_id}
FROM (SELECT {owner} AS owner, allocated_on,
             sum(sum(amount)) OVER (PARTITION BY {owner} ORDER BY allocated_on) AS placed
      FROM ledger_allocation WHERE {owner} IS NOT NULL GROUP BY {owner}, allocated_on) d
JOIN {table} o ON o.id = d.owner
WHERE d.placed < 0 OR d.placed > o.amount ORDER BY o.id, d.allocated_on
"""
ON_INVOICES = {
    "kind": "invoice",
    "name": "number",
    "page": "invoice",
    "page_id": "id",
    "table": "ledger_invoice",
}
ON_PAYMENTS = {
    "kind": "payment",
    "name": "identity",
    "page": "customer",
    "page_id": "customer_id",
    "table": "ledger_payment",
}
SOURCES = """
SELECT i.entity_id, 'allocation', a.id, i.number, a.allocated_on::text,
       '>= ' || greatest(i.issued_on, p.received_on, c.issued_on), 'invoice', i.id
FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.invoice_id
LEFT JOIN ledger_payment p ON p.id = a.payment_id LEFT JOIN ledger_invoice c ON c.id = a.credit_note_id
WHERE a.allocated_on < greatest(i.issued_on, p.received_on, c.issued_on)
"""
PARTIES = """
SELECT i.entity_id, 'allocation', a.id, i.number,
       coalesce(p.entity_id, c.entity_id) || ' ' || coalesce(p.currency, c.currency) || coalesce(' ' || c.kind, ''),
       i.entity_id || ' ' || i.currency || CASE WHEN c.id IS NULL THEN '' ELSE ' credit_note' END, 'invoice', i.id
FROM ledger_allocation a JOIN ledger_invoice i ON i.id = a.invoice_id
LEFT JOIN ledger_payment p ON p.id = a.payment_id LEFT JOIN ledger_invoice c ON c.id = a.credit_note_id
WHERE i.kind <> 'invoice' OR c.kind <> 'credit_note' OR p.entity_id <> i.entity_id OR p.currency <> i.currency
   OR c.entity_id <> i.entity_id OR c.currency <> i.currency
"""
REVERSALS = """
SELECT i.entity_id, 'allocation', a.id, i.number, a.amount || ' ' || a.allocated_on,
       (-r.amount) || ' >= ' || r.allocated_on, 'invoice', i.id
FROM ledger_allocation a JOIN ledger_allocation r ON r.id = a.reverses_id JOIN ledger_invoice i ON i.id = a.invoice_id
WHERE a.amount <> -r.amount OR a.invoice_id <> r.invoice_id OR a.kind <> r.kind
   OR a.payment_id IS DISTINCT FROM r.payment_id OR a.credit_note_id IS DISTINCT FROM r.credit_note_id
   OR a.allocated_on < r.allocated_on
"""
# A foreign key that a bulk load left unasked would show here too.
CUSTOMERS = """
SELECT o.entity_id, '{kind}', o.id, o.{name}, o.entity_id::text, coalesce(c.entity_id::text, 'none')
FROM {table} o LEFT JOIN ledger_customer c ON c.id = o.customer_id
WHERE c.entity_id IS DISTINCT FROM o.entity_id
"""
CORRECTIONS = """
SELECT n.entity_id, 'invoice', n.id, n.number, coalesce(i.entity_id || ' ' || i.kind, 'none'),
       n.entity_id || ' invoice'
FROM ledger_invoice n LEFT JOIN ledger_invoice i ON i.id = n.corrects_id
WHERE n.corrects_id IS NOT NULL AND (i.id IS NULL OR i.entity_id <> n.entity_id)
"""


@books.check("invoice.allocated", _("What is placed on a document is the sum of its allocations."))
def invoice_allocated() -> Iterator[Difference]:
    """Invoices, and credit notes by what is used of them."""
    return books.differences(INVOICES)


@books.check("payment.allocated", _("What is placed of a payment is the sum of its allocations."))
def payment_allocated() -> Iterator[Difference]:
    """Payments."""
    return books.differences(PAYMENTS)


@books.check(
    "payment.returned", _("What was taken back of a payment is the sum of its returns, and it was there.")
)
def payment_returned() -> Iterator[Difference]:
    """Payments that the bank took back."""
    for query in (RETURNED, GONE, EARLY):
        yield from books.differences(query)


@books.check("allocation.every_day", _("On no day more was placed than the amount, nor less than nothing."))
def allocated_every_day() -> Iterator[Difference]:
    """Invoices, credit notes and payments, on every day there ever was."""
    yield from books.differences(DAYS.format(owner="invoice_id", **ON_INVOICES))
    yield from books.differences(DAYS.format(owner="credit_note_id", **ON_INVOICES))
    yield from books.differences(DAYS.format(owner="payment_id", **ON_PAYMENTS))


@books.check("allocation.day", _("No allocation is older than what it joins."))
def allocation_day() -> Iterator[Difference]:
    """The day of each allocation."""
    return books.differences(SOURCES)


@books.check("allocation.parties", _("What an allocation joins is of one legal entity and one currency."))
def allocation_parties() -> Iterator[Difference]:
    """The two sides of each allocation."""
    return books.differences(PARTIES)


@books.check("allocation.reversal", _("A reversal takes back exactly what it reverses."))
def allocation_reversal() -> Iterator[Difference]:
    """Each reversal beside its allocation."""
    return books.differences(REVERSALS)


@books.check("customer.owns", _("Documents and payments are of their customer's legal entity."))
def customer_owns() -> Iterator[Difference]:
    """Every document and payment has its customer, of the same legal entity."""
    yield from books.differences(CUSTOMERS.format(kind="invoice", name="number", table="ledger_invoice"))
    yield from books.differences(CUSTOMERS.format(kind="payment", name="identity", table="ledger_payment"))
    yield from books.differences(CORRECTIONS)
