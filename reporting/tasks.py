"""Background work of the reporting room."""

from celery import shared_task

from accounts.models import LegalEntity
from lib import clock
from reporting.cube import folding
from reporting.services import days
from reporting.subscriptions import sending


@shared_task(name="reporting.keep_days")
def keep_days() -> None:
    """Every few minutes: bring the kept days of each legal entity up to date."""
    days.spread_marks()
    for entity in LegalEntity.objects.order_by("pk"):
        days.keep_days(entity=entity, today=clock.today(entity.time_zone))


@shared_task(name="reporting.fold_aging")
def fold_aging() -> None:
    """Every minute: take what changed into the aging that is kept by due date."""
    for entity in LegalEntity.objects.order_by("pk"):
        folding.fold_aging(entity=entity, today=clock.today(entity.time_zone))


@shared_task(name="reporting.send_due")
def send_due() -> None:
    """Every minute: the reports by mail that are due, and those whose worker died."""
    sending.send_due(at=clock.now())


@shared_task(name="reporting.send_one")
def send_one(sending_id: int) -> None:
    """One report that somebody asked for at once."""
    sending.send_one(sending_id=sending_id, at=clock.now())


@shared_task(name="reporting.sweep_files")
def sweep_files() -> None:
    """Every hour: delete the files of reports that were sent long ago."""
    sending.sweep_files(at=clock.now())
