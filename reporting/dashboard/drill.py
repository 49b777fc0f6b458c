"""What stands behind a figure: the table a bar or a card opens to, its sum, and a link on from each row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.core.paginator import Page, Paginator
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from disputes.choices import Resolution, Status
from lib import formats
from reporting.dashboard.filters import Chosen
from reporting.metrics.ages import times
from reporting.metrics.dso import Month, count_back
from reporting.reports.aging import bucket_label
from reporting.reports.disputing import solved_in
from reporting.reports.table import name_of
from reporting.selectors.disputes import DIMENSIONS, disputes_behind
from reporting.selectors.flow import Period, lives, replies
from reporting.selectors.frame import Frame
from reporting.selectors.items import items_behind
from reporting.selectors.position import position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_book

SIZE = 50


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of the table: its text, whether it is a figure, and where it leads (URL name and key)."""

    text: str
    number: bool = False
    to: str = ""
    pk: int = 0

    @property
    def url(self) -> str:
        """The page of what the cell names; "" when there is none."""
        return reverse(self.to, args=[self.pk]) if self.to else ""


@dataclass(frozen=True, slots=True)
class Behind:
    """The table behind a figure."""

    title: str
    summary: str
    heads: list[tuple[str, bool]]
    rows: list[list[Cell]]
    page: Page[int] | None = None

    @property
    def labelled(self) -> list[list[tuple[str, Cell]]]:
        """Each row with the heading of each cell, which the phone shows beside it."""
        return [[(head, cell) for (head, _n), cell in zip(self.heads, row, strict=True)] for row in self.rows]


def _page(number: int, found: int) -> Page[int]:
    return Paginator(range(found), SIZE).get_page(number)


def _number(asked: Mapping[str, str]) -> int:
    text = asked.get("page", "1")
    return max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1


PART_NAMES = {
    "open": lambda: _("Open invoices"),
    "disputed": lambda: _("Invoices in dispute"),
    "undisputed": lambda: _("Undisputed amounts"),
    "late": lambda: _("Late, not in dispute"),
    "not_due": lambda: _("Not due, not in dispute"),
    "overdue": lambda: _("Overdue invoices"),
}


