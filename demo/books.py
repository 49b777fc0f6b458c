"""Puts the invented papers into the ledger, as a company would: files of the period through the intake."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from django.db import connection

from demo.cast import House
from demo.dice import at_clock
from demo.papers import Paper
from ledger import services
from ledger.choices import AllocationKind
from ledger.intake.batch import import_file
from ledger.intake.job import Job
from ledger.models import Allocation, Customer, Invoice, InvoiceLine, Payment

# The header rows of the house's own system.
SALES = {
    "es": ("Número factura", "Código cliente", "Fecha factura", "Fecha vencimiento", "Tipo documento", "Pedido",
           "Factura rectificada", "Línea descripción", "Línea cantidad", "Línea precio", "Línea neto", "Línea total"),
    "fr": ("Numéro facture", "Code client", "Date facture", "Date échéance", "Type de pièce", "Commande",
           "Facture d'origine", "Ligne désignation", "Ligne quantité", "Ligne prix", "Ligne montant HT", "Ligne TTC"),
}  # fmt: skip
CASH = {
    "es": ("Número factura", "Código cliente", "Fecha factura", "Total factura", "Cobrado", "Fecha cobro"),
    "fr": ("Numéro facture", "Code client", "Date facture", "Total TTC", "Payé", "Date paiement"),
}
KIND = {"es": ("Factura", "Abono"), "fr": ("Facture", "Avoir")}
FILES = {"es": ("facturas", "cobros"), "fr": ("factures", "encaissements")}


class NotTaken(Exception):
    """The ledger did not take an invented file in."""


@dataclass(frozen=True, slots=True)
class Period:
    """Some months whose papers come in one file, read at `at`; both days included."""

    first: date
    last: date
    at: datetime


def periods(house: House, first: date, last: date) -> Iterator[Period]:
    """Quarters while they are more than half a year old, then months, up to `last`."""
    while first <= last:
        months = 3 if (last - first).days > 200 else 1
        month = first.month - 1 + months
        end = date(first.year + month // 12, month % 12 + 1, 1) - timedelta(days=1)
        end = min(end, last)
        yield Period(first, end, at_clock(house.entity, end, 19))
        first = end + timedelta(days=1)


def write_books(house: House, papers: list[Paper], first: date, last: date) -> None:
    """Read the papers in, period by period: what was issued, then what was paid by then."""
    with TemporaryDirectory() as folder:
        for number, period in enumerate(periods(house, first.replace(day=1), last)):
            issued = [p for p in papers if period.first <= p.issued <= period.last]
            if issued:
                _read(house, Path(folder), period, 0, SALES[house.language], _sales_rows(house, issued))
            paid = list(_cash_rows(papers, period))
            if paid:
                _read(house, Path(folder), period, 1, CASH[house.language], paid)
            if number % 4 == 0:
                learn_sizes()


def learn_sizes() -> None:
    """Tell the planner how much there is by now: no other process can see, and count, what is not committed."""
    with connection.cursor() as cursor:
        for model in (Customer, Invoice, InvoiceLine, Payment, Allocation):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def _read(
    house: House,
    folder: Path,
    period: Period,
    kind: int,
    header: Iterable[str],
    rows: Iterable[Iterable[object]],
) -> None:
    name = f"{FILES[house.language][kind]}_{period.last:%Y-%m}.csv"
    path = folder / name
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(header)
        writer.writerows(rows)
    day = period.at.date()
    result = import_file(
        Job(path=path, entity=house.entity, at=period.at, day=day, by=house.collector, name=name)
    )
    if result.exit_code:
        raise NotTaken(f"{name}: {result.as_json()['rejects'][:3]}")


def _sales_rows(house: House, papers: Iterable[Paper]) -> Iterator[tuple[object, ...]]:
    words = KIND[house.language]
    for paper in papers:
        for item in paper.items:
            yield (
                paper.number,
                paper.buyer.code,
                paper.issued,
                paper.due,
                words[paper.is_credit],
                paper.order,
                paper.corrects,
                item.text,
                item.quantity,
                item.price,
                item.net,
                item.gross,
            )


def _cash_rows(papers: Iterable[Paper], period: Period) -> Iterator[tuple[object, ...]]:
    """What came in during the period: each invoice with all that is paid of it by then."""
    for paper in papers:
        within = [pay for pay in paper.paid if period.first <= pay[0] <= period.last]
        if within:
            day, total = within[-1]
            yield paper.number, paper.buyer.code, paper.issued, paper.amount, total, day


def place_credits(papers: Iterable[Paper], house: House) -> None:
    """Place each credit note on the invoice it corrects, as of its own day."""
    placed = {credit.number: (paper, amount) for paper in papers for credit, amount in paper.credits}
    wanted = set(placed) | {paper.number for paper, _amount in placed.values()}
    found = invoices_of(house, wanted)
    for number, (paper, amount) in sorted(placed.items()):
        credit = found[number]
        services.allocate(
            invoice=found[paper.number],
            credit_note=credit,
            amount=amount,
            on=credit.issued_on,
            at=at_clock(house.entity, credit.issued_on, 19, 30),
            by=house.billing,
        )


def write_off(house: House, numbers: dict[str, tuple[date, Decimal]]) -> None:
    """Give up what will not come any more; amounts by invoice number."""
    found = invoices_of(house, numbers)
    for number, (day, amount) in sorted(numbers.items()):
        services.allocate(
            invoice=found[number],
            kind=AllocationKind.WRITE_OFF,
            amount=amount,
            on=day,
            at=at_clock(house.entity, day, 18),
            by=house.manager,
        )


def invoices_of(house: House, numbers: Iterable[str]) -> dict[str, Invoice]:
    """The documents of the house with these numbers."""
    rows = Invoice.objects.filter(entity=house.entity, number__in=list(numbers)).select_related("customer")
    return {invoice.number: invoice for invoice in rows}


def old_debts(papers: Iterable[Paper], last: date) -> dict[str, tuple[date, Decimal]]:
    """What nobody has paid anything of for over a year after it was due: written off then."""
    return {
        paper.number: (paper.due + timedelta(days=365), paper.amount)
        for paper in papers
        if not (paper.paid or paper.credits or paper.claimed or paper.is_credit)
        and paper.due + timedelta(days=365) <= last
    }
