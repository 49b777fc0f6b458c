"""A simulation from the database: which disputes, on which edition, and what is called what."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from accounts.models import Department
from accounts.selectors import Offices
from disputes.drawing import Names
from disputes.drawing.told import label_of, questions_of
from disputes.labels import in_language
from disputes.models import Route, RouteVersion, Stage
from disputes.services.route_reading import read_route
from disputes.simulation.figures import Comparison, compare, was
from disputes.simulation.parts import Replay
from disputes.simulation.reading import read_pasts
from disputes.simulation.replay import replay_all

PERIOD = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Row:
    """One dispute of the list: by how much working time it was late, and would have been."""

    replay: Replay
    before: timedelta
    after: timedelta

    @property
    def more(self) -> timedelta:
        """How much more lateness; negative when less."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class Simulation:
    """The answer for an edition and a period. `more`: older disputes of the period were left out."""

    data: dict[str, Any]
    comparison: Comparison
    rows: list[Row]
    more: bool
    stage_names: dict[str, str]
    question_names: dict[str, str]
    names: Names

    def row(self, dispute_id: int) -> Row | None:
        """One dispute."""
        return next((row for row in self.rows if row.replay.past.pk == dispute_id), None)


def simulate(*, version: RouteVersion, since: date, until: date, now: datetime) -> Simulation:
    """Replay the disputes that were opened on the route in the period on this edition of it. Changes nothing."""
    route = version.route
    offices, data = Offices(route.entity), read_route(version)
    office = offices.default
    read = read_pasts(route, since, until, offices, now)
    replays = replay_all(data, read.pasts, office, now)
    comparison = compare([stage["code"] for stage in data["stages"]], replays, office, now)
    rows = [
        Row(replay, was(replay.past, now, office), sum((p.late for p in replay.passages), timedelta()))
        for replay in replays
    ]
    rows.sort(key=lambda row: (row.more, row.replay.past.pk), reverse=True)
    names = Names(dict(Department.objects.filter(entity=route.entity).values_list("code", "name")))
    return Simulation(
        data, comparison, rows, read.more, _stage_names(route, data), _question_names(data), names
    )


def _stage_names(route: Route, data: dict[str, Any]) -> dict[str, str]:
    """What the stages of every edition are called; the simulated one has the last word."""
    rows = (
        Stage.objects.filter(version__route=route).order_by("version__number").values_list("code", "labels")
    )
    names = {code: in_language(labels) or code for code, labels in rows}
    return names | {stage["code"]: label_of(stage) for stage in data["stages"]}


def _question_names(data: dict[str, Any]) -> dict[str, str]:
    names: dict[str, str] = {}
    for stage in data["stages"]:
        for part in [stage, *((stage.get("parallel") or {}).get("branches") or [])]:
            names |= {question["code"]: label_of(question) for question in questions_of(part)}
    return names
