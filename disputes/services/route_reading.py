"""A version of a route as data: the same form as the catalogue and the files people export."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from disputes.models import Move, QuestionTemplate, RouteVersion, Stage, StageAlert, StageBranch, StageSend

Data = dict[str, Any]


def read_route(version: RouteVersion) -> Data:
    """The whole version as plain data; fields that say nothing are left out. `write_version` takes it back."""
    stages = version.stages.select_related("department", "person").prefetch_related(
        Prefetch("branches", StageBranch.objects.select_related("department", "person")),
        Prefetch("moves", Move.objects.select_related("to_stage")),
        "questions",
        "alerts",
        "sends",
    )
    return {
        "code": version.route.code,
        "labels": version.labels or version.route.labels,
        "stages": [_stage(stage) for stage in stages],
    }


def _stage(stage: Stage) -> Data:
    asked = [question for question in stage.questions.all() if question.branch_id is None]
    return _said(
        code=stage.code,
        labels=stage.labels,
        status=stage.status,
        **_held(stage),
        clock_stops=stage.clock_stops,
        initial=stage.initial,
        questions=[_question(question) for question in asked],
        parallel=_parallel(stage),
        alerts=[_alert(alert) for alert in stage.alerts.all()],
        sends=[_send(send) for send in stage.sends.all()],
    ) | {"moves": [_move(move) for move in stage.moves.all()]}


def _held(row: Stage | StageBranch) -> Data:
    return {
        "holder": row.holder_kind,
        "role": row.holder_role,
        "department": row.department.code if row.department else None,
        "person": row.person.email if row.person else None,
        "deadline_minutes": row.deadline_minutes,
    }


def _parallel(stage: Stage) -> Data:
    if not stage.wait_for:
        return {}
    branches = []
    for branch in stage.branches.all():
        asked = [_question(each) for each in stage.questions.all() if each.branch_id == branch.pk]
        said = _said(code=branch.code, labels=branch.labels, **_held(branch))
        branches.append(said | ({"question": asked[0]} if asked else {}))
    return {"wait_for": stage.wait_for, "then": stage.joins_by, "branches": branches}


def _question(question: QuestionTemplate) -> Data:
    return _said(
        code=question.code,
        labels=question.labels,
        kind=question.kind,
        choices=question.choices,
        move=question.move,
        target_field=question.target_field,
        asks=question.asks,
        deadline_minutes=question.deadline_minutes,
    )


def _move(move: Move) -> Data:
    return _said(
        code=move.code,
        labels=move.labels,
        to=move.to_stage.code if move.to_stage else None,
        demands=list(move.demands),
        ends_as=move.ends_as,
        verdict=move.verdict,
        resolution=move.resolution,
    ) | {"roles": list(move.roles)}


def _alert(alert: StageAlert) -> Data:
    return {"minutes": alert.minutes, "to": alert.to, "hand_over": alert.hand_over}


def _send(send: StageSend) -> Data:
    return {"text": send.text, "to": send.to}


def _said(**fields: Any) -> Data:
    """The fields that say something."""
    return {name: value for name, value in fields.items() if value not in (None, "", False, [], {})}
