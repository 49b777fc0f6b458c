"""Personal links: what they are good for, once; the mail they travel in; and what everybody else gets."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.models import Absence
from disputes import services
from disputes.errors import AlreadyAnswered, IllegalAct
from disputes.models import Answer, AnswerLink, Dispute, Nudge, Question
from disputes.services import Origin
from lib import clock
from mailroom.models import Letter
from tests.disputes.conftest import open_one
from tests.factories import AT, Cast
from tests.mailroom.conftest import sink
from tests.mailroom.sink import Sink

__all__ = ["sink"]

HOUR = timedelta(hours=1)
AGENT = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) " + "x" * 200


@pytest.fixture
def now(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The clock of the doors, an hour after the question was asked."""
    hands = {"at": AT + HOUR}
    monkeypatch.setattr(clock, "now", lambda: hands["at"])
    return hands  # type: ignore[return-value]


def link_for(question: Question, person: Any, **more: Any) -> str:
    return services.make_link(question=question, person=person, at=AT, **more)


def page(answer: Any) -> str:
    return str(answer.content.decode())


def test_getting_the_page_answers_nothing_however_often(
    question: Question, catalogue: Cast, now: Any
) -> None:
    """Scanners of mail fetch every address in it."""
    secret = link_for(question, catalogue.sam)
    client = Client()
    for _ in range(3):
        shown = client.get(f"/a/{secret}/?answer=customer")
        assert shown.status_code == 200
        assert client.head(f"/a/{secret}/?answer=customer").status_code == 200
    assert "Which price did you agree?" in page(shown)
    assert "Comercial Norte" in page(shown)
    question.refresh_from_db()
    assert question.is_open
    assert AnswerLink.objects.get().used_at is None


def test_the_page_keeps_to_itself(question: Question, catalogue: Cast, now: Any) -> None:
    client = Client()
    shown = client.get(f"/a/{link_for(question, catalogue.sam)}/")
    assert shown["Referrer-Policy"] == "no-referrer"
    assert "noindex" in shown["X-Robots-Tag"]
    assert "no-store" in shown["Cache-Control"]
    assert not shown.cookies
    assert "<script" not in page(shown)


def test_a_post_answers_as_the_person_and_moves_the_dispute(
    question: Question, dispute: Dispute, catalogue: Cast, now: Any
) -> None:
    secret = link_for(question, catalogue.sam)
    client = Client(enforce_csrf_checks=True)
    done = client.post(
        f"/a/{secret}/",
        {"value": "customer", "note": "By mail"},
        headers={"User-Agent": AGENT},
        REMOTE_ADDR="203.0.113.77",
    )
    assert (done.status_code, done["Location"]) == (302, f"/a/{secret}/")
    answer = Answer.objects.get()
    assert (answer.answered_by, answer.via, answer.note) == (catalogue.sam, "link", "By mail")
    dispute.refresh_from_db()
    assert dispute.stage.code == "prepare_credit"
    link = AnswerLink.objects.get()
    assert (link.used_from, link.used_with) == ("203.0.113.0/24", AGENT[:100])
    assert link.used_at == AT + HOUR
    after = page(client.get(f"/a/{secret}/"))
    assert "Thank you" in after
    assert "each works once" in after


def test_the_second_use_is_refused_and_says_so(question: Question, catalogue: Cast, now: Any) -> None:
    secret = link_for(question, catalogue.sam)
    client = Client()
    client.post(f"/a/{secret}/", {"value": "other"})
    again = client.post(f"/a/{secret}/", {"value": "customer"})
    assert again.status_code == 409
    assert "works once" in page(again)
    assert Answer.objects.get().value == "other"


@pytest.mark.parametrize("secret", ["x", "personal-link", "A" * 43])
def test_a_secret_nobody_was_given_is_not_found(question: Question, catalogue: Cast, secret: str) -> None:
    link_for(question, catalogue.sam)
    assert Client().get(f"/a/{secret}/").status_code == 404
    assert Client().post(f"/a/{secret}/", {"value": "customer"}).status_code == 404
    assert not Answer.objects.exists()


def test_the_link_of_somebody_who_left_is_not_found(question: Question, catalogue: Cast, now: Any) -> None:
    secret = link_for(question, catalogue.sam)
    catalogue.sam.is_active = False
    catalogue.sam.save()
    assert Client().post(f"/a/{secret}/", {"value": "customer"}).status_code == 404


def test_an_expired_link_says_so_and_leads_to_signing_in(
    question: Question, catalogue: Cast, now: Any
) -> None:
    secret = link_for(question, catalogue.sam, life=timedelta(minutes=30))
    shown = Client().get(f"/a/{secret}/")
    assert shown.status_code == 410
    assert "This link expired" in page(shown)
    assert f"/questions/#question-{question.pk}" in page(shown)
    late = Client().post(f"/a/{secret}/", {"value": "customer"})
    assert late.status_code == 409
    assert not Answer.objects.exists()