def invoices(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The open invoices of a part, in one bucket or in all."""
    part, bucket = asked.get("part", "open"), asked.get("bucket", "")
    part = part if part in PART_NAMES else "open"
    number = _number(asked)
    found = items_behind(made.frame, part=part, bucket=bucket, page=number, size=SIZE)
    currency = made.frame.entity.currency
    title = PART_NAMES[part]()
    if bucket in made.frame.buckets.names:
        title = f"{title}: {bucket_label(bucket)}"
    count = ngettext("%(n)d invoice", "%(n)d invoices", found.found) % {"n": found.found}
    rows = [
        [
            Cell(row.number, to="ledger:invoice", pk=row.pk),
            Cell(row.customer, to="ledger:customer", pk=row.customer_id),
            Cell(formats.day(row.due_on)),
            Cell(str(max(row.late, 0)), number=True),
            Cell(formats.money(row.open, currency), number=True),
            Cell(formats.money(row.disputed, currency) if row.disputed else "", number=True),
        ]
        for row in found.rows
    ]
    heads = [(_("Invoice"), False), (_("Customer"), False), (_("Due on"), False), (_("Days late"), True)]
    heads += [(_("Open"), True), (_("Of which in dispute"), True)]
    summary = f"{count} · {formats.money(found.amount, currency)}"
    return Behind(title, summary, heads, rows, _page(number, found.found))


def disputes(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The open disputes, of one value of a dimension or all."""
    by = asked.get("by", "reason")
    by = by if by in DIMENSIONS else "reason"
    key, number = asked.get("key") or None, _number(asked)
    found = disputes_behind(made.frame, by=by, key=key, page=number, size=SIZE)
    currency = made.frame.entity.currency
    rows = [
        [
            Cell(row.ref, to="disputes:detail", pk=row.pk),
            Cell(row.customer, to="ledger:customer", pk=row.customer_id),
            Cell(row.reason),
            Cell(row.stage),
            Cell(name_of(made.frame, "holder", row.side, row.holder)),
            Cell(str(row.age), number=True),
            Cell(str(row.stage_days), number=True),
            Cell(formats.money(row.amount, currency), number=True),
        ]
        for row in found.rows
    ]
    heads = [(_("Dispute"), False), (_("Customer"), False), (_("Reason"), False), (_("Stage"), False)]
    heads += [
        (_("Holder"), False),
        (_("Days open"), True),
        (_("Days in stage"), True),
        (_("In dispute"), True),
    ]
    count = ngettext("%(n)d open dispute", "%(n)d open disputes", found.found) % {"n": found.found}
    title = (
        _("Open disputes") if not key or not found.rows else f"{_('Open disputes')}: {found.rows[0].reason}"
    )
    return Behind(
        title, f"{count} · {formats.money(found.amount, currency)}", heads, rows, _page(number, found.found)
    )


def _at(frame: Frame, text: str) -> Frame:
    try:
        return frame.at(min(frame.as_of, date.fromisoformat(text)))
    except ValueError:
        return frame


def months(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """How the DSO of a day is counted back: month by month, what was sold and how many days it stands for."""
    frame = _at(made.frame, asked.get("at", ""))
    currency, owed = frame.entity.currency, position(frame).total.open
    rates = rates_of(frame.as_of, currency)
    rows: list[list[Cell]] = []
    left, walked = owed, list[Month]()
    for first, month in sales_book(frame).by_month(frame.as_of, rates):
        if left <= 0:
            break
        before = count_back(owed, walked).days
        walked.append(month)
        taken = min(max(month.sales, Decimal(0)), left)
        left -= taken
        counted = count_back(owed, walked).days - before
        texts = (formats.money(month.sales, currency), formats.money(taken, currency), str(month.days))
        days = formats.number(Decimal(str(round(float(counted), 3))), 3)
        rows.append(
            [Cell(formats.day(first, "MMMM yyyy")), *(Cell(text, number=True) for text in (*texts, days))]
        )
    total = count_back(owed, walked)
    heads = [(_("Month"), False), (_("Net sales"), True), (_("Taken from what is open"), True)]
    heads += [(_("Days of the month"), True), (_("Days counted"), True)]
    text = formats.number(Decimal(str(round(float(total.days), 3))), 3)
    more = _("more than %(days)s days") if total.exhausted else _("%(days)s days")
    summary = f"{formats.day(frame.as_of)} · {formats.money(owed, currency)} · {more % {'days': text}}"
    return Behind(_("How the DSO is counted back"), summary, heads, rows)


def answers(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """How fast each person answers: counts, median, how many in time."""
    found = replies(made.frame, Period(made.first_day, made.frame.as_of))
    rows = []
    for person in sorted({reply.person for reply in found}):
        own = [reply for reply in found if reply.person == person]
        median = times(reply.took for reply in own).median
        figures = (
            str(len(own)),
            formats.span(median) if median is not None else "",
            str(sum(r.in_time for r in own)),
        )
        rows.append([Cell(person), *(Cell(text, number=True) for text in figures)])
    heads = [(_("Person"), False), (_("Answers"), True), (_("Median time"), True), (_("In time"), True)]
    count = ngettext("%(n)d answer", "%(n)d answers", len(found)) % {"n": len(found)}
    return Behind(_("Answers to questions"), count, heads, rows)


def settled(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The disputes settled in the period, the latest first."""
    period = Period(made.first_day, made.frame.as_of)
    found = sorted(
        solved_in(lives(made.frame, period), period),
        key=lambda life: (life.closed_on or date.min, life.pk),
        reverse=True,
    )
    names = dict(Resolution.choices) | dict(Status.choices)
    number = _number(asked)
    page = _page(number, len(found))
    rows = [
        [
            Cell(life.ref, to="disputes:detail", pk=life.pk),
            Cell(life.reason),
            Cell(str(names.get(life.resolution or life.status, ""))),
            Cell(formats.day(life.closed_on) if life.closed_on else ""),
            Cell(formats.money(life.amount, life.currency), number=True),
            Cell(formats.money(life.settled, life.currency), number=True),
        ]
        for life in found[page.start_index() - 1 if found else 0 : page.end_index()]
    ]
    heads = [(_("Dispute"), False), (_("Reason"), False), (_("Outcome"), False), (_("Settled on"), False)]
    heads += [(_("Was in dispute"), True), (_("Given up"), True)]
    count = ngettext("%(n)d dispute settled", "%(n)d disputes settled", len(found)) % {"n": len(found)}
    return Behind(_("Settled disputes"), count, heads, rows, page)


KINDS = {"invoices": invoices, "disputes": disputes, "months": months, "answers": answers, "settled": settled}


def behind(made: Chosen, asked: Mapping[str, str]) -> Behind | None:
    """The table that the address asks for; None when it asks for none."""
    kind = KINDS.get(asked.get("show", ""))
    return kind(made, asked) if kind else None
