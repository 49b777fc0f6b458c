"""A mail that comes in is kept once, whole, and told apart from what machines send."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction

from accounts.events import Event
from mailroom import services
from mailroom.choices import Automatic, Doubt, InboundSource, InboundStatus, LetterStatus
from mailroom.models import InboundMail, Letter, ReplyToken
from mailroom.services import inbound
from mailroom.services.replying import token_in
from tests.factories import AT, Cast
from tests.mailroom.conftest import queue

SAMPLES = Path(__file__).parent / "samples"


@pytest.fixture(autouse=True)
def files_of_their_own(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "files"
    settings.REPLY_ADDRESS = "reply@zanjar.example"


def raw(message_id: str = "1@norte.example", *, to: str = "inbox@acme.example", **headers: str) -> bytes:
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return (
        f"From: Ana <ana@norte.example>\r\nTo: {to}\r\nMessage-ID: <{message_id}>\r\n{more}\r\nHola\r\n"
    ).encode()


def receive(data: bytes, **fields: Any) -> InboundMail:
    return services.receive(raw=data, source=InboundSource.API, **{"at": AT, **fields})


def sent_letter(cast: Cast) -> Letter:
    letter = queue(cast)
    Letter.objects.filter(pk=letter.pk).update(status=LetterStatus.SENDING, claimed_at=AT)
    Letter.objects.filter(pk=letter.pk).update(status=LetterStatus.SENT, sent_at=AT, claimed_at=None)
    letter.refresh_from_db()
    return letter


def address(cast: Cast, **fields: Any) -> str:
    given = {
        "stream": "dispute",
        "object_id": 7,
        "owner": ("user", cast.eva.pk),
        "side": "internal",
        "at": AT,
    }
    return services.make_reply_address(entity=cast.entity, **(given | fields))


def test_it_is_kept_whole_once_and_told(cast: Cast) -> None:
    mail = receive(raw())
    assert (mail.status, mail.said, mail.from_name) == (InboundStatus.NEW, "Hola", "Ana")
    assert services.raw_of(mail) == raw()
    again = receive(raw())
    assert (again.pk, again.was_known) == (mail.pk, True)
    assert Event.objects.filter(kind="mail.received", data__mail=mail.pk).count() == 1
    assert len(default_storage.listdir(f"inbound/{AT:%Y-%m}")[1]) == 1


def test_the_same_mail_through_two_doors_at_once_is_one_row_and_one_file(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second door looks before the first has written: the unique identity decides, its file goes away again."""
    keep = inbound.keeping.keep
    calls: list[str] = []

    def keep_after_the_other(data: bytes, at: Any) -> str:
        key = str(keep(data, at))
        calls.append(key)
        if len(calls) == 1:
            receive(raw())
        return key

    monkeypatch.setattr(inbound.keeping, "keep", keep_after_the_other)
    mail = receive(raw())
    assert mail.was_known
    assert InboundMail.objects.count() == 1
    assert len(default_storage.listdir(f"inbound/{AT:%Y-%m}")[1]) == 1


def test_what_is_no_mail_is_a_refused_row_and_nothing_breaks(cast: Cast) -> None:
    for data in (b"", b"\x00\xff" * 30, b"hello"):
        mail = receive(data)
        assert (mail.status, mail.reason) == (InboundStatus.REFUSED, Doubt.UNREADABLE)


def test_the_address_of_an_answer_says_whose_it_is_until_it_is_taken_back(cast: Cast) -> None:
    mine = address(cast)
    local, _, domain = mine.partition("@")
    assert domain == "zanjar.example"
    assert local.removeprefix("reply+") not in str(ReplyToken.objects.values().get())
    mail = receive(raw(to=mine.upper()))
    assert mail.token is not None
    assert (mail.token.owner_id, mail.entity) == (cast.eva.pk, cast.entity)
    services.revoke_reply_addresses(stream="dispute", object_id=7, owner=("user", cast.eva.pk), at=AT)
    assert token_in([mine]) is None


def test_without_a_way_in_no_address_is_promised(cast: Cast, settings: Any) -> None:
    settings.REPLY_ADDRESS = ""
    assert address(cast) == ""
    assert not ReplyToken.objects.exists()


def test_an_answer_finds_the_letter_it_answers(cast: Cast) -> None:
    letter = sent_letter(cast)
    assert receive(raw(In_Reply_To=letter.message_id)).letter == letter
    assert receive(raw("2@x.example", References=f"<a@b> {letter.message_id} <c@d>")).letter == letter
    assert receive(raw("3@x.example", References="<a@b>")).letter is None


