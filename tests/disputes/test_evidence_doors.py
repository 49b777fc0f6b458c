"""Evidence through its doors: pages and API, by whom, and what strangers get."""

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from disputes import services
from disputes.evidence.pack import verify_pack
from disputes.models import Dispute, Evidence
from tests.disputes import papers
from tests.disputes.conftest import open_one
from tests.disputes.test_evidence import add
from tests.disputes.test_merge_split import LATER
from tests.factories import AT, Cast

HTMX = {"HX-Request": "true"}
JSON = {"Accept": "application/json"}


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def upload(name: str = "box.png", data: bytes | None = None) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, papers.png() if data is None else data)


@pytest.fixture
def photo(dispute: Dispute, catalogue: Cast) -> Evidence:
    return add(dispute, catalogue.sam, papers.png(), "box.png")


def test_several_files_at_once_the_bad_one_is_told_and_the_rest_is_kept(
    dispute: Dispute, catalogue: Cast
) -> None:
    url = reverse("disputes:evidence", args=[dispute.pk])
    files = [upload(), upload("tool.exe", b"MZ" + bytes(99)), upload("agreed.txt", papers.TEXT)]
    answer = of(catalogue.sam).post(url, {"file": files, "side": "customer"}, follow=True)
    page = answer.content.decode()
    assert "box.png added." in page
    assert "tool.exe: Files of this kind are not kept" in page
    assert sorted(Evidence.objects.values_list("name", "side")) == [
        ("agreed.txt", "customer"),
        ("box.png", "customer"),
    ]


def test_a_script_is_told_file_by_file(dispute: Dispute, catalogue: Cast) -> None:
    url, client = reverse("disputes:evidence", args=[dispute.pk]), of(catalogue.sam)
    first = client.post(url, {"file": upload()}, headers=JSON)
    again = client.post(url, {"file": upload("other.png")}, headers=JSON)
    bad = client.post(url, {"file": upload("a.png", b"")}, headers=JSON)
    assert (first.status_code, again.status_code, bad.status_code) == (200, 200, 422)
    assert again.json()["files"] == [
        {"name": "other.png", "ok": True, "words": "box.png is in the dispute already."}
    ]
    assert bad.json()["files"][0]["ok"] is False
    refused = of(catalogue.fin).post(url, {"file": upload("new.txt", papers.TEXT)}, headers=JSON)
    assert (refused.status_code, refused.json()["error"]) == (403, "Your role does not allow this.")
    assert Evidence.objects.count() == 1


def test_a_download_is_never_shown_in_place(photo: Evidence, catalogue: Cast) -> None:
    for url in (
        reverse("disputes:evidence_file", args=[photo.dispute_id, photo.pk]),
        reverse("evidence-content", args=[photo.pk]),
    ):
        answer = of(catalogue.alice).get(url)
        assert b"".join(answer) == papers.png()
        assert answer["Content-Disposition"] == 'attachment; filename="box.png"'
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert answer["Content-Security-Policy"].startswith("sandbox")
        assert "no-store" in answer["Cache-Control"]


def test_a_preview_is_a_drawn_picture(photo: Evidence, catalogue: Cast) -> None:
    client, url = of(catalogue.alice), reverse("disputes:evidence_preview", args=[photo.dispute_id, photo.pk])
    answer = client.get(url)
    assert answer["Content-Type"] == "image/png"
    assert answer.content.startswith(b"\x89PNG")
    assert answer.content != papers.png()
    assert client.get(url, headers={"If-None-Match": answer["ETag"]}).status_code == 304
    text = add(photo.dispute, catalogue.sam)
    assert (
        client.get(reverse("disputes:evidence_preview", args=[photo.dispute_id, text.pk])).status_code == 404
    )


