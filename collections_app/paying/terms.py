"""What a letter says about paying: the amount, the account, the reference, the code and the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import LegalEntity
from collections_app.paying import links
from collections_app.paying.providers import provider_of
from ledger import references
from lib import formats
from mailroom.paybox import PayBox
from mailroom.qr import Transfer


@dataclass(frozen=True, slots=True)
class Terms:
    """How `amount` is to be paid to an entity. `url` is empty when it takes no payments on a page."""

    holder: str
    iban: str
    amount: Decimal
    currency: str
    reference: str
    url: str = ""
    # The customer's page; it shows what is asked and the invoices, whether or not it takes payments.
    page: str = ""

    @property
    def transfer(self) -> Transfer | None:
        """What the code to scan says, where one can."""
        return Transfer.of(
            name=self.holder,
            iban=self.iban,
            amount=self.amount,
            currency=self.currency,
            reference=self.reference,
        )

    @property
    def iban_shown(self) -> str:
        """In blocks of four."""
        return " ".join(self.iban[i : i + 4] for i in range(0, len(self.iban), 4))

    def box(self, words: dict[str, str]) -> PayBox:
        """The block of a letter, in the words of its language."""
        rows: list[tuple[str, str]] = [(words["amount"], formats.money(self.amount, self.currency))]
        if self.iban:
            rows += [(words["holder"], self.holder), ("IBAN", self.iban_shown)]
        rows.append((words["reference"], references.shown(self.reference)))
        return PayBox(tuple(rows), self.transfer, words["scan"], self.url, words["pay_online"])


def terms_of(
    *,
    entity: LegalEntity,
    customer_id: int,
    numbers: Sequence[str],
    amount: Decimal,
    currency: str,
    on: date,
    notice_id: int | None = None,
) -> Terms:
    """How to pay invoices with these numbers together: by the reference of the one, else by the customer's."""
    reference = references.of_invoice(numbers[0]) if len(numbers) == 1 else ""
    token = links.make(customer_id=customer_id, currency=currency, on=on, notice_id=notice_id)
    return Terms(
        holder=entity.name,
        iban=entity.iban,
        amount=amount,
        currency=currency,
        reference=reference or references.of_customer(customer_id),
        url=links.address(token) if provider_of(entity) else "",
        page=links.address(token),
    )
