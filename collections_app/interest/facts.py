"""What the rule needs to know of many invoices at once: the same few queries for one and for a hundred thousand."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Sum

from collections_app.agreed import agreed_parts
from collections_app.choices_interest import TermsBasis
from collections_app.interest.rates import RateBook, Tariff, Terms, load_book
from collections_app.interest.rule import Agreed, Covered, Debt, Moved
from collections_app.models import (
    DebitNoteLine,
    InstalmentInvoice,
    InterestSettings,
    InterestTerms,
    WaiverLine,
)
from disputes.choices import Verdict
from disputes.models import CreditRequestLine
from disputes.standing import disputed_parts
from ledger.choices import AllocationKind
from ledger.models import Allocation, Invoice
from lib.money import ZERO

FOR_THE_CUSTOMER = (Verdict.JUSTIFIED, Verdict.PARTLY)
# Requests to billing that count: asked for, or issued; one that was refused or taken back gives nothing.
STANDS = ("requested", "issued")
Parts = Mapping[int, Iterable[Agreed]]


@dataclass(frozen=True, slots=True)
class Paper:
    """The invoice an interest figure is about."""

    pk: int
    number: str
    issued_on: date
    due_on: date
    amount: Decimal
    currency: str
    entity_id: int
    country: str
    customer_id: int
    customer: str
    code: str


@dataclass(frozen=True, slots=True)
class Facts:
    """An invoice, its debt and rates as of a day, and what became of its flat sum.

    `off`: interest waived as a sum, not used up by a debit note yet.
    """

    paper: Paper
    debt: Debt
    tariff: Tariff
    off: Decimal = ZERO
    fee_claimed: bool = False
    fee_waived: bool = False


def late(invoices: QuerySet[Invoice], on: date) -> QuerySet[Invoice]:
    """Of these, the invoices that were due before `on` and not paid in full by their due day."""
    moved = Allocation.objects.filter(invoice=OuterRef("pk"), allocated_on__gt=OuterRef("due_on"))
    rows = invoices.filter(kind="invoice", due_on__lt=on).order_by()
    rows = rows.filter(
        Q(entity__interest_settings=None)
        | Q(entity__interest_settings__charge_from=None)
        | Q(due_on__gte=F("entity__interest_settings__charge_from"))
    )
    return rows.filter(~Q(allocated=F("amount")) | Exists(moved))


def gather(
    invoices: QuerySet[Invoice], on: date, *, agreed: Parts | None = None, book: RateBook | None = None
) -> list[Facts]:
    """The facts of the late ones of these invoices as of the end of `on`. The same queries, however many there are.

    `agreed`: which parts may be paid later; those of the agreements on instalments unless others are handed in.
    """
    chosen = late(invoices, on)
    papers = [Paper(*row[:-1]) for row in _papers(chosen)]
    if not papers:
        return []
    ids = chosen.values("pk")
    paid, credited = _moves(ids, on)
    disputed, granted = _disputed(ids, on), _granted(ids, on)
    done = _Done.of(ids, on)
    terms = _terms({paper.entity_id for paper in papers})
    book = book or load_book()
    agreed = _instalments(ids, on) if agreed is None else agreed
    found = []
    for paper in papers:
        sum_granted, since = granted.get(paper.pk, (ZERO, date.max))
        debt = Debt(
            amount=paper.amount,
            due_on=paper.due_on,
            currency=paper.currency,
            paid=tuple(paid[paper.pk]),
            credited=tuple(credited[paper.pk]),
            disputed=disputed.get(paper.pk, ZERO),
            granted=sum_granted,
            granted_since=since,
            agreed=tuple(agreed.get(paper.pk, ())),
            covered=tuple(done.covered[paper.pk]),
        )
        own, house = terms[paper.entity_id, paper.customer_id], terms[paper.entity_id, None]
        tariff = Tariff(book, paper.country, tuple(own), tuple(house))
        found.append(done.facts(paper, debt, tariff))
    return found


def _papers(chosen: QuerySet[Invoice]) -> QuerySet[Any, Any]:
    names = ("pk", "number", "issued_on", "due_on", "amount", "currency", "entity_id")
    party = ("entity__country", "customer_id", "customer__name", "customer__code", "customer__name_key")
    return chosen.order_by("customer__name_key", "customer_id", "due_on", "pk").values_list(*names, *party)


def _moves(ids: Any, on: date) -> tuple[dict[int, list[Moved]], dict[int, list[Moved]]]:
    """Money and credits per invoice and day. A write-off or an adjustment counts as a credit."""
    paid: dict[int, list[Moved]] = defaultdict(list)
    credited: dict[int, list[Moved]] = defaultdict(list)
    rows = Allocation.objects.filter(invoice__in=ids, allocated_on__lte=on).order_by()
    for invoice, kind, day, amount in rows.values_list("invoice_id", "kind", "allocated_on").annotate(
        total=Sum("amount")
    ):
        (paid if kind == AllocationKind.PAYMENT else credited)[invoice].append(Moved(day, amount))
    return paid, credited


def _disputed(ids: Any, on: date) -> dict[int, Decimal]:
    """What is in dispute at the end of the day."""
    return dict(disputed_parts(Q(invoice__in=ids), on))


def _granted(ids: Any, on: date) -> dict[int, tuple[Decimal, date]]:
    """What ended disputes give the customer: the sum of each invoice, and when the first was opened."""
    rows = CreditRequestLine.objects.filter(
        invoice__in=ids,
        amount__gt=0,
        request__state__in=STANDS,
        request__verdict__in=FOR_THE_CUSTOMER,
        request__dispute__closed_on__lte=on,
    ).order_by("request__dispute__opened_on")
    found: dict[int, tuple[Decimal, date]] = {}
    for invoice, amount, opened_on in rows.values_list("invoice_id", "amount", "request__dispute__opened_on"):
        before, since = found.get(invoice, (ZERO, opened_on))
        found[invoice] = (before + amount, since)
    return found


def _instalments(ids: Any, on: date) -> dict[int, list[Agreed]]:
    """What may be paid later by agreement. One query, three more when there is any."""
    covered = set(InstalmentInvoice.objects.filter(invoice__in=ids).values_list("invoice_id", flat=True))
    found: dict[int, list[Agreed]] = defaultdict(list)
    for part in agreed_parts(covered, on) if covered else ():
        found[part.invoice_id].append(Agreed(part.amount, part.due_on, part.agreed_on))
    return found


def _terms(entities: set[int]) -> dict[tuple[int, int | None], list[Terms]]:
    """What contracts say, of each customer and of each entity as a whole."""
    found: dict[tuple[int, int | None], list[Terms]] = defaultdict(list)
    for row in InterestTerms.objects.filter(entity__in=entities).order_by("since"):
        terms = Terms(row.since, TermsBasis(row.basis), row.value or Decimal(0))
        found[row.entity_id, row.customer_id].append(terms)
    return found


@dataclass(slots=True)
class _Done:
    """What was claimed and waived of each invoice by a day."""

    covered: dict[int, list[Covered]]
    off: dict[int, Decimal]
    claimed: set[int]
    waived: set[int]

    @classmethod
    def of(cls, ids: Any, on: date) -> _Done:
        done = cls(defaultdict(list), defaultdict(lambda: ZERO), set(), set())
        claims = DebitNoteLine.objects.filter(invoice__in=ids, standing=True, note__issued_on__lte=on)
        for invoice, lines, fee, used in claims.values_list("invoice_id", "explanation", "fee", "waived"):
            done.covered[invoice] += [spans_of(line) for line in lines]
            done.off[invoice] -= used
            done.claimed |= {invoice} if fee else set()
        waivers = WaiverLine.objects.filter(invoice__in=ids, standing=True, waiver__decided_on__lte=on)
        for invoice, lines, whole, amount, fee in waivers.values_list(
            "invoice_id", "explanation", "whole", "interest", "fee"
        ):
            done.covered[invoice] += [spans_of(line) for line in lines] if whole else []
            done.off[invoice] += ZERO if whole else amount
            done.waived |= {invoice} if fee else set()
        return done

    def facts(self, paper: Paper, debt: Debt, tariff: Tariff) -> Facts:
        """The facts of one invoice."""
        pk = paper.pk
        return Facts(paper, debt, tariff, max(self.off[pk], ZERO), pk in self.claimed, pk in self.waived)


def spans_of(line: Mapping[str, Any]) -> Covered:
    """A line of a stored explanation as the days and the base it covers."""
    return Covered(date.fromisoformat(line["from"]), date.fromisoformat(line["to"]), Decimal(line["base"]))


def settings_of(entity_id: int) -> InterestSettings:
    """The habits of the entity; the usual ones where nothing was set."""
    row = InterestSettings.objects.filter(entity=entity_id).first()
    return row or InterestSettings(entity_id=entity_id)
