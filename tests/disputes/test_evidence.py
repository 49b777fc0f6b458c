"""Files of a dispute: what is kept, what is refused, who sees what, the same file twice."""

import hashlib
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from accounts.models import Event, User
from disputes import selectors, services
from disputes.choices import EvidenceSide
from disputes.errors import EvidenceRefused, IllegalAct, RoleMayNot
from disputes.evidence import kinds
from disputes.models import Dispute, Evidence
from tests.disputes import papers
from tests.disputes.conftest import settle_constraints
from tests.factories import AT, Cast


def add(
    dispute: Dispute, by: User | None, data: bytes = papers.TEXT, name: str = "agreed.txt", **more: Any
) -> Evidence:
    """A file, as a colleague adds one."""
    return services.add_evidence(dispute=dispute, file=data, name=name, by=by, at=AT, **more)


def stored_files() -> list[str]:
    """Everything in the storage, by key."""
    folder = Path(default_storage.path("evidence"))
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_file_is_kept_with_its_hash_and_told(dispute: Dispute, catalogue: Cast) -> None:
    kept = add(dispute, catalogue.sam, papers.png(), "photo.png", note=" the broken box ", via="popup")
    digest = hashlib.sha256(papers.png()).hexdigest()
    assert (kept.name, kept.media_type, kept.size) == ("photo.png", "image/png", len(papers.png()))
    assert (kept.sha256, kept.side, kept.note, kept.via) == (digest, "internal", "the broken box", "popup")
    with default_storage.open(kept.stored_as) as stream:
        assert stream.read() == papers.png()
    event = Event.objects.get(kind="evidence.added")
    assert (event.object_id, event.actor) == (dispute.pk, catalogue.sam)
    assert event.data["sha256"] == digest
    assert event.data["evidence"] == kept.pk
    settle_constraints()


def test_a_stream_is_as_good_as_bytes(dispute: Dispute, catalogue: Cast) -> None:
    kept = services.add_evidence(
        dispute=dispute,
        file=BytesIO(papers.MAIL),
        name="mail.eml",
        by=None,
        at=AT,
        via="mail",
        side="customer",
    )
    assert (kept.media_type, kept.added_by, kept.side) == ("message/rfc822", None, "customer")


@pytest.mark.parametrize(
    ("name", "data", "kind"),
    [
        ("a.png", papers.png(), "image/png"),
        ("a.jpg", b"\xff\xd8\xff\xe1\x00\x10Exif\x00\x00" + bytes(60), "image/jpeg"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heif"),
        ("a.webp", b"RIFF\x00\x00\x00\x00WEBPVP8 " + bytes(30), "image/webp"),
        ("a.pdf", papers.pdf(), "application/pdf"),
        ("a.txt", papers.TEXT, "text/plain"),
        ("a.csv", b"number;amount\n1;2,50\n", "text/csv"),
        ("a.xml", b"<?xml version='1.0'?><Invoice/>", "application/xml"),
        ("a.eml", papers.MAIL, "message/rfc822"),
        ("a.xlsx", papers.workbook(), f"{kinds.OFFICE}spreadsheetml.sheet"),
        ("a.odt", papers.packed(mimetype=f"{kinds.OPEN}text"), f"{kinds.OPEN}text"),
        (
            "a.msg",
            kinds.COMPOUND_START + bytes(600) + "__properties_version1.0".encode("utf-16-le"),
            kinds.OUTLOOK,
        ),
        ("a.mp4", b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00isomiso2", "video/mp4"),
        ("latin.txt", "señal número uno".encode("cp1252"), "text/plain"),
        ("wide.txt", "señal".encode("utf-16"), "text/plain"),
        # The name says one thing, the content another: the content counts.
        ("photo.exe", papers.png(), "image/png"),
        ("invoice.txt", papers.pdf(), "application/pdf"),
    ],
)
def test_a_file_is_what_its_content_says(name: str, data: bytes, kind: str) -> None:
    assert kinds.sniff(data, name) == kind


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("empty.txt", b"", "evidence_empty"),
        ("a.png", b"MZ\x90\x00" + bytes(200), "evidence_kind"),
        ("a.txt", b"\x7fELF\x02\x01\x01" + bytes(60), "evidence_kind"),
        ("page.txt", b"  <!DOCTYPE html><html><script>x</script>", "evidence_kind"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", "evidence_kind"),
        ("run.txt", b"#!/bin/sh\nrm -rf /\n", "evidence_kind"),
        ("more.zip", papers.packed(a_dot_txt="hello"), "evidence_kind"),
        ("macro.xlsx", papers.workbook(macro="xl/vbaProject.bin"), "evidence_kind"),
        ("broken.docx", b"PK\x03\x04" + bytes(40), "evidence_kind"),
        ("noise.bin", bytes(range(256)) * 4, "evidence_kind"),
    ],
)
def test_what_is_refused_leaves_nothing(
    dispute: Dispute, catalogue: Cast, name: str, data: bytes, code: str
) -> None:
    with pytest.raises(EvidenceRefused) as refused:
        add(dispute, catalogue.sam, data, name)
    assert refused.value.code == code
    assert not Evidence.objects.exists()
    assert not stored_files()


def test_a_file_that_is_too_large_is_not_read_to_its_end(
    dispute: Dispute, catalogue: Cast, settings: Any
) -> None:
    settings.EVIDENCE_MAX_BYTES = 2 * 1024 * 1024
    stream = BytesIO(b"a" * (5 * 1024 * 1024))
    with pytest.raises(EvidenceRefused, match="larger than 2 MB"):
        services.add_evidence(dispute=dispute, file=stream, name="a.txt", by=catalogue.sam, at=AT)
    assert stream.tell() == settings.EVIDENCE_MAX_BYTES + 1
    assert add(dispute, catalogue.sam, b"a" * settings.EVIDENCE_MAX_BYTES).size == settings.EVIDENCE_MAX_BYTES


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\photos\\box.PNG", "box.png"),
        ("a\u202egnp.exe", "agnp.exe.png"),
        ("line\r\nbreak\x00.png", "linebreak.png"),
        ('"quoted"; filename=x.html', "quoted; filename=x.html.png"),
        ("...", "file.png"),
        ("", "file.png"),
        ("é" * 300 + ".png", "é" * 98 + ".png"),
        ("caf\u0065\u0301.png", "café.png"),
    ],
)
def test_a_name_cannot_be_taken_for_something_else(name: str, clean: str) -> None:
    assert kinds.clean_name(name, "image/png") == clean


