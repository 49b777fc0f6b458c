"""Disputes coming and going week by week, where the open ones stand, and when questions are answered."""

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from lib import formats
from reporting.metrics.hours import by_hour
from reporting.metrics.rounding import share
from reporting.reports.table import Column, Kind, Options, Report, days, facts, head, in_days, money
from reporting.selectors.answers import replies
from reporting.selectors.disputes import stages_now
from reporting.selectors.flow import Period
from reporting.selectors.frame import Frame
from reporting.selectors.movements import weekly


def flow_report(frame: Frame, options: Options) -> Report:
    """What each week opened and solved, and the backlog it left."""
    period = options.period(frame.as_of)
    found = weekly(frame, period)
    columns = [
        Column("from", _("Week from"), Kind.DAY), Column("to", _("until"), Kind.DAY),
        Column("opened", pgettext("disputes", "Opened"), Kind.COUNT),
        Column("solved", pgettext("disputes", "Solved"), Kind.COUNT),
        Column("backlog", _("Backlog"), Kind.COUNT),
    ]  # fmt: skip
    rows = [(w.first, w.last, w.opened, w.solved, w.backlog) for w in found]
    opened, solved = sum(w.opened for w in found), sum(w.solved for w in found)
    data: dict[str, Any] = head(frame, period=period) | {"opened": opened, "solved": solved}
    data["backlog"] = found[-1].backlog if found else 0
    data["rows"] = [
        {"from": w.first.isoformat(), "to": w.last.isoformat()}
        | {"opened": w.opened, "solved": w.solved, "backlog": w.backlog}
        for w in found
    ]
    above = facts(frame, period=period)
    above += [(pgettext("disputes", "Opened"), str(opened)), (pgettext("disputes", "Solved"), str(solved))]
    return Report("flow", _("Disputes opened and solved"), above, columns, rows, data)


def stages_report(frame: Frame, options: Options) -> Report:
    """How many open disputes stand in each stage, what they hold up, and half of them for longer than how long."""
    found = stages_now(frame)
    columns = [
        Column("label", _("Stage")), Column("count", _("Disputes"), Kind.COUNT),
        Column("amount", _("In dispute"), Kind.MONEY),
        Column("median_days", _("Median days in stage"), Kind.DAYS),
    ]  # fmt: skip
    rows = [(one.label or _("None"), one.count, one.amount, in_days(one.median)) for one in found]
    count, amount = sum(one.count for one in found), sum((one.amount for one in found), Decimal("0.00"))
    data = head(frame) | {"count": count, "amount": money(amount)}
    data["rows"] = [
        {"key": one.key, "label": one.label, "count": one.count, "amount": money(one.amount)}
        | {"median_days": days(in_days(one.median))}
        for one in found
    ]
    last = (_("Total"), count, amount, None)
    title = _("Where open disputes stand")
    return Report("stages", title, facts(frame), columns, rows, data, last, currency=frame.entity.currency)


def hours_report(frame: Frame, options: Options) -> Report:
    """On which weekdays and at what hours questions are answered, by the clock of the legal entity."""
    period = options.period(frame.as_of)
    found = replies(frame, Period(period.first, min(period.last, frame.as_of)))
    zone = frame.entity.time_zone
    counts = by_hour((one.answered_at for one in found if one.answered_at), ZoneInfo(zone))
    columns = [
        Column("weekday", _("Weekday")), Column("hour", _("Hour"), Kind.COUNT),
        Column("answers", _("Answers"), Kind.COUNT),
    ]  # fmt: skip
    rows = [(capfirst(formats.weekday(day)), hour, counts[day, hour]) for day, hour in sorted(counts)]
    at_work = sum(one.at_work for one in found)
    data: dict[str, Any] = head(frame, period=period) | {"time_zone": zone, "answers": len(found)}
    data |= {"at_work": at_work, "at_work_rate": days(share(Decimal(at_work), Decimal(len(found)), 3))}
    data["rows"] = [
        {"weekday": day + 1, "hour": hour, "answers": counts[day, hour]} for day, hour in sorted(counts)
    ]
    above = [*facts(frame, period=period), (_("Time zone"), zone)]
    last = (_("Total"), None, len(found))
    return Report("hours", _("When questions are answered"), above, columns, rows, data, last)
