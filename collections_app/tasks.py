"""Background work of the collections room: ids in, nothing out."""

import logging
from collections.abc import Sequence

from celery import shared_task
from kombu.exceptions import OperationalError

from accounts.models import LegalEntity
from collections_app.choices import Door
from collections_app.services import dunning, learning
from lib import clock

log = logging.getLogger(__name__)
# A task per so many notices: a task each would cost more than the sending.
BATCH = 100


@shared_task(name="collections.send")
def send(notice_ids: list[int]) -> None:
    """Send these notices; harmless when somebody else has."""
    dunning.send_batch(notice_ids=notice_ids, at=clock.now())


def send_soon(notice_ids: Sequence[int]) -> None:
    """Hand notices to the workers, a hundred at a time. What gets lost on the way the sweeper finds."""
    try:
        for start in range(0, len(notice_ids), BATCH):
            send.delay(list(notice_ids[start : start + BATCH]))
    except OperationalError:
        log.warning("The broker is away; the sweeper sends these notices once it is back.")


@shared_task(name="collections.daily")
def daily() -> None:
    """Every few minutes: decide the day of each entity whose morning has come and that has not had its run."""
    for entity in dunning.due_for_a_run(at=clock.now()):
        decide.delay(entity.pk)


@shared_task(name="collections.decide")
def decide(entity_id: int) -> None:
    """Decide an entity's day and hand its notices to the workers."""
    entity = LegalEntity.objects.get(pk=entity_id)
    run = dunning.decide(entity=entity, on=clock.today(entity.time_zone), at=clock.now(), door=Door.BEAT)
    send_soon(dunning.waiting(run=run))


@shared_task(name="collections.sweep")
def sweep() -> None:
    """Every minute: send what a dead worker left behind and what is due for another attempt."""
    send_soon(dunning.sweep(at=clock.now()))


@shared_task(name="collections.learn_due")
def learn_due() -> None:
    """Every few minutes: learn how customers pay in each entity where a new day has begun."""
    for entity in learning.due_for_learning(at=clock.now()):
        learn.delay(entity.pk)


@shared_task(name="collections.learn")
def learn(entity_id: int) -> None:
    """Learn how an entity's customers pay, and put each in the segment that follows."""
    entity = LegalEntity.objects.get(pk=entity_id)
    learning.learn(entity=entity, on=clock.today(entity.time_zone), at=clock.now())
