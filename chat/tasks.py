"""Recurring work of the chat room: nothing in, nothing out."""

from celery import shared_task

from chat.reach import services
from lib import clock


@shared_task(name="chat.tell", ignore_result=True)
def tell() -> None:
    """Every few seconds: bring back what a dead worker left behind, and tell what is due."""
    at = clock.now()
    services.sweep(at=at)
    services.tell_of_messages(at=at)
    services.send_due(at=at)


@shared_task(name="chat.digest", ignore_result=True)
def digest() -> None:
    """Every few minutes: the letter of the day of everybody whose hour has come."""
    services.plan_digests(at=clock.now())
