"""Redaction: the original is destroyed, the row and the chain remember. The books; stray files."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.events import verify_chain
from accounts.models import Event, User
from disputes import books, services
from disputes.errors import EvidenceRefused, FieldErrors, IllegalAct, RoleMayNot
from disputes.evidence import drawing, keeping, sweeping
from disputes.models import Dispute, Evidence, SearchText
from lib import clock
from tests.disputes import papers
from tests.disputes.test_evidence import add, stored_files
from tests.factories import AT, Cast

REASON = "names of our drivers"


@pytest.fixture
def photo(dispute: Dispute, catalogue: Cast) -> Evidence:
    """A picture that shows too much."""
    return add(dispute, catalogue.sam, papers.png(), "box.png")


def redact(photo: Evidence, by: User, **more: Any) -> Evidence:
    return services.redact_evidence(evidence=photo, reason=REASON, by=by, at=AT, **more)


def test_an_erased_file_is_gone_and_still_on_record(
    photo: Evidence, catalogue: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert drawing.preview_of(photo.stored_as, photo.media_type)
    assert len(stored_files()) == 2, "the file and its preview"
    with django_capture_on_commit_callbacks(execute=True):
        after = redact(photo, catalogue.alice)
    assert stored_files() == []
    after.refresh_from_db()
    assert (after.sha256, after.size, after.is_erased, after.kept_sha256) == (
        photo.sha256,
        photo.size,
        True,
        "",
    )
    assert (after.redacted_by, after.redacted_at, after.redaction_reason) == (catalogue.alice, AT, REASON)
    event = Event.objects.get(kind="evidence.redacted")
    assert event.data["gone"] == {"key": photo.stored_as, "sha256": photo.sha256}
    assert verify_chain("dispute", photo.dispute_id)
    assert list(books.dispute_evidence()) == []


def test_a_redacted_version_takes_its_place(
    photo: Evidence, catalogue: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    black = papers.png(colour=(0, 0, 0))
    with django_capture_on_commit_callbacks(execute=True):
        after = redact(photo, catalogue.alice, replacement=black, name="black.png")
    assert not default_storage.exists(photo.stored_as)
    with keeping.open_stored(after.stored_as) as stream:
        assert stream.read() == black
    assert (after.name, after.sha256, after.is_erased) == ("box.png", photo.sha256, False)
    assert after.kept_sha256 != photo.sha256
    with django_capture_on_commit_callbacks(execute=True):
        again = redact(after, catalogue.alice)
    assert again.is_erased
    assert stored_files() == []


def test_a_refused_redaction_changes_nothing(photo: Evidence, catalogue: Cast) -> None:
    for by in (catalogue.sam, catalogue.fin, catalogue.mallory):
        with pytest.raises(RoleMayNot):
            redact(photo, by)
    with pytest.raises(FieldErrors, match="why"):
        services.redact_evidence(evidence=photo, reason="  x ", by=catalogue.alice, at=AT)
    with pytest.raises(EvidenceRefused):
        redact(photo, catalogue.alice, replacement=b"MZ" + bytes(90))
    with pytest.raises(FieldErrors, match="redacted version"):
        redact(photo, catalogue.alice, replacement=papers.png())
    photo.refresh_from_db()
    assert not photo.is_redacted
    assert len(stored_files()) == 1


def test_what_was_erased_does_not_come_back(photo: Evidence, catalogue: Cast) -> None:
    redact(photo, catalogue.alice)
    with pytest.raises(IllegalAct, match="redacted"):
        add(photo.dispute, catalogue.sam, papers.png(), "again.png")
    with pytest.raises(IllegalAct, match="erased"):
        redact(photo, catalogue.alice)


def test_every_copy_in_the_dispute_goes_with_it(photo: Evidence, catalogue: Cast, partner: User) -> None:
    copy = add(photo.dispute, partner, papers.png(), "mine.png")
    redact(photo, catalogue.alice)
    copy.refresh_from_db()
    assert copy.is_erased
    assert Event.objects.filter(kind="evidence.redacted").count() == 2


def test_the_books_say_which_file_is_missing_changed_or_still_there(
    photo: Evidence, catalogue: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    assert list(books.dispute_evidence()) == []
    path = default_storage.path(photo.stored_as)
    with open(path, "r+b") as stream:
        stream.write(b"\x00")
    (found,) = books.dispute_evidence()
    assert (found.name, photo.sha256 in found.stored) == (f"{photo.dispute.ref} box.png", True)
    default_storage.delete(photo.stored_as)
    (found,) = books.dispute_evidence()
    assert found.recomputed == "no file"
    with django_capture_on_commit_callbacks(execute=True):
        redact(photo, catalogue.alice)
    assert list(books.dispute_evidence()) == []
    default_storage.save(photo.stored_as, ContentFile(papers.png()))
    (found,) = books.dispute_evidence()
    assert found.recomputed == f"{photo.sha256} is still stored"


def test_only_stray_files_are_swept(photo: Evidence) -> None:
    drawing.preview_of(photo.stored_as, photo.media_type)
    stray = keeping.store(photo.dispute_id, b"cut off")
    now = clock.now()
    assert sweeping.sweep(at=now) == 0, "it may still be on its way"
    assert sweeping.sweep(at=now + timedelta(days=1, minutes=1)) == 1
    assert not default_storage.exists(stray)
    assert len(stored_files()) == 2
    Evidence.objects.filter(pk=photo.pk).delete()
    assert sweeping.sweep(at=now + timedelta(days=2)) == 2, "evidence goes with its dispute"
    assert stored_files() == []


def test_a_dispute_is_found_by_its_files_until_they_are_redacted(
    dispute: Dispute, catalogue: Cast, partner: User
) -> None:
    kept = add(dispute, catalogue.sam, b"Acordamos nueve con cincuenta por caja", "tarifa marzo.txt")
    found = SearchText.objects.filter(dispute=dispute, source=f"evidence:{kept.pk}")
    assert found.get().text == "tarifa marzo.txt acordamos nueve con cincuenta por caja"
    services.share_evidence(evidence=kept, side="partner", by=catalogue.alice, at=AT)
    assert found.get().side == "partner"
    redact(kept, catalogue.alice)
    assert found.get().text == "tarifa marzo.txt"
