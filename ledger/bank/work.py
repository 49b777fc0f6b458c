"""What the page of cash application shows. Reads only."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q, QuerySet, Sum

from accounts.models import User
from ledger import selectors
from ledger.bank.by_hand import DISPUTE, LET_OFF, likely_rest, most_let_off
from ledger.bank.known import UNDECIDED
from ledger.bank.matching import Proposal
from ledger.bank.proposals import from_option, words
from ledger.choices import InvoiceKind
from ledger.models import Allocation, BankStatement, BankTransaction, Customer, Invoice
from lib.text import fold

MOST_FOUND = 8
MOST_INVOICES = 100


@dataclass(frozen=True, slots=True)
class ShownPart:
    """An invoice (or credit note) of a proposal: what it gets, what was open and what remains."""

    paper: Invoice
    amount: Decimal
    open: Decimal
    left: Decimal
    why: str = ""


@dataclass(frozen=True, slots=True)
class ShownOption:
    """A proposal for people."""

    place: int
    customer: Customer
    confidence: int
    reasons: list[str]
    parts: list[ShownPart]
    credits: list[ShownPart]
    lessened: list[ShownPart]
    short: list[ShownPart]
    unapplied: Decimal
    missing: Decimal
    rest: str = ""
    allowed: list[str] = field(default_factory=list)

    @property
    def level(self) -> str:
        """How sure it is, as the colour of its badge."""
        return "ok" if self.confidence >= 85 else "info" if self.confidence >= 60 else "warn"


def waiting(user: User | AnonymousUser) -> QuerySet[BankTransaction]:
    """What waits for a person."""
    rows = BankTransaction.objects.visible_to(user).filter(status__in=UNDECIDED)
    return rows.select_related("entity", "statement")


def totals(rows: QuerySet[BankTransaction]) -> list[dict[str, Any]]:
    """Per currency: how many wait and how much."""
    summed = rows.order_by().values("currency").annotate(count=Count("pk"), amount_sum=Sum("amount"))
    found: Any = list(summed)
    return sorted(found, key=lambda row: -row["count"])


def held(user: User | AnonymousUser) -> QuerySet[BankStatement]:
    """The statements that wait for a person."""
    return BankStatement.objects.visible_to(user).filter(status="held")


def options(row: BankTransaction) -> list[ShownOption]:
    """The proposals with their invoices and customers; those whose invoices are gone are left out. Two queries."""
    found = [from_option(option) for option in row.proposal.get("options", [])]
    keys = {pk for one in found for pk in _papers(one)}
    papers = {paper.pk: paper for paper in Invoice.objects.filter(pk__in=keys)} if keys else {}
    wanted = {one.customer for one in found}
    known = (
        {c.pk: c for c in Customer.objects.filter(pk__in=wanted, entity_id=row.entity_id)} if wanted else {}
    )
    return [
        _shown(row, place, one, known[one.customer], papers)
        for place, one in enumerate(found)
        if one.customer in known and _papers(one) <= set(papers)
    ]


def _papers(one: Proposal) -> set[int]:
    keys = {pk for pk, _amount in (*one.parts, *one.short)} | {pk for pk, _amount, _why in one.lessened}
    return keys | {key for note, pk, _amount in one.credits for key in (note, pk)}


def _shown(
    row: BankTransaction, place: int, one: Proposal, customer: Customer, papers: Mapping[int, Invoice]
) -> ShownOption:
    gone: dict[int, Decimal] = {}
    for pk, amount in (
        *one.parts,
        *((pk, amount) for _note, pk, amount in one.credits),
        *((pk, amount) for pk, amount, _why in one.lessened),
    ):
        gone[pk] = gone.get(pk, Decimal(0)) + amount

    def part(pk: int, amount: Decimal, why: str = "") -> ShownPart:
        paper = papers[pk]
        opened = paper.amount - paper.allocated
        return ShownPart(paper, amount, opened, opened - gone.get(pk, Decimal(0)), why)

    return ShownOption(
        place=place,
        customer=customer,
        confidence=one.confidence,
        reasons=[words(reason.code, reason.params) for reason in one.reasons],
        parts=[part(pk, amount) for pk, amount in one.parts],
        credits=[part(note, amount) for note, _pk, amount in one.credits],
        lessened=[part(pk, amount, why) for pk, amount, why in one.lessened],
        short=[part(pk, amount) for pk, amount in one.short],
        unapplied=row.amount - one.placed,
        missing=sum((amount for _pk, amount in one.short), Decimal(0)),
        rest=likely_rest(row, one),
        allowed=rests(row, one),
    )


def rests(row: BankTransaction, one: Proposal) -> list[str]:
    """What may become of the rest: let off only within the entity's tolerances."""
    missing = sum((amount for _pk, amount in one.short), Decimal(0))
    if not missing:
        return []
    return ["keep", DISPUTE, *(why for why in LET_OFF if missing <= most_let_off(row, one, why))]


def placed(row: BankTransaction) -> list[Allocation]:
    """Where the movement's payment stands, as long as nobody took it back."""
    if row.payment_id is None or row.payment_return_id:
        return []
    rows = Allocation.objects.filter(payment=row.payment_id, reverses=None, reversal=None)
    return list(rows.select_related("invoice").order_by("pk"))


def marked(row: BankTransaction) -> list[tuple[str, bool]]:
    """The payer's words, and which of them were read as a document's number."""
    pieces, place = [], 0
    for start, end in row.proposal.get("marks", []):
        pieces += [(row.text[place:start], False), (row.text[start:end], True)]
        place = end
    return [piece for piece in [*pieces, (row.text[place:], False)] if piece[0]]


def found(user: User | AnonymousUser, row: BankTransaction, text: str) -> list[Customer]:
    """Customers of the entity by name, code, or the number of an invoice of theirs."""
    text = text.strip()[:100]
    if not text:
        return []
    papers = Invoice.objects.filter(entity_id=row.entity_id, number__icontains=text).values("customer")
    match = Q(code__icontains=text) | Q(pk__in=papers)
    folded = fold(text)
    if folded:
        match |= Q(name_key__contains=folded)
    rows = selectors.customers(user).filter(match, entity_id=row.entity_id)
    return list(rows.order_by("name_key")[:MOST_FOUND])


def open_papers(customer: Customer, currency: str) -> list[Invoice]:
    """The customer's open invoices, oldest due first, each with `open_amount`."""
    rows = Invoice.objects.filter(customer=customer, currency=currency).open_now()
    return list(rows.filter(kind=InvoiceKind.INVOICE).order_by("due_on", "pk")[:MOST_INVOICES])


def next_after(user: User | AnonymousUser, booked_on: date, pk: int) -> BankTransaction | None:
    """The next one to look at: the first behind this one, else the oldest."""
    rows = waiting(user).order_by("booked_on", "pk")
    behind = Q(booked_on__gt=booked_on) | Q(booked_on=booked_on, pk__gt=pk)
    return rows.filter(behind).first() or rows.first()
