"""What changes people and legal entities."""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.absences import change_deputy, end_absence, may_report_for, report_absence
from accounts.calendars_services import (
    CalendarInput,
    add_closure,
    drop_calendar,
    drop_closure,
    read_hours,
    save_calendar,
    set_lead,
    write_hours,
)
from accounts.events import emit
from accounts.models import ApiToken, Calendar, LegalEntity, User
from accounts.roles import add_department, add_person, deactivate, give_role, invite_partner, take_role

__all__ = [
    "CalendarInput",
    "add_closure",
    "add_department",
    "add_person",
    "change_deputy",
    "change_settings",
    "deactivate",
    "drop_calendar",
    "drop_closure",
    "end_absence",
    "give_role",
    "invite_partner",
    "make_token",
    "may_report_for",
    "open_entity",
    "read_hours",
    "report_absence",
    "revoke_token",
    "save_calendar",
    "set_lead",
    "take_role",
    "token_digest",
    "write_hours",
]


@transaction.atomic
def open_entity(
    *,
    code: str,
    name: str,
    country: str,
    currency: str,
    at: datetime,
    language: str = "es",
    time_zone: str = "Europe/Madrid",
    tax_id: str = "",
    iban: str = "",
) -> LegalEntity:
    """A new legal entity with its calendar; the rooms above hear of it and lay out their catalogues."""
    entity = LegalEntity(
        code=code,
        name=name,
        country=country,
        currency=currency,
        language=language,
        time_zone=time_zone,
        tax_id=tax_id,
        iban=iban,
    )
    entity.full_clean()
    entity.save()
    Calendar.objects.create(entity=entity, name=name[:100], country=country, time_zone=time_zone)
    emit(stream="entity", object_id=entity.pk, entity_id=entity.pk, kind="entity.opened", actor=None, at=at)
    return entity


@transaction.atomic
def change_settings(
    *, entity: LegalEntity, part: str, values: dict[str, Any], by: User, at: datetime
) -> LegalEntity:
    """Set one part of the entity's settings (`cash`, `mail`...); the event tells what it was before."""
    entity = LegalEntity.objects.select_for_update().get(pk=entity.pk)
    before = entity.settings.get(part)
    if before == values:
        return entity
    entity.settings = {**entity.settings, part: values}
    entity.save(update_fields=["settings"])
    emit(
        stream="entity",
        object_id=entity.pk,
        entity_id=entity.pk,
        kind="entity.settings",
        actor=by,
        at=at,
        data={"part": part, "before": before, "after": values},
    )
    return entity


def make_token(
    *, user: User, name: str, at: datetime, read_only: bool = False, expires_at: datetime | None = None
) -> tuple[ApiToken, str]:
    """A new API token and its key. The key is returned once and kept nowhere."""
    key = f"zj_{secrets.token_urlsafe(32)}"
    token = ApiToken.objects.create(
        user=user,
        name=name,
        digest=token_digest(key),
        hint=key[-4:],
        read_only=read_only,
        created_at=at,
        expires_at=expires_at,
    )
    return token, key


def revoke_token(*, token: ApiToken, at: datetime) -> None:
    """The token opens nothing from now on; revoking twice is harmless."""
    ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=at)


def token_digest(key: str) -> str:
    """What is stored of a key: its SHA-256, in hex. A key is random, so it needs no salt."""
    return hashlib.sha256(key.encode()).hexdigest()
