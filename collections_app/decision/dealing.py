"""Who deals with the documents of one customer, as `decision.sharing` says it in SQL; for one message at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import F

from collections_app.choices import Grouping, Why
from collections_app.decision.items import Item
from collections_app.models import Notice
from ledger.models import Contact, Invoice
from lib.money import ZERO
from lib.text import MAIL_ADDRESS


@dataclass(frozen=True, slots=True)
class Dealing:
    """Open document -> contact, where it is not the `usual` one; `usual` is 0 when nobody has an address."""

    by: dict[int, int]
    usual: int

    def part(self, document: int) -> int:
        """The contact who gets the message about it."""
        return self.by.get(document, self.usual)


@dataclass(frozen=True, slots=True)
class Share:
    """What one contact is told of: the documents that are theirs."""

    dealing: Dealing
    part: int

    def has(self, document: int) -> bool:
        """Whether the contact deals with it."""
        return self.dealing.part(document) == self.part

    @property
    def money(self) -> bool:
        """Whether the contact is told of money on account: the one who gets the customer's reminders is."""
        return self.part == self.dealing.usual


def dealing_of(customer_id: int) -> Dealing:
    """Who deals with the customer's open documents now. Two queries."""
    usable = Contact.objects.filter(customer=customer_id, email__regex=MAIL_ADDRESS, undeliverable_since=None)
    people = list(usable.order_by("-is_billing", "pk").values_list("pk", flat=True))
    rows = Invoice.objects.filter(customer=customer_id, contact__in=people, allocated__lt=F("amount"))
    return Dealing(dict(rows.values_list("pk", "contact_id")), people[0] if people else 0)


def share_of(notice: Notice) -> Share | None:
    """What the contact of a notice is told of now; None for a notice that is not about what a contact deals with."""
    if notice.grouping != Grouping.CONTACT:
        return None
    return Share(dealing_of(notice.customer_id), notice.part)


def own(notice: Notice, share: Share | None, facts: Iterable[Item]) -> list[Item]:
    """The items of the customer that the notice is about."""
    return [item for item in facts if _part(notice, share, item) == notice.part]


def before(notice: Notice, share: Share | None, facts: Iterable[Item]) -> Decimal:
    """What money on account covers first: what the customer's messages with a more overdue invoice ask for."""
    totals: dict[int, Decimal] = defaultdict(lambda: ZERO)
    late: dict[int, int] = {}
    for item in facts:
        if item.why == Why.ASKED:
            part = _part(notice, share, item)
            totals[part] += item.asked
            late[part] = max(late.get(part, item.late), item.late)
    place = (-late.get(notice.part, 0), notice.part)
    return sum((total for part, total in totals.items() if (-late[part], part) < place), ZERO)


def _part(notice: Notice, share: Share | None, item: Item) -> int:
    if share is not None:
        return share.dealing.part(item.invoice_id)
    return item.invoice_id if notice.grouping == Grouping.INVOICE else 0
