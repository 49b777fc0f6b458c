"""The mailbox is read over a real line: each mail once, whatever breaks in between."""

from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command

from config.connections_inbound import mailbox, reply_address
from mailroom import fetching, tasks
from mailroom.choices import Doubt, InboundStatus
from mailroom.models import InboundMail
from tests.factories import Cast
from tests.mailroom.imap import Imap


def mail(number: int, body: str = "Hola") -> bytes:
    return (
        f"From: Ana <ana@norte.example>\r\nTo: inbox@acme.example\r\nSubject: {number}\r\n"
        f"Message-ID: <{number}@norte.example>\r\n\r\n{body}\r\n"
    ).encode()


@pytest.fixture
def imap(cast: Cast, settings: Any, tmp_path: Path) -> Iterator[Imap]:
    """A mailbox with two mails in it, named by IMAP_URL."""
    settings.MEDIA_ROOT, settings.MAIL_FOLDER = tmp_path / "files", tmp_path / "in"
    with Imap().running() as server:
        server.put(mail(1))
        server.put(mail(2))
        settings.MAILBOX = mailbox(f"imap://ana:{quote(server.password, safe='')}@127.0.0.1:{server.port}/")
        yield server


def test_what_waits_is_taken_in_once_and_marked_as_read(imap: Imap) -> None:
    out = StringIO()
    call_command("fetch_mail", stdout=out)
    assert out.getvalue() == "2 e-mails were taken in.\n"
    assert [kept.flags for kept in imap.folders["INBOX"]] == [{"\\Seen"}, {"\\Seen"}]
    assert fetching.fetch_mail() == 0
    assert InboundMail.objects.count() == 2


def test_a_line_that_breaks_between_keeping_and_marking_loses_and_doubles_nothing(imap: Imap) -> None:
    imap.drop_after = 1
    tasks.fetch()
    assert InboundMail.objects.count() == 1
    imap.drop_after = None
    imap.folders["INBOX"][0].flags.clear()  # the mark was not kept
    assert fetching.fetch_mail() == 2
    assert InboundMail.objects.count() == 2


def test_taken_mail_is_moved_to_a_folder_that_is_made_for_it(imap: Imap, settings: Any) -> None:
    settings.MAILBOX = mailbox(
        f"imap://ana:{quote(imap.password, safe='')}@127.0.0.1:{imap.port}/INBOX?move=Done"
    )
    assert fetching.fetch_mail() == 2
    assert imap.folders["INBOX"] == []
    assert len(imap.folders["Done"]) == 2
    assert fetching.fetch_mail() == 0


def test_of_a_mail_that_is_too_large_only_the_head_travels(imap: Imap, settings: Any) -> None:
    settings.INBOUND_MAX_BYTES = 2000
    imap.put(mail(3, "x" * 3000))
    assert fetching.fetch_mail() == 3
    large = InboundMail.objects.get(subject="3")
    assert (large.status, large.reason) == (InboundStatus.REFUSED, Doubt.TOO_LARGE)
    assert (large.from_address, large.raw_as, large.said) == ("ana@norte.example", "", "")
    assert any("BODY.PEEK[HEADER]" in command for command in imap.commands)


def test_a_wrong_password_is_said_by_the_command_and_stops_no_worker(imap: Imap, settings: Any) -> None:
    settings.MAILBOX = mailbox(f"imap://ana:wrong@127.0.0.1:{imap.port}/")
    with pytest.raises(CommandError, match="IMAP_URL"):
        call_command("fetch_mail")
    tasks.fetch()
    assert not InboundMail.objects.exists()


def test_files_dropped_into_the_folder_are_taken_in(cast: Cast, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, settings.MAIL_FOLDER = tmp_path / "files", tmp_path / "in"
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.eml").write_bytes(mail(1))
    (tmp_path / "in" / "b.eml").symlink_to(tmp_path / "in" / "a.eml")
    (tmp_path / "in" / "notes.txt").write_text("no mail")
    assert fetching.fetch_mail() == 1
    assert fetching.fetch_mail() == 0
    assert (tmp_path / "in" / "done" / "a.eml").exists()
    assert InboundMail.objects.count() == 1


def test_addresses_of_mailboxes_are_read_or_refused_by_name() -> None:
    box = mailbox("imaps://a%40b.example:p%2Fw@mail.example/Work/In?move=Archive")
    assert box is not None
    assert (box.user, box.password, box.folder, box.move, box.port) == (
        "a@b.example",
        "p/w",
        "Work/In",
        "Archive",
        993,
    )
    assert "p/w" not in repr(box)
    assert mailbox("") is None
    for wrong in ("http://a:b@c/", "imaps://mail.example/", "imaps://a:b@c:port/"):
        with pytest.raises(ImproperlyConfigured, match="IMAP_URL"):
            mailbox(wrong)
    assert reply_address("", "file:") == "reply@localhost"
    assert reply_address("", "smtp://mx") == ""
    with pytest.raises(ImproperlyConfigured, match="REPLY_ADDRESS"):
        reply_address("Ana <a@b>", "file:")
