"""What a notification says: in the person's language, in less than two kilobytes, privately where that is wanted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from chat.push.sending import Note
from disputes.choices import QuestionKind
from disputes.models import Question
from disputes.selectors import open_questions_for
from lib import formats

MOST_BYTES = 2000
QUICK = 2
LABEL = 40
URGENT = timedelta(hours=2)
# A question without a deadline is still news after so long.
KEPT = timedelta(days=1)
LONGEST = timedelta(days=7)
REPLIES = {QuestionKind.TEXT, QuestionKind.AMOUNT, QuestionKind.NUMBER}


@contextmanager
def as_read_by(user: User) -> Iterator[None]:
    """The language and the time zone of a person."""
    with override(user.language), timezone.override(ZoneInfo(user.time_zone)):
        yield


def tag_of(question_id: int) -> str:
    """One notification per question: a later one takes the place of the earlier."""
    return f"question-{question_id}"


def question_note(question: Question, user: User, at: datetime, *, private: bool, occasion: str) -> Note:
    """The question as a notification. `occasion` tells a reminder from the first time."""
    with as_read_by(user):
        payload = _question(question, private=private) | {
            "type": "question",
            "id": f"{question.pk}-{user.pk}-{occasion}",
            "user": user.pk,
            "question": question.pk,
            "tag": tag_of(question.pk),
            "lang": user.language,
            "count": open_questions_for(user, at).count(),
            "url": f"{reverse('chat:phone')}?question={question.pk}",
        }
    left = question.due_at - at if question.due_at else None
    life = min(max(left, URGENT), LONGEST) if left is not None else KEPT
    return Note(
        payload=_fitted(payload),
        ttl=int(life.total_seconds()),
        urgency="high" if left is not None and left <= URGENT else "normal",
        topic=f"q{question.pk}",
        question=question.pk,
    )


def _question(question: Question, *, private: bool) -> dict[str, Any]:
    if private:
        # Nobody answers what they cannot read: the buttons come with the words, inside the app.
        return {"title": _("A question for you"), "body": _("Open Zanjar to read it."), "actions": []}
    dispute = question.dispute
    numbers = list(dict.fromkeys(line.invoice.number for line in dispute.lines.all()))
    facts = [dispute.reason.label, ", ".join(numbers[:2]) + (f" +{len(numbers) - 2}" if numbers[2:] else "")]
    if question.due_at:
        facts.append(_("by %(moment)s") % {"moment": formats.moment(question.due_at)})
    told: dict[str, Any] = {
        "title": f"{dispute.customer.name} · {formats.money(dispute.amount, dispute.currency)}",
        "body": f"{question.words}\n{' · '.join(fact for fact in facts if fact)}",
        "actions": [
            {"action": str(place), "title": option["label"][:LABEL], "value": option["value"]}
            for place, option in enumerate(question.options[:QUICK])
        ],
    }
    if question.kind in REPLIES and not question.options:
        told["reply"] = {"title": _("Answer"), "placeholder": question.words[:LABEL]}
    return told


def over_note(question_id: int, user: User, *, words: str, at: datetime) -> Note:
    """Nothing to show: the question needs no answer of this person any more."""
    payload = {
        "type": "over",
        "user": user.pk,
        "question": question_id,
        "tag": tag_of(question_id),
        "lang": user.language,
        "body": words,
        "count": open_questions_for(user, at).count(),
    }
    return Note(payload=payload, ttl=int(KEPT.total_seconds()), urgency="normal", topic=f"q{question_id}")


def plain_note(user: User, *, title: str, body: str, url: str, tag: str, at: datetime) -> Note:
    """Some other news: words, and where a tap leads."""
    payload = {
        "type": "news",
        "user": user.pk,
        "tag": tag,
        "lang": user.language,
        "title": title,
        "body": body,
        "url": url,
        "count": open_questions_for(user, at).count(),
    }
    return Note(payload=_fitted(payload), ttl=int(KEPT.total_seconds()), topic=tag[:32])


def trial_note(user: User, at: datetime) -> Note:
    """What "send test" sends."""
    with as_read_by(user):
        words = {"title": _("It works"), "body": _("Questions for you will look like this.")}
        return plain_note(user, **words, url=reverse("chat:phone"), tag="trial", at=at)


def size_of(payload: dict[str, Any]) -> int:
    """The bytes that travel, before they are encrypted."""
    return len(json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode())


def _fitted(payload: dict[str, Any]) -> dict[str, Any]:
    """The same with its longest words cut until it fits."""
    for name, least in (("body", 80), ("title", 40)):
        while (over := size_of(payload) - MOST_BYTES) > 0 and len(payload[name]) > least:
            keep = max(least, len(payload[name]) - max(over // 4, 1) - 1)
            payload = payload | {name: payload[name][: keep - 1] + "…"}
    return payload
