"""The replay of one dispute after the other on another edition of the route."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from disputes.clocks import Office
from disputes.simulation.medians import Medians
from disputes.simulation.parts import Passage, Past, Replay, Visit
from disputes.simulation.passing import Passing
from disputes.simulation.ways import Ways, end_goal, stage_goal

LONGEST = 200  # stages; a replay that goes on longer goes in circles


def replay_all(data: dict[str, Any], pasts: Sequence[Past], office: Office, now: datetime) -> list[Replay]:
    """Every dispute on the edition `data`, in the working time of `office`; running ones until `now`."""
    ways, medians = Ways(data), Medians(pasts)
    return [_Walk(past, ways, Passing(ways, medians, office, now)).go() for past in pasts]


class _Walk:
    """One dispute on its way. `at` counts the real visits that are used up."""

    def __init__(self, past: Past, ways: Ways, passing: Passing) -> None:
        self.past, self.ways, self.passing = past, ways, passing
        self.visits = past.visits
        self.at = 0
        self.shift = timedelta()
        self.passages: list[Passage] = []
        self.left_out: list[str] = []

    def go(self) -> Replay:
        """From the first stage to the end, to now, or to where nothing is known."""
        stage, start = self.ways.first, self.past.opened
        if not stage:
            return self._stopped("", "no_start")
        for _step in range(LONGEST):
            visit = self._use(stage)
            passage = self.passing.through(stage, start, visit, self)
            self.passages.append(passage)
            if passage.end is None:
                return self._result(None)
            self._skip_unknown()
            move = self._move(stage, visit)
            if move is None:
                return self._stopped(stage, "no_way" if self._left() else "no_ending")
            if move.get("to"):
                stage, start = move["to"], passage.end
            elif self._reopened():
                stage, start = self.ways.first, passage.end + self._gap()
            elif self._left():
                return self._stopped(stage, "ends_sooner")
            else:
                return self._result(passage.end)
        return self._stopped(stage, "circles")

    def _left(self) -> bool:
        return self.at < len(self.visits)

    def _use(self, stage: str) -> Visit | None:
        """The next real visit when it was to this stage; then it is used up."""
        if self._left() and self.visits[self.at].stage == stage:
            self.at += 1
            return self.visits[self.at - 1]
        return None

    def take(self, code: str) -> Visit | None:
        """The next real visit to `code`, wherever it comes, for a branch that does what was a stage; it is used up."""
        for place in range(self.at, len(self.visits)):
            visit = self.visits[place]
            if visit.closes is not None:
                return None
            if visit.stage == code and visit.end is not None:
                self.visits = self.visits[:place] + self.visits[place + 1 :]
                return visit
        return None

    def _skip_unknown(self) -> None:
        """Real visits to stages that the edition does not have cannot be repeated. The last one still tells the end."""
        while self.at < len(self.visits) and self.visits[self.at].stage not in self.ways.stages:
            self.left_out.append(self.visits[self.at].stage)
            self.at += 1

    def _move(self, stage: str, visit: Visit | None) -> dict[str, Any] | None:
        """What leads on: the move that was really made, else the shortest way to where the dispute went."""
        if visit is not None:
            same = self.ways.named(stage, visit.move)
            if same is not None:
                return same
        if visit is not None and visit.closes and self._left():
            return {"code": "", "ends_as": visit.closes[0]}
        if self._left() and not self._closed_before():
            return self.ways.toward(stage, stage_goal(self.visits[self.at].stage))
        closes = self.visits[self.at - 1].closes if self.at else None
        if closes is None:
            return None
        if visit is not None and not visit.move:
            return {"code": "", "ends_as": closes[0]}  # It was closed by hand, which is possible anywhere.
        return self.ways.toward(stage, end_goal(*closes)) or self.ways.toward(stage, end_goal(closes[0]))

    def _closed_before(self) -> bool:
        """Whether the last used visit ended the dispute, so that the next one is after its reopening."""
        return bool(self.at) and self.visits[self.at - 1].closes is not None

    def _reopened(self) -> bool:
        return self._left() and self._closed_before()

    def _gap(self) -> timedelta:
        """How long it was closed."""
        before = self.visits[self.at - 1].end
        return self.visits[self.at].start - before if before else timedelta()

    def _stopped(self, stage: str, why: str) -> Replay:
        return Replay(self.past, tuple(self.passages), None, stage or "-", why, tuple(self.left_out))

    def _result(self, end: datetime | None) -> Replay:
        return Replay(self.past, tuple(self.passages), end, left_out=tuple(self.left_out))
