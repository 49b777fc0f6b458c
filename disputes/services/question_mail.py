"""The mail about a question: written and asked "still open?" just before it goes, with links made for that one mail."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.reach.choices import ReachChannel
from accounts.reach.selectors import wishes_of
from accounts.reach.whereabouts import is_here
from disputes.choices import NudgeEnd, NudgeKind, QuestionStatus
from disputes.models import Nudge, Question
from disputes.services import links
from disputes.services.answering import may_answer
from disputes.services.common import STREAM
from disputes.services.nudging import event_of
from lib import formats
from mailroom import services as mailroom
from mailroom.choices import LetterStatus
from mailroom.envelope import Envelope
from mailroom.errors import LetterIsGone
from mailroom.providers import Provider, outgoing
from mailroom.rendering import Links, Values

KIND = "question"
# What stands in the kept letter in place of the secret.
PLACE = "personal-link"


@dataclass(frozen=True, slots=True)
class Sealing:
    """A way of sending that puts the secret in on the way out: the outbox never holds it."""

    provider: Provider
    nudge: Nudge
    at: datetime

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        return None

    def send(self, envelope: Envelope) -> None:
        """Make the link of this attempt and hand the letter over with it."""
        secret = links.make_link(
            question=self.nudge.question, person=self.nudge.person, at=self.at, nudge=self.nudge
        )
        kept, sealed = address_of(PLACE), address_of(secret)
        text, html = envelope.text.replace(kept, sealed), envelope.html.replace(kept, sealed)
        answer = mailroom.make_reply_address(
            entity=self.nudge.question.dispute.entity,
            stream=STREAM,
            object_id=self.nudge.question.dispute_id,
            owner=("user", self.nudge.person_id),
            side="",
            at=self.at,
        )
        self.provider.send(replace(envelope, text=text, html=html, reply_to=answer or envelope.reply_to))


def address_of(secret: str, answer: str = "") -> str:
    """Where the link leads, with the quick answer it proposes."""
    query = f"?{urlencode({'answer': answer})}" if answer else ""
    return settings.BASE_URL + reverse("disputes:by_link", args=[secret]) + query


def send_nudges(*, at: datetime, limit: int = 200) -> int:
    """Send what is due, over one connection; how many mails went out."""
    again = Q(end=NudgeEnd.FAILED, letter__status=LetterStatus.QUEUED)
    waiting = Nudge.objects.filter(Q(ended_at=None, send_at__lte=at) | again).order_by("send_at", "pk")
    ids = list(waiting.values_list("pk", flat=True)[:limit])
    with outgoing() as provider:
        return sum(send_nudge(nudge_id=pk, at=at, provider=provider) for pk in ids)


def send_nudge(*, nudge_id: int, at: datetime, provider: Provider) -> bool:
    """Send one, whoever else tries: ask whether it is needed, queue, commit, send, mark."""
    nudge = _prepare(nudge_id, at)
    if nudge is None or nudge.letter_id is None:
        return False
    letter = mailroom.deliver(letter_id=nudge.letter_id, at=at, provider=Sealing(provider, nudge, at))
    if letter.status == LetterStatus.SENT:
        _end(nudge, NudgeEnd.SENT, at)
        return True
    if letter.status == LetterStatus.FAILED:
        _end(nudge, NudgeEnd.FAILED, at)
    return False


@transaction.atomic
def _prepare(nudge_id: int, at: datetime) -> Nudge | None:
    """The reminder with its letter in the outbox; None when somebody else has it or it is not needed any more."""
    nudge = Nudge.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=nudge_id).first()
    if nudge is None or nudge.end in (NudgeEnd.SENT, NudgeEnd.NOT_NEEDED, NudgeEnd.NOT_WANTED):
        return None
    question, person = nudge.question, nudge.person
    needed = question.status == QuestionStatus.OPEN and person.is_active
    if not needed or not may_answer(question, question.dispute, person, at):
        _drop(nudge, NudgeEnd.NOT_NEEDED, at)
        return None
    if nudge.kind == NudgeKind.ASKED and (_seen(nudge) or is_here(person.pk)):
        _drop(nudge, NudgeEnd.SEEN, at)
        return None
    wishes = wishes_of(person, question.dispute.entity)
    if not wishes.carries(event_of(nudge.kind), ReachChannel.EMAIL):
        _drop(nudge, NudgeEnd.NOT_WANTED, at)
        return None
    if nudge.letter is not None and nudge.letter.status != LetterStatus.QUEUED:
        return nudge
    try:
        nudge.letter = mailroom.queue_letter(draft=draft_of(nudge), at=at)
    except LetterIsGone:
        return None
    nudge.save(update_fields=["letter"])
    return nudge


def _seen(nudge: Nudge) -> bool:
    """Whether the person had the question before them in the app since they were asked."""
    return nudge.person_id == nudge.question.asked_of_id and nudge.question.seen_at is not None


def _drop(nudge: Nudge, end: NudgeEnd, at: datetime) -> None:
    if nudge.letter is not None:
        mailroom.withdraw_letter(key=nudge.letter.key)
    _end(nudge, end, at)


def _end(nudge: Nudge, end: NudgeEnd, at: datetime) -> None:
    Nudge.objects.filter(pk=nudge.pk).update(end=end, ended_at=at)


def draft_of(nudge: Nudge) -> mailroom.Draft:
    """The mail as it is kept, in the person's language and hours."""
    question, person = nudge.question, nudge.person
    entity = question.dispute.entity
    with override(person.language), timezone.override(ZoneInfo(person.time_zone)):
        text = mailroom.text_for(kind=KIND, language=person.language, entity=entity)
        words = mailroom.render(text=text, entity=entity, values=_values(nudge, question))
    return mailroom.Draft(
        entity=entity,
        key=f"question:{question.pk}:nudge:{nudge.pk}",
        kind=KIND,
        to_address=person.email,
        to_name=person.name,
        words=words,
        about_stream="dispute",
        about_id=question.dispute_id,
        reserved=True,
    )


def _values(nudge: Nudge, question: Question) -> Values:
    dispute, kind = question.dispute, nudge.kind
    numbers = list(dict.fromkeys(line.invoice.number for line in dispute.lines.select_related("invoice")))
    late = question.due_at is not None and question.due_at <= nudge.created_at
    asked_by = question.asked_by.name if question.asked_by else dispute.entity.name
    return {
        "recipient": nudge.person.name,
        "asker": asked_by,
        "question": question.words,
        "customer": dispute.customer.name,
        "amount": formats.money(dispute.amount, dispute.currency),
        "invoices": ", ".join(numbers[:3]) + (f" +{len(numbers) - 3}" if len(numbers) > 3 else ""),
        "reason": dispute.reason.label,
        "ref": dispute.ref,
        "due": formats.moment(question.due_at) if question.due_at else "",
        "answers": _answers(question),
        "expires": formats.moment(nudge.send_at + links.LIFE),
        "reminder": "1" if kind in (NudgeKind.BEFORE, NudgeKind.HAND) else "",
        "overdue": "1" if late and kind in (NudgeKind.DUE, NudgeKind.FALLBACK) else "",
        "instead_of": question.asked_of.name if late and kind == NudgeKind.FALLBACK else "",
        "unseen_by": question.asked_of.name if not late and kind == NudgeKind.FALLBACK else "",
        "urgent": question.urgent,
    }


def _answers(question: Question) -> Links:
    """One link for each quick answer, and one to write."""
    quick = [(str(one["label"]), address_of(PLACE, str(one["value"]))) for one in question.options]
    return Links((*quick, (_("Write an answer"), address_of(PLACE))))
