"""Files that come with messages: kept once, seen by whoever sees the message, gone with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import User
from chat import selectors, services
from chat.choices import Side
from chat.errors import EmptyMessage, TooManyFiles
from chat.models import Attachment, Message, Room
from chat.services import Said
from chat.talk import sweeping
from chat.talk.files import files_of
from disputes import services as disputes
from disputes.errors import EvidenceRefused
from disputes.models import Evidence
from lib import clock
from tests.chat.conftest import deliver, say, token
from tests.disputes.papers import pdf, png
from tests.factories import AT, Cast

HTMX = {"HX-Request": "true"}


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def paper(name: str = "pallet.png", data: bytes = b"") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data or png())


def send(room: Room, by: User, *files: SimpleUploadedFile, body: str = "Look", **more: Any) -> Message:
    return say(room, by, body, said=Said(files=services.vet(files)), **more)


def only(message: Message) -> Attachment:
    return message.attachments.get()


def url(message: Message, one: Attachment, end: str = "") -> str:
    return f"/rooms/{message.room_id}/messages/{message.seq}/files/{one.pk}/{end}"


@pytest.fixture
def team(cast: Cast) -> Room:
    """A team's own room."""
    return services.open_team(entity=cast.entity, name="Collections", by=cast.alice, at=AT)


def test_a_file_in_the_room_of_a_dispute_is_its_evidence(cast: Cast, room: Room) -> None:
    said = send(room, cast.sam, paper("pallet.png"), paper("note.pdf", pdf()))
    proofs = list(Evidence.objects.filter(dispute=room.dispute_id).order_by("pk"))
    assert [(one.name, one.side, one.added_by, one.via) for one in proofs] == [
        ("pallet.png", "internal", cast.sam, "chat"),
        ("note.pdf", "internal", cast.sam, "chat"),
    ]
    assert [one.evidence for one in said.attachments.all()] == proofs
    before = room.messages.count()
    deliver()
    assert room.messages.count() == before, "a line for a file that stands under its message already"
    again = send(room, cast.alice, paper("the same.png"))
    assert only(again).evidence == proofs[0]


def test_a_file_without_words_is_a_message_and_nothing_at_all_is_none(cast: Cast, team: Room) -> None:
    assert send(team, cast.alice, paper(), body="").body == ""
    with pytest.raises(EmptyMessage):
        say(team, cast.alice, "", said=Said())


def test_sending_again_is_the_same_message_with_the_same_files(cast: Cast, room: Room) -> None:
    key = token()
    first = send(room, cast.sam, paper(), client_token=key)
    again = send(room, cast.sam, paper(), client_token=key)
    assert again.pk == first.pk
    assert (Evidence.objects.count(), Attachment.objects.count()) == (1, 1)


def test_what_is_no_paper_is_refused_and_nothing_is_said(cast: Cast, team: Room) -> None:
    with pytest.raises(EvidenceRefused):
        send(team, cast.alice, paper("run.exe", b"MZ\x90\x00" + b"\x00" * 60))
    with pytest.raises(TooManyFiles):
        send(team, cast.alice, *(paper(f"{n}.png") for n in range(11)))
    form = {"body": "Look", "client_token": token(), "files": [paper("x.exe", b"MZ\x90\x00" + b"\x00" * 60)]}
    answer = as_(cast.alice).post(f"/rooms/{team.pk}/post/", form, headers=HTMX)
    assert answer.status_code == 409
    assert not team.messages.exists()


def test_the_files_of_a_message_are_seen_by_whoever_sees_it(cast: Cast, room: Room, paula: User) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    inside = send(room, cast.sam, paper("inside.png", png(20, 20)))
    outside = send(room, cast.sam, paper("outside.pdf", pdf()), side=Side.PARTNER)
    for message, name, status in (
        (inside, "alice", 200),
        (inside, "paula", 404),
        (inside, "mallory", 404),
        (inside, "bill", 404),
        (outside, "paula", 200),
        (outside, "mallory", 404),
    ):
        client = as_(paula if name == "paula" else getattr(cast, name))
        for end in ("", "preview/"):
            answer = client.get(url(message, only(message), end))
            assert answer.status_code == status, (name, message.body, end)
            if status == 200:
                assert answer["X-Content-Type-Options"] == "nosniff"
                b"".join(answer) if answer.streaming else answer.content
    assert as_(paula).get(url(outside, only(inside))).status_code == 404
    got = as_(paula).get(url(outside, only(outside)))
    assert got["Content-Disposition"] == 'attachment; filename="outside.pdf"'
    assert b"".join(got).startswith(b"%PDF")  # type: ignore[arg-type]
    assert Client().get(url(outside, only(outside))).status_code == 302


