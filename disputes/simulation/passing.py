"""How one stage would have gone: how long, until when, late or not, who would have been asked and alerted."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Protocol

from disputes.clocks import Office, add_working, working_time
from disputes.simulation.medians import Medians
from disputes.simulation.parts import Passage, Past, Source, Visit, lateness
from disputes.simulation.ways import Ways

# From the best known to the least.
TRUST = [Source.OWN, Source.STAGE, Source.KIND, Source.UNKNOWN]


class Supply(Protocol):
    """Where a stage with branches finds the real visits that did the same."""

    past: Past

    def take(self, code: str) -> Visit | None:
        """The next real visit to this code, used up."""


class Passing:
    """The rules of passing through a stage of the edition."""

    def __init__(self, ways: Ways, medians: Medians, office: Office, now: datetime) -> None:
        self.ways, self.medians, self.office, self.now = ways, medians, office, now

    def through(self, code: str, start: datetime, visit: Visit | None, supply: Supply) -> Passage:
        """The stage `code` entered at `start`; `visit` is the dispute's own time there, if it has one."""
        stage = self.ways.stages[code]
        branches = (stage.get("parallel") or {}).get("branches") or []
        if visit is None and branches:
            end, source = self._branches(stage, branches, start, supply)
        else:
            end, source = self._time(code, stage, start, visit)
        due = self._due(stage, branches, start, visit)
        office = (visit.office if visit else None) or self.office
        is_late, late = lateness(due, end, self.now, office)
        return Passage(
            stage=code,
            start=start,
            end=end,
            source=source,
            due=due,
            is_late=is_late,
            late=late,
            asked=self._asked(stage, branches, supply.past),
            alerts=self._alerts(stage, due, end),
        )

    def _due(
        self, stage: dict[str, Any], branches: list[dict[str, Any]], start: datetime, visit: Visit | None
    ) -> datetime | None:
        """The deadline. Where nothing changed for the dispute, the one it really had."""
        minutes = None if stage.get("clock_stops") else stage.get("deadline_minutes")
        if branches and not minutes:
            each = [int(branch.get("deadline_minutes") or 0) for branch in branches]
            minutes = min(each) if stage["parallel"].get("wait_for") == "any" else max(each) * all(each)
        if not minutes:
            return None
        if visit is not None and visit.start == start and visit.deadline == minutes:
            return visit.due
        return add_working(start, int(minutes), (visit.office if visit else None) or self.office)

    def _time(
        self, code: str, stage: dict[str, Any], start: datetime, visit: Visit | None
    ) -> tuple[datetime | None, Source]:
        if visit is None:
            minutes, source = self.medians.guess(code, str(stage.get("holder") or ""))
            return self._after(start, minutes), source
        if visit.end is None:
            return None, Source.OWN
        if visit.start == start:
            return visit.end, Source.OWN
        if stage.get("clock_stops"):
            return start + (visit.end - visit.start), Source.OWN
        return self._after(start, visit.minutes, visit.office), Source.OWN

    def _after(self, start: datetime, minutes: int, office: Office | None = None) -> datetime:
        return add_working(start, minutes, office or self.office) if minutes else start

    def _branches(
        self, stage: dict[str, Any], branches: list[dict[str, Any]], start: datetime, supply: Supply
    ) -> tuple[datetime | None, Source]:
        """All of the branches, or the first one; a branch named like a stage takes what that stage took."""
        found: list[tuple[int, Source]] = []
        for branch in branches:
            own = supply.take(branch["code"])
            guess = self.medians.guess(branch["code"], str(branch.get("holder") or ""))
            found.append((own.minutes, Source.OWN) if own else guess)
        times = [minutes for minutes, _source in found]
        minutes = min(times) if stage["parallel"].get("wait_for") == "any" else max(times)
        return self._after(start, minutes), max((source for _m, source in found), key=TRUST.index)

    def _asked(
        self, stage: dict[str, Any], branches: list[dict[str, Any]], past: Past
    ) -> tuple[tuple[str, str], ...]:
        """Whom every question of the stage and its branches would have gone to: the name, else the kind of person."""
        asked: list[tuple[str, str]] = []
        for part in [stage, *branches]:
            questions = [part["question"]] if part.get("question") else []
            for question in questions + list(part.get("questions") or []):
                kind = str(question.get("asks") or "salesperson")
                who = _holder(part) if kind == "holder" else kind
                asked.append((past.people.get(who) or who, str(question["code"])))
        return tuple(asked)

    def _alerts(self, stage: dict[str, Any], due: datetime | None, end: datetime | None) -> tuple[str, ...]:
        """Who would have been told about the deadline before the stage was left."""
        if due is None:
            return ()
        until = end or self.now
        return tuple(
            str(alert["to"])
            for alert in stage.get("alerts") or []
            if self._fires(due, int(alert["minutes"]), until)
        )

    def _fires(self, due: datetime, minutes: int, until: datetime) -> bool:
        """Whether an alert so many working minutes after (or before) the deadline comes while it is still there."""
        if minutes < 0:
            return until >= due or working_time(until, due, self.office) < timedelta(minutes=-minutes)
        return (add_working(due, minutes, self.office) if minutes else due) < until


def _holder(part: dict[str, Any]) -> str:
    """Who has a stage or branch: `department:billing`, `role:expert`, `person:eva@...`, or a kind of holder."""
    kind = str(part.get("holder") or "")
    return f"{kind}:{part[kind]}" if kind in ("department", "role", "person") and part.get(kind) else kind
