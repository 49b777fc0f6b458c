"""Bank statements are what their movements add up to, and each movement is where it says it is."""

from collections.abc import Iterator

from django.utils.translation import gettext_lazy as _

from lib import books
from lib.books import Difference

books.kind("statement", _("bank statement"), "ledger:statement")
books.kind("transaction", _("bank transaction"), "ledger:transaction")

BALANCES = """
SELECT entity_id, 'statement', id, account || ' ' || number, coalesce(difference::text, 'none'),
       coalesce((opening + credits - debits - closing)::text, 'none')
FROM ledger_bankstatement
WHERE difference IS DISTINCT FROM opening + credits - debits - closing
   OR (status = 'booked' AND difference <> 0 AND decided_at IS NULL)
"""
# Movements that stood in an earlier statement stay there: a statement of which some are elsewhere has fewer entries.
SUMS = """
SELECT s.entity_id, 'statement', s.id, s.account || ' ' || s.number, s.entries || ': ' || s.credits || ' ' || s.debits,
       t.entries || ': ' || t.credits || ' ' || t.debits
FROM ledger_bankstatement s JOIN (
    SELECT statement_id, count(*) AS entries, coalesce(sum(amount) FILTER (WHERE amount > 0), 0) AS credits,
           coalesce(-sum(amount) FILTER (WHERE amount < 0), 0) AS debits
    FROM (SELECT statement_id, entry, sum(amount) AS amount FROM ledger_banktransaction GROUP BY 1, 2) e
    GROUP BY statement_id) t ON t.statement_id = s.id
WHERE t.entries > s.entries OR t.credits > s.credits OR t.debits > s.debits
   OR (t.entries = s.entries AND (t.credits, t.debits) <> (s.credits, s.debits))
"""
HELD = """
SELECT s.entity_id, 'statement', s.id, s.account || ' ' || s.number || ' #' || t.entry || '.' || t.part, t.status,
       s.status
FROM ledger_banktransaction t JOIN ledger_bankstatement s ON s.id = t.statement_id
WHERE (t.status = 'held') <> (s.status <> 'booked') OR t.entity_id <> s.entity_id
"""
LINKS = """
SELECT t.entity_id, 'transaction', t.id, t.booked_on || ' ' || t.amount || ' ' || t.currency,
       t.status || coalesce(' ' || p.amount || ' ' || p.currency, ' without payment'), t.amount || ' ' || t.currency
FROM ledger_banktransaction t LEFT JOIN ledger_payment p ON p.id = t.payment_id
WHERE (t.payment_id IS NOT NULL) <> (t.status IN ('allocated', 'part', 'returned')) OR p.entity_id <> t.entity_id
   OR (t.status IN ('allocated', 'part') AND (p.amount <> round(t.amount, 2) OR p.currency <> t.currency))
"""
RETURNS = """
SELECT t.entity_id, 'transaction', t.id, t.booked_on || ' ' || t.amount || ' ' || t.currency, t.status,
       coalesce('return of payment ' || r.payment_id, 'no return')
FROM ledger_banktransaction t LEFT JOIN ledger_paymentreturn r ON r.id = t.payment_return_id
WHERE (t.status = 'returned') <> (r.id IS NOT NULL) OR r.payment_id <> t.payment_id
"""
TWICE = """
SELECT min(t.entity_id), 'payment', p.id, p.identity, count(*)::text, '1', 'customer', p.customer_id
FROM ledger_banktransaction t JOIN ledger_payment p ON p.id = t.payment_id
WHERE t.status IN ('allocated', 'part') GROUP BY p.id HAVING count(*) > 1
"""


@books.check("statement.balance", _("A statement's difference is what its balances and sums give."))
def statement_balance() -> Iterator[Difference]:
    """Nothing of an unbalanced one is booked, unless somebody said so."""
    return books.differences(BALANCES)


@books.check("statement.sums", _("A statement's sums and entries are those of its movements."))
def statement_sums() -> Iterator[Difference]:
    """Each statement beside its movements; what is held is held as a whole."""
    yield from books.differences(SUMS)
    yield from books.differences(HELD)


@books.check(
    "transaction.payment", _("A movement that is booked has its payment, of the same amount, for itself.")
)
def transaction_payment() -> Iterator[Difference]:
    """Each movement beside its payment or return."""
    for query in (LINKS, RETURNS, TWICE):
        yield from books.differences(query)
