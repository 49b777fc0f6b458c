"""What stands behind a figure: the table a bar or a card opens to, its sum, and a link on from each row."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from lib import formats
from reporting.dashboard.behind import SIZE, Behind, Cell, frame_at, number_of, page_of
from reporting.dashboard.drill_moving import answers_at, moved, questions_of
from reporting.dashboard.filters import Chosen
from reporting.metrics.ages import times
from reporting.metrics.dso import Month, count_back, counted_back
from reporting.metrics.rounding import rounded
from reporting.reports.aging import bucket_label
from reporting.reports.behind import part_name, settled_in
from reporting.reports.table import name_of, outcome_name
from reporting.selectors.answers import replies
from reporting.selectors.disputes import DIMENSIONS, disputes_behind
from reporting.selectors.flow import Period
from reporting.selectors.items import PARTS, items_behind
from reporting.selectors.position import position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_book


def invoices(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The open invoices of a part, in one bucket or in all."""
    part, bucket = asked.get("part", "open"), asked.get("bucket", "")
    part = part if part in PARTS else "open"
    number = number_of(asked)
    found = items_behind(made.frame, part=part, bucket=bucket, page=number, size=SIZE)
    currency = made.frame.entity.currency
    title = part_name(part)
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
    return Behind(title, summary, heads, rows, page_of(number, found.found))


# The dimensions whose value every row of the list names.
NAMED = ("reason", "stage", "holder")


def disputes(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The open disputes, of one value of a dimension or all."""
    by = asked.get("by", "reason")
    by = by if by in DIMENSIONS else "reason"
    key, number = asked.get("key") or None, number_of(asked)
    frame = frame_at(made.frame, asked.get("at", ""))
    found = disputes_behind(frame, by=by, key=key, page=number, size=SIZE)
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
    title, summary = _("Open disputes"), f"{count} · {formats.money(found.amount, currency)}"
    if key and found.rows and by in NAMED:
        title = f"{title}: {getattr(found.rows[0], by)}"
    if frame.as_of != made.frame.as_of:
        summary = f"{formats.day(frame.as_of)} · {summary}"
    return Behind(title, summary, heads, rows, page_of(number, found.found))


def months(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """How the DSO of a day is counted back: month by month, what was sold and how many days it stands for."""
    frame = frame_at(made.frame, asked.get("at", ""))
    currency, owed = frame.entity.currency, position(frame).total.open
    rates = rates_of(frame.as_of, currency)
    rows: list[list[Cell]] = []
    book = list(sales_book(frame).by_month(frame.as_of, rates))
    walked: list[Month] = [month for _first, month in book]
    for (first, month), step in zip(book, counted_back(owed, walked), strict=False):
        texts = (formats.money(month.sales, currency), formats.money(step.taken, currency), str(month.days))
        days = formats.number(rounded(step.days), 3)
        rows.append(
            [Cell(formats.day(first, "MMMM yyyy")), *(Cell(text, number=True) for text in (*texts, days))]
        )
    total = count_back(owed, walked)
    heads = [(_("Month"), False), (_("Net sales"), True), (_("Taken from what is open"), True)]
    heads += [(_("Days of the month"), True), (_("Days counted"), True)]
    text = formats.number(rounded(total.days), 3)
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
    found = settled_in(made.frame, Period(made.first_day, made.frame.as_of))
    number = number_of(asked)
    page = page_of(number, len(found))
    rows = [
        [
            Cell(life.ref, to="disputes:detail", pk=life.pk),
            Cell(life.reason),
            Cell(outcome_name(life.outcome)),
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


KINDS = {
    "invoices": invoices,
    "disputes": disputes,
    "months": months,
    "answers": answers,
    "settled": settled,
    "moved": moved,
    "hours": answers_at,
    "questions": questions_of,
}


def behind(made: Chosen, asked: Mapping[str, str]) -> Behind | None:
    """The table that the address asks for; None when it asks for none."""
    kind = KINDS.get(asked.get("show", ""))
    return kind(made, asked) if kind else None
