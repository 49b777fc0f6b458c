"""Reports leave when they are due: once, for each reader what they may see, in their language."""

from __future__ import annotations

import csv
import io
import threading
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.core.files.storage import default_storage
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.models import Membership, User
from ledger.models import Invoice
from mailroom import services as mailroom
from mailroom.models import Letter
from reporting.models import ReportCopy, ReportSending, Subscription
from reporting.subscriptions import sending, services
from reporting.subscriptions.choices import Trouble
from reporting.subscriptions.sending import STUCK_AFTER, claim_next, plan_next, send_due, sweep_files
from reporting.subscriptions.services import Shape
from tests.mailroom.sink import Sink
from tests.reporting.company import Company, bill
from tests.reporting.test_subscriptions import MONDAY, subscribe

MADRID = ZoneInfo("Europe/Madrid")
DUE = datetime(2026, 3, 17, 8, tzinfo=MADRID)
CSV = Shape(every="workday", hour=8, day_of="sent", form="csv")


@pytest.fixture
def sink(settings: Any) -> Any:
    """A mail server of this machine."""
    with Sink().running() as server:
        settings.EMAIL_URL = f"smtp://127.0.0.1:{server.port}"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield server


@pytest.fixture(autouse=True)
def storage(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


def mails(sink: Sink, at: datetime = DUE) -> dict[str, EmailMessage]:
    """What arrived, by address."""
    for letter in Letter.objects.filter(kind="report.subscription"):
        mailroom.deliver(letter_id=letter.pk, at=at)
    return {str(mail["To"]).rpartition("<")[2].strip(">"): mail for mail in sink.accepted}


def body(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def attached(mail: EmailMessage) -> tuple[str, Any]:
    (file,) = mail.iter_attachments()
    return str(file.get_filename()), file.get_content()


def test_the_letter_has_the_figures_the_file_the_link_and_the_way_out(company: Company, sink: Sink) -> None:
    subscribe(company, at=MONDAY, months="6")
    assert send_due(at=DUE) == 1
    mail = mails(sink)["alice@acm.example"]
    assert str(mail["Subject"]) == "Aging by customer, 17 Mar 2026: Acme Ibérica, S.L."
    text = body(mail)
    # Norte 1,200 open and 150 unplaced; Sur 800 and 200 unplaced.
    assert "as of 17 Mar 2026" in text
    assert "€1,650.00" in text
    assert "€500.00" in text
    assert "Period: 6 months" in text
    name, data = attached(mail)
    assert name == "aging-ACM-2026-03-17.xlsx"
    rows = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_index(0).to_python()
    assert rows[0][0] == "Aging"
    link = next(line.split(": ", 1)[1] for line in text.splitlines() if line.startswith("Open in Zanjar: "))
    asked = parse_qs(urlsplit(link).query)
    assert asked == {"entity": ["ACM"], "as_of": ["2026-03-17"], "months": ["6"]}
    assert str(mail["List-Unsubscribe-Post"]) == "List-Unsubscribe=One-Click"
    stop = str(mail["List-Unsubscribe"]).strip("<>")
    assert stop in text
    assert Client().post(urlsplit(stop).path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert send_due(at=DUE + timedelta(days=1)) == 0


def test_each_reader_gets_their_own_figures_in_their_own_language(company: Company, sink: Sink) -> None:
    User.objects.filter(pk=company.cast.sam.pk).update(language="fr")
    User.objects.filter(pk=company.cast.carl.pk).update(language="es")
    subscribe(company, "sam", "carl", "fin", shape=CSV)
    send_due(at=DUE)
    found = mails(sink)
    rows = {who: list(csv.DictReader(io.StringIO(str(attached(mail)[1])))) for who, mail in found.items()}
    labels = {who: {row["label"] for row in table} for who, table in rows.items()}
    everybody = {company.cast.norte.name, company.cast.sur.name}
    assert labels == {
        "alice@acm.example": everybody,
        "carl@acm.example": everybody,
        "fin@acm.example": everybody,
        "sam@acm.example": {company.cast.norte.name},
    }
    sam = body(found["sam@acm.example"])
    assert "Balance âgée" in str(found["sam@acm.example"]["Subject"])
    assert "Alice vous fait envoyer ce rapport" in sam
    assert "1 050,00" in sam.replace("\u202f", " ").replace("\xa0", " ")
    assert "1.650,00" in body(found["carl@acm.example"])
    # Those who see the same in the same language share a file.
    paths = [letter.enclosed[0]["stored_as"] for letter in Letter.objects.all()]
    assert len(set(paths)) == 3


def test_rights_are_asked_when_it_leaves_and_the_subscription_says_who_lost_them(
    company: Company, sink: Sink
) -> None:
    row = subscribe(company, "sam", "fin")
    Membership.objects.filter(user=company.cast.sam).delete()
    User.objects.filter(pk=company.cast.fin.pk).update(is_active=False)
    send_due(at=DUE)
    assert set(mails(sink)) == {"alice@acm.example"}
    lost = ReportCopy.objects.filter(trouble=Trouble.NO_ACCESS)
    assert {copy.user.name for copy in lost} == {"Sam", "Fin"}
    client = Client()
    client.force_login(company.cast.alice)
    page = client.get("/dashboard/mails/").content.decode()
    assert "Sam: may no longer see these figures" in page
    assert "Fin: may no longer see these figures" in page
    row.refresh_from_db()
    assert row.next_due_at == DUE + timedelta(days=1)


def test_what_cannot_be_made_says_why_and_the_next_time_is_tried_again(company: Company, sink: Sink) -> None:
    row = subscribe(company)
    bill(company.cast.norte, "USD-1", "10.00", date(2026, 3, 1), date(2026, 3, 2), currency="USD")
    send_due(at=DUE)
    copy = ReportCopy.objects.get()
    assert copy.trouble == Trouble.NOT_MADE
    assert "no exchange rate for USD" in copy.detail
    assert mails(sink) == {}
    row.refresh_from_db()
    assert row.next_due_at == DUE + timedelta(days=1)


def test_a_fault_in_one_report_is_told_and_holds_up_no_other(
    company: Company, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = subscribe(company, report="cei")
    subscribe(company, report="aging")
    real = sending.report_for

    def report_for(wanted: Any, reader: User, day: date) -> Any:
        if wanted.report == "cei":
            raise ZeroDivisionError
        return real(wanted, reader, day)

    monkeypatch.setattr(sending, "report_for", report_for)
    assert send_due(at=DUE) == 2
    broken.refresh_from_db()
    assert broken.last is not None
    assert "could not be made" in broken.last.error
    assert len(mails(sink)) == 1


def test_after_days_of_sleep_it_is_sent_once_and_goes_on(company: Company) -> None:
    row = subscribe(company)
    late = datetime(2026, 3, 27, 11, tzinfo=MADRID)
    assert send_due(at=late) == 1
    assert send_due(at=late) == 0
    sent = ReportSending.objects.get()
    assert (sent.due_at, sent.day) == (datetime(2026, 3, 27, 8, tzinfo=MADRID), date(2026, 3, 27))
    row.refresh_from_db()
    assert row.next_due_at == datetime(2026, 3, 30, 8, tzinfo=MADRID)


def test_the_close_of_a_month_is_that_of_the_month_it_was_due(company: Company) -> None:
    subscribe(company, shape=Shape("month", 8, "month_before", "csv", 31))
    assert send_due(at=datetime(2026, 4, 2, 8, tzinfo=MADRID)) == 1
    assert ReportSending.objects.get().day == date(2026, 2, 28)


def test_what_was_due_before_a_change_is_not_sent(company: Company) -> None:
    row = subscribe(company)
    services.change(
        subscription=row, shape=Shape("workday", 7, "sent", "csv"), by=company.cast.alice, at=DUE + timedelta(hours=1)
    )  # fmt: skip
    assert send_due(at=DUE + timedelta(hours=2)) == 0
    services.pause(subscription=row, by=company.cast.alice, at=DUE + timedelta(hours=2))
    assert send_due(at=DUE + timedelta(days=9)) == 0


def test_when_everybody_left_nothing_is_made(company: Company) -> None:
    row = subscribe(company)
    services.leave(reader=row.readers.get(), at=MONDAY)
    assert send_due(at=DUE) == 0
    assert not ReportSending.objects.exists()


def test_a_worker_that_dies_is_followed_three_times_and_readers_get_one_letter(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = subscribe(company, "fin")
    real = sending.draft
    left: list[int] = []

    class Killed(BaseException):
        """Nothing catches it."""

    def draft(*given: Any) -> Any:
        if left:
            raise Killed
        left.append(1)
        return real(*given)

    monkeypatch.setattr(sending, "draft", draft)
    for n in range(3):
        with pytest.raises(Killed):
            send_due(at=DUE + n * 2 * STUCK_AFTER)
    assert claim_next(at=DUE + 4 * STUCK_AFTER) is None
    assert Letter.objects.count() == 1
    monkeypatch.setattr(sending, "draft", real)
    send_due(at=DUE + 9 * STUCK_AFTER)
    row.refresh_from_db()
    assert row.last is not None
    assert "tried three times" in row.last.error
    ReportSending.objects.update(done_at=None, error="", tries=1)
    send_due(at=DUE + 9 * STUCK_AFTER)
    assert Letter.objects.count() == 2
    assert ReportCopy.objects.count() == 2


def test_the_command_sends_what_is_due_and_can_only_say(company: Company, capsys: Any) -> None:
    row = subscribe(company)
    call_command("send_reports")
    call_command("send_reports", "--dry-run")
    assert capsys.readouterr().out.split() == ["sent:", "1", "due:", "0"]
    row.refresh_from_db()
    assert row.last is not None


def test_files_are_kept_for_a_month(company: Company) -> None:
    subscribe(company)
    send_due(at=DUE)
    path = Letter.objects.get().enclosed[0]["stored_as"]
    assert sweep_files(at=DUE + timedelta(days=30)) == 0
    assert default_storage.exists(path)
    assert sweep_files(at=DUE + timedelta(days=32)) == 1
    assert not default_storage.exists(path)


@pytest.mark.django_db(transaction=True)
def test_a_subscription_another_worker_has_in_hand_is_left_to_them(company: Company) -> None:
    row = subscribe(company)
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Subscription.objects.select_for_update().get(pk=row.pk)
                held.set()
                done.wait(20)
        finally:
            connection.close()

    other = threading.Thread(target=hold)
    other.start()
    try:
        assert held.wait(20)
        # Without the lock it would be planned here; without SKIP LOCKED this would wait for the other.
        assert plan_next(at=DUE) is False
    finally:
        done.set()
        other.join(20)
    assert plan_next(at=DUE) is True
    assert plan_next(at=DUE) is False
    assert ReportSending.objects.count() == 1
    assert claim_next(at=DUE) is not None
    assert claim_next(at=DUE) is None
    assert Invoice.objects.exists()
