"""What every sentence of the timeline is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import Event
from disputes.choices import HolderSide


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the timeline: a sentence, details below it, an icon and its colour."""

    event: Event
    text: str
    icon: str
    tone: str = ""
    detail: str = ""


def who_has_it(data: dict[str, Any]) -> str:
    """Who has the dispute after the event: a name, or the side."""
    if data.get("holder_side") == HolderSide.OURS:
        return str(data.get("holder", ""))
    return str(HolderSide(data["holder_side"]).label) if data.get("holder_side") else ""
