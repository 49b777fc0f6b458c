"""What the templates of a room print, put together from selectors. Pages of 50, whatever the length of the thread."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from accounts import policy
from accounts.models import User
from chat import guests, selectors, services, thread
from chat.audience import TEAM, Reader
from chat.choices import MessageKind, Side
from chat.models import BODY_LIMIT, Message, Participant, Pin, Room
from chat.reach.muting import is_muted
from chat.selectors import Standing
from chat.talk import discretion, extras, keeping
from chat.talk.choices import Emoji
from disputes.evidence import keeping as evidence
from disputes.evidence import kinds
from disputes.models import Question
from disputes.selectors import question_cards, with_rights

PAGE = 50
# Of a page around a message, so many before it.
BEFORE = 15
Context = dict[str, Any]


def room(user: User, place: Standing, *, at: int | None = None, reply: int | None = None) -> Context:
    """A whole room: its newest page, who is in it, who has read how far, and whether the person may write.

    The page around message `at` instead, or around the first unread one when that is further back. `reply`: the
    composer answers this message.
    """
    here = Room.objects.select_related("entity", "dispute__customer", "dispute__reason", "customer").get(
        pk=place.room_id
    )
    people = list(selectors.present(here.pk).select_related("user", "contact__customer", "party"))
    people.sort(key=lambda stay: stay.person.name)
    mark = next((stay.mark for stay in people if stay.user_id == user.pk), None)
    mark = max(selectors.read_up_to(user, here.pk) if mark is None else mark, place.floor)
    tables = guests.tables(people) if place.reader == TEAM else []
    known = [stay for stay in people if place.reader.knows(Reader(stay.side, stay.party_id))]
    first = at or selectors.first_unread(user, place, mark)
    page = older(user, place, None, mark=mark)
    if first and page["earlier"] and first < page["earlier"]:
        page = around(user, place, first, mark=mark)
    kept = keeping.draft_of(user.pk, here.pk)
    reply = reply or (kept.reply_to if kept else None)
    return page | {
        "shown": at,
        "reply": selectors.messages_for(place).filter(seq=reply).first() if reply else None,
        "room": here,
        "place": place,
        "people": known,
        "seen": place.head,
        "tables": tables,
        "companies": sum(table.reader.side == Side.PARTNER for table in tables),
        "may_invite": place.reader == TEAM and policy.may(user, "room.invite", here.entity_id),
        "may_post": policy.may(user, "room.post", here.entity_id) and here.archived_at is None,
        "own_stay": next((stay for stay in people if stay.user_id == user.pk), None),
        "muted": is_muted(room_id=here.pk, user=user),
        "rev": here.rev,
        "pins": keeping.pins(place),
        "kept": kept,
        "draft": kept.body if kept else "",
        "emojis": Emoji.choices,
        "plain_token": secrets.token_hex(16),
        "body_limit": BODY_LIMIT,
        "accept": ",".join(sorted({ending for endings in kinds.KINDS.values() for ending in endings})),
        "most_bytes": settings.EVIDENCE_MAX_BYTES,
        "too_large": evidence.too_large(),
        "marks": _marks(user, known),
    }


def _marks(user: User, known: Sequence[Participant]) -> str:
    """How far each has read, of those who show it, for somebody who shows it too."""
    people = [stay for stay in known if stay.user_id]
    if "receipts" in discretion.switched_off(user):
        return "[]"
    silent = discretion.without_receipts(stay.user_id for stay in people if stay.user_id)
    shown: list[Any] = [stay for stay in people if stay.user_id not in silent]
    return json.dumps([[stay.user_id, str(stay.user), stay.mark] for stay in shown])


def older(user: User, place: Standing, before: int | None, *, mark: int | None = None) -> Context:
    """The page in front of number `before` (the newest page for None). `mark`: where the line "new" goes."""
    edge = place.head + 1 if before is None else before
    found = selectors.messages_before(place, edge, PAGE + 1)
    more, page = len(found) > PAGE, found[-PAGE:]
    # A page that joins one already shown leaves out the line "new": that one has it.
    rows = _rows(user, place, page, mark=mark)
    return {
        "rows": rows,
        "room_pk": place.room_id,
        "earlier": page[0].seq if more and page else None,
        "mark": mark,
    }


def around(user: User, place: Standing, at: int, *, mark: int) -> Context:
    """The page that has message `at` near its top, with ways to what is before and behind."""
    before = selectors.messages_before(place, at, BEFORE + 1)
    page = [*before[-BEFORE:], *selectors.messages_after(place, at - 1, PAGE - BEFORE)]
    return {
        "rows": _rows(user, place, page, mark=mark),
        "room_pk": place.room_id,
        "earlier": page[0].seq if len(before) > BEFORE else None,
        "later": page[-1].seq if page and page[-1].seq < place.head else None,
        "mark": mark,
    }


def newer(user: User, place: Standing, after: int) -> Context:
    """The page behind number `after`, to be put below what is shown."""
    page = selectors.messages_after(place, after, PAGE)
    before = selectors.messages_before(place, after + 1, 1)
    day = _day(before[0]) if before else None
    later = page[-1].seq if len(page) == PAGE and page[-1].seq < place.head else None
    rows = _rows(user, place, page, after_day=day)
    return {"rows": rows, "room_pk": place.room_id, "earlier": None, "later": later}


def _rows(
    user: User,
    place: Standing,
    page: Sequence[Message],
    *,
    mark: int | None = None,
    after_day: date | None = None,
) -> list[thread.Row]:
    team = place.reader == TEAM
    return thread.rows(
        page,
        reader=user,
        questions=_questions(user, page),
        extras=extras.of_messages(page, place, user.pk),
        mark=mark,
        after_day=after_day,
        team=team,
        share=team and guests.guests_in(place.room_id),
    )


def some(user: User, place: Standing, seqs: Sequence[int]) -> Context:
    """These messages again, as they are now, to be put in place of what a page shows."""
    page = list(selectors.messages_for(place).filter(seq__in=seqs[:PAGE]))
    rows = [row for row in _rows(user, place, page) if row.kind in ("message", "card")]
    return {"rows": rows, "room_pk": place.room_id, "earlier": None}


def _questions(user: User, page: Sequence[Message]) -> dict[int, Question]:
    """The questions whose cards are on the page, with what the person may do with them."""
    ids = [message.question_id for message in page if message.question_id]
    if not ids:
        return {}
    found = with_rights(list(question_cards(user).filter(pk__in=ids)), user)
    return {question.pk: question for question in found}


def _day(message: Message) -> date:
    return timezone.localtime(message.created_at).date()


def message(user: User, place: Standing, seq: int, at: datetime) -> Context | None:
    """One message with everything about it; None when it does not exist for the person, or is a system line."""
    here = Room.objects.select_related("entity", "dispute__customer", "customer").get(pk=place.room_id)
    one = selectors.messages_for(place).filter(seq=seq).exclude(kind=MessageKind.SYSTEM).first()
    if one is None:
        return None
    one.room = here
    extra = extras.of_messages([one], place, user.pk)[one.pk]
    given = {sign.emoji for sign in extra.reactions if sign.mine}
    may_post = policy.may(user, "room.post", here.entity_id)
    return {
        "room": here,
        "message": one,
        "extra": extra,
        "html": extras.body_html(one, extra, user.pk),
        "versions": extras.versions_of(one),
        "signs": [(emoji, label, emoji in given) for emoji, label in Emoji.choices],
        "may_post": may_post and one.deleted_at is None,
        "may_pin": may_post and place.side == Side.INTERNAL and one.deleted_at is None,
        "pinned": Pin.objects.filter(message=one).exists(),
        "may_edit": may_post and services.may_edit(one, user, at),
        "may_delete": services.may_delete(one, user, here.entity_id, at),
        "own": one.author_id == user.pk,
        "body_limit": BODY_LIMIT,
    }