def test_a_letter_that_comes_back_says_so_once(cast: Cast) -> None:
    letter = sent_letter(cast)
    report = (SAMPLES / "bounce.eml").read_text().replace("MESSAGE-ID", letter.message_id).encode()
    mail = receive(report)
    assert (mail.status, mail.reason) == (InboundStatus.AUTOMATIC, Automatic.REPORT)
    letter.refresh_from_db()
    assert letter.status == LetterStatus.BOUNCED
    assert "User unknown" in letter.trouble_detail
    assert Event.objects.filter(kind="letter.bounced", object_id=letter.pk).count() == 1
    assert services.bounce_letter(message_id=letter.message_id, detail="again", at=AT) is False


def test_our_own_letter_come_back_is_a_loop(cast: Cast) -> None:
    letter = sent_letter(cast)
    mail = receive(raw(letter.message_id.strip("<>")))
    assert (mail.status, mail.reason) == (InboundStatus.AUTOMATIC, Automatic.LOOP)


def test_a_list_is_a_machine_but_not_to_an_address_that_one_person_was_given(cast: Cast) -> None:
    assert receive(raw(List_Id="<news.example>")).reason == Automatic.LIST
    mail = receive(raw("2@x.example", to=address(cast), List_Id="<payables.norte.example>"))
    assert mail.status == InboundStatus.NEW


def test_machines_that_answer_each_other_stop(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inbound, "MOST_AN_HOUR", 3)
    mails = [receive(raw(f"{number}@x.example")) for number in range(4)]
    assert [mail.reason for mail in mails] == ["", "", "", Automatic.TOO_MANY]
    assert receive(raw("5@x.example"), at=AT + timedelta(hours=2)).reason == ""


def test_a_blocked_sender_is_refused_until_taken_in_again(cast: Cast) -> None:
    entity_mail = {"to": address(cast)}
    blocked = services.block_sender(entity=cast.entity, address=" ANA@norte.example", by=cast.alice, at=AT)
    mail = receive(raw(**entity_mail))
    assert (mail.status, mail.reason) == (InboundStatus.REFUSED, Doubt.BLOCKED)
    services.unblock_sender(blocked=blocked)
    assert receive(raw("2@x.example", **entity_mail)).status == InboundStatus.NEW


def test_whole_mails_go_after_their_time_and_words_stay(cast: Cast, settings: Any) -> None:
    settings.INBOUND_KEEP_DAYS = 30
    mail = receive(raw(List_Id="<news.example>"))
    assert services.forget_old_mail(at=AT + timedelta(days=29)) == 0
    assert services.forget_old_mail(at=AT + timedelta(days=31)) == 1
    mail.refresh_from_db()
    assert (mail.raw_as, mail.said) == ("", "Hola")
    assert services.raw_of(mail) == b""


def test_a_forged_sender_is_not_believed(cast: Cast) -> None:
    mail = receive(
        raw(Authentication_Results="mx.acme.example; spf=pass; dmarc=fail header.from=norte.example")
    )
    assert (mail.status, mail.reason) == (InboundStatus.NEW, Doubt.FORGED)


@pytest.mark.parametrize(
    ("change", "guard"),
    [
        ({"said": "Other"}, "inbound_is_a_fact"),
        ({"raw_as": "elsewhere"}, "inbound_is_a_fact"),
        ({"status": "threaded"}, "inbound_threaded_says_where"),
        ({"status": "automatic", "reason": "away"}, "inbound_status_moves_forward"),
        ({"status": "waiting"}, "inbound_says_why"),
    ],
)
def test_the_database_keeps_what_came_in(cast: Cast, change: dict[str, str], guard: str) -> None:
    mail = receive(raw())
    with pytest.raises(IntegrityError, match=guard), transaction.atomic():
        InboundMail.objects.filter(pk=mail.pk).update(**change)
    with pytest.raises(IntegrityError, match="inbound_is_never_removed"), transaction.atomic():
        InboundMail.objects.all()._raw_delete("default")


def test_an_address_is_never_given_to_somebody_else(cast: Cast) -> None:
    address(cast)
    for change in ({"owner_id": cast.sam.pk}, {"object_id": 8}, {"side": "customer"}):
        with pytest.raises(IntegrityError, match="reply_token_is_fixed"), transaction.atomic():
            ReplyToken.objects.update(**change)
    ReplyToken.objects.update(revoked_at=AT)
    with pytest.raises(IntegrityError, match="reply_token_is_fixed"), transaction.atomic():
        ReplyToken.objects.update(revoked_at=None)


def test_a_sent_letter_only_ever_comes_back(cast: Cast) -> None:
    letter = sent_letter(cast)
    for status in ("queued", "failed", "withdrawn"):
        with pytest.raises(IntegrityError), transaction.atomic():
            Letter.objects.filter(pk=letter.pk).update(status=status, sent_at=None)
    services.bounce_letter(message_id=letter.message_id, detail="550", at=AT)
    with pytest.raises(IntegrityError, match="letter_status_moves_forward"), transaction.atomic():
        Letter.objects.filter(pk=letter.pk).update(status="sent")
