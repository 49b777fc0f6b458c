"""What was said in a room, as a letter to somebody who reads it by mail: only what they may see, and answerable."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from accounts.reach.choices import ReachEvent
from chat.audience import TEAM, Reader, visible_q
from chat.choices import MessageKind, Side
from chat.mail.about import about_of
from chat.models import Message, Participant, Room
from chat.reach.letters import letter
from chat.reach.models import Notification
from chat.selectors import standing
from chat.talk.files import files_of
from ledger.models import Contact
from lib import formats
from mailroom import services as mailroom
from mailroom.inbound.quotes import MARKS
from mailroom.models import InboundMail, Letter
from mailroom.rendering import Links

KIND = "message"
EARLIER = 3
LONGEST_EARLIER = 600
MOST_REFERENCES = 10
# What is larger altogether is named, not sent.
MOST_BYTES = 10 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Recipient:
    """Who gets the letter: as which reader, and from which number of the room on."""

    person: User | Contact
    reader: Reader
    floor: int

    @property
    def owner(self) -> tuple[str, int]:
        """Whose the address of the answer is."""
        return ("contact" if isinstance(self.person, Contact) else "user", self.person.pk)


@letter(ReachEvent.MESSAGE)
@letter(ReachEvent.MENTION)
def write(notification: Notification, at: datetime) -> mailroom.Draft | None:
    """The letter of one message, with those told together with it; None when they may see none of them any more."""
    if notification.message is None:
        return None
    room = Room.objects.select_related("entity", "dispute__reason", "customer").get(
        pk=notification.message.room_id
    )
    to = _recipient(notification, room)
    told = {notification.message.pk} | set(notification.bundled.values_list("message", flat=True)) - {None}
    if to is None:
        return None
    fresh = list(_seen(room, to).filter(pk__in=[pk for pk in told if pk]))
    if not fresh:
        return None
    language = to.person.language
    zone = to.person.time_zone if isinstance(to.person, User) else room.entity.time_zone
    with override(language), timezone.override(ZoneInfo(zone)):
        return _draft(notification, room, to, fresh, at)


def _recipient(notification: Notification, room: Room) -> Recipient | None:
    """Who it is for, as they stand to the room now."""
    if notification.user is not None:
        here = standing(notification.user, room.pk)
        return Recipient(notification.user, here.reader, here.floor) if here else None
    stay = Participant.objects.filter(room=room, contact=notification.contact_id, left_at=None).first()
    if stay is None or notification.contact is None:
        return None
    return Recipient(notification.contact, Reader(stay.side, stay.party_id), stay.from_seq)


def _seen(room: Room, to: Recipient) -> QuerySet[Message]:
    """What was said that they may read, oldest first."""
    kinds = [MessageKind.TEXT] if to.reader == TEAM else [MessageKind.TEXT, MessageKind.SHARED]
    seen = Message.objects.filter(visible_q(to.reader), room=room, seq__gt=to.floor, kind__in=kinds)
    seen = seen.filter(deleted_at=None, shared__deleted_at=None)
    return seen.select_related("author", "contact", "shared__author", "shared__contact").order_by("seq")


def _files(fresh: list[Message]) -> tuple[tuple[mailroom.File, ...], list[str]]:
    """The files that go along, and the names of those too large to: they are in the conversation."""
    found = files_of([message.told.pk for message in fresh])
    shown = [file for files in found.values() for file in files if file.stored_as]
    along: list[mailroom.File] = []
    behind: list[str] = []
    left = MOST_BYTES
    for file in shown:
        if file.size > left:
            behind.append(file.name)
            continue
        left -= file.size
        along.append(mailroom.File(file.name, file.media_type, file.stored_as))
    return tuple(along), behind


def _draft(
    notification: Notification, room: Room, to: Recipient, fresh: list[Message], at: datetime
) -> mailroom.Draft:
    key = f"told:{notification.key}"
    stream, object_id = about_of(room)
    thread = _thread(room, to, key, at)
    before = list(_seen(room, to).filter(seq__lt=fresh[0].seq).order_by("-seq")[:EARLIER])[::-1]
    inside = to.reader.side == Side.INTERNAL
    files, behind = _files(fresh)
    values = {
        "mark": MARKS.get(to.person.language, MARKS["en"]),
        "re": "1" if thread.in_reply_to else "",
        "ref": room.dispute.ref if room.dispute else room.entity.name,
        "title": _title(room),
        "messages": "\n\n".join(_told(message) for message in fresh),
        "earlier": "\n\n".join(_told(message, LONGEST_EARLIER) for message in before),
        "files": ", ".join(file.name for file in files),
        "behind": ", ".join(behind),
        "answerable": "1" if thread.reply_to else "",
        "inside": "1" if inside else "",
        "link": Links(((_("Open the conversation"), _address(room)),) if _signs_in(to.person) else ()),
    }
    text = mailroom.text_for(kind=KIND, language=to.person.language, entity=room.entity)
    return mailroom.Draft(
        entity=room.entity,
        key=key,
        kind=KIND,
        to_address=to.person.email,
        to_name=to.person.name,
        words=mailroom.render(text=text, entity=room.entity, values=values),
        about_stream=stream,
        about_id=object_id,
        reserved=True,
        thread=thread,
        files=files,
    )


def _title(room: Room) -> str:
    """What the thread is called: the same in every letter of one language."""
    if room.dispute:
        return str(room.dispute.reason.label)
    return str(room.customer.name if room.customer else room.name)


def _told(message: Message, longest: int = 0) -> str:
    """Who said it, when, and what."""
    words = message.told
    who, body = words.writer, words.body
    if longest and len(body) > longest:
        body = body[:longest].rstrip() + " […]"
    return f"{who.name if who else ''}, {formats.moment(message.created_at)}:\n{body}"


def _signs_in(person: User | Contact) -> bool:
    return isinstance(person, User) and person.has_usable_password()


def _address(room: Room) -> str:
    path = reverse("chat:room", args=[room.pk])
    return f"{settings.BASE_URL}{path}"


def _thread(room: Room, to: Recipient, key: str, at: datetime) -> mailroom.Thread:
    """The address of the answer, and the messages of this person's thread that the letter goes on."""
    stream, object_id = about_of(room)
    address = to.person.email
    letters = Letter.objects.filter(
        about_stream=stream, about_id=object_id, kind=KIND, to_address__iexact=address
    ).exclude(key=key)
    mails = InboundMail.objects.filter(about_stream=stream, about_id=object_id, from_address=address.lower())
    ids = [(moment, one) for moment, one in letters.values_list("created_at", "message_id")]
    ids += [
        (moment, f"<{one}>")
        for moment, one in mails.values_list("received_at", "identity")
        if not one.startswith("sha256:")
    ]
    ordered = [one for _moment, one in sorted(ids)]
    given = mailroom.make_reply_address(
        entity=room.entity, stream=stream, object_id=object_id, owner=to.owner, side=to.reader.key, at=at
    )
    return mailroom.Thread(
        reply_to=given,
        in_reply_to=ordered[-1] if ordered else "",
        references=" ".join(dict.fromkeys([*ordered[:1], *ordered[-MOST_REFERENCES:]])),
        unsubscribe=f"{settings.BASE_URL}{reverse('accounts:me')}" if _signs_in(to.person) else "",
    )
