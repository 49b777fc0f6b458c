"""System checks: what `manage.py check` says about the machine before anything starts."""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register
from django.db import models

OURS = ("accounts", "ledger", "mailroom", "disputes", "collections_app", "chat", "reporting")


@register
def postgresql_is_used(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The guards are PostgreSQL's: no other database will do."""
    if settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql":
        return []
    return [Error("Zanjar needs PostgreSQL.", hint="Set DATABASE_URL=postgres://...", id="zanjar.E001")]


@register
def stored_times_are_utc(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Moments are stored in UTC; each person reads them in their own zone."""
    if settings.USE_TZ and settings.TIME_ZONE == "UTC":
        return []
    return [Error("TIME_ZONE must be UTC and USE_TZ true.", id="zanjar.E002")]


@register
def no_model_holds_a_float(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Amounts, rates and days are decimals."""
    return [
        Error(f"{field.model._meta.label}.{field.name} is a FloatField; use DecimalField.", id="zanjar.E003")
        for label in OURS
        for model in apps.get_app_config(label).get_models()
        for field in model._meta.get_fields()
        if isinstance(field, models.FloatField)
    ]


@register
def a_broker_is_set(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """Jobs and live updates go through a Redis-protocol server, and never run inside the request."""
    problems: list[CheckMessage] = []
    if not settings.CELERY_BROKER_URL.startswith("redis"):
        problems.append(Error("Set REDIS_URL=redis://...", id="zanjar.E004"))
    if getattr(settings, "CELERY_TASK_ALWAYS_EAGER", False):
        problems.append(Error("CELERY_TASK_ALWAYS_EAGER hides lost jobs; leave it off.", id="zanjar.E005"))
    return problems


@register(deploy=True)
def letters_leave_the_machine(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """In production, mail goes to people and not to a directory."""
    if settings.EMBEDDED or not settings.EMAIL_URL.startswith("file:"):
        return []
    return [Warning("Mail is written to files.", hint="Set EMAIL_URL=smtp+tls://...", id="zanjar.W001")]
