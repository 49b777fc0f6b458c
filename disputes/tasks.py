"""Recurring work of the disputes room: ids in, nothing out."""

from celery import shared_task

from accounts.models import LegalEntity
from disputes import services
from disputes.evidence import sweeping
from lib import clock


@shared_task(name="disputes.end_what_is_over", ignore_result=True)
def end_what_is_over() -> None:
    """End the offers, requests for approval and promises whose last day is over where their legal entity is."""
    services.end_what_is_over(at=clock.now())


@shared_task(name="disputes.hand_on", ignore_result=True)
def hand_on() -> None:
    """Every minute: what the absent have goes to their deputies, what was delegated until now comes back."""
    services.hand_over_for_the_absent(at=clock.now())
    services.end_delegations(at=clock.now())


@shared_task(name="disputes.send_alerts", ignore_result=True)
def send_alerts() -> None:
    """Every minute: who is to be told of a deadline, and what goes up the ladder."""
    services.send_alerts(at=clock.now())


@shared_task(name="disputes.due_again", ignore_result=True)
def due_again(entity_id: int) -> None:
    """Count the deadlines of a legal entity again: one of its calendars changed."""
    services.due_again(entity=LegalEntity.objects.get(pk=entity_id), at=clock.now())


@shared_task(name="disputes.due_again_everywhere", ignore_result=True)
def due_again_everywhere() -> None:
    """Now and then: the deadlines of every legal entity, should a message have been lost."""
    for entity in LegalEntity.objects.order_by("pk"):
        services.due_again(entity=entity, at=clock.now())


@shared_task(name="disputes.nudge", ignore_result=True)
def nudge() -> None:
    """Every minute: make the reminders whose moment has come, and send the mails about questions that are due."""
    at = clock.now()
    services.remind_due(at=at)
    services.send_nudges(at=at)


@shared_task(name="disputes.sweep_evidence", ignore_result=True)
def sweep_evidence() -> None:
    """Every hour: delete stored files that no row names any more."""
    sweeping.sweep(at=clock.now())


@shared_task(name="disputes.wake_due", ignore_result=True)
def wake_due() -> None:
    """Tell of the disputes whose snooze has ended."""
    services.wake_due(at=clock.now())


@shared_task(name="disputes.prioritize_stale", ignore_result=True)
def prioritize_stale() -> None:
    """Compute the priorities that the clock has changed."""
    services.prioritize_stale(at=clock.now())
