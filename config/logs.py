"""Structured logs: one line per thing that happened, with the id of the request it belongs to."""

import logging.config
from typing import Any

import structlog
from django.core.exceptions import ImproperlyConfigured

SHARED: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
]


def quiet_health(logger: object, name: str, event: structlog.typing.EventDict) -> structlog.typing.EventDict:
    """Drop the lines of the load balancer's questions, unless one failed on our side."""
    if str(event.get("request", "")).startswith("GET /health/") and event.get("code") in {None, 200, 503}:
        raise structlog.DropEvent
    return event


def logging_for(*, level: str, form: str) -> dict[str, Any]:
    """The LOGGING setting: `form` is console (for eyes) or json (one object a line, for machines)."""
    if form not in {"console", "json"}:
        raise ImproperlyConfigured(f"LOG_FORMAT must be console or json, not {form!r}.")
    if level.upper() not in logging.getLevelNamesMapping():
        raise ImproperlyConfigured(f"LOG_LEVEL must be DEBUG, INFO, WARNING or ERROR, not {level!r}.")
    renderer: list[structlog.typing.Processor] = (
        [structlog.dev.ConsoleRenderer(colors=False, pad_event_to=0)]
        if form == "console"
        else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, *renderer],
            }
        },
        "handlers": {"line": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["line"], "level": level.upper()},
        "loggers": {
            "uvicorn": {"handlers": [], "propagate": True},
            "uvicorn.access": {"handlers": [], "propagate": False},
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True},
            "celery.beat": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.app.trace": {"level": "WARNING"},
            "asyncio": {"level": "WARNING"},
        },
    }


def configure(config: dict[str, Any]) -> None:
    """Django's LOGGING_CONFIG: sets up the standard library's logging and structlog on top of it."""
    logging.config.dictConfig(config)
    structlog.configure(
        processors=[
            *SHARED,
            quiet_health,
            structlog.stdlib.filter_by_level,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