def test_a_text_is_shown_as_text_and_nothing_else(dispute: Dispute, catalogue: Cast) -> None:
    one = add(dispute, catalogue.sam, b"price <script>alert(1)</script> 9.50", "note.txt")
    url = reverse("disputes:evidence_one", args=[dispute.pk, one.pk])
    for headers in ({}, HTMX):
        page = of(catalogue.sam).get(url, headers=headers).content.decode()
        assert "&lt;script&gt;alert(1)&lt;/script&gt; 9.50" in page
        assert one.sha256 in page
        assert "Redact" not in page, "a salesperson redacts nothing"
    assert "Redact" in of(catalogue.alice).get(url).content.decode()


def addresses(one: Evidence) -> list[tuple[str, str]]:
    """Every address of a file and its dispute: method and URL."""
    args = [one.dispute_id, one.pk]
    pages = [
        ("get", f"disputes:evidence_{name}", args) for name in ("one", "file", "preview", "share", "redact")
    ]
    pages += [("post", "disputes:evidence_share", args), ("post", "disputes:evidence_redact", args)]
    pages += [(how, f"disputes:{name}", args[:1]) for how in ("get", "post") for name in ("evidence", "pack")]
    api = [("get", f"evidence-{name}", args[1:]) for name in ("detail", "content", "preview")]
    api += [("post", f"evidence-{name}", args[1:]) for name in ("share", "redact")]
    api += [("post", "dispute-pack-pack", args[:1])]
    return [(how, reverse(name, args=given)) for how, name, given in [*pages, *api]]


def test_a_stranger_finds_nothing_and_changes_nothing(
    photo: Evidence, catalogue: Cast, partner: User
) -> None:
    for stranger in (catalogue.mallory, catalogue.sofia, partner):
        for how, url in addresses(photo):
            answer = getattr(of(stranger), how)(url, {"side": "partner", "reason": "because", "sure": "on"})
            assert answer.status_code == 404, url
        body = {"dispute": photo.dispute_id, "file": upload("new.txt", papers.TEXT)}
        assert of(stranger).post(reverse("evidence-list"), body).status_code == 400
        assert of(stranger).get(reverse("evidence-list")).json()["results"] == []
    photo.refresh_from_db()
    assert (photo.side, photo.is_redacted, Evidence.objects.count()) == ("internal", False, 1)


def test_nobody_comes_in_without_signing_in(photo: Evidence) -> None:
    for how, url in addresses(photo):
        answer = getattr(Client(), how)(url)
        assert answer.status_code in ((401, 403) if url.startswith("/api/") else (302,)), url


def test_a_partner_sees_only_what_is_shared(photo: Evidence, catalogue: Cast, partner: User) -> None:
    services.involve(dispute=photo.dispute, user=partner, by=catalogue.alice, at=AT)
    client = of(partner)
    for how, url in addresses(photo):
        if f"/{photo.pk}/" in url and "/pack" not in url and "evidence" in url:
            assert getattr(client, how)(url).status_code == 404, url
    card = client.get(reverse("disputes:detail", args=[photo.dispute_id])).content.decode()
    assert "box.png" not in card
    assert 'name="side"' not in card, "a guest's file is the guest's"
    assert client.post(reverse("dispute-pack-pack", args=[photo.dispute_id])).status_code == 403
    services.share_evidence(evidence=photo, side="partner", by=catalogue.alice, at=AT)
    assert "box.png" in client.get(reverse("disputes:detail", args=[photo.dispute_id])).content.decode()
    assert client.get(reverse("evidence-content", args=[photo.pk])).status_code == 200


