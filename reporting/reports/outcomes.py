"""How disputes end, how fast questions are answered."""

from collections.abc import Iterable
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from reporting.metrics.ages import times
from reporting.metrics.rounding import share
from reporting.reports.disputing import solved_in, times_data
from reporting.reports.table import (
    Column,
    Kind,
    Options,
    Report,
    days,
    dimension,
    facts,
    head,
    in_days,
    money,
    name_of,
    outcome_name,
)
from reporting.selectors.answers import Reply, first_answers, questions
from reporting.selectors.flow import Life, freed, lives
from reporting.selectors.frame import Frame
from reporting.selectors.rates import Rates, rates_of

ZERO = Decimal("0.00")
FAIR = frozenset({"justified", "partly"})
AN_HOUR = timedelta(hours=1)


def _rate(part: int, whole: int) -> Decimal | None:
    return share(Decimal(part), Decimal(whole), 3) if whole else None


def _sum(found: Iterable[Life], rates: Rates, what: str) -> Decimal:
    return sum((rates.convert(getattr(life, what), life.currency) for life in found), ZERO)


def outcomes_report(frame: Frame, options: Options) -> Report:
    """How the disputes closed in the period ended, what that cost, how many were right, how many came back.

    By the outcome itself, or by any dimension of disputes.
    """
    period, by = options.period(frame.as_of), options.by
    rates = rates_of(frame.as_of, frame.entity.currency)
    found = lives(frame, period, by or "entity")
    closed = solved_in(found, period)
    ends: dict[tuple[str, str], list[Life]] = {}
    for life in closed:
        place = (life.outcome, outcome_name(life.outcome))
        if by:
            place = (life.key, name_of(frame, by, life.key, life.label))
        ends.setdefault(place, []).append(life)
    columns = [
        Column("label", dimension(by) if by else _("Outcome")), Column("count", _("Disputes"), Kind.COUNT),
        Column("disputed", _("Was in dispute"), Kind.MONEY), Column("settled", _("Amount settled"), Kind.MONEY),
        Column("median", _("Median days"), Kind.DAYS), Column("justified", _("Justified"), Kind.PERCENT),
    ]  # fmt: skip
    rows, entries = [], []
    for (key, name), some in sorted(ends.items(), key=lambda pair: (-len(pair[1]), pair[0][1])):
        sums = (_sum(some, rates, "amount"), _sum(some, rates, "settled"))
        median = in_days(times(one.closed_at - one.opened_at for one in some if one.closed_at).median)
        fair = _rate(sum(one.verdict in FAIR for one in some), len(some))
        rows.append((name, len(some), *sums, median, fair))
        entry = {"key": key, "label": name, "count": len(some), "disputed": money(sums[0])}
        entry |= {"settled": money(sums[1]), "median_days": days(median), "justified": days(fair)}
        entries.append(entry)
    again = sum(life.again for life in found)
    right = sum(life.verdict in FAIR for life in closed)
    data: dict[str, Any] = head(frame, period=period) | {"closed": len(closed), "justified": right}
    data |= {"justified_rate": days(_rate(right, len(closed))), "reopened": again}
    data |= {"reopened_rate": days(_rate(again, len(closed) + again)), "by": by or "outcome"}
    data |= {"freed": money(freed(closed, period, rates)), "rows": entries}
    above = [*facts(frame, period=period), (_("Cash freed"), data["freed"])]
    above.append((_("Justified"), _percent(data["justified_rate"])))
    above.append((_("Opened again"), _percent(data["reopened_rate"])))
    return Report(
        "outcomes", _("Outcomes of disputes"), above, columns, rows, data, currency=frame.entity.currency
    )  # fmt: skip


def _percent(rate: float | None) -> str:
    return "-" if rate is None else f"{rate:.1f} %"


def answers_report(frame: Frame, options: Options) -> Report:
    """How fast questions were answered in the period, by person, team or any dimension; and what still waits."""
    period, by = options.period(frame.as_of), options.by or "person"
    found = questions(frame, period, by)
    groups: dict[tuple[str, str], list[Reply]] = {}
    for one in found:
        groups.setdefault((one.key, one.label), []).append(one)
    columns = [
        Column("label", dimension(by)), Column("answers", _("Answers"), Kind.COUNT),
        Column("median", _("Median hours"), Kind.DAYS), Column("working", _("Median working hours"), Kind.DAYS),
        Column("p90", _("90 % within hours"), Kind.DAYS), Column("in_time", _("In time"), Kind.PERCENT),
        Column("waiting", _("Not answered yet"), Kind.COUNT),
        Column("overdue", _("of which past the deadline"), Kind.COUNT),
    ]  # fmt: skip
    rows, entries = [], []
    for (key, label), some in sorted(groups.items(), key=lambda pair: (-len(pair[1]), pair[0][1])):
        name, figures = name_of(frame, by, key, label), _figures(some)
        rows.append((name, *figures.values()))
        entry = {"key": key, "label": name}
        entries.append(entry | {k: days(v) if isinstance(v, Decimal) else v for k, v in figures.items()})
    total = _figures(found)
    first = times(first_answers(found))
    data: dict[str, Any] = head(frame, period=period) | {"by": by}
    data |= {k: days(v) if isinstance(v, Decimal) else v for k, v in total.items()}
    data |= {"first_answer_days": times_data(first), "rows": entries}
    above = [*facts(frame, period=period)]
    above.append((_("Median days from the dispute to its first answer"), str(in_days(first.median) or "-")))
    return Report(
        "answers", _("Answers to questions"), above, columns, rows, data, (_("Total"), *total.values()),
        currency=frame.entity.currency,
    )  # fmt: skip


def _figures(found: list[Reply]) -> dict[str, int | Decimal | None]:
    """Answers, median by the calendar and in working hours, 90th percentile, share in time, what still waits."""
    given = [one for one in found if one.answered_at]
    waiting = [one for one in found if not one.answered_at]
    took, worked = times(one.took for one in given), times(one.working for one in given)
    return {
        "answers": len(given),
        "median": _hours(took.median),
        "working": _hours(worked.median),
        "p90": _hours(took.p90),
        "in_time": _rate(sum(one.in_time for one in given), len(given)),
        "waiting": len(waiting),
        "overdue": sum(not one.in_time for one in waiting),
    }


def _hours(length: timedelta | None) -> Decimal | None:
    return None if length is None else round(Decimal(length // timedelta(seconds=1)) / 3600, 3)