def test_the_same_file_twice_is_one_row_and_told(dispute: Dispute, catalogue: Cast) -> None:
    first = add(dispute, catalogue.sam)
    again = add(dispute, catalogue.alice, name="other name.txt", side="partner")
    assert (first.was_known, again.was_known) == (False, True)
    assert again.pk == first.pk
    assert Event.objects.filter(kind="evidence.added").count() == 1
    assert len(stored_files()) == 1


def test_a_guest_learns_nothing_of_what_is_there_already(
    dispute: Dispute, catalogue: Cast, partner: User
) -> None:
    ours = add(dispute, catalogue.sam)
    theirs = add(dispute, partner, side="internal")
    assert not theirs.was_known
    assert (theirs.side, theirs.pk == ours.pk) == ("partner", False)
    assert add(dispute, partner).was_known


def test_who_may_add(dispute: Dispute, catalogue: Cast) -> None:
    for stranger in (catalogue.fin, catalogue.mallory):
        with pytest.raises(RoleMayNot):
            add(dispute, stranger)
    assert not stored_files()
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=catalogue.alice, at=AT
    )
    assert add(dispute, catalogue.eva).added_by == catalogue.eva, "papers arrive late"


def test_sharing_says_who_sees_it_now(dispute: Dispute, catalogue: Cast, partner: User) -> None:
    kept = add(dispute, catalogue.sam)
    with pytest.raises(RoleMayNot):
        services.share_evidence(evidence=kept, side="partner", by=catalogue.sam, at=AT)
    services.share_evidence(evidence=kept, side="partner", by=catalogue.alice, at=AT)
    services.share_evidence(evidence=kept, side="partner", by=catalogue.alice, at=AT)
    event = Event.objects.get(kind="evidence.shared")
    assert (event.data["side"], "before" in event.data) == (EvidenceSide.PARTNER, False)


def test_the_same_file_is_not_shared_twice_with_one_side(
    dispute: Dispute, catalogue: Cast, partner: User
) -> None:
    ours = add(dispute, catalogue.sam)
    theirs = add(dispute, partner)
    with pytest.raises(IllegalAct, match="already"):
        services.share_evidence(
            evidence=ours, side="partner", party=theirs.party_id, by=catalogue.alice, at=AT
        )


def test_a_failing_transaction_leaves_no_file(dispute: Dispute, catalogue: Cast, monkeypatch: Any) -> None:
    monkeypatch.setattr("disputes.services.evidence.MOST_FILES", 0)
    with pytest.raises(IllegalAct, match="at most"):
        add(dispute, catalogue.sam)
    assert not stored_files()


def test_a_guest_sees_and_hears_only_what_is_theirs(dispute: Dispute, catalogue: Cast, partner: User) -> None:
    services.involve(dispute=dispute, user=partner, by=catalogue.alice, at=AT)
    ours = add(dispute, catalogue.sam)
    shared = add(dispute, catalogue.sam, papers.png(), "box.png", side="partner")
    add(dispute, catalogue.sam, papers.pdf(), "letter.pdf", side="customer")
    assert list(selectors.evidence_for(partner)) == [shared]
    assert selectors.evidence_for(catalogue.eva).count() == 0, "not her dispute"
    assert selectors.evidence_for(catalogue.sam).count() == 3
    assert selectors.evidence_for(catalogue.mallory).count() == 0
    heard = [
        event.data["evidence"] for event in selectors.timeline(dispute, partner) if "evidence" in event.data
    ]
    assert heard == [shared.pk]
    assert selectors.timeline(dispute, catalogue.sam).filter(kind="evidence.added").count() == 3
    services.share_evidence(evidence=ours, side="partner", by=catalogue.alice, at=AT)
    assert selectors.evidence_for(partner).count() == 2
