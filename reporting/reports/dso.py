"""The DSO family at one date."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reporting.metrics.aging import NOT_DUE
from reporting.metrics.dso import SIMPLE, DsoFamily, family, part_of
from reporting.metrics.rounding import rounded, rounded_parts
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    days,
    dimension,
    facts,
    head,
    money,
    name_of,
    rates_data,
)
from reporting.selectors.dimensions import OF_CUSTOMERS
from reporting.selectors.frame import Frame
from reporting.selectors.position import Position, position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import SalesBook, sales_book


def dso_figures(frame: Frame, options: Options) -> tuple[Position, SalesBook, DsoFamily]:
    """The position, the sales and the DSO family of the whole frame."""
    by = options.by or "entity"
    found = position(frame, by)
    book = sales_book(frame, by if by in OF_CUSTOMERS else "entity", method=options.method)
    rates = rates_of(frame.as_of, frame.entity.currency)
    total = family(found.total.parts, found.total.buckets[NOT_DUE], book.at(frame.as_of, rates))
    return found, book, total


def dso_data(figures: DsoFamily) -> dict[str, Any]:
    parts = rounded_parts(figures.parts.as_dict())
    return {
        "dso": days(figures.dso.days),
        "exhausted": figures.dso.exhausted,
        "parts": {name: days(value) for name, value in parts.items()},
        "dispute_dso": days(parts["disputed"]),
        "dispute_dso_marginal": days(figures.marginal),
        "best_possible_dso": days(figures.best_possible),
        "average_days_delinquent": days(figures.average_days_delinquent),
    }


MEASURES = {
    "dso": gettext_lazy("DSO"),
    "not_due": gettext_lazy("of which not due"),
    "late": gettext_lazy("of which late"),
    "disputed": gettext_lazy("of which in dispute (dispute DSO)"),
    "marginal": gettext_lazy("Gain if all disputes were solved"),
    "best_possible": gettext_lazy("Best possible DSO"),
    "delinquent": gettext_lazy("Average days delinquent"),
}


def measures(figures: DsoFamily) -> dict[str, Decimal]:
    """The family as it is shown: three decimals, the parts adding up to the DSO."""
    return {
        "dso": rounded(figures.dso.days),
        **rounded_parts(figures.parts.as_dict()),
        "marginal": rounded(figures.marginal),
        "best_possible": rounded(figures.best_possible),
        "delinquent": rounded(figures.average_days_delinquent),
    }


def exhausted_notes(figures: DsoFamily) -> list[str]:
    if not figures.dso.exhausted:
        return []
    text = _("More than {days} days: the receivables are larger than all known sales.")
    return [text.format(days=rounded(figures.dso.days, 0))]


def by_key(
    frame: Frame, by: str, found: Position, book: SalesBook, whole: DsoFamily
) -> list[tuple[str, str, DsoFamily]]:
    """The family of each value of a dimension.

    Customers have their own sales to count back. Disputes have none: a reason (or cause, or department) gets the part
    of the whole DSO that its amount stands for, so that rows add up to it; its gain is what the whole would gain.
    """
    rates = rates_of(frame.as_of, frame.entity.currency)
    sales = None if by in OF_CUSTOMERS else book.at(frame.as_of, rates)
    rows = []
    for row in found.rows:
        parts, not_due = row.aging.parts, row.aging.buckets[NOT_DUE]
        if sales is None:
            figures = family(parts, not_due, book.at(frame.as_of, rates, row.key))
        else:
            figures = part_of(whole, parts, not_due, sales)
        rows.append((row.key, name_of(frame, by, row.key, row.label), figures))
    return rows


def dso_report(frame: Frame, options: Options) -> Report:
    """The DSO family at one date: for the whole, or one line per value of a dimension."""
    found, book, total = dso_figures(frame, options)
    data = head(frame) | {"receivables": money(total.receivables), "method": options.method} | dso_data(total)
    rows: list[tuple[Any, ...]]
    if options.by and options.by != "entity":
        split = by_key(frame, options.by, found, book, total)
        data["rows"] = [
            {"key": key, "label": label, "receivables": money(f.receivables)} | dso_data(f)
            for key, label, f in split
        ]
        columns = [
            Column("label", dimension(options.by)),
            Column("receivables", _("Receivables"), Kind.MONEY),
        ]
        columns += [Column(key, str(label), Kind.DAYS) for key, label in MEASURES.items()]
        rows = [(label, f.receivables, *measures(f).values()) for _key, label, f in split]
        last = (_("Total"), total.receivables, *measures(total).values())
    else:
        columns = [Column("measure", _("Figure")), Column("days", _("Days"), Kind.DAYS)]
        rows, last = [(str(MEASURES[key]), value) for key, value in measures(total).items()], None
    method = _("Simple") if options.method == SIMPLE else _("Count-back")
    above = [*facts(frame, rates=found.rates), (_("Method"), method)]
    notes = exhausted_notes(total)
    return Report(
        "dso",
        _("DSO"),
        above,
        columns,
        rows,
        data | rates_data(found.rates),
        last,
        notes,
        frame.entity.currency,
    )
