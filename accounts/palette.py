"""What the palette (Ctrl+K) goes to: pages, and what the rooms above find by words. Reads only."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from accounts.context import Item
from accounts.models import User
from lib.text import fold

MOST = 5


@dataclass(frozen=True, slots=True)
class Hit:
    """Something to go to."""

    url: str
    icon: str
    words: str
    more: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """Hits of one kind, under its name."""

    words: str
    hits: list[Hit]


Finder = Callable[[User, str, datetime], list[Group]]
FINDERS: list[tuple[int, Finder]] = []


def add_finder(finder: Finder, place: int) -> None:
    """A room above finds something too; its groups stand in the order of `place`."""
    FINDERS.append((place, finder))


def find(user: User, text: str, pages: Iterable[Item], at: datetime) -> list[Group]:
    """The groups that hold something. Without words: every page, and what the rooms offer by themselves."""
    wanted = fold(text)
    found = [item for item in pages if wanted in fold(str(item.place.words))]
    groups = [Group(_("Go to"), [Hit(one.url, one.place.icon, str(one.place.words)) for one in found])]
    for _place, finder in sorted(FINDERS, key=lambda one: one[0]):
        groups += finder(user, text, at)
    return [group for group in groups if group.hits]
