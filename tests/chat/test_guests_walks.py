"""Whatever is said, shared, taken back, whoever comes and goes, is cut off and comes back: guests have exactly theirs.

The model below says in its own words who may read what. Pages of guests are played by `Tab`, which keeps the rules of
docs/realtime.md: it drops repetitions, asks again at a gap, lets go of what is hidden.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts import services as people
from accounts.choices import Role
from accounts.models import LegalEntity, User
from chat import bus, doorkeeper, selectors, services
from chat.audience import partner
from chat.models import Message, Participant, Room
from chat.wire import Envelope, room_topic
from tests.chat.conftest import say
from tests.factories import AT, Cast, make_person

pytestmark = pytest.mark.django_db

GUESTS = {"ann": "a", "abe": "a", "bea": "b"}
AUDIENCES = ["team", "a", "b", "all"]
_rooms = itertools.count(1)

STEP = st.one_of(
    st.tuples(st.just("say"), st.sampled_from(AUDIENCES)),
    st.tuples(st.just("come"), st.sampled_from([*GUESTS]), st.booleans()),
    st.tuples(st.just("go"), st.sampled_from([*GUESTS])),
    st.tuples(st.just("share"), st.integers(0, 9), st.sampled_from("ab")),
    st.tuples(st.just("back"), st.integers(0, 9), st.sampled_from("ab")),
    st.tuples(st.just("lose"), st.sampled_from([*GUESTS])),
    st.tuples(st.just("again"), st.sampled_from([*GUESTS])),
)


@dataclass
class Model:
    """Who may read what, told without the code: a time line of things said, and of stays."""

    clock: int = 0
    said: list[tuple[int, str]] = field(default_factory=list)
    shares: dict[tuple[int, str], int] = field(default_factory=dict)
    since: dict[str, int] = field(default_factory=dict)

    def here(self, company: str) -> bool:
        """Whether somebody of the company is in the room."""
        return any(GUESTS[name] == company for name in self.since)

    def reads(self, name: str) -> set[str]:
        """The texts this guest may read."""
        if name not in self.since:
            return set()
        company, since = GUESTS[name], self.since[name]
        own = {n for n, (when, whom) in enumerate(self.said) if when > since and whom in (company, "all")}
        shown = {n for (n, whom), when in self.shares.items() if whom == company and when > since}
        return {f"text {n}" for n in own | shown}


@dataclass
class Tab:
    """A guest's open page."""

    key: str
    room: int
    last: int = 0
    floor: int = 0
    rows: dict[int, str] = field(default_factory=dict)

    def hear(self, one: Envelope) -> None:
        """A frame from the bus, as the hub hands it on."""
        order = json.loads(one.text)
        if order["type"] == "hide" and (order["room"], order["key"]) == (self.room, self.key):
            self.rows.pop(order["seq"], None)
        elif order["type"] == "message" and room_topic(self.room, self.key) in one.topics:
            # A gap, as far as the page knows: what was said before the guest came counts for others of their company.
            if one.prev > self.last:
                self.resume(self.floor)
            self.take(one.seq, order)

    def take(self, seq: int, frame: dict[str, Any]) -> None:
        """Show a message once."""
        if seq > self.last:
            self.last = seq
            self.rows[seq] = (frame["shared"] or frame)["body"]

    def resume(self, floor: int) -> None:
        """Come back: everything missed, then what was taken back meanwhile."""
        self.floor = floor
        for line in doorkeeper.lines_after(self.room, self.key, self.last, floor, 500):
            assert line.prev == self.last or self.last == 0 or line.prev <= self.last
            self.take(line.seq, json.loads(line.text))
        for seq in doorkeeper.taken_back(self.room, self.key):
            self.rows.pop(seq, None)


