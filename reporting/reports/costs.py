"""What disputes cost, charged to what causes them."""

from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.costs import Cost
from reporting.reports.table import Column, Kind, Options, Report, dimension, facts, head, money, name_of
from reporting.selectors.costs import Costly, cost_rates, costs
from reporting.selectors.frame import Frame


def _parts(cost: Cost) -> dict[str, str]:
    return {
        "financing": money(cost.financing),
        "work": money(cost.work),
        "credit": money(cost.credit),
        "total": money(cost.total),
    }


def costs_report(frame: Frame, options: Options) -> Report:
    """Financing of what did not come in, work of our people, credit given: by root cause, department, reason...

    By `dispute`: the disputes behind each sum.
    """
    period, by = options.period(frame.as_of), options.by or "root-cause"
    groups: dict[tuple[str, str], list[Costly]] = {}
    for one in costs(frame, period, by):
        groups.setdefault((one.key, name_of(frame, by, one.key, one.label)), []).append(one)
    sums = {place: sum((one.cost for one in some), Cost()) for place, some in groups.items()}
    whole = sum(sums.values(), Cost())
    columns = [
        Column("label", dimension(by)), Column("disputes", _("Disputes"), Kind.COUNT),
        Column("financing", _("Financing"), Kind.MONEY), Column("work", _("Work"), Kind.MONEY),
        Column("credit", _("Credit given"), Kind.MONEY), Column("total", _("Total"), Kind.MONEY),
    ]  # fmt: skip
    rows: list[tuple[Any, ...]] = []
    entries: list[dict[str, Any]] = []
    for place, cost in sorted(sums.items(), key=lambda pair: (-pair[1].total, pair[0])):
        count = len(groups[place])
        rows.append((place[1], count, cost.financing, cost.work, cost.credit, cost.total))
        entries.append({"key": place[0], "label": place[1], "disputes": count} | _parts(cost))
    known = cost_rates(frame)
    used = [
        {"from": one.from_on.isoformat(), "financing": str(one.financing), "hour": money(one.hour)}
        | {"minutes": one.minutes}
        for one in known
    ]
    data = head(frame, period=period) | {"by": by, "cost_rates": used} | _parts(whole) | {"rows": entries}
    notes = (
        []
        if known
        else [_("No rates are set: only the credit given is counted. Set them on the page of targets.")]
    )
    count = sum(len(some) for some in groups.values())
    last = (_("Total"), count, whole.financing, whole.work, whole.credit, whole.total)
    return Report(
        "costs", _("Cost of disputes"), facts(frame, period=period), columns, rows, data, last, notes,
        frame.entity.currency,
    )  # fmt: skip