def test_sharing_and_redacting_in_sheets(photo: Evidence, catalogue: Cast) -> None:
    client, args = of(catalogue.alice), [photo.dispute_id, photo.pk]
    share, redact = (
        reverse("disputes:evidence_share", args=args),
        reverse("disputes:evidence_redact", args=args),
    )
    assert client.get(share, headers=HTMX).status_code == 200
    assert client.post(share, {"side": "partner"}, headers=HTMX).status_code == 200
    photo.refresh_from_db()
    assert photo.side == "partner"
    assert "multipart/form-data" in client.get(redact, headers=HTMX).content.decode()
    for missing in ({"reason": "faces"}, {"sure": "on"}, {"reason": "x", "sure": "on"}):
        assert client.post(redact, missing, headers=HTMX).status_code == 422
    assert client.post(redact, {"reason": "faces", "sure": "on"}, headers=HTMX).status_code == 200
    photo.refresh_from_db()
    assert photo.is_erased
    assert client.get(reverse("disputes:evidence_file", args=args)).status_code == 404
    page = client.get(reverse("disputes:evidence_one", args=args)).content.decode()
    assert "faces" in page
    assert photo.sha256 in page


def test_a_role_that_may_not_is_told_and_changes_nothing(photo: Evidence, catalogue: Cast) -> None:
    args = [photo.dispute_id, photo.pk]
    for name, body in (("share", {"side": "partner"}), ("redact", {"reason": "because", "sure": "on"})):
        page = of(catalogue.sam).post(reverse(f"disputes:evidence_{name}", args=args), body, headers=HTMX)
        assert (page.status_code, "Your role does not allow this." in page.content.decode()) == (409, True)
        api = of(catalogue.sam).post(reverse(f"evidence-{name}", args=args[1:]), body)
        assert (api.status_code, api.json()["detail"]) == (403, "Your role does not allow this.")
    pack = of(catalogue.sam).post(reverse("disputes:pack", args=args[:1]), follow=True)
    assert "Your role does not allow this." in pack.content.decode()
    photo.refresh_from_db()
    assert (photo.side, photo.is_redacted) == ("internal", False)


def test_the_api_adds_lists_shares_and_redacts(dispute: Dispute, catalogue: Cast) -> None:
    client = of(catalogue.alice)
    files = [upload(), upload("a.txt", papers.TEXT), upload("bad.bin", bytes(range(255)))]
    answer = client.post(reverse("evidence-list"), {"dispute": dispute.pk, "file": files, "note": "van"})
    assert answer.status_code == 201
    first, _second, bad = answer.json()["files"]
    assert (first["evidence"]["via"], first["evidence"]["note"], first["known"]) == ("api", "van", False)
    assert (bad["evidence"], bad["code"]) == (None, "evidence_kind")
    again = client.post(reverse("evidence-list"), {"dispute": dispute.pk, "file": upload()})
    assert (again.status_code, again.json()["files"][0]["known"]) == (201, True)
    refused = client.post(reverse("evidence-list"), {"dispute": dispute.pk, "file": upload("a.txt", b"")})
    assert (refused.status_code, refused.json()["files"][0]["code"]) == (422, "evidence_empty")
    assert client.post(reverse("evidence-list"), {"dispute": dispute.pk}).status_code == 400
    listed = client.get(reverse("evidence-list"), {"dispute": dispute.pk}).json()["results"]
    assert [one["name"] for one in listed] == ["a.txt", "box.png"]
    pk = first["evidence"]["id"]
    assert client.get(reverse("evidence-preview", args=[pk])).status_code == 200
    shared = client.post(reverse("evidence-share", args=[pk]), {"side": "customer"}, "application/json")
    assert shared.json()["side"] == "customer"
    black = upload("black.png", papers.png(colour=(0, 0, 0)))
    redacted = client.post(reverse("evidence-redact", args=[pk]), {"reason": "faces", "file": black}).json()
    assert redacted["now_sha256"] not in ("", redacted["sha256"])
    body = json.dumps({"reason": "more faces"})
    erased = client.post(reverse("evidence-redact", args=[pk]), body, "application/json").json()
    assert (erased["content"], erased["redaction_reason"]) == ("", "more faces")
    assert client.post(reverse("evidence-redact", args=[pk]), body, "application/json").status_code == 409


