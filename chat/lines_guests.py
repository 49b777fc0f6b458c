"""The sentences of coming and going, and of what is shown to guests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.translation import gettext as _

Facts = Mapping[str, Any]
ICONS = {
    "room.joined": "user-plus",
    "room.left": "user-minus",
    "message.shared": "share-2",
    "message.hidden": "eye-off",
}


def _told(facts: Facts) -> dict[str, str]:
    name, company = str(facts.get("name", "")), facts.get("company")
    return {
        "who": str(facts.get("actor") or _("The system")),
        "name": f"{name} ({company})" if company and company != name else name,
        "of": str(facts.get("of", "")),
    }


def _joined(facts: Facts) -> str:
    return _("%(who)s invited %(name)s to the conversation") % _told(facts)


def _left(facts: Facts) -> str:
    return _("%(who)s removed %(name)s from the conversation") % _told(facts)


def _shared(facts: Facts) -> str:
    return _("%(who)s shared a message of %(of)s with %(name)s") % _told(facts)


def _hidden(facts: Facts) -> str:
    return _("%(who)s took the message of %(of)s back from %(name)s") % _told(facts)


TELLERS: dict[str, Callable[[Facts], str]] = {
    "room.joined": _joined,
    "room.left": _left,
    "message.shared": _shared,
    "message.hidden": _hidden,
}