def test_answered_meanwhile_and_taken_back_say_so(dispute: Dispute, catalogue: Cast, now: Any) -> None:
    ask = {"dispute": dispute, "asked_of": catalogue.sam, "kind": "yes_no", "by": catalogue.alice, "at": AT}
    one, two = services.ask_question(text="One?", **ask), services.ask_question(text="Two?", **ask)
    secrets = [link_for(one, catalogue.sam), link_for(two, catalogue.sam)]
    services.answer_question(question_id=one.pk, value="yes", by=catalogue.alice, at=AT)
    services.withdraw_question(question_id=two.pk, by=catalogue.alice, at=AT)
    shown = [Client().get(f"/a/{secret}/") for secret in secrets]
    assert [answer.status_code for answer in shown] == [410, 410]
    assert "Already answered by Alice" in page(shown[0])
    assert "taken back" in page(shown[1])
    late = [Client().post(f"/a/{secret}/", {"value": "no"}) for secret in secrets]
    assert [answer.status_code for answer in late] == [409, 409]
    assert AnswerLink.objects.filter(used_at=None).count() == 2


def test_a_value_that_does_not_fit_keeps_the_link(dispute: Dispute, catalogue: Cast, now: Any) -> None:
    asked = services.ask_question(
        dispute=dispute, asked_of=catalogue.sam, kind="amount", text="How much?", by=catalogue.alice, at=AT
    )
    secret = link_for(asked, catalogue.sam)
    wrong = Client().post(f"/a/{secret}/", {"value": "a lot", "note": "hm"})
    assert wrong.status_code == 422
    assert 'value="a lot"' in page(wrong)
    assert Client().post(f"/a/{secret}/", {"value": "1.250,50"}).status_code == 302
    assert Answer.objects.get().value == "1250.5"


def test_whoever_may_not_answer_any_more_is_told_whose_it_is(
    question: Question, catalogue: Cast, now: Any
) -> None:
    """A link is for its person, who must still be asked: here a colleague who never was."""
    secret = link_for(question, catalogue.sofia)
    shown = Client().get(f"/a/{secret}/")
    assert shown.status_code == 410
    assert "now is for Sam" in page(shown)
    assert Client().post(f"/a/{secret}/", {"value": "customer"}).status_code == 409
    assert not Answer.objects.exists()


def test_too_many_from_one_address_pause(question: Question, catalogue: Cast, now: Any) -> None:
    client = Client()
    answers = [client.get(f"/a/{'x' * 43}/").status_code for _ in range(61)]
    assert answers == [404] * 60 + [429]
    other = client.get(f"/a/{link_for(question, catalogue.sam)}/", REMOTE_ADDR="198.51.100.9")
    assert other.status_code == 200


@pytest.mark.parametrize(
    ("address", "kept"),
    [("203.0.113.77", "203.0.113.0/24"), ("2001:db8:1:2::9", "2001:db8:1::/48"), ("", ""), ("unix:", "")],
)
def test_addresses_are_kept_shortened(address: str, kept: str) -> None:
    assert Origin(address).short_address == kept


def test_the_database_lets_nobody_use_a_link_twice_or_without_an_answer(
    question: Question, catalogue: Cast
) -> None:
    services.answer_by_link(secret=link_for(question, catalogue.sam), value="other", at=AT + HOUR)
    link = AnswerLink.objects.get()
    unused = AnswerLink(
        question=question, person=catalogue.sofia, digest="0" * 64, created_at=AT, expires_at=AT + HOUR
    )
    unused.save()
    tries = [
        lambda: AnswerLink.objects.filter(pk=link.pk).update(used_at=AT),
        lambda: AnswerLink.objects.filter(pk=link.pk).delete(),
        lambda: AnswerLink.objects.filter(pk=unused.pk).update(used_at=AT),
        lambda: AnswerLink.objects.filter(pk=unused.pk).update(expires_at=AT + 9 * HOUR),
        lambda: AnswerLink.objects.create(
            question=question, person=catalogue.sam, digest="1" * 64, created_at=AT, expires_at=AT
        ),
    ]
    for attempt in tries:
        with pytest.raises(IntegrityError, match="answer_link"), transaction.atomic():
            attempt()


def links_in(message: Any) -> list[str]:
    body = message.get_body(("plain",)).get_content()
    return re.findall(r"https?://\S+", body)


