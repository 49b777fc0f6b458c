"""Recurring work of the accounts room."""

from celery import shared_task

from accounts import events, idempotency
from lib import clock


@shared_task(name="accounts.sweep_events", ignore_result=True)
def sweep_events() -> None:
    """Deliver the events whose listeners have not heard of them yet."""
    events.sweep(at=clock.now())


@shared_task(name="accounts.forget_old_answers", ignore_result=True)
def forget_old_answers() -> None:
    """Drop kept API answers that nobody will ask for again."""
    idempotency.forget_old_answers(at=clock.now())
