"""What comes with the words of a message."""

from __future__ import annotations

from dataclasses import dataclass

from disputes.choices import Via
from disputes.services import Vetted


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with the words of a message: the number it answers, the keys of those chosen behind an @, whether
    the author knows that somebody they name will not see it, files that were vetted, and the door they came by."""

    reply_to: int | None = None
    chosen: tuple[str, ...] = ()
    unseen: bool = False
    files: tuple[Vetted, ...] = ()
    via: str = Via.CHAT


NOTHING_MORE = Said()
