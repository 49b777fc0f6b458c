"""“Not me” and “later”: who gets a question next, and when it comes back."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts.models import Absence
from disputes import selectors, services
from disputes.errors import FieldErrors, IllegalAct, PastDeadline, RoleMayNot
from disputes.models import Dispute, PutOff, Question, QuestionPass
from disputes.services import State
from lib import clock
from tests.disputes.test_answers import kinds
from tests.disputes.test_pages import HTMX, as_, text
from tests.factories import AT, Cast

HOUR = timedelta(hours=1)
MADRID = ZoneInfo("Europe/Madrid")


@pytest.fixture(autouse=True)
def now(monkeypatch: pytest.MonkeyPatch) -> None:
    """The doors' clock stands half an hour after the question was asked."""
    monkeypatch.setattr(clock, "now", lambda: AT + timedelta(minutes=30))


def forward(question: Question, to: Any, by: Any, reason: str = "Bill knows") -> Question:
    return services.forward_question(question_id=question.pk, to=to, reason=reason, by=by, at=AT + HOUR)


def test_a_colleague_gets_the_question_with_the_reason_and_sees_the_dispute(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    secret = services.make_link(question=question, person=catalogue.sam, at=AT)
    assert not selectors.disputes_for(catalogue.bill).filter(pk=dispute.pk).exists()
    done = forward(question, catalogue.bill, catalogue.sam)
    assert (done.asked_of, done.due_at) == (catalogue.bill, question.due_at)
    assert selectors.disputes_for(catalogue.bill).get() == dispute
    assert selectors.open_questions_for(catalogue.bill, AT + HOUR).get() == question
    assert not selectors.open_questions_for(catalogue.sam, AT + HOUR).exists()
    assert kinds(dispute)[-1] == "question.forwarded"
    with pytest.raises(RoleMayNot):
        services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT + HOUR)
    seen = services.look_at(secret=secret, at=AT + HOUR)
    assert seen is not None
    assert seen.state == State.PASSED_ON
    page = text(as_(catalogue.bill).get("/questions/"))
    assert "Sam passed it on to Bill" in page
    assert "Bill knows" in page
    services.answer_question(question_id=question.pk, value="other", by=catalogue.bill, at=AT + 2 * HOUR)


def test_a_question_never_goes_back_to_who_passed_it_on(question: Question, catalogue: Cast) -> None:
    forward(question, catalogue.bill, catalogue.sam)
    forward(question, catalogue.eva, catalogue.bill)
    for had in (catalogue.sam, catalogue.bill):
        with pytest.raises(FieldErrors) as refusal:
            forward(question, had, catalogue.eva)
        assert f"{had.name} passed this question on already" in refusal.value.fields["to"]
    assert [one.to_user for one in question.passes.all()] == [catalogue.bill, catalogue.eva]


def test_the_database_knows_no_way_back_either(question: Question, catalogue: Cast) -> None:
    forward(question, catalogue.bill, catalogue.sam)
    facts = {"question": question, "by": catalogue.bill, "reason": "x", "at": AT}
    tries = {
        "question_pass_no_return": lambda: QuestionPass.objects.create(
            from_user=catalogue.bill, to_user=catalogue.sam, **facts
        ),
        "question_passed_once_by_each": lambda: QuestionPass.objects.create(
            from_user=catalogue.sam, to_user=catalogue.eva, **facts
        ),
        "question_passed_to_somebody_else": lambda: QuestionPass.objects.create(
            from_user=catalogue.eva, to_user=catalogue.eva, **facts
        ),
        "question_pass_is_history": lambda: QuestionPass.objects.all().delete(),
    }
    for name, attempt in tries.items():
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            attempt()


@pytest.mark.parametrize(
    ("to", "reason", "field"),
    [("fin", "why", "to"), ("mallory", "why", "to"), ("sam", "why", "to"), ("bill", " ", "reason")],
)
def test_only_to_a_colleague_who_works_on_disputes_and_with_a_reason(
    question: Question, catalogue: Cast, to: str, reason: str, field: str
) -> None:
    with pytest.raises(FieldErrors) as refusal:
        forward(question, getattr(catalogue, to), catalogue.sam, reason)
    assert set(refusal.value.fields) == {field}
    question.refresh_from_db()
    assert question.asked_of == catalogue.sam


def test_the_deputy_of_an_absent_colleague_gets_it(question: Question, catalogue: Cast) -> None:
    Absence.objects.create(user=catalogue.bill, starts_on=AT.date(), ends_on=AT.date(), deputy=catalogue.eva)
    assert forward(question, catalogue.bill, catalogue.sam).asked_of == catalogue.eva


@pytest.mark.parametrize("who", ["sofia", "carl", "eva", "fin"])
def test_only_who_may_answer_may_pass_it_on_or_put_it_off(
    question: Question, dispute: Dispute, catalogue: Cast, who: str
) -> None:
    person = getattr(catalogue, who)
    with pytest.raises(RoleMayNot):
        forward(question, catalogue.bill, person)
    with pytest.raises(RoleMayNot):
        services.put_off_question(question_id=question.pk, later="30m", by=person, at=AT)
    assert not QuestionPass.objects.exists()
    assert not PutOff.objects.exists()


