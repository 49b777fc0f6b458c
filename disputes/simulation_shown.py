"""A simulation in words, for its page and the API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from disputes.choices import HolderKind
from disputes.drawing import Names
from disputes.drawing.told import holder_in_words, recipient_in_words, time_spent
from disputes.simulation.parts import Passage, Source, Visit
from disputes.simulation.run import Row, Simulation

MOST_ROWS = 50


@dataclass(frozen=True, slots=True)
class Leg:
    """One line of the explanation of a dispute: a stage as it was, or as it would have been."""

    stage: str
    start: Any
    end: Any
    due: Any
    late: str
    note: str
    asked: tuple[str, ...] = ()
    alerts: tuple[str, ...] = ()


def source_words() -> dict[str, str]:
    """Where a time comes from."""
    return {
        Source.OWN: _("its own time"),
        Source.STAGE: _("median of this stage in other disputes"),
        Source.KIND: _("median of stages with the same kind of holder"),
        Source.UNKNOWN: _("unknown: no time counted"),
    }


def stop_words(why: str) -> str:
    """Why a replay could not go on."""
    return {
        "no_start": _("The edition does not say where disputes start."),
        "no_way": _("From here the edition has no way to where the dispute really went."),
        "no_ending": _(
            "From here the edition has no way to how the dispute really ended, or it is still under way."
        ),
        "ends_sooner": _(
            "The edition ends here; the dispute really went on. Whether that was needed cannot be known."
        ),
        "circles": _("The edition leads in circles here."),
    }.get(why, why)


def hours(time: timedelta) -> str:
    """Working time in words."""
    return time_spent(round(time.total_seconds() / 60))


def person_words(who: str, names: Names) -> str:
    """Somebody by name, else what kind of person it would be."""
    kind, _colon, which = who.partition(":")
    if which and kind in HolderKind.values:
        return holder_in_words({"holder": kind, kind: which}, names)[1]
    if who in HolderKind.values:
        return str(HolderKind(who).label)
    return recipient_in_words(who)


def legs_before(simulation: Simulation, row: Row) -> list[Leg]:
    """The dispute as it was."""
    return [_visit_leg(simulation, visit) for visit in row.replay.past.visits]


def _visit_leg(simulation: Simulation, visit: Visit) -> Leg:
    late = visit.due is not None and visit.end is not None and visit.end > visit.due
    return Leg(
        stage=simulation.stage_names.get(visit.stage, visit.stage),
        start=visit.start,
        end=visit.end,
        due=visit.due,
        late=_("late") if late else "",
        note=hours(timedelta(minutes=visit.minutes)),
    )


def legs_after(simulation: Simulation, row: Row) -> list[Leg]:
    """The dispute as it would have been, with where every time comes from."""
    words = source_words()
    return [_passage_leg(simulation, passage, words) for passage in row.replay.passages]


def _passage_leg(simulation: Simulation, passage: Passage, words: dict[str, str]) -> Leg:
    asked = tuple(
        f"{person_words(who, simulation.names)}: {simulation.question_names.get(question, question)}"
        for who, question in passage.asked
    )
    return Leg(
        stage=simulation.stage_names.get(passage.stage, passage.stage),
        start=passage.start,
        end=passage.end,
        due=passage.due,
        late=hours(passage.late) if passage.is_late else "",
        note=words[passage.source],
        asked=asked,
        alerts=tuple(recipient_in_words(to) for to in passage.alerts),
    )


def shown(simulation: Simulation) -> dict[str, Any]:
    """What the page of a simulation shows beside the comparison itself."""
    found = simulation.comparison
    words = source_words()
    total = sum(found.sources.values())
    return {
        "simulation": simulation,
        "c": found,
        "stage_rows": [(simulation.stage_names.get(row.code, row.code), row) for row in found.stages],
        "asked": [
            (person_words(who, simulation.names), simulation.question_names.get(question, question), count)
            for who, question, count in found.asked[:MOST_ROWS]
        ],
        "alerts": [(recipient_in_words(to), count) for to, count in found.alerts],
        "sources": [(words[source], count) for source, count in found.sources.items() if count],
        "sources_total": total,
        "stopped": [
            (simulation.stage_names.get(stage, stage), stop_words(why), count)
            for stage, why, count in found.stopped
        ],
        "left_out": [(simulation.stage_names.get(code, code), count) for code, count in found.left_out],
        "rows": simulation.rows[:MOST_ROWS],
        "rows_left": max(0, len(simulation.rows) - MOST_ROWS),
    }
