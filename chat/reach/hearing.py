"""What people are told of disputes and questions. Events come at least once; keys make repeating harmless."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from accounts.events import Event, listen
from accounts.models import User
from accounts.reach.choices import ReachEvent, Reason
from chat.models import Room
from chat.reach.telling import About, drop_waiting, tell
from disputes.choices import QuestionStatus
from disputes.models import Dispute, Question, Stay


def _people(ids: Iterable[Any], *, but: User | None = None) -> list[User]:
    wanted = {pk for pk in ids if pk} - {but.pk if but else None}
    return list(User.objects.filter(pk__in=wanted, is_active=True).order_by("pk"))


def _about(event: Event, what: ReachEvent, dispute: Dispute, **more: Any) -> About:
    return About(
        event=what,
        key=f"{what.value}:{event.pk}",
        entity=dispute.entity,
        room=Room.objects.filter(dispute=dispute).first(),
        dispute=dispute,
        **more,
    )


def _dispute(event: Event) -> Dispute:
    return Dispute.objects.select_related("entity", "opened_by").get(pk=event.object_id)


def _question(event: Event) -> Question:
    return Question.objects.select_related("asked_of", "fallback").get(pk=event.data["question"])


@listen("question.asked", "question.forwarded", "question.passed_on")
def ask(event: Event) -> None:
    """Somebody is asked; whoever was asked before needs no telling any more."""
    question = _question(event)
    drop_waiting(why=Reason.OVER, at=event.at, question=question)
    if question.is_open:
        about = _about(event, ReachEvent.QUESTION, _dispute(event), question=question, urgent=question.urgent)
        tell(about=about, people=_people([question.asked_of_id], but=event.actor), at=event.at)


@listen("question.reminded", "question.overdue", "question.unseen")
def remind(event: Event) -> None:
    """A question waits too long: who is reminded of it, and at the deadline the fallback too."""
    question, data = _question(event), event.data
    people = [data["told"], data["fallback"] if event.kind == "question.overdue" else None]
    if question.is_open:
        about = _about(
            event,
            ReachEvent.REMINDER,
            _dispute(event),
            question=question,
            urgent=question.urgent,
            data={"kind": event.kind},
        )
        tell(about=about, people=_people(people, but=event.actor), at=event.at)


@listen("question.answered", "question.withdrawn")
def forget_question(event: Event) -> None:
    """It is over: nobody is told of it any more."""
    drop_waiting(why=Reason.OVER, at=event.at, question=event.data["question"])


@listen("approval.asked", "approval.agreed")
def ask_for_approval(event: Event) -> None:
    """Somebody has to say yes or no."""
    if event.data.get("holder_user"):
        about = _about(
            event, ReachEvent.APPROVAL, _dispute(event), data=_facts(event, "resolution", "amount")
        )
        tell(about=about, people=_people([event.data["holder_user"]], but=event.actor), at=event.at)


@listen("dispute.handed_over", "dispute.given_back", "dispute.assigned", "dispute.moved")
def hand_over(event: Event) -> None:
    """A dispute comes to somebody who did not have it, unless they are asked something about it anyway."""
    person = event.data.get("holder_user")
    stays = list(Stay.objects.filter(dispute=event.object_id, started_at__lte=event.at).order_by("-seq")[:2])
    if not person or not stays or stays[0].started_at != event.at:
        return
    if len(stays) > 1 and stays[1].holder_user_id == person:
        return
    asked = Question.objects.filter(
        dispute=event.object_id, asked_of=person, status=QuestionStatus.OPEN, asked_at__gte=event.at
    )
    if not asked.exists():
        about = _about(event, ReachEvent.HANDOVER, _dispute(event), data=_facts(event, "note"))
        tell(about=about, people=_people([person], but=event.actor), at=event.at)


@listen("dispute.late")
def warn(event: Event) -> None:
    """A deadline comes near or went by."""
    about = _about(event, ReachEvent.DEADLINE, _dispute(event), data={"soon": event.data["minutes"] < 0})
    tell(about=about, people=_people(event.data["people"]), at=event.at)


@listen("dispute.closed")
def close(event: Event) -> None:
    """Whoever opened the dispute hears how it ended."""
    dispute = _dispute(event)
    drop_waiting(
        why=Reason.OVER, at=event.at, dispute=dispute, event__in=("handover", "approval", "deadline")
    )
    about = _about(event, ReachEvent.CLOSED, dispute, data=_facts(event, "status", "verdict", "amount"))
    tell(about=about, people=_people([dispute.opened_by_id], but=event.actor), at=event.at)


@listen("promise.broken", "instalment.missed")
def word_broken(event: Event) -> None:
    """A customer did not pay what they had promised: who noted it down and who collects there hear of it."""
    if event.entity is not None:
        names = ("customer", "name", "number", "amount", "currency")
        about = About(
            event=ReachEvent.PROMISE,
            key=f"{ReachEvent.PROMISE.value}:{event.pk}",
            entity=event.entity,
            data={"kind": event.kind} | {name: event.data[name] for name in names if event.data.get(name)},
        )
        tell(about=about, people=_people(event.data["people"]), at=event.at)


def _facts(event: Event, *names: str) -> dict[str, Any]:
    return {name: event.data[name] for name in names if event.data.get(name)} | {
        "by": str(event.actor) if event.actor else ""
    }