def test_an_answered_question_is_neither_passed_on_nor_put_off(question: Question, catalogue: Cast) -> None:
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)
    with pytest.raises(IllegalAct):
        forward(question, catalogue.bill, catalogue.sam)
    with pytest.raises(IllegalAct):
        services.put_off_question(question_id=question.pk, later="30m", by=catalogue.sam, at=AT)


@pytest.mark.parametrize(
    ("later", "at", "until"),
    [
        ("30m", (16, 9, 0), (16, 9, 30)),
        ("2h", (16, 17, 0), (17, 10, 0)),
        ("tomorrow", (20, 11, 0), (23, 9, 0)),
    ],
)
def test_later_is_counted_in_working_time(
    dispute: Dispute, catalogue: Cast, later: str, at: tuple[int, ...], until: tuple[int, ...]
) -> None:
    asked = services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind="yes_no", text="Sure?", by=catalogue.alice, at=AT
    )
    start, end = (datetime(2026, 3, *hands, tzinfo=MADRID) for hands in (at, until))  # type: ignore[misc]
    row = services.put_off_question(question_id=asked.pk, later=later, by=catalogue.sam, at=start)
    assert row.until == end
    assert not selectors.open_questions_for(catalogue.sam, start).exists()
    assert selectors.open_questions_for(catalogue.sam, end).get() == asked
    assert selectors.next_put_off(catalogue.sam, start) == end


def test_past_the_deadline_only_on_purpose_and_then_everybody_is_told(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    at = AT + timedelta(hours=3)
    with pytest.raises(PastDeadline) as refusal:
        services.put_off_question(question_id=question.pk, later="2h", by=catalogue.sam, at=at)
    assert refusal.value.code == "past_deadline"
    assert not PutOff.objects.exists()
    services.put_off_question(
        question_id=question.pk, later="2h", by=catalogue.sam, at=at, past_deadline=True
    )
    assert kinds(dispute)[-1] == "question.put_off"
    assert PutOff.objects.get().until == AT + timedelta(hours=5)


def test_the_pages_pass_on_and_put_off(question: Question, catalogue: Cast) -> None:
    client, address = as_(catalogue.sam), f"/questions/{question.pk}"
    assert "Pass on to" in text(client.get(f"{address}/forward/"))
    wrong = client.post(f"{address}/forward/", {"to": catalogue.bill.pk, "reason": ""})
    assert wrong.status_code == 422
    hidden = client.post(f"{address}/later/", {"later": "30m"}, headers=HTMX)
    assert (hidden.status_code, hidden["HX-Trigger"]) == (200, "live:question")
    past = client.post(f"{address}/later/", {"later": "tomorrow"}, headers=HTMX)
    assert past.status_code == 409
    assert "Later all the same" in text(past)
    plain = client.post(f"{address}/later/", {"later": "tomorrow"})
    assert (plain.status_code, "Later all the same" in text(plain)) == (409, True)
    done = client.post(f"{address}/forward/", {"to": catalogue.bill.pk, "reason": "His order"})
    assert (done.status_code, done["Location"]) == (302, "/questions/")
    question.refresh_from_db()
    assert question.asked_of == catalogue.bill


@pytest.mark.parametrize("act", ["forward", "later", "remind", "links"])
def test_for_a_stranger_there_is_nothing(question: Question, catalogue: Cast, act: str) -> None:
    body = {"to": catalogue.eva.pk, "reason": "x", "later": "30m"}
    client = as_(catalogue.mallory)
    if act != "links":
        assert client.post(f"/questions/{question.pk}/{act}/", body).status_code == 404
    call = client.get if act == "links" else client.post
    assert call(f"/api/v1/questions/{question.pk}/{act}/", body).status_code == 404
    question.refresh_from_db()
    assert question.asked_of == catalogue.sam
    assert not PutOff.objects.exists()


def test_the_api_does_what_the_pages_do(question: Question, catalogue: Cast) -> None:
    sam, alice = as_(catalogue.sam), as_(catalogue.alice)
    address = f"/api/v1/questions/{question.pk}"
    services.make_link(question=question, person=catalogue.sam, at=AT)
    put_off = sam.post(f"{address}/later/", {"later": "tomorrow"})
    assert (put_off.status_code, put_off.json()["type"]) == (409, "urn:zanjar:problem:past_deadline")
    assert sam.post(f"{address}/later/", {"later": "30m"}).status_code == 200
    assert alice.post(f"{address}/remind/").status_code == 200
    again = alice.post(f"{address}/remind/")
    assert (again.status_code, again.json()["type"]) == (409, "urn:zanjar:problem:reminded_already")
    assert as_(catalogue.fin).post(f"{address}/remind/").status_code == 403
    assert sam.get(f"{address}/links/").status_code == 403
    assert "digest" not in alice.get(f"{address}/links/").json()[0]
    done = sam.post(f"{address}/forward/", {"to": catalogue.bill.pk, "reason": "His order"}).json()
    assert (done["asked_of"], done["passes"][0]["reason"]) == (catalogue.bill.pk, "His order")
