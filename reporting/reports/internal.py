"""Promises among ourselves, by who keeps them."""

from decimal import Decimal

from django.utils.translation import gettext as _

from reporting.metrics.rounding import share
from reporting.reports.table import Column, Kind, Options, Report, days, dimension, facts, head
from reporting.selectors.frame import Frame
from reporting.selectors.internal import kept_by


def internal_promises_report(frame: Frame, options: Options) -> Report:
    """Promises for a day of the period: kept by it, broken, still running; the rate is kept / (kept + broken)."""
    period = options.period(frame.as_of)
    columns = [
        Column("label", dimension(options.by)), Column("kept", _("Kept"), Kind.COUNT),
        Column("broken", _("Broken"), Kind.COUNT), Column("running", _("Running"), Kind.COUNT),
        Column("rate", _("Kept rate"), Kind.PERCENT),
    ]  # fmt: skip
    rows, entries = [], []
    for one in kept_by(frame, period, options.by):
        due = one.counts["kept"] + one.counts["broken"]
        rate = share(Decimal(one.counts["kept"]), Decimal(due), 3) if due else None
        rows.append(
            (one.label, one.counts["kept"], one.counts["broken"], one.counts["running"], rate or Decimal(0))
        )
        entries.append(
            {"key": one.key, "label": one.label, "kept_rate": days(rate)}
            | {state: one.counts[state] for state in ("kept", "broken", "running", "released")}
        )
    data = head(frame, period=period) | {"by": options.by, "rows": entries}
    above = facts(frame, period=period)
    return Report(
        "promises", _("Promises among ourselves"), above, columns, rows, data, currency=frame.entity.currency
    )
