"""What the sockets are told, after commit. The recipients are decided here, by the sender."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.events import Event
from accounts.models import User
from chat import bus, selectors
from chat.audience import TEAM, Reader, partner, readers_of, stays_reading, visible_q
from chat.choices import MessageKind, Side
from chat.models import Message, Participant
from chat.talk import discretion
from chat.talk.frames import change_frame, frames
from chat.wire import CONTROL, Envelope, entity_topic, envelope, room_topic, user_topic
from disputes.models import Dispute, Question


def message(posted: Message) -> None:
    """A new message: whole to those who may read it, and the unread counts of those who take part."""
    envelopes = [
        envelope(
            (room_topic(posted.room_id, reader.key),),
            frames([posted], reader, prev)[0][1],
            seq=posted.seq,
            prev=prev,
        )
        for reader, prev in _previous(posted)
    ]
    if posted.kind != MessageKind.SYSTEM:
        envelopes.append(_unread(posted))
    bus.publish(*envelopes)


def hidden(line: Message, reader: Reader) -> None:
    """A shared message was taken back: it vanishes from the open pages of those it was shown to."""
    order = {"type": "hide", "room": line.room_id, "key": reader.key, "seq": line.seq}
    bus.publish(envelope((CONTROL,), order))


def changed(message_id: int) -> None:
    """A message has other words, none any more, or other signs under it: those who see it see that."""
    one = selectors.with_words(Message.objects.filter(pk=message_id)).get()
    envelopes = []
    for reader in readers_of(one.side, one.party_id, selectors.companies_in(one.room_id)):
        prev = selectors.rev_before(one.room_id, reader, one.rev)
        frame = change_frame(one, reader, prev)
        envelopes.append(envelope((room_topic(one.room_id, reader.key),), frame, about=one.seq))
    bus.publish(*envelopes)


def read(room_id: int, user: User, seq: int) -> None:
    """Somebody has read up to `seq`: their other tabs and those in the room hear of it."""
    place = selectors.standing(user, room_id)
    if place is None:
        return
    frame = {"type": "read", "room": room_id, "user": {"id": user.pk, "name": str(user)}, "seq": seq}
    unread = {"type": "unread", "room": room_id, "mark": seq}
    topics = {room_topic(room_id, place.key), room_topic(room_id, TEAM.key)}
    seen = [] if "receipts" in discretion.switched_off(user) else [envelope(topics, frame)]
    bus.publish(*seen, envelope((user_topic(user.pk),), unread))


def unread_again(room_id: int, user: User, mark: int) -> None:
    """The person has put their read mark back: their other tabs count again."""
    bus.publish(envelope((user_topic(user.pk),), {"type": "unread", "room": room_id, "mark": mark}))


def question(asked: Question, room_id: int, *, to: Iterable[int] = ()) -> None:
    """A question waits for somebody: the pop-up, wherever that person is in the app."""
    frame = {
        "type": "question",
        "question": asked.pk,
        "dispute": asked.dispute_id,
        "room": room_id,
        "kind": asked.kind,
        "text": asked.text,
        "due": asked.due_at.isoformat() if asked.due_at else None,
    }
    people = {asked.asked_of_id, *to}
    bus.publish(envelope([user_topic(pk) for pk in people], frame))


def answered(asked: Question, room_id: int, *, by: User | None, how: str, earlier: int | None = None) -> None:
    """A question is over or waits for somebody else (`how`): its cards and pop-ups change everywhere."""
    frame = {
        "type": "answered",
        "question": asked.pk,
        "dispute": asked.dispute_id,
        "room": room_id,
        "status": how,
        "by": {"id": by.pk, "name": str(by)} if by else None,
    }
    people = {asked.asked_of_id, asked.fallback_id, asked.asked_by_id, earlier} - {None}
    card = Message.objects.filter(question=asked.pk).only("room_id", "side", "party_id").first()
    readers = _readers(card) if card else [TEAM]
    rooms = [room_topic(room_id, reader.key) for reader in readers]
    bus.publish(envelope([*rooms, *(user_topic(pk) for pk in people if pk)], frame))


def dispute(changed: Dispute, room_id: int | None, what: str) -> None:
    """A dispute's card changed: for those who see all of the entity, its people, and whoever looks at its room."""
    frame = {
        "type": "dispute",
        "dispute": changed.pk,
        "ref": changed.ref,
        "status": changed.status,
        "what": what,
    }
    topics = [entity_topic(changed.entity_id), *(user_topic(pk) for pk in _people(changed, room_id))]
    if room_id:
        readers = [TEAM, *(partner(party) for party in selectors.companies_in(room_id))]
        topics += [room_topic(room_id, reader.key) for reader in readers]
    bus.publish(envelope(topics, frame))


def _people(changed: Dispute, room_id: int | None) -> set[int]:
    """Those who see this dispute because they take part in it or sell to the customer."""
    people: set[int | None] = {
        changed.coordinator_id,
        changed.holder_user_id,
        changed.customer.salesperson_id,
    }
    people |= set(Participant.objects.filter(room=room_id, left_at=None).values_list("user_id", flat=True))
    return {pk for pk in people if pk}


def _readers(posted: Message) -> list[Reader]:
    """Who may read a message, of those who are there."""
    every = posted.side == Side.PARTNER and posted.party_id is None
    companies = selectors.companies_in(posted.room_id) if every else ()
    return readers_of(posted.side, posted.party_id, companies)


def _previous(posted: Message) -> Iterable[tuple[Reader, int]]:
    """Those who may read the message, each with the number they saw before it."""
    for reader in _readers(posted):
        if reader == TEAM:
            yield reader, posted.seq - 1
        else:
            seen = Message.objects.filter(visible_q(reader), room=posted.room_id, seq__lt=posted.seq)
            yield reader, seen.order_by("-seq").values_list("seq", flat=True).first() or 0


def _unread(posted: Message) -> Envelope:
    """Whoever is in the room but does not look at it learns that something is unread."""
    reading = stays_reading(posted.side, posted.party_id, posted.seq)
    stays = Participant.objects.filter(reading, room=posted.room_id, left_at=None, user__isnull=False)
    if posted.kind == MessageKind.SHARED:
        stays = stays.exclude(side=Side.INTERNAL)
    topics = [user_topic(user_id) for user_id in stays.values_list("user_id", flat=True)]
    frame = {"type": "unread", "room": posted.room_id, "head": posted.seq, "dispute": posted.room.dispute_id}
    return envelope(topics, frame, beside=posted.room_id)


def late(event: Event, room_id: int) -> None:
    """A deadline comes near or went by: a notice to those who are told, each in their language."""
    soon = event.data["minutes"] < 0
    for person in User.objects.filter(pk__in=event.data["people"]):
        with override(person.language):
            words = _("%(ref)s %(customer)s is due soon.") if soon else _("%(ref)s %(customer)s is late.")
            text = words % {"ref": event.data["ref"], "customer": event.data["customer_name"]}
        frame = {"type": "late", "dispute": event.object_id, "room": room_id, "soon": soon, "text": text}
        bus.publish(envelope((user_topic(person.pk),), frame))
