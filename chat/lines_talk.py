"""System lines about the conversation itself: pins, and what happens to a team's room."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Facts = Mapping[str, Any]
ICONS = {
    "message.pinned": "pin",
    "message.unpinned": "pin-off",
    "team.invited": "user-plus",
    "team.renamed": "pencil",
    "team.archived": "archive",
    "team.restored": "archive-restore",
}


def _pinned(facts: Facts) -> str:
    return _("%(actor)s pinned a message") % facts


def _unpinned(facts: Facts) -> str:
    return _("%(actor)s unpinned a message") % facts


def _invited(facts: Facts) -> str:
    return _("%(actor)s brought in %(person)s") % facts


def _renamed(facts: Facts) -> str:
    return _("%(actor)s named the channel “%(name)s”") % facts


def _archived(facts: Facts) -> str:
    return _("%(actor)s archived the channel") % facts


def _restored(facts: Facts) -> str:
    return _("%(actor)s opened the channel again") % facts


TELLERS: dict[str, Callable[[Facts], str]] = {
    "message.pinned": _pinned,
    "message.unpinned": _unpinned,
    "team.invited": _invited,
    "team.renamed": _renamed,
    "team.archived": _archived,
    "team.restored": _restored,
}
