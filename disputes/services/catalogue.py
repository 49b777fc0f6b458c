"""The reasons and routes every legal entity starts with, read from `disputes/catalogue/*.yaml`."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from accounts import services as people
from accounts.models import Department, LegalEntity
from disputes.choices import CodeKind, Effect, HolderKind, Standard
from disputes.labels import in_language
from disputes.models import ExternalCode, Move, QuestionTemplate, Reason, Route, RouteVersion, Stage

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"
OTHERS = {"departments.yaml", "external_codes.yaml", "short_words.yaml"}


@cache
def reasons() -> tuple[dict[str, Any], ...]:
    """The reasons of the catalogue with their routes, in the order people see them."""
    files = [path for path in FOLDER.glob("*.yaml") if path.name not in OTHERS]
    return tuple(
        sorted((yaml.safe_load(path.read_text()) for path in files), key=lambda entry: entry["position"])
    )


@cache
def departments() -> tuple[dict[str, Any], ...]:
    """The departments that the routes of the catalogue speak of."""
    return tuple(yaml.safe_load((FOLDER / "departments.yaml").read_text())["departments"])


@transaction.atomic
def install(entity: LegalEntity) -> list[Reason]:
    """Give the entity the reasons of the catalogue it does not have yet. Running it twice changes nothing."""
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    teams = {
        entry["code"]: people.add_department(
            entity=entity, code=entry["code"], name=in_language(entry["labels"], entity.language)
        )
        for entry in departments()
    }
    known = set(Reason.objects.filter(entity=entity).values_list("code", flat=True))
    fresh = [_install_reason(entity, entry, teams) for entry in reasons() if entry["code"] not in known]
    _install_codes(entity)
    return fresh


def _install_reason(entity: LegalEntity, entry: dict[str, Any], teams: dict[str, Department]) -> Reason:
    return Reason.objects.create(
        entity=entity,
        code=entry["code"],
        labels=entry["labels"],
        examples=entry["examples"],
        icon=entry["icon"],
        position=entry["position"],
        department=teams.get(entry.get("department", "")),
        route=add_version(entity, entry["route"], teams).route,
    )


@cache
def external_codes() -> tuple[tuple[str, str, str, str, str], ...]:
    """The codes of other systems: standard, kind, code, our reason's code or nothing, effect."""
    rows = [
        (str(Standard.ANY), str(CodeKind.REASON), code, entry["code"], str(Effect.OPEN))
        for entry in reasons()
        for code in entry["external_codes"]
    ]
    for standard, kinds in yaml.safe_load((FOLDER / "external_codes.yaml").read_text()).items():
        for code, effect in kinds["status"].items():
            rows.append((standard, str(CodeKind.STATUS), code, "", effect))
        for code, reason in kinds["reason"].items():
            counts = reason != Effect.NONE
            effect = str(Effect.OPEN if counts else Effect.NONE)
            rows.append((standard, str(CodeKind.REASON), code, reason if counts else "", effect))
    return tuple(rows)


def _install_codes(entity: LegalEntity) -> None:
    """The codes of the catalogue that the entity's table does not have; what people changed there stays."""
    ours = {reason.code: reason for reason in Reason.objects.filter(entity=entity)}
    ExternalCode.objects.bulk_create(
        [
            ExternalCode(
                entity=entity, standard=standard, kind=kind, code=code, reason=ours.get(reason), effect=effect
            )
            for standard, kind, code, reason, effect in external_codes()
        ],
        ignore_conflicts=True,
    )


@transaction.atomic
def add_version(entity: LegalEntity, data: dict[str, Any], teams: dict[str, Department]) -> RouteVersion:
    """Write a new version of a route from its data and make it current; disputes under way keep theirs."""
    problems = check_route(data)
    if problems:
        raise ValueError("; ".join(problems))
    route, _ = Route.objects.get_or_create(
        entity=entity, code=data["code"], defaults={"labels": data["labels"]}
    )
    newest = route.versions.order_by("-number").first()
    route.versions.filter(current=True).update(current=False)
    version = RouteVersion.objects.create(route=route, number=newest.number + 1 if newest else 1)
    stages = {
        stage["code"]: _write_stage(version, position, stage, teams)
        for position, stage in enumerate(data["stages"], start=1)
    }
    for stage in data["stages"]:
        _write_moves(stages, stage)
        _write_question(stages[stage["code"]], stage.get("question"))
    RouteVersion.objects.filter(pk=version.pk).update(current=True)
    return version


def _write_stage(
    version: RouteVersion, position: int, stage: dict[str, Any], teams: dict[str, Department]
) -> Stage:
    return Stage.objects.create(
        version=version,
        position=position,
        code=stage["code"],
        labels=stage["labels"],
        status=stage["status"],
        holder_kind=stage["holder"],
        holder_role=stage.get("role", ""),
        department=teams[stage["department"]] if stage["holder"] == HolderKind.DEPARTMENT else None,
        deadline_minutes=stage.get("deadline_minutes"),
        clock_stops=stage.get("clock_stops", False),
        initial=stage.get("initial", False),
    )


def _write_moves(stages: dict[str, Stage], stage: dict[str, Any]) -> None:
    Move.objects.bulk_create(
        Move(
            stage=stages[stage["code"]],
            position=position,
            code=move["code"],
            labels=move["labels"],
            to_stage=stages[move["to"]] if "to" in move else None,
            roles=move["roles"],
            demands=move.get("demands", []),
            ends_as=move.get("ends_as", ""),
            verdict=move.get("verdict", ""),
            resolution=move.get("resolution", ""),
        )
        for position, move in enumerate(stage["moves"], start=1)
    )


def _write_question(stage: Stage, question: dict[str, Any] | None) -> None:
    if question is not None:
        fields = {name: question[name] for name in ("code", "labels", "kind", "target_field", "asks")}
        QuestionTemplate.objects.create(
            stage=stage,
            choices=question.get("choices", []),
            move=question.get("move", ""),
            deadline_minutes=question.get("deadline_minutes"),
            **fields,
        )


def check_route(data: dict[str, Any]) -> list[str]:
    """What is wrong with a route, in words; empty when it can be used.

    One start, every stage reachable, no dead end, moves lead to stages that exist, and an answer never makes a
    move that demands more than a note.
    """
    stages = {stage["code"]: stage for stage in data["stages"]}
    problems = (
        [] if sum(bool(s.get("initial")) for s in data["stages"]) == 1 else ["exactly one stage starts"]
    )
    seen: set[str] = set()
    ahead = [code for code, stage in stages.items() if stage.get("initial")]
    while ahead:
        code = ahead.pop()
        if code not in seen:
            seen.add(code)
            ahead += [move["to"] for move in stages[code]["moves"] if move.get("to") in stages]
    problems += [f"stage {code} cannot be reached" for code in stages if code not in seen]
    for code, stage in stages.items():
        problems += _stage_problems(code, stage, set(stages))
    return problems


def _stage_problems(code: str, stage: dict[str, Any], stages: set[str]) -> list[str]:
    moves = {move["code"]: move for move in stage["moves"]}
    problems = [] if moves else [f"stage {code} has no way out"]
    problems += [
        f"{code}.{m} leads nowhere" for m, move in moves.items() if "to" in move and move["to"] not in stages
    ]
    question = stage.get("question") or {}
    made = {choice.get("move", "") for choice in question.get("choices", [])} | {question.get("move", "")}
    for name in made - {""}:
        if name not in moves:
            problems.append(f"{code}: an answer makes the unknown move {name}")
        elif set(moves[name].get("demands", [])):
            problems.append(f"{code}: an answer cannot give what {name} demands")
    return problems
