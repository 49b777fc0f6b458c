"""The charts of disputes on their way: what comes and goes, when questions are answered, which stage holds what."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from lib import formats
from reporting.charts.columns import Segment
from reporting.charts.flow import Turn, flow
from reporting.charts.hours import Cell, grid
from reporting.charts.lanes import Lane, lanes
from reporting.charts.series import Point
from reporting.charts.shapes import PHONE_FRAME, WIDE_FRAME, Chart
from reporting.dashboard.definitions import definition
from reporting.dashboard.figures import Figures
from reporting.dashboard.filters import Chosen
from reporting.dashboard.picture import Picture, tick
from reporting.metrics.flow import Week
from reporting.metrics.hours import DAYS, HOURS, Slot, busiest, by_hour, in_bands, level
from reporting.metrics.rounding import share
from reporting.reports.table import in_days
from reporting.selectors.disputes import StageNow

# As many weeks as leave room for a finger on each bar: a quarter, and on the phone six.
WEEKS, PHONE_WEEKS = 13, 6
TALL = 360
# On the phone an hour is too narrow for a finger: two of them share a cell.
PHONE_BAND = 2


def flow_picture(found: Figures, made: Chosen) -> Picture:
    """Opened versus solved week by week, and the backlog each week left."""
    weeks = found.weeks
    turns = [_turn(week, made) for week in weeks[-WEEKS:]]
    names = (_("Backlog at the end of the week"), _("Opened and solved in the week"))
    wide = flow(turns, replace(WIDE_FRAME, height=TALL), tick, names)
    phone = flow(turns[-PHONE_WEEKS:], replace(PHONE_FRAME, height=TALL), tick, names)
    rows = [
        (f"{formats.day(w.first)} – {formats.day(w.last)}", str(w.opened), str(w.solved), str(w.backlog))
        for w in weeks
    ]
    note = ""
    if len(weeks) > WEEKS:
        note = _("The latest weeks of the period; the table has them all.")
    return Picture(
        "flow", _("Disputes opened and solved"), note, definition("flow"), wide, phone,
        [("c3", _("Backlog")), ("c2", pgettext("disputes", "Opened")), ("c1", pgettext("disputes", "Solved"))],
        [_("Week"), pgettext("disputes", "Opened"), pgettext("disputes", "Solved"), _("Backlog")], rows, "flow",
        not any(w.opened or w.solved or w.backlog for w in weeks),
        _("No dispute was opened or solved yet."),
    )  # fmt: skip


def _turn(week: Week, made: Chosen) -> Turn:
    days = f"{formats.day(week.first)} – {formats.day(week.last)}"
    pair = []
    for kind, word, count, css in (
        ("opened", pgettext("disputes", "Opened"), week.opened, "c2"),
        ("solved", pgettext("disputes", "Solved"), week.solved, "c1"),
    ):
        link = made.query(show="moved", kind=kind, week=week.first.isoformat())
        pair.append(Segment(Decimal(count), css, link, f"{days}, {word}: {count}"))
    left = made.query(show="disputes", at=week.last.isoformat())
    point = Point(Decimal(week.backlog), left, f"{_('Backlog')}, {formats.day(week.last)}: {week.backlog}")
    return Turn(formats.day(week.first, "d MMM"), (pair[0], pair[1]), point)


def hours_picture(found: Figures, made: Chosen) -> Picture:
    """On which weekdays and at what hours people answer, by the clock of the legal entity."""
    zone = made.frame.entity.time_zone
    counts = by_hour((one.answered_at for one in found.replies if one.answered_at), ZoneInfo(zone))
    rows = [
        (f"{capfirst(formats.weekday(day))}, {_hours(hour, 1)}", str(counts[day, hour]))
        for day, hour in sorted(counts)
    ]
    return Picture(
        "hours", _("When questions are answered"), _reading(found, counts, zone), definition("hours"),
        _grid(counts, made, 1, WIDE_FRAME.width), _grid(counts, made, PHONE_BAND, PHONE_FRAME.width),
        [], [_("Hour"), _("Answers")], rows, "hours", not counts, _("No question was answered yet."),
    )  # fmt: skip


def _hours(first: int, width: int) -> str:
    return f"{first:02d}:00–{first + width:02d}:00"


def _reading(found: Figures, counts: Counter[Slot], zone: str) -> str:
    """What the picture says, in a sentence: the hour most answers come at, and how many come at work."""
    top = busiest(counts)
    if top is None:
        return ""
    at_work = share(Decimal(sum(one.at_work for one in found.replies)), Decimal(len(found.replies)))
    facts = {
        "day": formats.weekday(top[0]),
        "hours": _hours(top[1], 1),
        "share": formats.percent(at_work / 100),
        "zone": zone,
    }
    text = _("Most answers come on %(day)s, %(hours)s. %(share)s come in the working hours of who answers.")
    return " ".join([text % facts, _("Times of %(zone)s.") % facts])


def _grid(counts: Counter[Slot], made: Chosen, width: int, pixels: int) -> Chart:
    bands = in_bands(counts, width)
    most = max(bands.values(), default=0)
    starts = range(0, HOURS, width)
    cells = []
    for day in range(DAYS):
        line = []
        for hour in starts:
            count = bands[day, hour]
            said = ngettext("%(n)d answer", "%(n)d answers", count) % {"n": count}
            title = f"{capfirst(formats.weekday(day))}, {_hours(hour, width)}: {said}"
            link = made.query(show="hours", day=str(day), hour=str(hour), **{"for": str(width)})
            line.append(Cell(str(count), level(count, most), link if count else "", title))
        cells.append(line)
    names = [capfirst(formats.weekday(day, "abbreviated")) for day in range(DAYS)]
    return grid(names, [f"{hour:02d}" for hour in starts], cells, pixels)


def stages_picture(found: Figures, made: Chosen) -> Picture:
    """Where the open disputes stand: how many, how much, for how long."""
    currency = made.frame.entity.currency
    rows = [_lane(stage, currency, made) for stage in found.stages]
    table = [
        (_name(one), str(one.count), formats.money(one.amount, currency), _waited(one))
        for one in found.stages
    ]
    total = sum((one.amount for one in found.stages), Decimal("0.00"))
    count = sum(one.count for one in found.stages)
    table.append((_("Total"), str(count), formats.money(total, currency), ""))
    return Picture(
        "stages", _("Where open disputes stand"), "", definition("stages"),
        lanes(rows, WIDE_FRAME.width), lanes(rows, PHONE_FRAME.width),
        [], [_("Stage"), _("Disputes"), _("In dispute"), _("Median days in stage")], table, "stages",
        not rows, _("No dispute is open."),
    )  # fmt: skip


def _name(stage: StageNow) -> str:
    return stage.label or _("None")


def _waited(stage: StageNow) -> str:
    return formats.number(in_days(stage.median) or Decimal(0), 1)


def _lane(stage: StageNow, currency: str, made: Chosen) -> Lane:
    days = pgettext("median of a stage", "%(days)s days") % {"days": _waited(stage)}
    more = f"{formats.money_short(stage.amount, currency)} · {days}"
    count = ngettext("%(n)d open dispute", "%(n)d open disputes", stage.count) % {"n": stage.count}
    title = f"{_name(stage)}: {count}, {formats.money(stage.amount, currency)}, {days}"
    link = made.query(show="disputes", by="stage", key=stage.key)
    return Lane(_name(stage), str(stage.count), more, Decimal(stage.count), "c2", link, title)
