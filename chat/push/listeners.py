"""A question that needs no answer of somebody any more disappears from that person's devices."""

from django.db import transaction

from accounts.events import Event, listen
from chat.push import tasks
from chat.push.models import PushShown
from chat.push.payload import tag_of


@listen("question.answered", "question.withdrawn", "question.forwarded", "question.passed_on")
def question_left(event: Event) -> None:
    """A job closes its notifications, where there are any."""
    if PushShown.objects.filter(tag=tag_of(event.data["question"])).exists():
        transaction.on_commit(lambda: tasks.take_push_back.delay(event.pk), robust=True)
