"""Collection effectiveness of a period."""

from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.aging import NOT_DUE
from reporting.metrics.dso import collection_effectiveness
from reporting.metrics.rounding import rounded
from reporting.reports.table import Column, Kind, Options, Report, days, facts, head, money
from reporting.selectors.frame import Frame
from reporting.selectors.position import position
from reporting.selectors.rates import rates_of
from reporting.selectors.sales import sales_between


def cei_report(frame: Frame, options: Options) -> Report:
    """Collection effectiveness of a period: how much of what could be collected was."""
    period = options.period(frame.as_of)
    frame = frame.at(period.last)
    begin = position(frame.at(period.first - timedelta(days=1))).total.open
    end = position(frame)
    rates = rates_of(period.last, frame.entity.currency)
    sold = sales_between(frame, period.first, period.last, rates)
    cei = collection_effectiveness(begin, sold, end.total.open, end.total.buckets[NOT_DUE])
    amounts = [
        ("receivables_begin", _("Receivables at the beginning"), begin),
        ("sales", _("Sales of the period"), sold),
        ("receivables_end", _("Receivables at the end"), end.total.open),
        ("not_due_end", _("of which not due"), end.total.buckets[NOT_DUE]),
    ]
    data = (
        head(frame, period=period)
        | {key: money(amount) for key, _label, amount in amounts}
        | {"cei": days(cei)}
    )
    columns = [
        Column("measure", _("Figure")),
        Column("amount", _("Amount"), Kind.MONEY),
        Column("cei", "CEI", Kind.PERCENT),
    ]
    rows: list[tuple[Any, ...]] = [(label, amount, None) for _key, label, amount in amounts]
    rows.append((_("Collection effectiveness"), None, None if cei is None else rounded(cei)))
    above = facts(frame, period=period, rates=end.rates)
    return Report(
        "cei", _("Collection effectiveness (CEI)"), above, columns, rows, data, currency=frame.entity.currency
    )
