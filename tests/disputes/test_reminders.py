"""Reminders: once before the deadline, once at it, by hand with patience; the fallback hears at the deadline."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts import events
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, Nudge, Question
from disputes.selectors import open_questions_for
from disputes.services.nudging import moment_to_remind
from tests.factories import AT, Cast
from tests.mailroom.conftest import sink
from tests.mailroom.sink import Sink

__all__ = ["sink"]

HOUR = timedelta(hours=1)


def told(dispute: Dispute) -> list[str]:
    kinds = events.timeline("dispute", dispute.pk).values_list("kind", flat=True)
    return [kind for kind in kinds if kind in ("question.reminded", "question.overdue")]


def test_one_reminder_before_the_deadline_and_one_at_it(
    question: Question, dispute: Dispute, catalogue: Cast, sink: Sink
) -> None:
    """Asked at nine with four hours: reminded at noon, late at one; the jobs run every ten minutes."""
    assert question.due_at == AT + 4 * HOUR
    services.see_questions(question_ids=[question.pk], by=catalogue.sam, at=AT)
    for minutes in range(0, 600, 10):
        services.remind_due(at=AT + timedelta(minutes=minutes))
        services.send_nudges(at=AT + timedelta(minutes=minutes))
    assert told(dispute) == ["question.reminded", "question.overdue"]
    made = list(Nudge.objects.order_by("pk").values_list("kind", "person__name", "created_at"))
    assert made == [
        ("before", "Sam", (AT + 3 * HOUR).astimezone(UTC)),
        ("due", "Sam", (AT + 4 * HOUR).astimezone(UTC)),
        ("fallback", "Alice", (AT + 4 * HOUR).astimezone(UTC)),
    ]
    subjects = [(str(one["To"]), str(one["Subject"]).split(":")[0]) for one in sink.accepted]
    assert subjects == [
        ("Sam <sam@acm.example>", "Reminder"),
        ("Sam <sam@acm.example>", "Overdue"),
        ("Alice <alice@acm.example>", "Overdue"),
    ]
    body = sink.accepted[2].get_body(("plain",))
    assert body is not None
    assert "Sam has not answered this question by its deadline" in body.get_content()


def test_a_question_that_nobody_looks_at_goes_to_the_fallback_after_two_hours_of_work(
    question: Question, dispute: Dispute, catalogue: Cast, sink: Sink
) -> None:
    for minutes in range(0, 240, 10):
        services.remind_due(at=AT + timedelta(minutes=minutes))
        services.send_nudges(at=AT + timedelta(minutes=minutes))
    told_one = Nudge.objects.get(kind="fallback")
    assert (told_one.person, told_one.created_at) == (catalogue.alice, AT + 2 * HOUR)
    kinds = list(events.timeline("dispute", dispute.pk).values_list("kind", flat=True))
    assert kinds.count("question.unseen") == 1
    body = sink.accepted[0].get_body(("plain",))
    assert body is not None
    assert "Sam has not looked at this question for two hours." in body.get_content()
    assert question in open_questions_for(catalogue.alice, AT + 3 * HOUR)


def test_who_saw_the_question_gets_no_mail_that_it_was_asked(
    question: Question, dispute: Dispute, catalogue: Cast, sink: Sink
) -> None:
    services.expect_mail(question_id=question.pk, at=AT)
    assert services.see_questions(question_ids=[question.pk], by=catalogue.alice, at=AT) == 0
    assert services.see_questions(question_ids=[question.pk], by=catalogue.sam, at=AT) == 1
    assert services.see_questions(question_ids=[question.pk], by=catalogue.sam, at=AT + HOUR) == 0
    services.send_nudges(at=AT + HOUR)
    assert (sink.accepted, Nudge.objects.get().end) == ([], "seen")


def test_an_urgent_question_says_why_and_goes_through_quiet_hours(dispute: Dispute, catalogue: Cast) -> None:
    night = AT.replace(hour=23)
    asked = {"dispute": dispute, "kind": "text", "by": catalogue.alice, "at": night}
    with pytest.raises(FieldErrors, match="why it cannot wait"):
        services.ask_question(asked_of=catalogue.sam, text="Where?", urgent=" x ", **asked)
    for urgent in ("", "The lorry leaves at five."):
        one = services.ask_question(asked_of=catalogue.sam, text="Where is it?", urgent=urgent, **asked)
        services.expect_mail(question_id=one.pk, at=night)
    calm, urgent_one = Nudge.objects.order_by("pk")
    assert calm.send_at.astimezone(AT.tzinfo) == AT + timedelta(days=1)
    assert urgent_one.send_at - night == timedelta(minutes=5)
    with pytest.raises(IntegrityError, match="question_urgent_says_who"), transaction.atomic():
        Question.objects.filter(pk=urgent_one.question_id).update(asked_by=None)


def test_an_answered_question_reminds_nobody(question: Question, dispute: Dispute, catalogue: Cast) -> None:
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)
    assert services.remind_due(at=AT + 5 * HOUR) == 0
    assert told(dispute) == []


def test_a_deadline_of_last_week_is_nobodys_news(question: Question, dispute: Dispute) -> None:
    assert services.remind_due(at=AT + timedelta(days=9)) == 0


def test_reminding_by_hand_needs_patience_and_the_right_to_ask(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    services.remind_now(question_id=question.pk, by=catalogue.carl, at=AT + HOUR)
    with pytest.raises(IllegalAct, match="Sam was told at 09:00") as soon:
        services.remind_now(question_id=question.pk, by=catalogue.alice, at=AT + HOUR + timedelta(minutes=29))
    assert soon.value.code == "reminded_already"
    with pytest.raises(RoleMayNot):
        services.remind_now(question_id=question.pk, by=catalogue.fin, at=AT + 2 * HOUR)
    services.remind_now(question_id=question.pk, by=catalogue.alice, at=AT + 2 * HOUR)
    assert told(dispute) == ["question.reminded"] * 2
    services.withdraw_question(question_id=question.pk, by=catalogue.alice, at=AT + 2 * HOUR)
    with pytest.raises(IllegalAct):
        services.remind_now(question_id=question.pk, by=catalogue.alice, at=AT + 3 * HOUR)


@pytest.mark.parametrize("kind", ["before", "due", "fallback"])
def test_the_database_keeps_each_reminder_unique(question: Question, catalogue: Cast, kind: str) -> None:
    facts = {"question": question, "kind": kind, "created_at": AT, "send_at": AT}
    Nudge.objects.create(person=catalogue.sam, **facts)
    with pytest.raises(IntegrityError, match="nudge_once_per_question"), transaction.atomic():
        Nudge.objects.create(person=catalogue.alice, **facts)
    with pytest.raises(IntegrityError, match="nudge_ended_iff_dated"), transaction.atomic():
        Nudge.objects.filter(kind=kind).update(end="sent")


def test_reminders_come_during_working_hours(catalogue: Cast) -> None:
    """Asked on Friday at five for Monday noon: the reminder comes when Monday begins, not on Sunday evening."""
    madrid = ZoneInfo("Europe/Madrid")
    friday, monday = datetime(2026, 3, 20, 17, tzinfo=madrid), datetime(2026, 3, 23, 12, tzinfo=madrid)
    assert moment_to_remind(friday, monday, catalogue.entity) == datetime(2026, 3, 23, 9, tzinfo=madrid)
    assert moment_to_remind(friday, None, catalogue.entity) is None
    assert moment_to_remind(friday, friday, catalogue.entity) is None
