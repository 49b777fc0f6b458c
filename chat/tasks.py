"""Background work of the chat room: ids in, nothing out."""

from celery import shared_task

from chat.mail import taking
from chat.reach import services
from chat.talk import sweeping
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


@shared_task(name="chat.take_mail", ignore_result=True)
def take_mail(mail_id: int) -> None:
    """Put one mail that came in where it belongs."""
    taking.take_mail(mail_id=mail_id, at=clock.now())


@shared_task(name="chat.take_waiting", ignore_result=True)
def take_waiting() -> None:
    """Every minute: mails whose worker died, or that came while the broker was away."""
    taking.take_waiting(at=clock.now())


@shared_task(name="chat.sweep_files", ignore_result=True)
def sweep_files() -> None:
    """Every hour: delete files of conversations that no message names."""
    sweeping.sweep(at=clock.now())
