"""The rows of a route's version: written from its data, or taken out of a draft again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from accounts.models import Department, LegalEntity, User
from disputes.choices import Asks, HolderKind
from disputes.models import (
    Move,
    QuestionTemplate,
    RouteVersion,
    Stage,
    StageAlert,
    StageBranch,
    StageSend,
)
from disputes.services.route_shape import branches_of, questions_of

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Names:
    """Who the data may name: departments by code, people by e-mail address."""

    departments: dict[str, Department]
    people: dict[str, User]

    def holder_of(self, part: Data) -> dict[str, Any]:
        """The fields that name the holder; what another kind of holder would need is dropped."""
        kind = part["holder"]
        return {
            "holder_kind": kind,
            "holder_role": part["role"] if kind == HolderKind.ROLE else "",
            "department": self.departments[part["department"]] if kind == HolderKind.DEPARTMENT else None,
            "person": self.people[part["person"].lower()] if kind == HolderKind.PERSON else None,
            "deadline_minutes": part.get("deadline_minutes"),
        }


def write_rows(version: RouteVersion, data: Data) -> None:
    """Write the stages of a version and all that hangs on them. The data keep their form, the version is empty."""
    names = _names(version.route.entity, data)
    rows = Stage.objects.bulk_create(
        _stage(version, position, stage, names) for position, stage in enumerate(data["stages"], start=1)
    )
    stages = {row.code: row for row in rows}
    asked: list[QuestionTemplate] = []
    for row, stage in zip(rows, data["stages"], strict=True):
        asked += _questions(row, None, [question for _place, question in questions_of(stage)])
        for position, branch in enumerate(branches_of(stage), start=1):
            asked += _write_branch(row, position, branch, names)
    QuestionTemplate.objects.bulk_create(asked)
    pairs = [*zip(rows, data["stages"], strict=True)]
    Move.objects.bulk_create(move for _row, stage in pairs for move in _moves(stages, stage))
    StageAlert.objects.bulk_create(alert for row, stage in pairs for alert in _alerts(row, stage))
    StageSend.objects.bulk_create(send for row, stage in pairs for send in _sends(row, stage))


def empty(draft: RouteVersion) -> None:
    """Take everything out of a draft."""
    for kind in (StageSend, StageAlert, QuestionTemplate, Move, StageBranch):
        kind._default_manager.filter(stage__version=draft).delete()
    draft.stages.all().delete()


def _names(entity: LegalEntity, data: Data) -> _Names:
    wanted = {
        str(part.get("person") or "").lower()
        for stage in data["stages"]
        for part in (stage, *branches_of(stage))
    }
    people = User.objects.filter(memberships__entity=entity).distinct()
    return _Names(
        {team.code: team for team in Department.objects.filter(entity=entity)},
        {person.email.lower(): person for person in people if person.email.lower() in wanted},
    )


def _stage(version: RouteVersion, position: int, stage: Data, names: _Names) -> Stage:
    parallel = stage.get("parallel") or {}
    return Stage(
        version=version,
        position=position,
        code=stage["code"],
        labels=stage["labels"],
        status=stage["status"],
        clock_stops=bool(stage.get("clock_stops")),
        initial=bool(stage.get("initial")),
        wait_for=parallel.get("wait_for", ""),
        joins_by=parallel.get("then", ""),
        **names.holder_of(stage),
    )


def _moves(stages: dict[str, Stage], stage: Data) -> Iterator[Move]:
    for position, move in enumerate(stage["moves"], start=1):
        yield Move(
            stage=stages[stage["code"]],
            position=position,
            code=move["code"],
            labels=move["labels"],
            to_stage=stages[move["to"]] if move.get("to") else None,
            roles=move["roles"],
            demands=move.get("demands") or [],
            ends_as=move.get("ends_as") or "",
            verdict=move.get("verdict") or "",
            resolution=move.get("resolution") or "",
        )


def _questions(
    stage: Stage, branch: StageBranch | None, questions: list[dict[str, Any]]
) -> list[QuestionTemplate]:
    usual = Asks.HOLDER if branch else Asks.SALESPERSON
    return [
        QuestionTemplate(
            stage=stage,
            branch=branch,
            position=position,
            code=question["code"],
            labels=question["labels"],
            kind=question["kind"],
            choices=question.get("choices") or [],
            move=question.get("move") or "",
            target_field=question.get("target_field") or "",
            asks=question.get("asks") or usual,
            deadline_minutes=question.get("deadline_minutes"),
        )
        for position, question in enumerate(questions, start=1)
    ]


def _write_branch(stage: Stage, position: int, branch: Data, names: _Names) -> list[QuestionTemplate]:
    """Write a branch; its questions, not written yet."""
    row = StageBranch.objects.create(
        stage=stage,
        position=position,
        code=branch["code"],
        labels=branch["labels"],
        **names.holder_of(branch),
    )
    return _questions(stage, row, [question for _place, question in questions_of(branch)])


def _alerts(stage: Stage, data: Data) -> list[StageAlert]:
    return [
        StageAlert(
            stage=stage,
            position=position,
            minutes=alert["minutes"],
            to=alert["to"],
            hand_over=bool(alert.get("hand_over")),
        )
        for position, alert in enumerate(data.get("alerts") or [], start=1)
    ]


def _sends(stage: Stage, data: Data) -> list[StageSend]:
    return [
        StageSend(stage=stage, position=position, text=send["text"], to=send["to"])
        for position, send in enumerate(data.get("sends") or [], start=1)
    ]
