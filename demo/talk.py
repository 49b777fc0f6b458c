"""What people say: statements of customers, notes, messages in the rooms. Reads the words, posts the messages."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from accounts.models import User
from chat.choices import JoinRoute
from chat.models import Message, Participant, Room
from chat.services import join, mark_read, open_team, post_message, room_for_dispute
from demo.cast import House
from demo.claims import Claim
from demo.dice import words
from disputes.models import Dispute
from lib.formats import money

# Whose expertise a reason is.
EXPERT = {"delivery": "logistics", "quantity": "logistics", "quality": "quality", "price": "pricing"}


@dataclass(slots=True)
class Talk:
    """The words about one dispute, in the language of the house."""

    house: House
    claim: Claim
    salesperson: User
    chance: random.Random
    # Whether people talked, or only acted.
    heard: bool = True

    @property
    def words(self) -> dict[str, Any]:
        """Everything the house can say."""
        said: dict[str, Any] = words("talk")[self.house.language]
        return said

    @property
    def expert(self) -> User:
        """Who knows about this kind of dispute."""
        return self.house.experts[EXPERT.get(self.claim.reason, "billing")]

    def fill(self, text: str) -> str:
        """The text with its names, numbers and amounts."""
        part = self.claim.parts[0]
        item = part.paper.items[part.line or 0]
        return text.format(
            invoice=part.paper.number,
            customer=part.paper.buyer.name.partition(",")[0],
            amount=money(self.claim.amount),
            product=item.text,
            order=part.paper.order,
            units=f"{part.quantity or 1:.0f}",
            name=self.salesperson.name.split()[0],
        )

    def statement(self) -> str:
        """What the customer says."""
        return self.fill(self.chance.choice(self.words[self.claim.reason]["statements"]))

    def lines(self, stage_code: str) -> list[tuple[str, str]]:
        """Who says what in a stage."""
        return [(who, self.fill(text)) for who, text in self.words[self.claim.reason].get(stage_code, [])]

    def closing(self) -> list[tuple[str, str]]:
        """The last word."""
        return [tuple(self.chance.choice(self.words["closing"]))]

    def say(self, dispute: Dispute, lines: Iterable[tuple[str, str]], moments: Iterable[datetime]) -> None:
        """Post the lines in the room of the dispute."""
        people = {
            "manager": dispute.coordinator,
            "boss": self.house.manager,
            "sales": self.salesperson,
            "expert": self.expert,
        }
        room: Room | None = None
        for (who, text), moment in zip(lines, moments, strict=False):
            room = room or room_for_dispute(dispute=dispute, at=moment)
            token = f"demo:{dispute.entity_id}:{dispute.number}:{moment:%y%m%d%H%M%S}"
            post_message(room=room, by=people[who], body=text, client_token=token, at=moment)


def read_rooms(chance: random.Random, houses: Iterable[House], now: datetime) -> None:
    """Everybody has read what was said, but for the newest message of some live disputes."""
    entities = [house.entity.pk for house in houses]
    rooms = Room.objects.filter(entity__in=entities).select_related("dispute").order_by("pk")
    last_text = {
        row["room"]: row
        for row in Message.objects.filter(kind="text").order_by("seq").values("room", "seq", "author")
    }
    for room in rooms:
        last = last_text.get(room.pk)
        fresh = last and (room.dispute is None or room.dispute.is_open) and chance.random() < 0.4
        for stay in Participant.objects.filter(room=room, left_at=None).select_related("user").order_by("pk"):
            if stay.user is None:
                continue
            unread = fresh and last and stay.user_id != last["author"]
            seq = last["seq"] - 1 if unread and last else room.last_seq
            mark_read(room=room, user=stay.user, seq=seq, at=now)


def team_talk(house: House, now: datetime) -> Room:
    """The room of those who collect, with this week's few words."""
    said = words("talk")[house.language]["team"]
    at = now.replace(hour=now.hour - 8, minute=50)
    room = open_team(entity=house.entity, name=said["name"], by=house.manager, at=at)
    people = {"manager": house.manager, "collector": house.collector, "sales": house.sales[0]}
    for who, _text in said["lines"]:
        join(room=room, user=people[who], route=JoinRoute.INVITED, at=at)
    for number, (who, text) in enumerate(said["lines"], start=1):
        moment = at + number * timedelta(minutes=17)
        token = f"demo:team:{house.entity.code}:{number}"
        post_message(room=room, by=people[who], body=text, client_token=token, at=moment)
    return room
