"""Answering by a personal link, without signing in. The link is the right: random, kept as a digest, used once."""

import ipaddress
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from accounts.services import token_digest
from disputes.choices import QuestionStatus, Via
from disputes.errors import IllegalAct
from disputes.evidence.keeping import Vetted
from disputes.models import Answer, AnswerLink, Nudge, Question
from disputes.services.answering import answer_question, may_answer
from disputes.services.common import lock

LIFE = timedelta(days=7)


class State(StrEnum):
    """What a link can still do."""

    OPEN = "open"
    USED = "used"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"
    PASSED_ON = "passed_on"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Seen:
    """A link, its question, and what it can still do."""

    link: AnswerLink
    question: Question
    state: State


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a press came from, as the request tells it."""

    address: str = ""
    agent: str = ""

    @property
    def short_address(self) -> str:
        """The network it came from: enough for an audit, not enough to follow a person."""
        try:
            parsed = ipaddress.ip_address(self.address)
        except ValueError:
            return ""
        return str(ipaddress.ip_network(f"{parsed}/{24 if parsed.version == 4 else 48}", strict=False))


@transaction.atomic
def make_link(
    *, question: Question, person: User, at: datetime, nudge: Nudge | None = None, life: timedelta = LIFE
) -> str:
    """A new link for this person; the secret in it exists only in what is returned."""
    secret = secrets.token_urlsafe(32)
    AnswerLink.objects.create(
        question=question,
        person=person,
        nudge=nudge,
        digest=token_digest(secret),
        created_at=at,
        expires_at=at + life,
    )
    return secret


def look_at(*, secret: str, at: datetime) -> Seen | None:
    """The link as it stands, changing nothing; None for one that never was, or whose person is gone."""
    links = AnswerLink.objects.select_related(
        "person",
        "question__template",
        "question__asked_by",
        "question__asked_of",
        "question__answer__answered_by",
        "question__dispute__customer",
        "question__dispute__reason",
        "question__dispute__entity",
    ).prefetch_related("question__dispute__lines__invoice")
    link = links.filter(digest=token_digest(secret), person__is_active=True).first()
    return Seen(link, link.question, state_of(link, at)) if link else None


def state_of(link: AnswerLink, at: datetime) -> State:
    """What the link can still do."""
    question = link.question
    if link.used_at:
        return State.USED
    if question.status == QuestionStatus.ANSWERED:
        return State.ANSWERED
    if question.status == QuestionStatus.WITHDRAWN:
        return State.WITHDRAWN
    if not may_answer(question, question.dispute, link.person, at):
        return State.PASSED_ON
    return State.EXPIRED if at >= link.expires_at else State.OPEN


@transaction.atomic
def answer_by_link(
    *,
    secret: str,
    value: Any,
    at: datetime,
    note: str = "",
    origin: Origin | None = None,
    document: Vetted | None = None,
) -> Answer:
    """Answer as the person the link was made for. Once: the second use, and a late one, raise IllegalAct.

    Raises AlreadyAnswered (with who and when), FieldErrors for a value that does not fit, and
    AnswerLink.DoesNotExist for a secret nobody was given.
    """
    found = AnswerLink.objects.select_related("question").get(
        digest=token_digest(secret), person__is_active=True
    )
    lock(found.question.dispute_id)
    link = AnswerLink.objects.select_related("person").get(pk=found.pk)
    if link.used_at:
        raise IllegalAct(_("This link was used already: each works once."), code="link_used")
    if at >= link.expires_at and found.question.is_open:
        raise IllegalAct(_("This link has expired. Sign in to answer."), code="link_expired")
    answer = answer_question(
        question_id=link.question_id,
        value=value,
        by=link.person,
        at=at,
        note=note,
        via=Via.LINK,
        document=document,
    )
    origin = origin or Origin()
    link.used_at, link.used_from, link.used_with = at, origin.short_address, origin.agent[:100]
    link.save(update_fields=["used_at", "used_from", "used_with"])
    return answer
