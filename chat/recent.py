"""What was sent to people in the last moments, for a page that was rendered before its line stood.

Between rendering and listening a card may change; nothing on the page would ever say so. The page names the moment
its request began (`?since=`, milliseconds), and gets again what was sent since.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Collection
from dataclasses import dataclass, field

from chat.wire import room_of

SECONDS = 30.0
FRAMES = 2_000
# The clocks of two machines differ a little; a frame heard twice does no harm.
MARGIN = 0.5
NUMBER_DIGITS = 16


@dataclass(slots=True)
class Recent:
    """The frames without number of the last `SECONDS`, complete from `whole_since` (seconds) on."""

    whole_since: float = field(default_factory=time.time)
    frames: deque[tuple[float, tuple[str, ...], str]] = field(default_factory=deque)

    def keep(self, topics: tuple[str, ...], text: str) -> None:
        """Remember a frame that was just sent to people, and forget the old ones; rooms count for themselves."""
        about = tuple(topic for topic in topics if room_of(topic) is None)
        if not about:
            return
        now = time.time()
        self.frames.append((now, about, text))
        while len(self.frames) > FRAMES or self.frames[0][0] < now - SECONDS:
            self.whole_since = max(self.whole_since, self.frames.popleft()[0])

    def since(self, moment: float, topics: Collection[str]) -> list[str] | None:
        """What these topics were told from `moment` (seconds) on, in order; None when that is no longer known."""
        if moment - MARGIN < self.whole_since:
            return None
        heard = (one for one in self.frames if one[0] >= moment - MARGIN)
        return [text for _at, about, text in heard if any(topic in topics for topic in about)]


def moment_of(query: bytes) -> float | None:
    """The `since` of a query string, in seconds; None without one or when it is no number."""
    for part in query.split(b"&"):
        name, _mark, value = part.partition(b"=")
        if name == b"since" and value.isdigit() and len(value) <= NUMBER_DIGITS:
            return int(value) / 1000
    return None
