"""The cards of the phone's inbox: the questions that wait, and what was answered today. Fit to be kept offline."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.urls import reverse

from accounts.models import User
from chat.models import Message
from chat.phone.context import Context, Photo, contexts
from disputes.models import Question
from disputes.selectors import answered_since, open_questions_for, unblocked_since, with_rights
from lib import formats

MOST = 50


@dataclass(frozen=True, slots=True)
class Card:
    """A question that waits, with all that its person needs to answer it on the road."""

    id: int
    dispute: int
    ref: str
    url: str
    customer: str
    amount: str
    currency: str
    about: str
    said: str
    excerpt: list[str]
    messages: list[dict[str, str]]
    photos: list[Photo]
    kind: str
    text: str
    options: list[dict[str, Any]]
    due_at: datetime | None
    asked_by: str
    asked_at: datetime
    forward_url: str


@dataclass(frozen=True, slots=True)
class Done:
    """A question answered today."""

    id: int
    url: str
    customer: str
    text: str
    answer: str
    answered_at: datetime
    change_url: str


@dataclass(frozen=True, slots=True)
class Inbox:
    """What the app keeps: whose it is, as of when."""

    user: int
    at: datetime
    cards: list[Card]
    done: list[Done]
    freed: list[str]


def inbox(user: User, at: datetime) -> Inbox:
    """The inbox of a person: the most urgent first, at most 50."""
    questions = list(open_questions_for(user, at)[:MOST])
    around = contexts(user, questions)
    midnight = at.astimezone(ZoneInfo(user.time_zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    answered = with_rights(answered_since(user, midnight), user, at)
    return Inbox(
        user=user.pk,
        at=at,
        cards=[_card(question, around[question.pk]) for question in questions],
        done=[_done(question) for question in answered],
        freed=[formats.money(amount, currency) for currency, amount in unblocked_since(user, midnight)],
    )


def _card(question: Question, around: Context) -> Card:
    dispute = question.dispute
    numbers = list(dict.fromkeys(line.invoice.number for line in dispute.lines.all()))
    more = f" +{len(numbers) - 2}" if len(numbers) > 2 else ""
    return Card(
        id=question.pk,
        dispute=dispute.pk,
        ref=dispute.ref,
        url=reverse("disputes:detail", args=[dispute.pk]),
        customer=dispute.customer.name,
        amount=formats.money(dispute.amount, dispute.currency),
        currency=dispute.currency,
        about=f"{', '.join(numbers[:2])}{more} · {dispute.reason.label}",
        said=around.said,
        excerpt=around.excerpt,
        messages=[_message(message) for message in around.words],
        photos=around.photos,
        kind=question.kind,
        text=question.words,
        options=[{"value": option["value"], "label": option["label"]} for option in question.options],
        due_at=question.due_at,
        asked_by=question.asked_by.name if question.asked_by else "",
        asked_at=question.asked_at,
        forward_url=reverse("disputes:forward", args=[question.pk]),
    )


def _message(message: Message) -> dict[str, str]:
    told = message.told
    body = told.body if len(told.body) <= 200 else f"{told.body[:199]}…"
    return {
        "author": told.writer.name if told.writer else "",
        "body": body,
        "at": message.created_at.isoformat(),
    }


def _done(question: Question) -> Done:
    return Done(
        id=question.pk,
        url=reverse("disputes:detail", args=[question.dispute_id]),
        customer=question.dispute.customer.name,
        text=question.words,
        answer=question.answer.words,
        answered_at=question.answer.answered_at,
        change_url=reverse("disputes:change", args=[question.pk]) if question.may_change else "",
    )
