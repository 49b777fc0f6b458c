"""Disputes, Pareto, wait time and outcomes."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.ages import Times, times
from reporting.metrics.pareto import pareto
from reporting.metrics.rounding import rounded, share
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    days,
    dimension,
    entries,
    facts,
    head,
    in_days,
    money,
    name_of,
    rates_data,
)
from reporting.selectors.answers import replies
from reporting.selectors.disputes import disputes_behind, disputes_by, moment_of
from reporting.selectors.flow import Life, Period, Wait, lives, waits
from reporting.selectors.frame import Frame
from reporting.selectors.rates import rates_of

EVERYTHING = 1_000_000
MINUTES_A_DAY = 1440
MINUTES_AN_HOUR = 60
MILLI = Decimal("0.001")


def times_data(found: Times) -> dict[str, Any]:
    """Times in days, for JSON."""
    parts = {"median": found.median, "mean": found.mean, "p90": found.p90}
    return {"count": found.count} | {key: days(in_days(value)) for key, value in parts.items()}


def solved_in(found: Sequence[Life], period: Period) -> list[Life]:
    """The disputes that were closed in the period."""
    return [life for life in found if life.closed_on and period.first <= life.closed_on <= period.last]


def resolution_times(found: Sequence[Life], period: Period) -> Times:
    """How long the disputes closed in the period took, from opening to closing."""
    solved = solved_in(found, period)
    return times(life.closed_at - life.opened_at for life in solved if life.closed_at)


def open_ages(found: Sequence[Life], at: datetime) -> Times:
    """How old the disputes are that are still open at `at`."""
    return times(at - life.opened_at for life in found if not (life.closed_at and life.closed_at <= at))


def disputes_report(frame: Frame, options: Options) -> Report:
    """Every open dispute at the date, and what was opened and settled in the period before it."""
    period = options.period(frame.as_of)
    listed = disputes_behind(frame, size=EVERYTHING)
    found = lives(frame, Period(period.first, min(period.last, frame.as_of)))
    solved = resolution_times(found, period)
    ages = open_ages(found, moment_of(frame))
    columns = [
        Column("ref", _("Dispute")), Column("customer", _("Customer")), Column("reason", _("Reason")),
        Column("stage", _("Stage")), Column("holder", _("Holder")), Column("amount", _("In dispute"), Kind.MONEY),
        Column("opened_on", _("Opened on"), Kind.DAY), Column("age", _("Age (days)"), Kind.COUNT),
        Column("stage_days", _("Days in stage"), Kind.COUNT),
    ]  # fmt: skip
    rows = [
        (
            *(r.ref, r.customer, r.reason, r.stage, name_of(frame, "holder", r.side, r.holder)),
            *(r.amount, r.opened_on, r.age, r.stage_days),
        )
        for r in listed.rows
    ]
    data = head(frame, period=period) | {
        "open": {"count": listed.found, "amount": money(listed.amount)},
        "opened": sum(period.first <= life.opened_on <= period.last for life in found),
        "solved": solved.count,
        "resolution_days": times_data(solved),
        "open_age_days": times_data(ages),
        "rows": entries(columns, rows),
    }
    above = [*facts(frame, period=period), (_("Opened in the period"), str(data["opened"]))]
    above += [
        (_("Settled in the period"), str(solved.count)),
        (_("Median days to settle"), str(in_days(solved.median) or "-")),
    ]
    last = (_("Total"), "", "", "", "", listed.amount, None, None, None)
    return Report(
        "disputes", _("Open disputes"), above, columns, rows, data, last, currency=frame.entity.currency
    )


def pareto_report(frame: Frame, options: Options) -> Report:
    """Which causes make up the amount in dispute; the first ones that reach 80 % are marked."""
    by = options.by or "reason"
    found = [
        (row, name_of(frame, by, row.cause.key, row.cause.label)) for row in pareto(disputes_by(frame, by))
    ]
    rates = rates_of(frame.as_of, frame.entity.currency)
    columns = [
        Column("label", dimension(by)), Column("count", _("Disputes"), Kind.COUNT),
        Column("amount", _("In dispute"), Kind.MONEY), Column("share", _("Share"), Kind.PERCENT),
        Column("cumulative", _("Running share"), Kind.PERCENT), Column("vital", _("Within 80 %")),
    ]  # fmt: skip
    rows = [
        (
            *(name, row.cause.count, row.cause.amount, row.share.quantize(MILLI)),
            *(row.cumulative.quantize(MILLI), _("yes") if row.vital else _("no")),
        )
        for row, name in found
    ]
    count, amount = (
        sum(r.cause.count for r, _name in found),
        sum((r.cause.amount for r, _name in found), Decimal("0.00")),
    )
    data = head(frame) | {"by": by, "count": count, "amount": money(amount)}
    data["rows"] = [
        {"key": r.cause.key, "label": name, "count": r.cause.count, "amount": money(r.cause.amount)}
        | {"share": days(r.share), "cumulative": days(r.cumulative), "vital": r.vital}
        for r, name in found
    ]
    above = facts(frame, rates=rates.used(set()))
    last = (_("Total"), count, amount, None, None, "")
    return Report(
        "pareto",
        _("Causes of disputes"),
        above,
        columns,
        rows,
        data | rates_data([]),
        last,
        currency=frame.entity.currency,
    )


def _wait_rows(
    frame: Frame, by: str, found: Sequence[Wait], total: Decimal
) -> tuple[list[tuple[Any, ...]], list[dict[str, Any]]]:
    """The rows of the wait time as people read them, and as programs do."""
    rows: list[tuple[Any, ...]] = []
    entries: list[dict[str, Any]] = []
    for row in found:
        name = name_of(frame, by, row.key, row.label)
        length = rounded(Fraction(row.minutes) / MINUTES_A_DAY)
        part = share(row.minutes, total, 3)
        hours = rounded(Fraction(row.working) / MINUTES_AN_HOUR)
        rows.append((name, row.disputes, length, part, hours))
        minutes, working = days(Fraction(row.minutes)), days(Fraction(row.working))
        entries.append(
            {"key": row.key, "label": name, "disputes": row.disputes, "minutes": minutes}
            | {"days": days(length), "share": days(part), "working_minutes": working}
        )
    return rows, entries


def wait_time_report(frame: Frame, options: Options) -> Report:
    """Who had the disputes of the period, and for how long: every minute counted once, by the calendar and in
    the working hours of who had them.
    """
    by, period = options.by or "stage", options.period(frame.as_of)
    found = waits(frame, Period(period.first, min(period.last, frame.as_of)), by)
    total = sum((row.minutes for row in found), Decimal(0))
    worked = sum((row.working for row in found), Decimal(0))
    answers = replies(frame, period)
    answered = times(reply.took for reply in answers)
    columns = [
        Column("label", dimension(by)), Column("disputes", _("Disputes"), Kind.COUNT),
        Column("days", _("Days"), Kind.DAYS), Column("share", _("Share"), Kind.PERCENT),
        Column("working_hours", _("Working hours"), Kind.DAYS),
    ]  # fmt: skip
    rows, entries = _wait_rows(frame, by, found, total)
    data = head(frame, period=period) | {
        "by": by,
        "clock": "calendar",
        "minutes": days(Fraction(total)),
        "working_minutes": days(Fraction(worked)),
        "answers": times_data(answered) | {"in_time": sum(reply.in_time for reply in answers)},
        "rows": entries,
    }
    above = [*facts(frame, period=period), (_("Clock"), _("calendar time"))]
    hours = rounded(Fraction(worked) / MINUTES_AN_HOUR)
    last = (_("Total"), None, rounded(Fraction(total) / MINUTES_A_DAY), None, hours)
    return Report(
        "wait-time",
        _("Wait time of disputes"),
        above,
        columns,
        rows,
        data,
        last,
        currency=frame.entity.currency,
    )
