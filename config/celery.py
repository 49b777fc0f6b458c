"""The Celery application. Every recurring job stands in settings.CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery
from celery.signals import setup_logging
from django.core.cache import cache
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("zanjar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def keep_our_logs(**kwargs: object) -> None:
    """Being connected is enough: Celery then leaves logging as settings.LOGGING made it."""


HEARTBEAT_KEY = "jobs-heartbeat"


@app.task(name="config.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Leaves the proof, read by /health/ready, that beat sends and a worker works."""
    cache.set(HEARTBEAT_KEY, timezone.now().timestamp(), timeout=None)
