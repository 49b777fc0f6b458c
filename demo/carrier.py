"""A carrier takes part in a dispute about a delivery, on its own side, in the app and by mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

from accounts import services as people
from accounts.choices import Role
from accounts.demo import lend_password
from accounts.models import Department, User
from chat.choices import JoinRoute, Side
from chat.mail.taking import take_mail
from chat.models import Message, Room
from chat.selectors import Standing, standing
from chat.services import join, pin, post_message, react, room_for_dispute
from chat.services.said import Said
from demo.cast import PASSWORD, House
from demo.dice import words
from demo.quiet import hear
from disputes.choices import Status
from disputes.models import Dispute
from mailroom import services as mailroom
from mailroom.choices import InboundSource

# About what a carrier is asked, best first.
CARRIED = ("delivery", "quantity", "quality")
MOST = timedelta(minutes=100)


@dataclass(slots=True)
class Scene:
    """The room, who speaks in it, and when the next thing happens."""

    house: House
    dispute: Dispute
    room: Room
    company: Department
    carrier: User
    at: datetime
    step: timedelta
    said: int = 0

    def next(self) -> datetime:
        """The moment of the next thing."""
        self.at += self.step
        return self.at

    def say(self, line: tuple[str, ...], reply_to: int | None = None) -> Message:
        """One message, to the team or to the carrier as well."""
        who, side, text = line
        self.said += 1
        by = self.carrier if who == "carrier" else self.speaker(who)
        return post_message(
            room=self.room,
            by=by,
            body=text,
            client_token=f"demo:carrier:{self.house.entity.code}:{self.said}",
            at=self.next(),
            side=Side(side),
            party=self.company.pk if side == Side.PARTNER else None,
            said=Said(reply_to=reply_to),
        )

    def speaker(self, who: str) -> User:
        """One of us."""
        return self.house.experts["logistics"] if who == "expert" else self.house.manager

    def place(self, person: User) -> Standing:
        """How a person stands to the room."""
        found = standing(person, self.room.pk)
        assert found is not None
        return found


def bring_carrier(house: House, disputes: list[Dispute], now: datetime) -> None:
    """Invite the carrier and let everybody talk, until the evening before."""
    said: dict[str, Any] = words("talk")[house.language]["carrier"]
    working = [one for one in disputes if one.status == Status.IN_PROGRESS and one.reason.code in CARRIED]
    if not working:
        return
    dispute = min(working, key=lambda one: CARRIED.index(one.reason.code))
    scene = _open(house, dispute, said, now)
    (first, second, *others) = [tuple(line) for line in said["lines"]]
    asked = scene.say(first)
    told = scene.say(second, reply_to=asked.seq)
    for line in others:
        scene.say(line)
    mailed = _write(scene, said["mail"], asked)
    house_manager, expert = house.manager, house.experts["logistics"]
    for message, person, sign in ((told, house_manager, "👍"), (told, expert, "👀"), (mailed, expert, "🙏")):
        react(place=scene.place(person), seq=message.seq, by=person, emoji=sign, on=True, at=scene.next())
    pin(place=scene.place(house_manager), seq=told.seq, by=house_manager, on=True, at=scene.next())
    hear()


def _open(house: House, dispute: Dispute, said: dict[str, Any], now: datetime) -> Scene:
    """The carrier's company and its person, invited by the credit manager."""
    name, mail, domain = said["person"]
    company = people.add_department(
        entity=house.entity, code=said["code"], name=said["company"], outside=True
    )
    carrier = people.add_person(
        email=f"{mail}@{domain}",
        name=name,
        language=house.language,
        time_zone=house.entity.time_zone,
        is_demo=True,
    )
    lend_password([carrier], PASSWORD)
    room = room_for_dispute(dispute=dispute, at=now)
    last = room.messages.order_by("seq").last()
    start = max(now - MOST, last.created_at) if last else now - MOST
    step = max((now - start) / (len(said["lines"]) + 8), timedelta())
    scene = Scene(house, dispute, room, company, carrier, start, step)
    people.give_role(user=carrier, entity=house.entity, role=Role.PARTNER, department=company, at=start)
    for person in (house.manager, house.experts["logistics"]):
        join(room=room, user=person, route=JoinRoute.INVITED, at=scene.at)
    join(room=room, user=carrier, route=JoinRoute.INVITED, at=scene.next())
    return scene


def _write(scene: Scene, said: dict[str, str], asked: Message) -> Message:
    """What the carrier answers by mail, above what it quotes."""
    at = scene.next()
    facts = {"day": f"{asked.created_at:%d/%m/%Y %H:%M}", "name": scene.house.manager.name}
    mail = EmailMessage()
    mail["From"], mail["To"] = scene.carrier.email, scene.house.manager.email
    mail["Subject"], mail["Date"] = f"Re: [{scene.dispute.ref}]", at
    mail["Message-ID"] = f"<demo.{scene.room.pk}@{scene.carrier.email.partition('@')[2]}>"
    mail.set_content(f"{said['text']}\n\n{said['intro'].format(**facts)}\n\n> {asked.body}\n")
    came = mailroom.receive(raw=mail.as_bytes(), source=InboundSource.API, at=at)
    take_mail(mail_id=came.pk, at=at)
    return scene.room.messages.filter(author=scene.carrier).latest("seq")
