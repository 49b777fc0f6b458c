"""One letter per key, sent once, whatever happens in between."""

import threading
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import translation

from accounts.events import timeline
from mailroom import services
from mailroom.choices import LetterStatus, Trouble
from mailroom.envelope import Envelope
from mailroom.errors import LetterIsGone
from mailroom.models import Letter
from mailroom.providers import FileProvider
from mailroom.services.outbox import BACK_OFF
from tests.factories import AT, Cast
from tests.mailroom.conftest import queue, status
from tests.mailroom.sink import Sink

S = LetterStatus


class Killed(BaseException):
    """The worker dies: nothing catches it."""


class DiesBefore(FileProvider):
    """A worker killed just before the letter leaves."""

    def send(self, envelope: Envelope) -> None:
        raise Killed


class DiesAfter(FileProvider):
    """A worker killed when the letter has left and nobody was told."""

    def send(self, envelope: Envelope) -> None:
        super().send(envelope)
        raise Killed


def test_the_same_key_twice_is_one_letter(cast: Cast, files: Path) -> None:
    assert queue(cast).pk == queue(cast).pk
    assert Letter.objects.count() == 1


def test_a_delivered_letter_is_sent_and_dated_and_delivering_again_does_nothing(
    cast: Cast, files: Path
) -> None:
    letter = queue(cast)
    services.deliver(letter_id=letter.pk, at=AT)
    services.deliver(letter_id=letter.pk, at=AT)
    letter.refresh_from_db()
    assert (letter.status, letter.sent_at, letter.attempts) == (S.SENT, AT, 1)
    assert [path.name for path in files.iterdir()] == ["test_1.eml"]
    assert [event.kind for event in timeline("letter", letter.pk)] == ["letter.sent"]


@pytest.mark.parametrize(
    "address", ["", "nobody", "a@b", "a b@c.example", "ana@norte.example\nBcc: x@y.example"]
)
def test_a_bad_address_fails_at_once_with_a_sentence(cast: Cast, files: Path, address: str) -> None:
    letter = queue(cast, to=address)
    assert (letter.status, letter.trouble) == (S.FAILED, Trouble.BAD_ADDRESS)
    with translation.override("en"):
        assert "no usable e-mail address" in str(Trouble(letter.trouble).label)
    assert [event.kind for event in timeline("letter", letter.pk)] == ["letter.failed"]
    services.deliver(letter_id=letter.pk, at=AT)
    assert not files.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_at_once_send_one_letter(cast: Cast, files: Path) -> None:
    """Forced: the second worker runs whole while the first is at the mail server.

    Seen to fail with the status taken out of the claim's condition in `outbox._claim`: two letters left.
    """
    letter = queue(cast)
    left: list[str] = []

    class Slow(FileProvider):
        def send(self, envelope: Envelope) -> None:
            left.append(envelope.key)
            if len(left) == 1:
                other = threading.Thread(target=second)
                other.start()
                other.join(20)
            super().send(envelope)

    def second() -> None:
        services.deliver(letter_id=letter.pk, at=AT, provider=Slow(files))
        connection.close()

    services.deliver(letter_id=letter.pk, at=AT, provider=Slow(files))
    assert left == ["test:1"]
    assert status(letter) == S.SENT


@pytest.mark.parametrize("killer", [DiesBefore, DiesAfter])
def test_a_worker_that_dies_leaves_a_letter_the_sweeper_brings_back_once(
    cast: Cast, files: Path, killer: type[FileProvider]
) -> None:
    letter = queue(cast)
    with pytest.raises(Killed):
        services.deliver(letter_id=letter.pk, at=AT, provider=killer(files))
    assert status(letter) == S.SENDING
    assert services.sweep(at=AT + timedelta(minutes=9)) == 0, "it may still be on its way"
    later = AT + timedelta(minutes=11)
    assert services.sweep(at=later) == 1
    services.deliver_due(at=later)
    assert status(letter) == S.SENT
    assert len(list(files.iterdir())) == 1, "one file however often it is written"


