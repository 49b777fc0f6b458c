"""Keeps a dispute's room in step with the dispute: who is in it, what happened, which questions were asked.

Called once or more for each event; everything here may be repeated.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from accounts.events import Event
from accounts.models import User
from chat import announce
from chat.choices import JoinRoute, MessageKind
from chat.models import Attachment, Message, Participant, Room
from chat.services.posting import post_question, post_system_line
from chat.services.rooms import bring_in, leave, reader_for, room_for_dispute
from disputes.models import Dispute, Question

RELATED = ("entity", "customer__salesperson", "coordinator", "holder_user", "holder_department", "opened_by")


@transaction.atomic
def follow_dispute(event: Event) -> Room:
    """After a `dispute.*` event: seat its people, write the line, tell the cards."""
    dispute = Dispute.objects.select_related(*RELATED).get(pk=event.object_id)
    room = room_for_dispute(dispute=dispute, at=event.at)
    seat(room, dispute, event.at)
    if event.kind == "dispute.joined":
        _call_in(room, event)
    if not _came_with_a_message(event):
        _write_down(room, event)
    if event.kind == "dispute.late":
        transaction.on_commit(lambda: announce.late(event, room.pk), robust=True)
    transaction.on_commit(lambda: announce.dispute(dispute, room.pk, event.kind), robust=True)
    return room


@transaction.atomic
def follow_question(event: Event) -> Room:
    """After a `question.*` event: show its card or its end, and tell those whom it concerns."""
    related = ("dispute__customer__salesperson", "dispute__entity", "asked_of", "asked_by")
    question = Question.objects.select_related(*related).get(pk=event.data["question"])
    room = room_for_dispute(dispute=question.dispute, at=event.at)
    if event.kind == "question.asked":
        _show(room, question, event)
    elif event.kind == "question.passed_on":
        _pass_on(room, question, event)
    else:
        _write_down(room, event)
        _tell_people(room, question, event)
    transaction.on_commit(lambda: announce.dispute(question.dispute, room.pk, event.kind), robust=True)
    return room


def _came_with_a_message(event: Event) -> bool:
    """Files that came with a message stand under it: no line more says so."""
    if event.kind != "evidence.added":
        return False
    return Attachment.objects.filter(evidence=event.data["evidence"]).exists()


def _show(room: Room, question: Question, event: Event) -> None:
    """The card goes into the room, the person asked too, and the pop-up to that person."""
    reader = reader_for(question.asked_of, room.entity_id)
    bring_in(room=room, people=[(question.asked_of, JoinRoute.ASKED)], at=event.at)
    post_question(room=room, question=question, reader=reader, token=f"event:{event.pk}", at=event.at)
    transaction.on_commit(lambda: announce.question(question, room.pk), robust=True)


def _pass_on(room: Room, question: Question, event: Event) -> None:
    """Somebody else is asked now: they come in and get the pop-up, the room hears of it."""
    bring_in(room=room, people=[(question.asked_of, JoinRoute.ASKED)], at=event.at)
    _write_down(room, event)
    if question.is_open:
        transaction.on_commit(lambda: announce.question(question, room.pk), robust=True)


def _tell_people(room: Room, question: Question, event: Event) -> None:
    """The cards of the question change everywhere; whom it waits for now gets the pop-up."""
    how, earlier = event.kind.removeprefix("question."), event.data.get("from")
    if how == "forwarded":
        bring_in(room=room, people=[(question.asked_of, JoinRoute.ASKED)], at=event.at)
    waits = {event.data.get("told"), event.data.get("to")} - {None}
    if how == "overdue" and event.data.get("fallback"):
        waits.add(event.data["fallback"])

    def announced() -> None:
        announce.answered(question, room.pk, by=event.actor, how=how, earlier=earlier)
        if question.is_open:
            announce.question(question, room.pk, to=waits)

    transaction.on_commit(announced, robust=True)


def _call_in(room: Room, event: Event) -> None:
    person = User.objects.filter(pk=event.data["user"], is_active=True).first()
    bring_in(room=room, people=[(person, JoinRoute.INVITED)], at=event.at)


def _write_down(room: Room, event: Event) -> None:
    facts = {**event.data, "actor": str(event.actor) if event.actor else ""}
    post_system_line(room=room, code=event.kind, data=facts, token=f"event:{event.pk}", at=event.at)


def seat(room: Room, dispute: Dispute, at: datetime) -> None:
    """Bring in whom the dispute concerns now; earlier holders go, unless they took part in the talk."""
    holders = _holders(dispute)
    people: list[tuple[User | None, JoinRoute]] = [
        (dispute.coordinator, JoinRoute.COORDINATOR),
        (dispute.customer.salesperson, JoinRoute.SALESPERSON),
        (dispute.opened_by, JoinRoute.OPENER),
        *((person, JoinRoute.HOLDER) for person in holders),
    ]
    bring_in(room=room, people=people, at=at)
    wanted = {person.pk for person, _route in people if person}
    earlier = Participant.objects.filter(room=room, left_at=None, route=JoinRoute.HOLDER).exclude(
        user__in=wanted
    )
    spoke = (
        Message.objects.filter(room=room, kind=MessageKind.TEXT).filter(author__isnull=False).values("author")
    )
    for stay in earlier.exclude(user__in=spoke).select_related("user"):
        if stay.user:
            leave(room=room, user=stay.user, at=at)


def _holders(dispute: Dispute) -> list[User]:
    """Who has the dispute: one person, or everybody of a department."""
    if dispute.holder_user:
        return [dispute.holder_user]
    if dispute.holder_department is None:
        return []
    return list(
        User.objects.filter(memberships__department=dispute.holder_department, is_active=True).distinct()
    )
