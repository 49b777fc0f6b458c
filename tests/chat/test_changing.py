"""What was said changes only with its trace: new words, deletion, reactions; and the database insists."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.models import User
from chat import selectors, services
from chat.audience import TEAM
from chat.choices import Side
from chat.errors import DeleteNeedsReason, MayNotChange, NoSuchParent, NotThatSign, VersionChanged
from chat.models import Message, Reaction, Revision, Room
from chat.packing import messages_of
from chat.selectors import Standing
from chat.services import Said
from chat.talk import extras
from disputes.models import SearchText
from tests.chat.conftest import say, token
from tests.factories import AT, Cast

LATER = AT + timedelta(minutes=7)


def place_of(user: User, room: Room) -> Standing:
    place = selectors.standing(user, room.pk)
    assert place is not None
    return place


def edit(message: Message, by: User, body: str, **more: Any) -> Message:
    given = {"version": 1, "at": LATER, **more}
    return services.edit_message(place=place_of(by, message.room), seq=message.seq, by=by, body=body, **given)


def delete(message: Message, by: User, why: str = "", **more: Any) -> Message:
    given = {"at": LATER, **more}
    return services.delete_message(place=place_of(by, message.room), seq=message.seq, by=by, why=why, **given)


def react(message: Message, by: User, emoji: str = "👍", on: bool = True) -> Message:
    return services.react(
        place=place_of(by, message.room), seq=message.seq, by=by, emoji=emoji, on=on, at=LATER
    )


def found(room: Room, words: str) -> bool:
    return SearchText.objects.filter(dispute=room.dispute_id, text__contains=words).exists()


def test_new_words_take_the_place_of_the_old_which_stay_to_be_read(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "The price was nine twenty")
    edit(said, cast.sam, "The price was nine forty")
    edit(said, cast.sam, "The price was nine fifty", version=2)
    said.refresh_from_db()
    assert (said.body, said.version, said.edited_at) == ("The price was nine fifty", 3, LATER)
    kept = list(said.revisions.values_list("number", "body", "written_at"))
    assert kept == [(1, "The price was nine twenty", AT), (2, "The price was nine forty", LATER)]
    assert found(room, "nine fifty")
    assert not found(room, "nine twenty")


def test_the_same_words_change_nothing(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "As it is")
    edit(said, cast.sam, " As it is ")
    said.refresh_from_db()
    assert (said.version, said.rev, said.edited_at) == (1, 0, None)


def test_only_the_author_changes_words_and_only_for_a_day(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "Mine")
    for by, at in ((cast.alice, LATER), (cast.adam, LATER), (cast.sam, AT + timedelta(hours=24, seconds=1))):
        with pytest.raises(MayNotChange):
            edit(said, by, "Not mine", at=at)
    said.refresh_from_db()
    assert (said.body, Revision.objects.count()) == ("Mine", 0)
    assert edit(said, cast.sam, "Still mine", at=AT + timedelta(hours=24)).version == 2


def test_two_windows_do_not_overwrite_each_other(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "One")
    edit(said, cast.sam, "Two")
    with pytest.raises(VersionChanged):
        edit(said, cast.sam, "Three", version=1)
    said.refresh_from_db()
    assert said.body == "Two"


def test_a_deleted_message_leaves_who_and_when_and_no_word_anywhere(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "The secret margin")
    edit(said, cast.sam, "The secret margin is thirty")
    react(said, cast.alice)
    delete(said, cast.sam)
    said.refresh_from_db()
    assert (said.body, said.deleted_at, said.deleted_by) == ("", LATER, cast.sam)
    assert not found(room, "secret")
    assert [one.body for one in said.revisions.all()] == [""]
    assert not Reaction.objects.exists()
    assert extras.versions_of(said) == []
    line = next(line for line in messages_of(room.dispute) if line["seq"] == said.seq)  # type: ignore[arg-type]
    assert line["body"] == ""
    assert delete(said, cast.sam).deleted_at == LATER


def test_a_manager_deletes_what_others_said_and_says_why(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "A personal number")
    with pytest.raises(DeleteNeedsReason):
        delete(said, cast.alice)
    for other in (cast.carl, cast.fin):
        with pytest.raises(MayNotChange):
            delete(said, other, "I want to")
    gone = delete(said, cast.alice, "Personal data", at=AT + timedelta(days=40))
    assert (gone.deleted_by, gone.deleted_why) == (cast.alice, "Personal data")


def test_cards_and_system_lines_are_not_taken_away(cast: Cast, room: Room) -> None:
    line = room.messages.filter(kind="system").first()
    assert line is not None
    for act in (lambda: delete(line, cast.alice, "No"), lambda: react(line, cast.alice)):
        with pytest.raises(MayNotChange):
            act()


@pytest.mark.parametrize(
    ("fields", "guard"),
    [
        ({"body": "Never said"}, "message_words_keep_their_trace"),
        ({"body": "Never said", "version": 2}, "message_words_keep_their_trace"),
        ({"version": 2, "edited_at": AT}, "message_words_keep_their_trace"),
        ({"body": ""}, "message_words_keep_their_trace"),
        ({"deleted_at": AT, "body": ""}, "message_deletion_is_whole"),
        ({"deleted_at": AT, "deleted_by": "sam"}, "message_deletion_is_whole"),
        ({"data": {"other": 1}}, "message_facts_never_change"),
        ({"rev": -1}, "rev"),
    ],
)
def test_the_database_refuses_other_words_without_their_trace(
    cast: Cast, room: Room, fields: dict[str, Any], guard: str
) -> None:
    said = say(room, cast.sam, "As it was said")
    given = {name: cast.sam if value == "sam" else value for name, value in fields.items()}
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        Message.objects.filter(pk=said.pk).update(**given)


def test_the_database_keeps_versions_and_deletions(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "One")
    edit(said, cast.sam, "Two")
    kept = said.revisions.get()
    wrong: list[tuple[str, list[Any], str]] = [
        ("UPDATE chat_revision SET body = 'x' WHERE id = %s", [kept.pk], "revision_never_changes"),
        ("UPDATE chat_revision SET body = '' WHERE id = %s", [kept.pk], "revision_never_changes"),
        ("DELETE FROM chat_revision WHERE id = %s", [kept.pk], "revision_never_changes"),
        (
            "INSERT INTO chat_revision (message_id, number, body, written_at) VALUES (%s, 2, 'x', now())",
            [said.pk],
            "revision_is_what_was_said",
        ),
        ("UPDATE chat_room SET rev = rev - 1 WHERE id = %s", [room.pk], "room_rev_only_grows"),
    ]
    for statement, values, guard in wrong:
        with pytest.raises(IntegrityError, match=guard), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, values)
    delete(said, cast.sam)
    for fields in ({"body": "Back", "deleted_at": None}, {"deleted_by": cast.alice}, {"version": 3}):
        with pytest.raises(IntegrityError, match="message_deleted_stays_deleted"), transaction.atomic():
            Message.objects.filter(pk=said.pk).update(**fields)
    with pytest.raises(IntegrityError, match="reaction_to_what_was_said"), transaction.atomic():
        Reaction.objects.create(message=said, user=cast.sam, emoji="👍", reader="internal", at=AT)


def test_a_retry_of_a_message_that_was_changed_since_is_still_that_message(cast: Cast, room: Room) -> None:
    key = token()
    said = say(room, cast.sam, "First", client_token=key)
    edit(said, cast.sam, "Second")
    assert say(room, cast.sam, "First", client_token=key).pk == said.pk
    delete(said, cast.sam)
    assert say(room, cast.sam, "First", client_token=key).pk == said.pk


# --- reactions -----------------------------------------------------------------------------------------------------
def test_a_sign_is_given_once_and_taken_back_once(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "Shall I send it?")
    first = react(said, cast.alice).rev
    assert react(said, cast.alice).rev == first
    react(said, cast.carl)
    react(said, cast.carl, "🎉")
    signs = extras.reactions_of([said.pk], TEAM, cast.alice.pk)[said.pk]
    assert [(one.emoji, one.names, one.mine) for one in signs] == [
        ("👍", "Alice, Carl", True),
        ("🎉", "Carl", False),
    ]
    react(said, cast.alice, on=False)
    assert react(said, cast.alice, on=False).rev == first + 3
    with pytest.raises(NotThatSign):
        react(said, cast.alice, "🦄")
    with pytest.raises(MayNotChange):
        react(said, cast.fin)


def test_a_sign_is_a_row_once_in_the_database_too(cast: Cast, room: Room) -> None:
    said = say(room, cast.sam, "Once")
    react(said, cast.alice)
    for emoji, guard in (("👍", "reaction_once_per_person_and_sign"), ("x", "reaction_is_known")):
        with pytest.raises(IntegrityError, match=guard), transaction.atomic():
            Reaction.objects.create(message=said, user=cast.alice, emoji=emoji, reader="internal", at=AT)


# --- replies -------------------------------------------------------------------------------------------------------
def test_a_guest_sees_the_answer_but_not_the_internal_words_it_answers(
    cast: Cast, room: Room, paula: User
) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    inside = say(room, cast.sam, "They lost the pallet")
    answer = say(room, cast.alice, "Where is it?", side=Side.PARTNER, said=Said(reply_to=inside.seq))
    theirs, ours = place_of(paula, room), place_of(cast.alice, room)
    assert extras.of_messages([answer], theirs)[answer.pk].parent is None
    assert extras.of_messages([answer], ours)[answer.pk].parent == inside
    back = say(room, paula, "In Lyon", said=Said(reply_to=answer.seq))
    assert extras.of_messages([back], theirs)[back.pk].parent == answer
    with pytest.raises(NoSuchParent):
        say(room, paula, "What?", said=Said(reply_to=inside.seq))


def test_an_answer_stays_in_its_room(cast: Cast, room: Room) -> None:
    other = services.open_team(entity=cast.entity, name="Logistics", by=cast.alice, at=AT)
    elsewhere = say(other, cast.alice, "Elsewhere")
    with pytest.raises(NoSuchParent):
        say(room, cast.alice, "Here", said=Said(reply_to=elsewhere.seq + 100))
    said = say(room, cast.alice, "Here")
    with pytest.raises(IntegrityError, match="message_facts_never_change"), transaction.atomic():
        Message.objects.filter(pk=said.pk).update(reply_to=elsewhere)
    room.refresh_from_db()
    fields = {
        "author": cast.alice,
        "body": "x",
        "client_token": token(),
        "created_at": AT,
        "reply_to": elsewhere,
    }
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq + 1)
    with pytest.raises(IntegrityError, match="message_reply_in_its_room"), transaction.atomic():
        Message.objects.create(room=room, seq=room.last_seq + 1, **fields)
    Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq)
