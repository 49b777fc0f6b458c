"""What should come in, week by week, and what did."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.errors import unknown_dimension
from reporting.reports.table import Column, Kind, Options, Report, facts, head, money
from reporting.selectors.forecast import DUE, PREDICTION, PROMISE, Expected, expected
from reporting.selectors.frame import Frame

ZERO = Decimal("0.00")
KEYS = ("promised", "predicted", "due", "late", "came_in")


def forecast_report(frame: Frame, options: Options) -> Report:
    """Each amount once, on the ground that deserves most trust: promise or instalment, habit, due date.

    What is late without a promise stands apart. With a last day after the day of the forecast, what came in by then.
    """
    if options.by:
        raise unknown_dimension(options.by, ())
    found = expected(frame, options.last)
    weeks: dict[date | None, list[Expected]] = {}
    for row in found:
        weeks.setdefault(row.week, []).append(row)
    labels = (_("Promised"), _("As they usually pay"), _("Falls due"), _("Already late"), _("Came in"))
    columns = [Column("week", _("Week from"), Kind.DAY)]
    columns += [Column(key, label, Kind.MONEY) for key, label in zip(KEYS, labels, strict=True)]
    columns.append(Column("invoices", _("Invoices"), Kind.COUNT))
    rows: list[tuple[Any, ...]] = []
    for week, some in weeks.items():
        late = _of(some, DUE, PREDICTION) if week is None else ZERO
        promised, predicted = _of(some, PROMISE), _of(some, PREDICTION) if week else ZERO
        due = _of(some, DUE) if week else ZERO
        count = sum(row.invoices for row in some if row.trust != "came")
        rows.append((week, promised, predicted, due, late, _of(some, "came"), count))
    sums = [sum((row[place] for row in rows), ZERO) for place in range(1, 6)]
    data = head(frame) | dict(zip(KEYS, map(money, sums), strict=True))
    if options.last:
        data["until"] = options.last.isoformat()
    data["rows"] = [
        {"week": row[0].isoformat() if row[0] else None, "invoices": row[6]}
        | dict(zip(KEYS, map(money, row[1:6]), strict=True))
        for row in rows
    ]
    last = (None, *sums, sum(row[6] for row in rows))
    return Report(
        "forecast",
        _("Cash forecast"),
        facts(frame),
        columns,
        rows,
        data,
        last,
        currency=frame.entity.currency,
    )


def _of(rows: Iterable[Expected], *grounds: str) -> Decimal:
    return sum((row.amount for row in rows if row.trust in grounds), ZERO)
