"""Books what a file says was paid: one payment and one allocation for what the ledger does not have yet."""

from django.db import connection

from ledger.intake.write import Target

# Paid by the file, less what is placed on the invoice already. The identity makes a second import harmless.
DUE = """
INSERT INTO intake_paid (document_id, invoice_id, customer_id, currency, paid_on, identity, number, amount, placed,
                         placed_on)
SELECT d.id AS document_id, i.id AS invoice_id, i.customer_id, i.currency, d.paid_on,
       'import:' || i.number || ':' || d.paid AS identity, d.number,
       d.paid - i.allocated AS amount, least(d.paid, i.amount) - i.allocated AS placed,
       greatest(i.issued_on, d.paid_on) AS placed_on
FROM intake_verdict v JOIN intake_row d ON d.id = v.id JOIN ledger_invoice i ON i.id = v.invoice_id
WHERE d.paid IS NOT NULL AND d.kind = 'invoice' AND d.paid > i.allocated AND i.allocated < i.amount
  AND v.verdict IN ('created', 'updated', 'unchanged')
  AND NOT EXISTS (SELECT 1 FROM ledger_payment p WHERE p.entity_id = %(entity)s
                  AND p.identity = 'import:' || i.number || ':' || d.paid)
"""
PAYMENTS = """
INSERT INTO ledger_payment (entity_id, customer_id, received_on, amount, currency, reference, method, identity,
                            allocated, batch_id, recorded_at)
SELECT %(entity)s, customer_id, paid_on, amount, currency, number, 'file', identity, 0, %(batch)s, %(at)s
FROM intake_paid ORDER BY document_id
"""
ALLOCATIONS = """
INSERT INTO ledger_allocation (invoice_id, kind, payment_id, amount, allocated_on, note, recorded_at)
SELECT s.invoice_id, 'payment', p.id, s.placed, s.placed_on, '', %(at)s
FROM intake_paid s JOIN ledger_payment p ON p.entity_id = %(entity)s AND p.identity = s.identity
ORDER BY s.invoice_id
"""
TOUCHED = """
UPDATE intake_verdict v SET verdict = 'updated' FROM intake_paid s
WHERE s.document_id = v.id AND v.verdict = 'unchanged'
"""


def settle(target: Target) -> int:
    """Book the payments that the staged documents speak of; how many."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, target.params)
        cursor.execute(PAYMENTS, target.params)
        booked = int(cursor.rowcount)
        cursor.execute(ALLOCATIONS, target.params)
        cursor.execute(TOUCHED)
    return booked
