"""Every door through which words of a room come out, as one question: which of these words does this person get?

A door takes the person, the room and the words, and answers with those that came out. Whoever adds a page or an API
action to the chat room adds it here, or to the list of what shows no messages (`test_visibility.py` compares).
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable
from io import BytesIO

from django.test import Client

from accounts.models import User
from chat import doorkeeper, selectors
from chat.models import Message, Room
from disputes.finding import search
from disputes.selectors import disputes_for

Words = set[str]
Door = Callable[[User, Room, Words], Words]
WORD = re.compile(r"word\d\d")


def _client(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _get(url: Callable[[Room], str]) -> Door:
    def door(person: User, room: Room, words: Words) -> Words:
        answer = _client(person).get(url(room))
        return set(WORD.findall(answer.content.decode())) if answer.status_code == 200 else set()

    return door


def _each(url: Callable[[Message], str]) -> Door:
    """A page about one message: asked for every message of the room."""

    def door(person: User, room: Room, words: Words) -> Words:
        client, found = _client(person), set()
        for message in room.messages.filter(body__in=words):
            answer = client.get(url(message))
            found |= set(WORD.findall(answer.content.decode())) if answer.status_code == 200 else set()
        return found

    return door


def _resume(person: User, room: Room, words: Words) -> Words:
    """What a socket is sent that has nothing yet; the numbers must follow each other."""
    heard = doorkeeper.hearing(person.pk, [room.pk])
    place = heard.rooms.get(room.pk) if heard else None
    if place is None:
        return set()
    lines = doorkeeper.lines_after(room.pk, place.key, 0, place.floor, 500)
    assert [line.prev for line in lines] == [0, *(line.seq for line in lines)][:-1] if lines else True
    assert not lines or lines[-1].seq == place.head
    return {word for line in lines for word in WORD.findall(line.text)}


def _search(person: User, room: Room, words: Words) -> Words:
    seen = disputes_for(person).filter(pk=room.dispute_id)
    return {word for word in words if seen.filter(search(person, word)).exists()}


def _queries(person: User, room: Room, words: Words) -> Words:
    """What other rooms of the house are told that a person may read."""
    return {one.body for one in selectors.words_visible_to(person).filter(room=room, body__in=words)}


def _rows(person: User, room: Room, words: Words) -> Words:
    """The page asks for every row again, by number."""
    asked = "&".join(f"seq={seq}" for seq in range(1, room.last_seq + 1))
    answer = _client(person).get(f"/rooms/{room.pk}/rows/?{asked}")
    return set(WORD.findall(answer.content.decode())) if answer.status_code == 200 else set()


def _pack(person: User, room: Room, words: Words) -> Words:
    """The evidence pack holds the whole conversation: at the page and over the API, for the same people."""
    client, found = _client(person), []
    for url in (f"/disputes/{room.dispute_id}/pack/", f"/api/v1/disputes/{room.dispute_id}/pack/"):
        answer = client.post(url)
        if answer.get("Content-Type") != "application/zip":
            assert answer.status_code in (302, 403, 404), answer.status_code
            found.append(set[str]())
            continue
        with zipfile.ZipFile(BytesIO(b"".join(answer))) as archive:
            found.append(set(WORD.findall(archive.read("messages.json").decode())))
    assert found[0] == found[1]
    return found[0]


def _found(person: User, room: Room, words: Words) -> Words:
    """What the search over conversations finds."""
    client, found = _client(person), set()
    for word in words:
        answer = client.get(f"/api/v1/rooms/search/?q={word}")
        hits = answer.json() if answer.status_code == 200 else []
        found |= {word for hit in hits if word in hit["body"]}
    return found


DOORS: dict[str, Door] = {
    "room": _get(lambda room: f"/rooms/{room.pk}/"),
    "messages": _get(lambda room: f"/rooms/{room.pk}/messages/?after=0"),
    "messages before": _get(lambda room: f"/rooms/{room.pk}/messages/?before=9999"),
    "room_for_dispute": _get(lambda room: f"/disputes/{room.dispute_id}/room/"),
    "room-messages": _get(lambda room: f"/api/v1/rooms/{room.pk}/messages/?limit=200"),
    "socket": _resume,
    "search": _search,
    "selectors": _queries,
}
# Doors that show one of several, or only to some of those who may read: never more than is allowed.
NARROW: dict[str, Door] = {
    "rooms": _get(lambda room: "/rooms/"),
    "popups": _get(lambda room: "/popups/"),
    "room-list": _get(lambda room: "/api/v1/rooms/"),
    "room-detail": _get(lambda room: f"/api/v1/rooms/{room.pk}/"),
    "people": _get(lambda room: f"/rooms/{room.pk}/people/"),
    "room-participants": _get(lambda room: f"/api/v1/rooms/{room.pk}/participants/"),
    "rows": _rows,
    "room-search": _found,
    "message": _each(lambda message: f"/rooms/{message.room_id}/messages/{message.seq}/"),
    "quoted": _each(lambda message: f"/rooms/{message.room_id}/messages/{message.seq}/quoted/"),
    "room-message": _each(lambda message: f"/api/v1/rooms/{message.room_id}/messages/{message.seq}/"),
    "room-revisions": _each(
        lambda message: f"/api/v1/rooms/{message.room_id}/messages/{message.seq}/revisions/"
    ),
    "pins": _get(lambda room: f"/rooms/{room.pk}/pins/"),
    "room-pins": _get(lambda room: f"/api/v1/rooms/{room.pk}/pins/"),
    "channels": _get(lambda room: "/rooms/channels/"),
    "room-channels": _get(lambda room: "/api/v1/rooms/channels/"),
    "share": _each(lambda message: f"/rooms/{message.room_id}/messages/{message.seq}/share/"),
    "phone": _get(lambda room: "/m/"),
    "dispute": _get(lambda room: f"/disputes/{room.dispute_id}/"),
    "dispute API": _get(lambda room: f"/api/v1/disputes/{room.dispute_id}/"),
    "queue": _get(lambda room: "/disputes/?view=all"),
    "timeline API": _get(lambda room: f"/api/v1/disputes/{room.dispute_id}/events/"),
    "pack page": _get(lambda room: f"/disputes/{room.dispute_id}/pack/"),
    "evidence pack": _pack,
}
# What shows no messages: it takes something, or answers with numbers.
SILENT = {
    "post",
    "read",
    "later",
    "remove_person",
    "take_back",
    "room_for_customer",
    "room-read",
    "room-participant",
    "room-shares",
    "room-unshare",
    # About oneself, or about who is there.
    "discretion",
    "room-discretion",
    "mute",
    "draft",
    "room-draft",
    "room-names",
    "room-mine",
    "room-read-all",
    "read_all",
    "unread",
    # Channels of a team: nobody from outside is in one.
    "channel",
    "room-channel",
    "join",
    "leave",
    "invite",
    "rename",
    "archive",
    # Acts: what they answer with is a row of the page.
    "edit",
    "delete",
    "react",
    "room-reactions",
    "pin",
    "room-pin",
    # Files follow their message: test_attachments.py.
    "file",
    "preview",
}
