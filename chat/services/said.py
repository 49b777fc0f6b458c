"""What comes with the words of a message."""

from __future__ import annotations

from dataclasses import dataclass

from disputes.services import Vetted


@dataclass(frozen=True, slots=True)
class Said:
    """What comes with the words of a message: the number it answers, the keys of those chosen behind an @, and
    whether the author knows that somebody they name will not see it; and files that were vetted."""

    reply_to: int | None = None
    chosen: tuple[str, ...] = ()
    unseen: bool = False
    files: tuple[Vetted, ...] = ()


NOTHING_MORE = Said()
