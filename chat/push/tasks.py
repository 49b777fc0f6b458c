"""Jobs of push. Ids in, nothing out."""

from __future__ import annotations

from typing import Any

from celery import shared_task

from chat.push import services
from lib import clock


@shared_task(name="chat.push", ignore_result=True)
def push(device_id: int, packed: dict[str, Any], tries: int) -> None:
    """Try once more to reach a device."""
    services.retry(device_id=device_id, packed=packed, tries=tries, at=clock.now())


@shared_task(name="chat.take_push_back", ignore_result=True)
def take_push_back(event_id: int) -> None:
    """Close what devices show of a question that is over or went to somebody else."""
    services.follow_end(event_id=event_id, at=clock.now())
