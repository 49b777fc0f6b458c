"""Remembers who pays for whom, from every match that was accepted."""

from typing import Any

from django.db import connection

from ledger.models import BankTransaction, Customer
from lib.text import fold

SEEN = """
INSERT INTO ledger_knownpayer (entity_id, customer_id, account, name_key, times, last_on)
VALUES (%(entity)s, %(customer)s, %(account)s, %(name)s, 1, %(on)s)
ON CONFLICT ON CONSTRAINT payer_unique_per_customer
DO UPDATE SET times = ledger_knownpayer.times + 1,
              last_on = greatest(ledger_knownpayer.last_on, excluded.last_on)
"""


def learn(row: BankTransaction, customer: Customer) -> None:
    """This payer paid for this customer."""
    account, name = row.party_account, fold(row.party_name)[:250]
    if not account and not name:
        return
    facts: dict[str, Any] = {
        "entity": row.entity_id,
        "customer": customer.pk,
        "account": account,
        "name": name,
        "on": row.booked_on,
    }
    with connection.cursor() as cursor:
        cursor.execute(SEEN, facts)
