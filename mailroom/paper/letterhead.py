"""The head and foot of an entity's paper: `settings["letterhead"]`, edited on a page of its own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from accounts.models import LegalEntity

# What may be set, with the most signs of each.
FIELDS = {
    "address": 300,
    "phone": 40,
    "email": 120,
    "web": 120,
    "place": 60,
    "registry": 250,
    "capital": 60,
    "window": 2,
}


@dataclass(frozen=True, slots=True)
class Window:
    """Where the address is seen through the envelope, in millimetres from the upper left corner of an A4 sheet."""

    x: float
    y: float
    width: float
    height: float

    def as_data(self) -> dict[str, float]:
        """For the layout."""
        return {"x": self.x, "y": self.y, "width": self.width, "height": self.height}


# An A4 sheet folded in three (99 mm) moves up to 10 mm sideways and 11 mm up and down in a DL envelope
# (220 x 110 mm): only what both ends of that show may hold the address.
#   ES: DL with the window at the right, 100 x 45 mm, 20 mm from the right and from the bottom edge: seen for sure are
#       x 100 to 190 and y 45 to 79.
#   FR: NF Z 11-001 with La Poste's DL window, 100 x 35 mm, 20 mm from the right and the bottom edge: x 100 to 190 and
#       y 55 to 79; the norm starts the address at 110 mm.
WINDOWS = {"ES": Window(103, 48, 85, 30), "FR": Window(110, 56, 79, 23)}
LINES = {"ES": 6, "FR": 6}


@dataclass(frozen=True, slots=True)
class Letterhead:
    """An entity's paper. `logo` is a key of the storage, or empty."""

    name: str
    lines: tuple[str, ...]
    mentions: tuple[str, ...]
    place: str
    logo: str
    window: Window


def letterhead_of(entity: LegalEntity) -> Letterhead:
    """What the entity set, else its name, tax id and country's window."""
    chosen: dict[str, Any] = entity.settings.get("letterhead", {})
    reach = [str(chosen[name]) for name in ("phone", "email", "web") if chosen.get(name)]
    lines = [line.strip() for line in str(chosen.get("address", "")).splitlines() if line.strip()]
    legal = " · ".join(filter(None, (entity.name, chosen.get("capital"), entity.tax_id)))
    return Letterhead(
        name=entity.name,
        lines=(*lines, *reach),
        mentions=tuple(filter(None, (legal, chosen.get("registry")))),
        place=str(chosen.get("place", "")),
        logo=str(chosen.get("logo", "")),
        window=WINDOWS.get(str(chosen.get("window") or entity.country), WINDOWS["ES"]),
    )
