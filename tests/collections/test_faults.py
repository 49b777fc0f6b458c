"""Two runs at once, a run that dies, a mail server that does not answer: nothing is lost and nothing doubled."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection

import mailroom.services
from collections_app.choices import NoticeStatus
from collections_app.models import Notice, NoticeLine
from collections_app.services import dunning
from collections_app.services.writing import Desk
from lib import clock
from mailroom.choices import LetterStatus
from mailroom.envelope import Envelope
from mailroom.models import Letter
from mailroom.providers import FileProvider
from tests.collections.conftest import House
from tests.factories import AT, ON, make_customer, make_invoice, pay
from tests.live import database_url
from tests.mailroom.conftest import sink  # noqa: F401
from tests.mailroom.sink import Sink

S = NoticeStatus
LATER = AT + timedelta(minutes=11)


class Killed(BaseException):
    """The worker dies: nothing catches it."""


class Meddler(FileProvider):
    """Does something the moment before the first letter leaves."""

    def __init__(self, directory: Path, act: Callable[[], object]) -> None:
        super().__init__(directory)
        self.act, self.left = act, 0

    def send(self, envelope: Envelope) -> None:
        self.left += 1
        if self.left == 1:
            self.act()
        super().send(envelope)


def recover() -> None:
    """What beat does, eleven minutes later."""
    mailroom.services.sweep(at=LATER)
    dunning.send_batch(notice_ids=dunning.sweep(at=LATER), at=LATER)


def in_a_thread(work: Callable[[], object]) -> None:
    def run() -> None:
        work()
        connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_two_runs_at_once_send_one_mail(house: House) -> None:
    """Forced: a second whole run happens while the first is handing its letter to the mail server.

    Three guards stand in its way (the notice's row, the letter's state, the letter's claim); the claim alone is
    tested in tests/mailroom/test_outbox.py, the row in the test after the next.
    """
    make_invoice(house.cast.norte)
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    provider = Meddler(house.mail_dir, lambda: in_a_thread(house.dun))
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT, desk=Desk(provider))
    assert provider.left == 1
    assert Letter.objects.get().attempts == 1
    assert house.notice().status == S.SENT


@pytest.mark.django_db(transaction=True)
def test_two_decisions_at_once_store_one_notice(house: House) -> None:
    """Forced: both have read that nothing is decided before either commits.

    Seen to fail without the second try: the slower one died on the unique constraint.
    """
    make_invoice(house.cast.norte)
    ready = threading.Barrier(2, timeout=20)
    failures: list[Exception] = []

    def slow(execute: Callable[..., object], sql: str, params: object, many: bool, context: object) -> object:
        result = execute(sql, params, many, context)
        if sql.startswith("\nINSERT INTO collections_app_notice"):
            time.sleep(0.3)
        elif "collections_app_run" in sql and "INSERT" in sql:
            ready.wait()
        return result

    def decide() -> None:
        try:
            with connection.execute_wrapper(slow):
                dunning.decide(entity=house.cast.entity, on=ON, at=AT)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=decide) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert Notice.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_rewrites_a_notice_the_other_leaves_it_alone(house: House) -> None:
    """The row lock with SKIP LOCKED. Seen to fail without it: the second waited, then wrote the lines again."""
    make_invoice(house.cast.norte)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    pk, seen = house.notice().pk, []

    def second() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '2s'")
        seen.append(dunning._claim(pk, AT, Desk()))

    def meddle(
        execute: Callable[..., object], sql: str, params: object, many: bool, context: object
    ) -> object:
        if sql.startswith("INSERT INTO") and "noticeline" in sql and not seen:
            in_a_thread(second)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(meddle):
        assert dunning._claim(pk, AT, Desk()) is not None
    assert seen == [None]


def test_died_between_deciding_and_sending_then_the_next_run_sends_it_once(house: House) -> None:
    make_invoice(house.cast.norte)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    house.dun()
    house.dun()
    assert len(house.mails()) == 1
    assert Notice.objects.count() == 1


def test_died_after_the_letter_was_queued_then_the_sweeper_sends_it_once(house: House) -> None:
    make_invoice(house.cast.norte)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    dunning._claim(house.notice().pk, AT, Desk())
    assert house.notice().status == S.SENDING
    recover()
    recover()
    assert house.notice().status == S.SENT
    assert len(house.mails()) == 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_died_at_the_mail_server_then_the_sweeper_ends_it_with_one_letter(house: House, when: str) -> None:
    make_invoice(house.cast.norte)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)

    class Dies(FileProvider):
        def send(self, envelope: Envelope) -> None:
            if when == "after":
                super().send(envelope)
            raise Killed

    with pytest.raises(Killed):
        dunning.send_notice(notice_id=house.notice().pk, at=AT, desk=Desk(Dies(house.mail_dir)))
    house.dun()
    assert house.notice().status == S.SENDING, "a second run does not touch what may be on its way"
    recover()
    assert house.notice().status == S.SENT
    assert len(house.mails()) == 1
    assert NoticeLine.objects.filter(counts=True).count() == 1


def test_died_after_the_letter_was_marked_sent_then_the_notice_follows(house: House) -> None:
    make_invoice(house.cast.norte)
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    letter = dunning._claim(house.notice().pk, AT, Desk())
    assert letter
    mailroom.services.deliver(letter_id=letter.pk, at=AT)
    assert house.notice().status == S.SENDING
    recover()
    assert house.notice().status == S.SENT
    assert len(house.mails()) == 1


def test_paid_while_the_mail_server_was_away_then_the_letter_is_taken_back(
    house: House, settings: object
) -> None:
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://127.0.0.1:1", "127.0.0.1", 1  # type: ignore[attr-defined]
    invoice = make_invoice(house.cast.norte)
    house.dun()
    assert (house.notice().status, Letter.objects.get().status) == (S.QUEUED, LetterStatus.QUEUED)
    pay(invoice)
    settings.EMAIL_URL = "file:"  # type: ignore[attr-defined]
    recover()
    assert (house.notice().status, house.mails()) == (S.WITHDRAWN, [])


def test_held_up_past_its_day_a_letter_is_not_sent_late_the_next_decision_takes_its_place(
    house: House, settings: object
) -> None:
    """The mail server is away for days. Seen to fail without lapsing: a letter with old words went first."""
    settings.EMAIL_URL, settings.EMAIL_HOST, settings.EMAIL_PORT = "smtp://127.0.0.1:1", "127.0.0.1", 1  # type: ignore[attr-defined]
    make_invoice(house.cast.norte, issued_on=ON - timedelta(days=42), due_on=ON - timedelta(days=12))
    house.dun()
    settings.EMAIL_URL = "file:"  # type: ignore[attr-defined]
    later = AT + timedelta(days=3)
    mailroom.services.sweep(at=later)
    dunning.send_batch(notice_ids=dunning.sweep(at=later), at=later)
    assert (house.notice().status, house.notice().reason) == (S.WITHDRAWN, "superseded")
    house.dun(ON + timedelta(days=3))
    assert len(house.mails()) == 1
    line = NoticeLine.objects.get(counts=True)
    assert (line.step_days, line.days_late, line.skipped_days) == (15, 15, [-5, 1])


def test_what_may_be_with_the_customer_goes_again_as_the_same_letter_and_is_that_days_message(
    house: House,
) -> None:
    """A worker dies with a letter in hand and nobody is at work for two days; meanwhile another step has come."""
    make_invoice(house.cast.norte, issued_on=ON - timedelta(days=40), due_on=ON - timedelta(days=2))
    dunning.decide(entity=house.cast.entity, on=ON, at=AT)

    class Dies(FileProvider):
        def send(self, envelope: Envelope) -> None:
            super().send(envelope)
            raise Killed

    with pytest.raises(Killed):
        dunning.send_notice(notice_id=house.notice().pk, at=AT, desk=Desk(Dies(house.mail_dir)))
    first = Letter.objects.get().message_id
    make_invoice(house.cast.norte, issued_on=ON - timedelta(days=40), due_on=ON - timedelta(days=13))
    later = AT + timedelta(days=2)
    mailroom.services.sweep(at=later)
    dunning.send_batch(notice_ids=dunning.sweep(at=later), at=later)
    house.dun(ON + timedelta(days=2))
    assert [letter.message_id for letter in Letter.objects.all()] == [first], "one message a day"
    house.dun(ON + timedelta(days=6))
    assert Letter.objects.count() == 2


@pytest.mark.faults
@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_of_a_run_nothing_is_lost_and_nothing_doubled(house: House, sink: Sink) -> None:  # noqa: F811
    """`kill -9` of a real `dun` while the fifth of twelve letters is at the mail server, then again and again."""
    on = clock.today("Europe/Madrid")
    for number in range(12):
        customer = make_customer(house.cast.entity, f"K-{number:02d}", f"Cliente {number}")
        make_invoice(customer, issued_on=on - timedelta(days=60), due_on=on - timedelta(days=20))
    env = os.environ | {
        "DATABASE_URL": database_url(),
        "REDIS_URL": django_settings.REDIS_URL,
        "SECRET_KEY": django_settings.SECRET_KEY,
        "EMAIL_URL": f"smtp://127.0.0.1:{sink.port}",
    }
    command = [sys.executable, "manage.py", "dun", "--entity", house.cast.entity.code]
    held, go_on = threading.Event(), threading.Event()

    def hold(message: object) -> None:
        if len(sink.accepted) == 4 and not held.is_set():
            held.set()
            go_on.wait(30)

    sink.before = hold
    process = subprocess.Popen(command, env=env, cwd=django_settings.BASE_DIR, stdout=subprocess.DEVNULL)
    assert held.wait(60)
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    sink.before = lambda message: None
    go_on.set()
    subprocess.run(
        command, env=env, cwd=django_settings.BASE_DIR, check=True, stdout=subprocess.DEVNULL, timeout=120
    )
    at = clock.now() + timedelta(minutes=11)
    mailroom.services.sweep(at=at)
    dunning.send_batch(notice_ids=dunning.sweep(at=at), at=at)
    assert Notice.objects.filter(status=S.SENT).count() == 12
    assert len(set(sink.ids())) == 12
    doubled = [mid for mid in set(sink.ids()) if sink.ids().count(mid) > 1]
    assert len(doubled) <= 1, "only the letter that was at the server, with the same message id"
