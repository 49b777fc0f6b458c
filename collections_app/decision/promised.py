"""What is promised of each invoice for a day to come, as SQL, for statements other than the decision itself."""

from datetime import date

from accounts.models import LegalEntity
from collections_app.decision.book import Book
from collections_app.decision.facts import Part, Scope, promised_parts
from collections_app.decision.sql import PARTED


def parts(entity: LegalEntity, on: date, customer_id: int | None = None, currency: str = "") -> list[Part]:
    """The facts of the decision about promises: of the entity, or of one customer (and currency)."""
    return promised_parts(Scope(Book(entity, {}, {}), on, customer_id, currency))


def parted(day: str) -> str:
    """The named queries behind `agreed` and `instalment`, up to `parted(invoice_id, rest, next_on, to_come)`."""
    return PARTED.format(day=day, left="open")


# What is promised for a day to come of an `item`, at most what is open and not disputed.
PROMISED = """
LEAST(GREATEST(COALESCE(promised.amount - GREATEST(promised.open_before - item.open, 0.00), 0.00), 0.00)
      + COALESCE(parted.to_come, 0.00),
      item.open - LEAST(COALESCE(disputed.amount, 0.00), item.open))"""
