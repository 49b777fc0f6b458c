"""The wait-time ledger: who had a dispute, in which stage, for how long. The one implementation of it.

Every minute between opening and closing belongs to exactly one stay, so to one stage, one holder, one side and one
department. A stay is cut to the time asked about and measured twice: by the calendar, and in the working hours of
who had it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Membership
from accounts.selectors import Offices
from disputes.choices import HolderSide
from disputes.clocks import Office, Timetable
from disputes.labels import in_language
from disputes.models import Dispute
from disputes.services.timing import office_of


@dataclass(frozen=True, slots=True)
class StayFacts:
    """What the ledger needs to know of one stay."""

    dispute: int
    stage: str
    stage_label: str
    side: str
    user: int | None
    email: str
    user_name: str
    team: int | None
    team_code: str
    team_name: str
    country: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Waited:
    """One stay within the time asked about: where, with whom, and how long."""

    dispute: int
    stage: str
    stage_label: str
    side: str
    holder: str
    holder_name: str
    department: str
    department_name: str
    start: datetime
    end: datetime
    goes_on: bool
    calendar: timedelta
    working: timedelta

    def key(self, by: str) -> tuple[str, str]:
        """Key and words of the stage, holder, side or department."""
        words = {
            "stage": (self.stage, self.stage_label),
            "holder": (self.holder, self.holder_name),
            "side": (self.side, ""),
            "department": (self.department, self.department_name),
        }
        return words[by]

    @property
    def who(self) -> str:
        """Who had it, in words."""
        return self.holder_name or str(HolderSide(self.side).label)


@dataclass(slots=True)
class Share:
    """What stays add up to for one stage, holder, side or department."""

    key: str
    label: str
    disputes: int
    calendar: timedelta
    working: timedelta


WAIT_DIMENSIONS = ("stage", "holder", "side", "department")


def measure(
    facts: Iterable[StayFacts], offices: Offices, *, until: datetime, since: datetime | None = None
) -> list[Waited]:
    """The stays cut to the time from `since` to `until`, each measured in the working hours of its holder."""
    rows = [
        (one, max(one.started_at, since) if since else one.started_at, min(one.ended_at or until, until))
        for one in facts
    ]
    rows = [(one, start, max(start, end)) for one, start, end in rows if start <= until]
    if not rows:
        return []
    tables = _Tables(min(start for _one, start, _end in rows), max(end for _one, _start, end in rows))
    teams = _teams(offices)
    found = []
    for one, start, end in rows:
        office = office_of(offices, one.side, one.user, one.team, one.country)
        found.append(
            Waited(
                one.dispute,
                one.stage,
                one.stage_label,
                one.side,
                f"user:{one.email}"
                if one.email
                else f"department:{one.team_code}"
                if one.team
                else f"side:{one.side}",
                one.user_name or one.team_name,
                *((one.team_code, one.team_name) if one.team else teams.get(one.user or 0, ("", ""))),
                start,
                end,
                one.ended_at is None,
                end - start,
                tables.between(office, start, end),
            )
        )
    return found


class _Tables:
    """The timetables of the offices that occur, each made once."""

    def __init__(self, first: datetime, last: datetime) -> None:
        self.first, self.last = first, last
        self.made: dict[int, Timetable] = {}

    def between(self, office: Office, start: datetime, end: datetime) -> timedelta:
        """The working time of the office between the two moments."""
        table = self.made.get(id(office))
        if table is None:
            table = self.made[id(office)] = Timetable(office, self.first, self.last)
        return table.between(start, end)


def _teams(offices: Offices) -> dict[int, tuple[str, str]]:
    """The department each person of the entity works in."""
    rows = Membership.objects.filter(entity=offices.entity, department__isnull=False).order_by("-pk")
    return {
        user: (code, name)
        for user, code, name in rows.values_list("user", "department__code", "department__name")
    }


def add_up(waited: Iterable[Waited], by: str) -> list[Share]:
    """What the stays add up to by stage, holder, side or department, the longest first. Every minute once."""
    shares: dict[str, Share] = {}
    seen: dict[str, set[int]] = {}
    for one in waited:
        key, label = one.key(by)
        share = shares.setdefault(key, Share(key, label, 0, timedelta(), timedelta()))
        share.calendar += one.calendar
        share.working += one.working
        seen.setdefault(key, set()).add(one.dispute)
    for key, share in shares.items():
        share.disputes = len(seen[key])
    return sorted(shares.values(), key=lambda share: (-share.calendar, share.label, share.key))


def waits_of(dispute: Dispute, at: datetime) -> list[Waited]:
    """The whole life of one dispute, until `at` while it is open."""
    rows = dispute.stays.select_related("stage", "holder_user", "holder_department").order_by("seq")
    facts = [
        StayFacts(
            dispute.pk,
            stay.stage.code,
            in_language(stay.stage.labels) or stay.stage.code,
            stay.holder_side,
            stay.holder_user_id,
            stay.holder_user.email if stay.holder_user else "",
            stay.holder_user.name if stay.holder_user else "",
            stay.holder_department_id,
            stay.holder_department.code if stay.holder_department else "",
            stay.holder_department.name if stay.holder_department else "",
            dispute.customer.country,
            stay.started_at,
            stay.ended_at,
        )
        for stay in rows
    ]
    newest = max((one.started_at for one in facts), default=at)
    return measure(facts, Offices(dispute.entity), until=max(at, newest, dispute.closed_at or at))
