"""Naming people with @: whom, who is brought in, who would not see it; and how the words look."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import User
from chat import selectors, services
from chat.choices import Side
from chat.errors import MentionUnseen
from chat.models import Message, Notification, Room
from chat.reach import services as reach
from chat.services import Said
from chat.talk import people
from chat.talk.extras import body_html, of_messages
from chat.talk.markup import html
from chat.talk.people import Nameable, named_in
from tests.chat.conftest import say
from tests.factories import AT, Cast


def named(message: Message) -> set[str]:
    return set(message.mentions.values_list("user__name", flat=True))


def names(user: User, room: Room) -> list[str]:
    place = selectors.standing(user, room.pk)
    assert place is not None
    return [one.name for one in people.nameable(user, place, room)]


def test_a_colleague_who_is_named_is_brought_in(cast: Cast, room: Room) -> None:
    assert selectors.standing(cast.bill, room.pk) is None
    said = say(room, cast.alice, "Hello @Bill, and you, @sam: look. Mail me at alice@bill.example")
    assert named(said) == {"Bill", "Sam"}
    assert selectors.standing(cast.bill, room.pk) is not None
    assert not say(room, cast.alice, "Nobody: @Billy, x@Bill, @Nobody").mentions.exists()


def test_a_department_is_everybody_in_it(cast: Cast, room: Room) -> None:
    said = say(room, cast.alice, "@Logistics: was the pallet whole?")
    assert list(said.mentions.values_list("user", "department", "label")) == [
        (cast.eva.pk, cast.logistics.pk, "Logistics")
    ]
    assert selectors.standing(cast.eva, room.pk) is not None


def test_who_changes_the_words_changes_who_is_named(cast: Cast, room: Room) -> None:
    said = say(room, cast.alice, "@Bill and @Carl")
    place = selectors.standing(cast.alice, room.pk)
    assert place is not None
    services.edit_message(place=place, seq=said.seq, by=cast.alice, body="@Carl and @Eva", version=1, at=AT)
    assert named(said) == {"Carl", "Eva"}


def test_whoever_is_named_later_is_told_and_nobody_twice(cast: Cast, room: Room) -> None:
    said = say(room, cast.alice, "@Bill: is it in the list?")
    reach.tell_of_messages(at=AT)
    place = selectors.standing(cast.alice, room.pk)
    assert place is not None
    later = AT + timedelta(hours=1)
    services.edit_message(place=place, seq=said.seq, by=cast.alice, body="@Bill, @Eva", version=1, at=later)
    reach.tell_of_messages(at=later)
    told = Notification.objects.filter(message=said, event="mention").order_by("pk")
    assert {(one.user, one.created_at) for one in told} == {(cast.bill, AT), (cast.eva, later)}
    assert len({(one.user_id, one.channel) for one in told}) == len(told)


def test_of_two_of_one_name_the_chosen_one(cast: Cast, room: Room) -> None:
    same = [Nameable("user:1", "Ana Ruiz"), Nameable("user:2", "Ana Ruiz"), Nameable("user:3", "Ana")]
    assert [one.key for one in named_in("@Ana Ruiz", same, ["user:2"])] == ["user:2"]
    assert [one.key for one in named_in("@Ana Ruiz", same)] == ["user:1"]
    assert [one.key for one in named_in("@Ana, @ana ruiz", same)] == ["user:3", "user:1"]


def test_a_guest_is_named_on_their_side_and_the_author_hears_it_otherwise(
    cast: Cast, room: Room, paula: User
) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    assert named(say(room, cast.alice, "@Paula, where is it?", side=Side.PARTNER)) == {"Paula"}
    before = room.messages.count()
    with pytest.raises(MentionUnseen) as held:
        say(room, cast.alice, "@Paula never answers")
    assert held.value.facts == {"names": ["Paula"]}
    assert room.messages.count() == before
    said = say(room, cast.alice, "@Paula never answers", said=Said(unseen=True))
    assert not said.mentions.exists()


def test_a_guest_names_only_those_who_wrote_to_them(cast: Cast, room: Room, paula: User) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    say(room, cast.sam, "Between us")
    assert names(paula, room) == []
    say(room, cast.alice, "Hello", side=Side.PARTNER)
    assert names(paula, room) == ["Alice"]
    assert {"Sam", "Eva", "Paula", "Logistics"} <= set(names(cast.alice, room))
    assert not {"Alice", "Mallory"} & set(names(cast.alice, room))


def test_the_list_finds_the_beginnings_of_names_without_accents() -> None:
    some = [Nameable("user:1", "José Álvarez"), Nameable("user:2", "Ana Josefa"), Nameable("user:3", "Eva")]
    assert [one.pk for one in people.matching(some, "jos")] == [1, 2]
    assert [one.pk for one in people.matching(some, "alv")] == [1]
    assert people.matching(some, "se") == []


def test_the_words_show_who_is_named_code_and_emphasis_and_nothing_else(cast: Cast, room: Room) -> None:
    said = say(room, cast.alice, "@Bill: *now*, `a < b`, 2*3*4, <b>no</b> https://x.example/a_*b*_c")
    extra = of_messages([said], selectors.standing(cast.bill, room.pk))[said.pk]  # type: ignore[arg-type]
    shown = body_html(said, extra, cast.bill.pk)
    assert '<span class="mention mention-me">@Bill</span>' in shown
    assert "<strong>now</strong>" in shown
    assert "<code>a &lt; b</code>" in shown
    assert "2*3*4, &lt;b&gt;no&lt;/b&gt;" in shown
    assert 'href="https://x.example/a_*b*_c"' in shown
    assert 'class="mention">@Bill' in body_html(said, extra, cast.alice.pk)


@given(st.text(alphabet="<>&\"'`*@ab /:.\n", max_size=60))
def test_whatever_is_written_only_our_own_marks_come_out(text: str) -> None:
    shown = html(text, {"ab": True, "a<b": False})
    bare = str(shown)
    for mark in (
        '<code class="msg-block">',
        "<code>",
        "</code>",
        "<strong>",
        "</strong>",
        '<span class="mention">',
        '<span class="mention mention-me">',
        "</span>",
        "</a>",
    ):
        bare = bare.replace(mark, "")
    assert "<" not in bare.replace('<a href="', "")
