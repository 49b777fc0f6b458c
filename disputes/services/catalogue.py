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
from disputes.models import ExternalCode, Reason, Route
from disputes.services.routes import write_version
from lib import clock

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
    return Reason.objects.create(
        entity=entity,
        code=entry["code"],
        labels=entry["labels"],
        examples=entry["examples"],
        icon=entry["icon"],
        position=entry["position"],
        department=teams.get(entry.get("department", "")),
        route=_install_route(entity, entry["route"], at),
    )


def _install_route(entity: LegalEntity, data: dict[str, Any], at: datetime) -> Route:
    """The route of a reason, by the writer that people use; nobody has to work in its departments yet."""
    return write_version(entity=entity, data=data, by=None, at=at, activate=True).route


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
