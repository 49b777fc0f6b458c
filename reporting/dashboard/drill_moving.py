"""What stands behind the figures of a period: disputes opened and solved in a week, answers given at an hour."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from lib import formats
from reporting.dashboard.behind import SIZE, Behind, Cell, day_in, number_of, page_of
from reporting.dashboard.filters import Chosen
from reporting.metrics.flow import KINDS, OPENED, WEEK, monday_of
from reporting.metrics.hours import DAYS, HOURS, slot_of
from reporting.reports.table import outcome_name
from reporting.selectors.answers import Reply, questions, replies
from reporting.selectors.flow import Period
from reporting.selectors.movements import Move, moves_behind

# What has no deadline waits behind everything that has one.
LATER = datetime.max.replace(tzinfo=UTC)


def moved(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The disputes opened, or solved, in the week of a day; in the present week when the address names no day."""
    kind = asked.get("kind", "")
    kind = kind if kind in KINDS else OPENED
    monday = monday_of(min(day_in(asked.get("week", "")) or made.frame.as_of, made.frame.as_of))
    week = Period(monday, min(monday + WEEK - timedelta(days=1), made.frame.as_of))
    number = number_of(asked)
    rows, found = moves_behind(made.frame, week, kind, page=number, size=SIZE)
    cells = [
        [
            Cell(row.ref, to="disputes:detail", pk=row.pk),
            Cell(row.customer, to="ledger:customer", pk=row.customer_id),
            Cell(row.reason),
            Cell(formats.day(row.on)),
            Cell(_how(row)),
        ]
        for row in rows
    ]
    heads = [(_("Dispute"), False), (_("Customer"), False), (_("Reason"), False), (_("Day"), False)]
    if kind == OPENED:
        heads.append((pgettext("dispute", "Opening"), False))
        title = _("Disputes opened in the week")
        count = ngettext("%(n)d dispute opened", "%(n)d disputes opened", found) % {"n": found}
    else:
        heads.append((_("Outcome"), False))
        title = _("Disputes solved in the week")
        count = ngettext("%(n)d dispute solved", "%(n)d disputes solved", found) % {"n": found}
    summary = f"{formats.day(week.first)} – {formats.day(week.last)} · {count}"
    return Behind(title, summary, heads, cells, page_of(number, found))


def _how(row: Move) -> str:
    """The outcome of a closing; whether an opening was the first."""
    if not row.how:
        return pgettext("dispute", "for the first time")
    if row.how == "again":
        return pgettext("dispute", "again")
    return outcome_name(row.how)


def _within(text: str, end: int) -> int | None:
    """A whole number from 0 to before `end`."""
    return int(text) if text.isdecimal() and len(text) < 3 and int(text) < end else None


def answers_at(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """The answers given on a weekday within an hour (or `for` so many), the latest first."""
    day, hour = _within(asked.get("day", ""), DAYS), _within(asked.get("hour", ""), HOURS)
    wide = _within(asked.get("for", "1"), HOURS) or 1
    zone = ZoneInfo(made.frame.entity.time_zone)
    found = [one for one in replies(made.frame, Period(made.first_day, made.frame.as_of)) if one.answered_at]
    if day is not None and hour is not None:
        found = [one for one in found if _falls(one, zone, day, range(hour, hour + wide))]
    found.sort(key=lambda one: (one.answered_at, one.pk), reverse=True)
    page = page_of(number_of(asked), len(found))
    shown = found[page.start_index() - 1 if found else 0 : page.end_index()]
    heads = [(_("Dispute"), False), (_("Question"), False), (_("Person"), False), (_("Answered"), False)]
    heads += [(_("It took"), True), (_("In time"), False)]
    title = _("Answers to questions")
    if day is not None and hour is not None:
        title = f"{title}: {capfirst(formats.weekday(day))}, {hour:02d}:00–{min(hour + wide, HOURS):02d}:00"
    count = ngettext("%(n)d answer", "%(n)d answers", len(found)) % {"n": len(found)}
    return Behind(title, count, heads, [_answer(one, zone) for one in shown], page)


def questions_of(made: Chosen, asked: Mapping[str, str]) -> Behind:
    """What was asked of a person: what still waits, the most urgent first, then their answers, the latest first."""
    period, named = Period(made.first_day, made.frame.as_of), asked.get("person", "")
    zone = ZoneInfo(made.frame.entity.time_zone)
    found = [one for one in questions(made.frame, period) if str(one.person_id) == named]
    waits = sorted(
        (one for one in found if not one.answered_at), key=lambda one: (one.due_at or LATER, one.pk)
    )
    given = sorted(
        (one for one in found if one.answered_at), key=lambda one: (one.answered_at, one.pk), reverse=True
    )
    page = page_of(number_of(asked), len(found))
    shown = [*waits, *given][page.start_index() - 1 if found else 0 : page.end_index()]
    heads = [(_("Dispute"), False), (_("Question"), False), (_("Person"), False), (_("Answered"), False)]
    heads += [(_("It took"), True), (_("In time"), False)]
    count = ngettext("%(n)d question", "%(n)d questions", len(found)) % {"n": len(found)}
    return Behind(_("Questions to a person"), count, heads, [_answer(one, zone) for one in shown], page)


def _falls(one: Reply, zone: ZoneInfo, day: int, hours: range) -> bool:
    if one.answered_at is None:
        return False
    on, at = slot_of(one.answered_at, zone)
    return on == day and at in hours


def _answer(one: Reply, zone: ZoneInfo) -> list[Cell]:
    local = one.answered_at.astimezone(zone) if one.answered_at else None
    return [
        Cell(one.ref, to="disputes:detail", pk=one.dispute),
        Cell(one.text),
        Cell(one.person),
        Cell(f"{formats.day(local.date())} {local:%H:%M}" if local else _("Not answered yet")),
        Cell(formats.span(one.took), number=True),
        Cell(_("yes") if one.in_time else _("no")),
    ]
