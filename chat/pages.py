"""What the templates of a room print, put together from selectors. Pages of 50, whatever the length of the thread."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from django.utils import timezone

from accounts import policy
from accounts.models import User
from chat import guests, selectors, thread
from chat.audience import TEAM, Reader
from chat.choices import Side
from chat.models import BODY_LIMIT, Message, Room
from chat.selectors import Standing
from disputes.models import Question
from disputes.selectors import questions_with_context, with_rights

PAGE = 50
Context = dict[str, Any]


def room(user: User, place: Standing) -> Context:
    """A whole room: its newest page, who is in it, who has read how far, and whether the person may write."""
    here = Room.objects.select_related("entity", "dispute__customer", "dispute__reason", "customer").get(
        pk=place.room_id
    )
    people = list(selectors.present(here.pk).select_related("user", "contact__customer", "party"))
    people.sort(key=lambda stay: stay.person.name)
    mark = next((stay.mark for stay in people if stay.user_id == user.pk), None)
    mark = selectors.read_up_to(user, here.pk) if mark is None else mark
    tables = guests.tables(people) if place.reader == TEAM else []
    known = [stay for stay in people if place.reader.knows(Reader(stay.side, stay.party_id))]
    return older(user, place, None, mark=max(mark, place.floor)) | {
        "room": here,
        "place": place,
        "people": known,
        "seen": place.head,
        "may_post": policy.may(user, "room.post", here.entity_id),
        "tables": tables,
        "companies": sum(table.reader.side == Side.PARTNER for table in tables),
        "may_invite": place.reader == TEAM and policy.may(user, "room.invite", here.entity_id),
        "plain_token": secrets.token_hex(16),
        "body_limit": BODY_LIMIT,
        "marks": json.dumps([[stay.user_id, str(stay.user), stay.mark] for stay in known if stay.user_id]),
    }


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


def newer(user: User, place: Standing, after: int) -> Context:
    """The page behind number `after`, to be put below what is shown."""
    page = selectors.messages_after(place, after, PAGE)
    before = selectors.messages_before(place, after + 1, 1)
    day = _day(before[0]) if before else None
    return {"rows": _rows(user, place, page, after_day=day), "room_pk": place.room_id, "earlier": None}


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
        mark=mark,
        after_day=after_day,
        team=team,
        share=team and guests.guests_in(place.room_id),
    )


def _questions(user: User, page: Sequence[Message]) -> dict[int, Question]:
    """The questions whose cards are on the page, with what the person may do with them."""
    ids = [message.question_id for message in page if message.question_id]
    if not ids:
        return {}
    found = with_rights(list(questions_with_context().filter(pk__in=ids)), user)
    return {question.pk: question for question in found}


def _day(message: Message) -> date:
    return timezone.localtime(message.created_at).date()
