"""Letting the rooms above hear of invented events at once, and keeping the past from ringing anybody's bell."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from accounts.events import Event, relay


class NotHeard(Exception):
    """A listener could not take an event in; the log says why."""


def hear() -> int:
    """Deliver what was told and not yet heard, in order, each as of its own moment; how many events.

    The relay would do so after the commit, when all that followed is already there: rooms could not tell the story
    in its order.
    """
    heard = 0
    while pending := list(Event.objects.filter(dispatched_at=None).order_by("pk").values_list("pk", "at")):
        for pk, at in pending:
            if not relay(pk, at=at):
                raise NotHeard(f"event {pk}")
        heard += len(pending)
    return heard


@contextmanager
def no_bells() -> Iterator[None]:
    """Drop what was to be announced after the commit: nobody is told by a pop-up what happened last year.

    Every event was heard already (see `hear`), so the hooks left are live announcements of old things.
    """
    before = len(connection.run_on_commit)
    yield
    del connection.run_on_commit[before:]
