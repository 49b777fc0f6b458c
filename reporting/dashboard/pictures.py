"""The charts of what is owed and disputed: figures into shapes with words, links and a table twin."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext as _

from lib import formats
from reporting.charts.columns import Column, Segment, stacked
from reporting.charts.pareto import Share, pareto
from reporting.charts.series import Line, Point, series
from reporting.charts.shapes import PHONE_FRAME, WIDE_FRAME
from reporting.dashboard.definitions import definition
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen
from reporting.dashboard.picture import Picture, tick
from reporting.metrics.pareto import ParetoRow, first_and_other
from reporting.metrics.pareto import pareto as ranked
from reporting.reports.aging import bucket_label

MOST_CAUSES = 6


def _days(value: Fraction | Decimal, decimals: int = 1) -> str:
    return formats.number(Decimal(str(round(float(value), decimals))), decimals)


def _short(currency: str) -> Callable[[Decimal], str]:
    """Axis labels: 40 k, 1.2 M, without the currency that the title names."""

    def text(value: Decimal) -> str:
        for unit, name in ((Decimal(1_000_000), "M"), (Decimal(1000), "k")):
            if value >= unit:
                return f"{formats.number(value / unit, 0 if value % unit == 0 else 1)} {name}"
        return formats.number(value, 0)

    return text


def aging_picture(found: Figures, made: Chosen) -> Picture:
    """Open amounts by days past due, undisputed and disputed stacked."""
    currency, total = made.frame.entity.currency, found.position.total
    columns, rows = [], []
    for name, open_ in total.buckets.items():
        label, disputed = bucket_label(name), total.disputed[name]
        parts = []
        words = (
            (_("Undisputed"), open_ - disputed, "c1", "undisputed"),
            (_("In dispute"), disputed, "c2", "disputed"),
        )
        for word, amount, css, part in words:
            title = f"{label}, {word}: {formats.money(amount, currency)}"
            parts.append(Segment(amount, css, made.query(show="invoices", part=part, bucket=name), title))
        columns.append(Column(label, formats.money_short(open_, currency), tuple(parts)))
        rows.append((label, *(formats.money(v, currency) for v in (open_ - disputed, disputed, open_))))
    sums = (total.open - total.disputed_total, total.disputed_total, total.open)
    rows.append((_("Total"), *(formats.money(v, currency) for v in sums)))
    note = ""
    if total.unapplied:
        note = _("Not yet placed on invoices: %(amount)s") % {
            "amount": formats.money(total.unapplied, currency)
        }
    return Picture(
        "aging", _("Aging"), note, definition("aging"),
        stacked(columns, WIDE_FRAME, _short(currency)), stacked(columns, PHONE_FRAME, _short(currency)),
        [("c1", _("Undisputed")), ("c2", _("In dispute"))],
        [_("Days past due"), _("Undisputed"), _("In dispute"), _("Total")], rows, "aging", not total.open,
    )  # fmt: skip


def pareto_picture(found: Figures, made: Chosen) -> Picture:
    """The amount in dispute by reason, the running share, the 80 % line."""
    currency = made.frame.entity.currency
    causes = first_and_other([row.cause for row in found.causes], MOST_CAUSES, _("Other"))
    shares = []
    for row in sorted(ranked(causes), key=lambda row: row.cause.key == "other"):
        amount = formats.money(row.cause.amount, currency)
        key = "" if row.cause.key == "other" else row.cause.key
        link = made.query(show="disputes", by="reason", key=key)
        title = f"{row.cause.label}: {amount}, {formats.percent(row.share / 100)}"
        shares.append(Share(row.cause.label, amount, row.share, row.cumulative, "c2", link, title))
    shares = _running(shares)
    rows = [_pareto_row(row, currency) for row in found.causes]
    return Picture(
        "pareto", _("Reasons for disputes"), "", definition("pareto"),
        pareto(shares, WIDE_FRAME.width, "80 %"), pareto(shares, PHONE_FRAME.width, "80 %"),
        [("c2", _("Share")), ("c3", _("Running share"))],
        [_("Reason"), _("Disputes"), _("In dispute"), _("Share"), _("Running share")], rows, "pareto", not shares,
    )  # fmt: skip


def _running(shares: list[Share]) -> list[Share]:
    """Add the shares up again in the order they are shown ("other" comes last, whatever its size)."""
    reached, rows = Decimal(0), []
    for row in shares:
        reached += row.share
        rows.append(Share(row.label, row.value, row.share, reached, row.css, row.href, row.title))
    return rows


def _pareto_row(row: ParetoRow, currency: str) -> tuple[str, ...]:
    shares = (formats.percent(value.quantize(Decimal("0.1")) / 100) for value in (row.share, row.cumulative))
    return (row.cause.label, str(row.cause.count), formats.money(row.cause.amount, currency), *shares)


def _month(day: date) -> str:
    return formats.day(day, "MMM yy")


def series_picture(found: Figures, made: Chosen) -> Picture:
    """DSO and dispute DSO at the end of each month."""
    words, dso, stuck, rows = [], [], [], []
    for point in found.points:
        day, figures = point.standing.day, point.figures
        link = made.query(show="months", at=day.isoformat())
        long = formats.day(day)
        dso.append(
            Point(
                Decimal(str(round(float(figures.dso.days), 3))),
                link,
                f"DSO, {long}: {_days(figures.dso.days)}",
            )
        )
        dispute_days = figures.dispute_dso
        title = f"{_('Dispute DSO')}, {long}: {_days(dispute_days)}"
        stuck.append(Point(Decimal(str(round(float(dispute_days), 3))), link, title))
        words.append(_month(day))
        rows.append((long, _days(figures.dso.days), _days(dispute_days)))
    lines = [
        Line(f"DSO {rows[-1][1]}", "c1", tuple(dso)),
        Line(f"{_('Dispute DSO')} {rows[-1][2]}", "c2", tuple(stuck)),
    ]
    return Picture(
        "series", _("DSO month by month"), "", definition("series"),
        series(words, lines, WIDE_FRAME, tick), series(words, lines, PHONE_FRAME, tick),
        [("c1", _("DSO")), ("c2", _("Dispute DSO"))],
        [_("Day"), _("DSO"), _("Dispute DSO")], rows, "dispute-dso",
        not any(point.figures.receivables for point in found.points),
    )  # fmt: skip
