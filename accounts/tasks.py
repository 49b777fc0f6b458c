"""Recurring work of the accounts room."""

from celery import shared_task

from accounts import checking, events, idempotency
from lib import clock


@shared_task(name="accounts.sweep_events", ignore_result=True)
def sweep_events() -> None:
    """Deliver the events whose listeners have not heard of them yet."""
    events.sweep(at=clock.now())


@shared_task(name="accounts.forget_old_answers", ignore_result=True)
def forget_old_answers() -> None:
    """Drop kept API answers that nobody will ask for again."""
    idempotency.forget_old_answers(at=clock.now())


@shared_task(name="accounts.check_books", ignore_result=True)
def check_books(check_id: int) -> None:
    """Make the check of the books that was asked for."""
    checking.make_check(check_id=check_id, at=clock.now())


@shared_task(name="accounts.check_books_nightly", ignore_result=True)
def check_books_nightly() -> None:
    """Ask for the night's check when it is due, and take up one that was left behind."""
    at = clock.now()
    asked = checking.ask_for_check(at=at) if checking.check_due(at=at) else checking.waiting(at=at)
    if asked is not None:
        checking.make_check(check_id=asked.pk, at=at)
