"""The reasons and routes every legal entity starts with, read from `disputes/catalogue/*.yaml`."""

from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from accounts import services as people
from accounts.models import Department, LegalEntity
from disputes.choices import CodeKind, Effect, Standard
from disputes.labels import in_language
from disputes.models import AskTemplate, ExternalCode, Reason, Route
from disputes.services.routes import write_version
from lib import clock

FOLDER = Path(__file__).resolve().parent.parent / "catalogue"
OTHERS = {"beside.yaml", "departments.yaml", "external_codes.yaml", "short_words.yaml"}


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
def install(entity: LegalEntity, *, at: datetime | None = None) -> list[Reason]:
    """Give the entity the reasons of the catalogue it does not have yet. Running it twice changes nothing."""
    LegalEntity.objects.select_for_update(no_key=True).get(pk=entity.pk)
    teams = {
        entry["code"]: people.add_department(
            entity=entity, code=entry["code"], name=in_language(entry["labels"], entity.language)
        )
        for entry in departments()
    }
    known = set(Reason.objects.filter(entity=entity).values_list("code", flat=True))
    at = at or clock.now()
    fresh = [_install_reason(entity, entry, teams, at) for entry in reasons() if entry["code"] not in known]
    _install_codes(entity)
    return fresh


def _install_reason(
    entity: LegalEntity, entry: dict[str, Any], teams: dict[str, Department], at: datetime
) -> Reason:
    reason = Reason.objects.create(
        entity=entity,
        code=entry["code"],
        labels=entry["labels"],
        examples=entry["examples"],
        icon=entry["icon"],
        position=entry["position"],
        department=teams.get(entry.get("department", "")),
        route=_install_route(entity, entry["route"], at),
    )
    _install_questions(reason, entry)
    return reason


def _install_route(entity: LegalEntity, data: dict[str, Any], at: datetime) -> Route:
    """The route of a reason, by the writer that people use; nobody has to work in its departments yet.

    Its letters to customers wait until a person lets them out.
    """
    version = write_version(entity=entity, data=whole_route(data), by=None, at=at, activate=True)
    Route.objects.filter(pk=version.route_id).update(writes_to_customers=False)
    return version.route


@cache
def _beside() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((FOLDER / "beside.yaml").read_text())
    return found


def whole_route(data: dict[str, Any]) -> dict[str, Any]:
    """A route of the catalogue with the alerts and letters that all of them have."""
    return data | {"stages": [_whole_stage(stage, data["code"]) for stage in data["stages"]]}


def _whole_stage(stage: dict[str, Any], route: str) -> dict[str, Any]:
    beside, more = _beside(), {}
    limit = stage.get("deadline_minutes")
    if limit and not stage.get("clock_stops") and "alerts" not in stage:
        before = next(row["minutes"] for row in beside["before"] if limit <= row["deadline"])
        more["alerts"] = [{"minutes": before, "to": "holder"}, *beside["alerts"]]
    letter = beside["letters"].get(stage["code"])
    if letter and route not in beside["no_letters"] and "sends" not in stage:
        more["sends"] = [{"text": letter, "to": "customer"}]
    return stage | more


def add_questions(entity: LegalEntity) -> list[AskTemplate]:
    """Give the reasons of the catalogue that have no question at hand those of the catalogue; what is there stays."""
    entries = {entry["code"]: entry for entry in reasons()}
    bare = Reason.objects.filter(entity=entity, code__in=entries, ask_templates=None)
    return [row for reason in bare for row in _install_questions(reason, entries[reason.code])]


def _install_questions(reason: Reason, entry: dict[str, Any]) -> list[AskTemplate]:
    """The questions at hand of a reason."""
    return AskTemplate.objects.bulk_create(
        [
            AskTemplate(
                entity=reason.entity,
                reason=reason,
                code=question["code"],
                labels=question["labels"],
                kind=question["kind"],
                choices=[
                    {"value": str(n), "labels": labels}
                    for n, labels in enumerate(question.get("choices", []), 1)
                ],
                target_field=question.get("target_field", ""),
                deadline_minutes=question["deadline_minutes"],
                asks=question["asks"],
            )
            for question in entry["questions"]
        ]
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
