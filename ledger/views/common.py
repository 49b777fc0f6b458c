"""What the pages of this room share."""

from datetime import date

from django.http import HttpRequest

from accounts.requests import person as person
from lib import clock


def today(request: HttpRequest) -> date:
    """The day it is for the person who asks."""
    return clock.today(person(request).time_zone)


def number(request: HttpRequest, name: str) -> int | None:
    """A whole number of the query string; None for anything else."""
    word = request.GET.get(name, "")
    return int(word) if word.isascii() and word.isdigit() and len(word) < 18 else None
