"""The Celery application. Every recurring job stands in settings.CELERY_BEAT_SCHEDULE."""

import os

from celery import Celery
from django.core.cache import cache
from django.utils import timezone

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("zanjar")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

HEARTBEAT_KEY = "jobs-heartbeat"


@app.task(name="config.heartbeat", ignore_result=True)
def heartbeat() -> None:
    """Leaves the proof, read by /health/ready, that beat sends and a worker works."""
    cache.set(HEARTBEAT_KEY, timezone.now().timestamp(), timeout=None)