@pytest.mark.parametrize("address", ["disputes:pack", "dispute-pack-pack"])
def test_a_pack_is_downloaded_and_verified(photo: Evidence, catalogue: Cast, address: str) -> None:
    for user in (catalogue.alice, catalogue.fin):
        answer = of(user).post(reverse(address, args=[photo.dispute_id]))
        data = b"".join(answer)
        assert answer["Content-Disposition"] == f'attachment; filename="evidence-{photo.dispute.ref}.zip"'
        assert int(answer["Content-Length"]) == len(data)
        assert verify_pack.verify(BytesIO(data), answer["X-Pack-Root"])[1] == []
    page = of(catalogue.alice).get(reverse("disputes:pack", args=[photo.dispute_id])).content.decode()
    assert answer["X-Pack-Root"] in page


@pytest.mark.parametrize(
    ("language", "words"), [("es", "Cómo comprobar"), ("fr", "Comment vérifier"), ("en", "How to check")]
)
def test_the_summary_is_in_the_readers_language(
    photo: Evidence, catalogue: Cast, language: str, words: str
) -> None:
    from pypdf import PdfReader

    catalogue.alice.language = language
    catalogue.alice.save()
    answer = of(catalogue.alice).post(reverse("disputes:pack", args=[photo.dispute_id]))
    with zipfile.ZipFile(BytesIO(b"".join(answer))) as archive:
        reader = PdfReader(BytesIO(archive.read("summary.pdf")))
    assert words in "".join(page.extract_text() for page in reader.pages)


def test_the_number_of_files_costs_no_query(
    dispute: Dispute, catalogue: Cast, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client, counts = of(catalogue.alice), []
    urls = [
        reverse("disputes:evidence", args=[dispute.pk]),
        reverse("disputes:card", args=[dispute.pk]),
        reverse("evidence-list"),
    ]
    for wanted in (3, 30):
        while (number := Evidence.objects.count()) < wanted:
            add(dispute, catalogue.sam, f"file {number}".encode(), f"{number}.txt")
        for url in urls:
            client.get(url)
        counts.append([_queries(client, url) for url in urls])
    assert counts[0] == counts[1]
    page = client.get(reverse("disputes:card", args=[dispute.pk])).content.decode()
    assert "All 30 files" in page
    assert page.count('class="file"') == 12


def _queries(client: Client, url: str) -> int:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as caught:
        assert client.get(url).status_code == 200
    return len(caught)


def test_a_closed_dispute_still_takes_papers(dispute: Dispute, catalogue: Cast) -> None:
    services.close_dispute(
        dispute=dispute, verdict="justified", resolution="credit", by=catalogue.alice, at=AT
    )
    page = of(catalogue.sam).get(reverse("disputes:detail", args=[dispute.pk])).content.decode()
    assert "evidence-add" in page
    answer: Any = of(catalogue.sam).post(reverse("disputes:evidence", args=[dispute.pk]), {"file": upload()})
    assert answer.status_code == 302
    assert Evidence.objects.count() == 1


def test_files_of_a_merged_dispute_stay_with_the_matter(
    dispute: Dispute, photo: Evidence, catalogue: Cast
) -> None:
    middle, last = open_one(catalogue), open_one(catalogue)
    add(last, catalogue.alice, papers.TEXT, "agreed.txt")
    for into, other in ((middle, dispute), (last, middle)):
        services.merge_disputes(into=into, other=other, by=catalogue.alice, at=LATER)
    page = of(catalogue.alice).get(reverse("disputes:evidence", args=[last.pk])).content.decode()
    assert page.count("box.png") >= 1
    assert f"Came with {dispute.ref}, which was merged into this dispute" in page
    assert page.count("Came with") == 1, "its own files came with nobody"
    assert reverse("disputes:evidence_one", args=[dispute.pk, photo.pk]) in page
    own = of(catalogue.alice).get(reverse("disputes:evidence", args=[middle.pk])).content.decode()
    assert "agreed.txt" not in own