def test_the_mail_as_sent_answers_and_the_outbox_holds_no_secret(
    question: Question, catalogue: Cast, sink: Sink, now: Any
) -> None:
    services.expect_mail(question_id=question.pk, at=AT)
    services.expect_mail(question_id=question.pk, at=AT)
    assert services.send_nudges(at=AT + timedelta(minutes=4)) == 0
    assert services.send_nudges(at=AT + timedelta(minutes=6)) == 1
    assert services.send_nudges(at=AT + timedelta(minutes=7)) == 0
    (message,) = sink.accepted
    assert message["To"] == "Sam <sam@acm.example>"
    assert message["Subject"] == f"Alice has a question for you ({question.dispute.ref})" or (
        message["Subject"] == f"Acme Ibérica, S.L. has a question for you ({question.dispute.ref})"
    )
    for secret in ("Norte", "300", "price", "Price"):
        assert secret not in message["Subject"]
    found = links_in(message)
    assert len(found) == 4
    assert [url.partition("?")[2] for url in found] == [
        "answer=invoice",
        "answer=customer",
        "answer=other",
        "",
    ]
    secret = found[0].split("/a/")[1].split("/")[0]
    assert secret in message.get_body(("html",)).get_content()  # type: ignore[union-attr]
    letter = Letter.objects.get()
    assert secret not in letter.body_text + letter.body_html + letter.subject
    assert not AnswerLink.objects.filter(digest=secret).exists()
    done = Client().post(f"/a/{secret}/", {"value": "customer"})
    assert done.status_code == 302
    assert Answer.objects.get().answered_by == catalogue.sam


@pytest.mark.parametrize(
    ("language", "subject", "line"),
    [
        ("es", "tiene una pregunta para ti", "¿Qué precio acordaste?"),
        ("fr", "a une question pour vous", "Quel prix avez-vous convenu\u00a0?"),
    ],
)
def test_the_mail_speaks_the_language_of_its_reader(
    question: Question, catalogue: Cast, sink: Sink, language: str, subject: str, line: str
) -> None:
    type(catalogue.sam).objects.filter(pk=catalogue.sam.pk).update(language=language)
    services.expect_mail(question_id=question.pk, at=AT)
    services.send_nudges(at=AT + HOUR)
    (message,) = sink.accepted
    assert subject in message["Subject"]
    assert line in message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_answered_meanwhile_or_not_wanted_no_mail_goes(
    question: Question, catalogue: Cast, sink: Sink
) -> None:
    services.expect_mail(question_id=question.pk, at=AT)
    services.answer_question(question_id=question.pk, value="other", by=catalogue.sam, at=AT)
    services.send_nudges(at=AT + HOUR)
    assert Nudge.objects.get().end == "not_needed"
    type(catalogue.sam).objects.filter(pk=catalogue.sam.pk).update(question_mails=False)
    second = open_one(catalogue)
    services.make_move(dispute=second, move_code="ask_sales", by=catalogue.alice, at=AT)
    services.expect_mail(question_id=Question.objects.get(dispute=second).pk, at=AT)
    services.send_nudges(at=AT + HOUR)
    assert sorted(Nudge.objects.values_list("end", flat=True)) == ["not_needed", "not_wanted"]
    assert not sink.accepted
    assert not Letter.objects.exists()


def test_a_mail_server_that_is_away_is_tried_again_with_a_link_of_its_own(
    question: Question, catalogue: Cast, sink: Sink, now: Any
) -> None:
    answers = iter(["451 later", "250 OK"])
    sink.answer = lambda message: next(answers)
    services.expect_mail(question_id=question.pk, at=AT)
    assert services.send_nudges(at=AT + HOUR) == 0
    assert services.send_nudges(at=AT + HOUR + timedelta(seconds=10)) == 0
    assert services.send_nudges(at=AT + HOUR + timedelta(minutes=2)) == 1
    secret = links_in(sink.accepted[0])[0].split("/a/")[1].split("/")[0]
    assert Client().post(f"/a/{secret}/", {"value": "other"}).status_code == 302


def test_the_service_tells_apart_answered_used_and_expired(question: Question, catalogue: Cast) -> None:
    mine, late = link_for(question, catalogue.sam), link_for(question, catalogue.sam, life=HOUR)
    with pytest.raises(IllegalAct) as expired:
        services.answer_by_link(secret=late, value="other", at=AT + HOUR)
    assert expired.value.code == "link_expired"
    services.answer_by_link(secret=mine, value="other", at=AT + HOUR)
    with pytest.raises(IllegalAct) as used:
        services.answer_by_link(secret=mine, value="other", at=AT + HOUR)
    assert used.value.code == "link_used"
    with pytest.raises(AlreadyAnswered):
        services.answer_by_link(secret=late, value="other", at=AT + 2 * HOUR)
    with pytest.raises(AnswerLink.DoesNotExist):
        services.answer_by_link(secret="nothing", value="other", at=AT)


def test_a_deputy_has_a_link_of_their_own_while_the_absence_lasts(
    question: Question, catalogue: Cast, sink: Sink, now: Any
) -> None:
    """Sam went away after he was asked: Sofia, who stands in, is told with her own link."""
    Absence.objects.create(user=catalogue.sam, starts_on=AT.date(), ends_on=AT.date(), deputy=catalogue.sofia)
    services.remind_due(at=AT + HOUR)
    services.remind_due(at=AT + HOUR)
    services.send_nudges(at=AT + HOUR)
    (message,) = sink.accepted
    assert message["To"] == "Sofia <sofia@acm.example>"
    secret = links_in(message)[0].split("/a/")[1].split("/")[0]
    assert Client().post(f"/a/{secret}/", {"value": "customer"}).status_code == 302
    assert Answer.objects.get().answered_by == catalogue.sofia