class Walk:
    """One room, its guests and their pages, beside the model."""

    def __init__(self, cast: Cast, users: dict[str, User], capture: Callable[..., Any]) -> None:
        self.cast, self.users, self.capture = cast, users, capture
        name = f"Walk {next(_rooms)}"
        self.room = services.open_team(entity=cast.entity, name=name, by=cast.alice, at=AT)
        self.model, self.tabs, self.away = Model(), {}, {}  # type: ignore[var-annotated]
        self.messages: list[Message] = []
        self.lines: dict[tuple[int, str], Message] = {}

    def company(self, letter: str) -> int:
        """The department of a company."""
        name = next(name for name, company in GUESTS.items() if company == letter)
        return self.users[name].memberships.get().department_id or 0

    def hear(self, *envelopes: Envelope) -> bool:
        """What the hub would do with what is published."""
        for one in envelopes:
            for tab in self.tabs.values():
                tab.hear(one)
        return True

    def do(self, step: tuple[Any, ...]) -> None:
        """One step, in the room and in the model."""
        with self.capture(execute=True):
            getattr(self, step[0])(*step[1:])

    def say(self, whom: str) -> None:
        model = self.model
        if whom in "ab" and not model.here(whom):
            return
        sides: dict[str, Any] = {"side": "internal"} if whom == "team" else {"side": "partner"}
        if whom in "ab":
            sides["party"] = self.company(whom)
        said = say(self.room, self.cast.alice, f"text {len(model.said)}", **sides)
        model.clock = said.seq
        model.said.append((said.seq, whom))
        self.messages.append(said)

    def come(self, name: str, everything: bool) -> None:
        if name in self.model.since:
            return
        head = Room.objects.get(pk=self.room.pk).last_seq
        after = 0 if everything else None
        services.join(room=self.room, user=self.users[name], route="invited", at=AT, after=after)
        self.model.since[name] = 0 if everything else head
        self.again(name)

    def go(self, name: str) -> None:
        services.leave(room=self.room, user=self.users[name], at=AT)
        self.model.since.pop(name, None)
        self.tabs.pop(name, None)
        self.away.pop(name, None)

    def share(self, number: int, letter: str) -> None:
        if number >= len(self.messages) or not self.model.here(letter):
            return
        message, reader = self.messages[number], partner(self.company(letter))
        line = services.share_message(message=message, reader=reader, by=self.cast.alice, at=AT)
        self.lines[number, letter] = line
        self.model.shares.setdefault((number, letter), line.seq)

    def back(self, number: int, letter: str) -> None:
        line = self.lines.pop((number, letter), None)
        if line is not None:
            services.take_back(line=line, by=self.cast.alice, at=AT)
            del self.model.shares[number, letter]

    def lose(self, name: str) -> None:
        if name in self.tabs:
            self.away[name] = self.tabs.pop(name)

    def again(self, name: str) -> None:
        if name not in self.model.since or name in self.tabs:
            return
        place = selectors.standing(User.objects.get(pk=self.users[name].pk), self.room.pk)
        assert place is not None
        tab = self.away.pop(name, None) or Tab(place.key, self.room.pk)
        tab.resume(place.floor)
        self.tabs[name] = tab

    def check(self) -> None:
        """Pages that are open show exactly what the model allows; so does a page that is loaded now."""
        for name, user in self.users.items():
            allowed = self.model.reads(name)
            place = selectors.standing(User.objects.get(pk=user.pk), self.room.pk)
            loaded = {one.told.body for one in selectors.messages_for(place)} if place else set()
            assert loaded == allowed, name
            if name in self.tabs:
                assert set(self.tabs[name].rows.values()) == allowed, name


@pytest.fixture
def users(cast: Cast) -> dict[str, User]:
    """Two people of one company, one of another."""
    companies = {letter: _company(cast.entity, letter) for letter in "ab"}
    return {name: make_person(name, cast.entity, Role.PARTNER, companies[of]) for name, of in GUESTS.items()}


def _company(entity: LegalEntity, letter: str) -> Any:
    return people.add_department(entity=entity, code=f"company-{letter}", name=letter, outside=True)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, max_size=14))
def test_guests_have_exactly_theirs(
    steps: list[tuple[Any, ...]],
    cast: Cast,
    users: dict[str, User],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    walk = Walk(cast, users, django_capture_on_commit_callbacks)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bus, "publish", walk.hear)
        for step in steps:
            walk.do(step)
            walk.check()
    assert Participant.objects.filter(room=walk.room, left_at=None).count() == 1 + len(walk.model.since)
