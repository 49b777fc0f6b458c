"""What one process forwards of one room for the readers with one key, in order and without a hole.

The bus may lose, swap or repeat messages. A feed knows the number it forwarded last (`head`): the next message says
which number it follows, so a hole shows at once and is filled from the database, once for all listeners.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from chat.sink import Sink

PAGE = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A stored message, ready to be sent to readers with one key."""

    seq: int
    prev: int
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """A message that changed, ready to be sent to one side: the change's number, the message's, the frame."""

    rev: int
    seq: int
    text: str


# Room, reader key, the number to start behind, the number up to which nothing may be seen, how many.
Fetch = Callable[[int, str, int, int, int], Awaitable[list[Line]]]


@dataclass(eq=False, slots=True)
class Arrival:
    """A newcomer catching up: the number up to which they have everything, and up to which they may see nothing."""

    seen: int
    floor: int = 0
    # Of one that was held: the changes up to here it has.
    rev: int | None = None


@dataclass(eq=False, slots=True)
class Feed:
    """The listeners of a room who see the same, each with the number up to which they need nothing."""

    room_id: int
    key: str
    head: int | None = None
    heard: int = 0
    filling: bool = False
    # Every change up to here was sent to all who listened then; None before anybody asked.
    rev: int | None = None
    members: dict[Sink, int] = field(default_factory=dict)
    # Those still catching up: they count as listeners, but get nothing from here yet.
    arriving: dict[Sink, Arrival] = field(default_factory=dict)
    # Numbers that these readers may not see any more, whatever is still under way.
    hidden: set[int] = field(default_factory=set)

    @property
    def empty(self) -> bool:
        """Whether nobody listens or is about to."""
        return not self.members and not self.arriving

    def hear(self, line: Line) -> bool:
        """Take a message from the bus; False when something before it is missing."""
        self.heard = max(self.heard, line.seq)
        if self.head is None or self.filling or line.seq <= self.head:
            return True
        if line.prev > self.head:
            return False
        self.forward(line)
        return True

    def forward(self, line: Line) -> None:
        """Send a message to every member who does not have it."""
        self.head = line.seq
        self.heard = max(self.heard, line.seq)
        if line.seq in self.hidden:
            return
        for sink, floor in self.members.items():
            if line.seq > floor:
                sink.push(line.text)

    def amend(self, seq: int, text: str) -> None:
        """Send a change of message `seq` to every member who may see that far back."""
        for sink in self.members:
            if seq > sink.floors.get(self.room_id, 0):
                sink.push(text)

    async def fill(self, fetch: Fetch) -> None:
        """Forward everything after `head` from the database, until nothing is missing."""
        if self.filling or self.head is None:
            return
        self.filling = True
        try:
            while True:
                # What was announced before the question is in the answer, or does not exist for these readers.
                known = self.heard
                lines = await fetch(self.room_id, self.key, self.head, 0, PAGE)
                for line in lines:
                    if line.seq > self.head:
                        self.forward(line)
                if len(lines) < PAGE and self.heard <= max(self.head, known):
                    return
        finally:
            self.filling = False

    def expect(self, sink: Sink, seen: int, floor: int = 0) -> Arrival:
        """Announce a newcomer who has everything up to `seen`; from now on nothing published is overlooked."""
        self.members.pop(sink, None)
        arrival = self.arriving[sink] = Arrival(seen, floor)
        return arrival

    async def admit(self, sink: Sink, arrival: Arrival, fetch: Fetch) -> bool:
        """Send a newcomer what they missed, then let them listen; False when the arrival was called off."""
        while True:
            known = self.heard
            lines = await fetch(self.room_id, self.key, arrival.seen, arrival.floor, PAGE)
            for line in lines:
                if self.arriving.get(sink) is not arrival:
                    return False
                if line.seq not in self.hidden:
                    await sink.say(line.text)
                arrival.seen = line.seq
            if len(lines) < PAGE and self.heard <= max(arrival.seen, known):
                break
        if self.arriving.get(sink) is not arrival:
            return False
        del self.arriving[sink]
        seen = self.members[sink] = max(arrival.seen, arrival.floor)
        self.head = seen if self.head is None else self.head
        return True

    def hold(self, sink: Sink) -> Arrival:
        """Send nothing to a listener until their access is sure; they can be admitted again from there."""
        before = self.arriving.get(sink)
        if before is not None:
            held = self.expect(sink, before.seen, before.floor)
            held.rev = self.rev if before.rev is None else before.rev
            return held
        held = self.expect(sink, max(self.members.get(sink, 0), self.head or 0))
        held.rev = self.rev
        return held

    def hide(self, seq: int, text: str) -> None:
        """Send a message to nobody from now on, and tell those who may have it (`text`) to let go of it."""
        self.hidden.add(seq)
        for sink in (*self.members, *self.arriving):
            sink.push(text)

    def leave(self, sink: Sink) -> None:
        """Forget the sink; harmless when it is not here."""
        self.members.pop(sink, None)
        self.arriving.pop(sink, None)