def test_no_server_then_wait_longer_each_time_and_give_up_with_the_reason(
    cast: Cast, settings: object
) -> None:
    settings.EMAIL_URL, settings.EMAIL_HOST = "smtp://127.0.0.1:1", "127.0.0.1"  # type: ignore[attr-defined]
    settings.EMAIL_PORT, settings.EMAIL_USE_TLS, settings.EMAIL_USE_SSL = 1, False, False  # type: ignore[attr-defined]
    letter, at = queue(cast), AT
    for wait in BACK_OFF:
        services.deliver_due(at=at)
        letter.refresh_from_db()
        assert (letter.status, letter.trouble, letter.next_try_at) == (
            S.QUEUED,
            Trouble.UNREACHABLE,
            at + wait,
        )
        services.deliver_due(at=at + wait - timedelta(seconds=1))
        at += wait
    services.deliver_due(at=at)
    letter.refresh_from_db()
    assert (letter.status, letter.trouble, letter.attempts) == (S.FAILED, Trouble.GAVE_UP, len(BACK_OFF) + 1)
    assert "refused" in letter.trouble_detail.lower()


def test_a_refused_recipient_fails_for_good_and_the_next_letter_still_goes(cast: Cast, sink: Sink) -> None:
    sink.answer = lambda message: "550 no such user" if "bad@" in message["To"] else "250 OK"
    bad, good = queue(cast, "test:1", "bad@norte.example"), queue(cast, "test:2")
    services.deliver_due(at=AT)
    assert (status(bad), status(good)) == (S.FAILED, S.SENT)
    assert len(sink.accepted) == 1


def test_come_back_later_is_tried_again_with_the_same_message_id(cast: Cast, sink: Sink) -> None:
    tried: list[str] = []

    def answer(message: object) -> str:
        tried.append(str(message["Message-ID"]))  # type: ignore[index]
        return "451 later" if len(tried) == 1 else "250 OK"

    sink.answer = answer
    letter = queue(cast)
    services.deliver_due(at=AT)
    assert status(letter) == S.QUEUED
    services.deliver_due(at=AT + BACK_OFF[0])
    assert status(letter) == S.SENT
    assert tried[0] == tried[1]


def test_headers_say_it_is_automatic_in_which_language_and_carry_both_versions(
    cast: Cast, sink: Sink
) -> None:
    cast.entity.settings = {
        "mail": {"from_name": "Cobros\nBcc: x@y.example", "reply_to": "cobros@acm.example"}
    }
    cast.entity.save()
    queue(cast)
    services.deliver_due(at=AT)
    mail = sink.accepted[0]
    assert mail["From"].addresses[0].display_name == "Cobros Bcc: x@y.example"
    assert mail["Bcc"] is None
    assert (mail["Reply-To"], mail["Auto-Submitted"]) == ("cobros@acm.example", "auto-generated")
    assert mail["Content-Language"] == "es"
    assert [part.get_content_type() for part in mail.iter_parts()] == ["text/plain", "text/html"]  # type: ignore[attr-defined]


def test_reserved_letters_are_not_touched_by_the_general_sweep(cast: Cast, files: Path) -> None:
    letter = queue(cast, reserved=True)
    assert services.deliver_due(at=AT) == 0
    assert status(letter) == S.QUEUED


def test_a_withdrawn_letter_never_goes_and_is_not_queued_again(cast: Cast, files: Path) -> None:
    letter = queue(cast)
    assert services.withdraw_letter(key="test:1")
    services.deliver(letter_id=letter.pk, at=AT)
    assert status(letter) == S.WITHDRAWN
    with pytest.raises(LetterIsGone):
        queue(cast)


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"status": "queued", "sent_at": None}, "letter_status_moves_forward"),
        ({"subject": "Other"}, "letter_status_moves_forward|letter_words_are_fixed"),
        ({"sent_at": None}, "letter_sent_iff_dated|letter_status_moves_forward"),
    ],
)
def test_the_database_keeps_a_sent_letter_as_it_is(
    cast: Cast, files: Path, change: dict[str, object], guard: str
) -> None:
    letter = queue(cast)
    services.deliver(letter_id=letter.pk, at=AT)
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(**change)
    with pytest.raises(IntegrityError, match="letter_is_never_removed"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).delete()
