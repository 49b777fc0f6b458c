"""The rows behind the figures, as reports of their own: so that a figure opens to them in every format."""

from decimal import Decimal

from django.utils.translation import gettext as _

from lib import formats
from reporting import errors
from reporting.metrics.dso import Month, count_back, counted_back
from reporting.metrics.rounding import rounded
from reporting.reports.aging import bucket_label
from reporting.reports.disputing import solved_in
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    days,
    entries,
    facts,
    head,
    money,
    outcome_name,
    rates_data,
)
from reporting.selectors.flow import Life, Period, lives
from reporting.selectors.frame import Frame
from reporting.selectors.items import PARTS, items_behind
from reporting.selectors.position import position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_book

ZERO = Decimal("0.00")


def part_name(part: str) -> str:
    """What a part of the open invoices is called."""
    return {
        "open": _("Open invoices"),
        "disputed": _("Invoices in dispute"),
        "undisputed": _("Undisputed amounts"),
        "late": _("Late, not in dispute"),
        "not_due": _("Not due, not in dispute"),
        "overdue": _("Overdue invoices"),
    }[part]


def invoices_report(frame: Frame, options: Options) -> Report:
    """The open invoices of the day: all, or those of a part and of an age. `counted` is what of each is in the figure.

    Raises ReportError for a part or a bucket that there is not.
    """
    part, bucket = options.part or "open", options.bucket
    if part not in PARTS:
        raise errors.unknown_part(part, PARTS)
    if bucket and bucket not in frame.buckets.names:
        raise errors.unknown_bucket(bucket, frame.buckets.names)
    found = items_behind(frame, part=part, bucket=bucket, size=None)
    columns = [
        Column("number", _("Invoice")), Column("customer", _("Customer")),
        Column("issued_on", _("Issued on"), Kind.DAY), Column("due_on", _("Due on"), Kind.DAY),
        Column("late", _("Days late"), Kind.COUNT), Column("bucket", _("Age")),
        Column("open", _("Open"), Kind.MONEY), Column("disputed", _("Of which in dispute"), Kind.MONEY),
        Column("counted", _("Counted here"), Kind.MONEY),
    ]  # fmt: skip
    rows = [
        (
            *(row.number, row.customer, row.issued_on, row.due_on, max(row.late, 0)),
            *(bucket_label(frame.buckets.name_of(row.late)), row.open, row.disputed, row.measured),
        )
        for row in found.rows
    ]
    rates = rates_of(frame.as_of, frame.entity.currency).used({row.currency for row in found.rows})
    data = head(frame) | {"part": part, "bucket": bucket, "count": found.found, "amount": money(found.amount)}
    data["rows"] = [
        {"id": row.pk} | entry | {"bucket": frame.buckets.name_of(row.late)}
        for row, entry in zip(found.rows, entries(columns, rows), strict=True)
    ]
    title = f"{part_name(part)}: {bucket_label(bucket)}" if bucket else part_name(part)
    sums = (sum((row.open for row in found.rows), ZERO), sum((row.disputed for row in found.rows), ZERO))
    last = (_("Total"), "", None, None, None, "", *sums, found.amount)
    return Report(
        "invoices", title, facts(frame, rates=rates), columns, rows, data | rates_data(rates), last,
        currency=frame.entity.currency,
    )  # fmt: skip


def count_back_report(frame: Frame, options: Options) -> Report:
    """How the DSO of the day is counted back, month by month: the days of the rows add up to it."""
    rates = rates_of(frame.as_of, frame.entity.currency)
    owed = position(frame).total.open
    book = list(sales_book(frame).by_month(frame.as_of, rates))
    months: list[Month] = [month for _first, month in book]
    whole, steps = count_back(owed, months), counted_back(owed, months)
    columns = [
        Column("label", _("Month")), Column("sales", _("Net sales"), Kind.MONEY),
        Column("taken", _("Taken from what is open"), Kind.MONEY),
        Column("month_days", _("Days of the month"), Kind.COUNT), Column("days", _("Days counted"), Kind.DAYS),
    ]  # fmt: skip
    rows = [
        (formats.day(first, "MMMM yyyy"), month.sales, step.taken, month.days, rounded(step.days))
        for (first, month), step in zip(book, steps, strict=False)
    ]
    data = head(frame) | {
        "receivables": money(owed), "dso": days(whole.days), "exhausted": whole.exhausted,
        "rows": [
            {"month": first.isoformat()} | entry | {"days": days(step.days)}
            for (first, _m), entry, step in zip(book, entries(columns, rows), steps, strict=False)
        ],
    }  # fmt: skip
    notes = [_("The receivables are larger than all known sales.")] if whole.exhausted else []
    taken = sum((step.taken for step in steps), ZERO)
    last = (_("Total"), None, taken, sum(month.days for month in months[: len(steps)]), rounded(whole.days))
    return Report(
        "count-back", _("How the DSO is counted back"), facts(frame), columns, rows, data, last, notes,
        currency=frame.entity.currency,
    )  # fmt: skip


def settled_in(frame: Frame, period: Period) -> list[Life]:
    """The disputes settled in the period, the latest first."""
    found = solved_in(lives(frame, period), period)
    return sorted(found, key=lambda life: (life.closed_on or period.first, life.pk), reverse=True)


def settled_report(frame: Frame, options: Options) -> Report:
    """The disputes settled in the period: what was in dispute, and what was given up of it."""
    period = options.period(frame.as_of)
    found = settled_in(frame, Period(period.first, min(period.last, frame.as_of)))
    columns = [
        Column("ref", _("Dispute")), Column("customer", _("Customer")), Column("reason", _("Reason")),
        Column("outcome", _("Outcome")), Column("opened_on", _("Opened on"), Kind.DAY),
        Column("closed_on", _("Settled on"), Kind.DAY), Column("currency", _("Currency")),
        Column("amount", _("Was in dispute"), Kind.MONEY), Column("settled", _("Given up"), Kind.MONEY),
    ]  # fmt: skip
    rows = [
        (
            *(
                life.ref,
                life.customer,
                life.reason,
                outcome_name(life.outcome),
                life.opened_on,
                life.closed_on,
            ),
            *(life.currency, life.amount, life.settled),
        )
        for life in found
    ]
    data = head(frame, period=period) | {"count": len(rows)}
    data["rows"] = [
        {"id": life.pk} | entry | {"outcome": life.outcome}
        for life, entry in zip(found, entries(columns, rows), strict=True)
    ]
    return Report(
        "settled", _("Settled disputes"), facts(frame, period=period), columns, rows, data,
        currency=frame.entity.currency,
    )  # fmt: skip