def test_what_a_guest_sends_other_guests_of_the_dispute_do_not_find(
    cast: Cast, room: Room, paula: User
) -> None:
    services.join(room=room, user=paula, route="invited", at=AT)
    said = send(room, paula, paper("waybill.png"))
    proof = only(said).evidence
    assert proof is not None
    assert (proof.side, proof.added_by, proof.note) == ("internal", None, "Paula")
    got = as_(paula).get(url(said, only(said)))
    assert (got.status_code, bool(b"".join(got))) == (200, True)  # type: ignore[arg-type]


def test_a_redacted_file_is_gone_from_the_conversation_too(
    cast: Cast, room: Room, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    said = send(room, cast.sam, paper())
    proof = only(said).evidence
    assert proof is not None
    disputes.redact_evidence(evidence=proof, reason="A face on it", by=cast.alice, at=AT)
    assert as_(cast.sam).get(url(said, only(said))).status_code == 404
    page = as_(cast.sam).get(f"/rooms/{room.pk}/", headers=HTMX).content.decode()
    assert "Redacted" in page
    assert url(said, only(said)) not in page


def test_deleting_the_message_destroys_the_rooms_own_files(
    cast: Cast, team: Room, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    said = send(team, cast.alice, paper())
    one = only(said)
    address, key = url(said, one), one.stored_as
    assert default_storage.exists(key)
    place = selectors.standing(cast.alice, team.pk)
    assert place is not None
    with django_capture_on_commit_callbacks(execute=True):
        services.delete_message(place=place, seq=said.seq, by=cast.alice, at=AT)
    assert not default_storage.exists(key)
    assert files_of([said.pk]) == {}
    assert as_(cast.alice).get(address).status_code == 404


def test_the_api_takes_and_tells_files(cast: Cast, room: Room) -> None:
    given = {"client_token": token(), "files": [paper(), paper("note.pdf", pdf())]}
    answer = as_(cast.sam).post(f"/api/v1/rooms/{room.pk}/messages/", given)
    assert answer.status_code == 201
    names = [(one["name"], one["media_type"]) for one in answer.json()["files"]]
    assert names == [("pallet.png", "image/png"), ("note.pdf", "application/pdf")]
    assert as_(cast.sam).get(answer.json()["files"][0]["url"]).status_code == 200


def test_the_sweeper_takes_what_no_message_names(cast: Cast, team: Room) -> None:
    kept = only(send(team, cast.alice, paper())).stored_as
    stray = default_storage.save(f"chat/{team.pk}/stray", ContentFile(b"x"))
    assert sweeping.sweep(at=clock.now()) == 0
    assert sweeping.sweep(at=clock.now() + timedelta(days=2)) >= 1
    assert (default_storage.exists(kept), default_storage.exists(stray)) == (True, False)


def test_the_database_keeps_files_with_their_messages(cast: Cast, room: Room, team: Room) -> None:
    said, own = send(room, cast.sam, paper()), send(team, cast.alice, paper())
    wrong: list[tuple[Any, str]] = [
        (lambda: Message.objects.filter(pk=said.pk).update(files=2), "message_facts_never_change"),
        (lambda: Attachment.objects.filter(pk=only(own).pk).update(name="other.png"), "attachment_stays"),
        (lambda: Attachment.objects.filter(pk=only(own).pk).delete(), "attachment_stays"),
        (
            lambda: Attachment.objects.create(message=own, evidence=only(said).evidence),
            "attachment_of_the_rooms_dispute",
        ),
        (lambda: Attachment.objects.create(message=own), "attachment_is_evidence_or_has_its_file"),
    ]
    for act, guard in wrong:
        with pytest.raises(IntegrityError, match=guard), transaction.atomic():
            act()
