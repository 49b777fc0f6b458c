"""A ZIP of files is taken in file by file; what is dangerous about archives is refused."""

import stat
import zipfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts import services as people
from ledger.choices import BatchStatus
from ledger.intake import archive
from ledger.intake.archive import is_archive, members
from ledger.intake.documents import Unreadable
from ledger.intake.reading import HowToRead
from ledger.intake.run import run_intake
from ledger.models import ImportBatch, Invoice, InvoiceFile
from tests.factories import AT, Cast
from tests.ledger.einvoice_builders import cii, facturae, pdf
from tests.ledger.intake_helpers import HEADER


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """The files of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "kept"


def packed(folder: Path, *files: tuple[str | zipfile.ZipInfo, bytes | str], name: str = "all.zip") -> Path:
    """An archive of these files."""
    path = folder / name
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for info, content in files:
            archive.writestr(info, content)
    return path


def inner(content: str) -> bytes:
    """An archive as bytes."""
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("x.xml", content)
    return out.getvalue()


def test_every_file_of_an_archive_is_an_import_of_its_own(cast: Cast, tmp_path: Path) -> None:
    path = packed(
        tmp_path,
        ("march/cii.xml", cii()),
        ("march/hybrid.pdf", pdf(("factur-x.xml", cii(number="C-2")))),
        ("facturae.xsig", facturae(invoices=(("", "F-9", "100.00"),))),
        ("list.csv", f"{HEADER}\nL-1;N1;Norte;2026-02-01;2026-03-01;100.00;EUR;\n"),
        ("broken.xml", "<a"),
        ("again.zip", inner(cii(number="NO"))),
        ("__MACOSX/._cii.xml", "junk"),
        (".DS_Store", "junk"),
    )
    run = run_intake(paths=[path], how=HowToRead(), at=AT, entity_code=cast.entity.code)
    found = {result.path.removeprefix(f"{path}/"): result for result in run.files}
    assert {name: (result.format, result.created) for name, result in found.items() if not result.error} == {
        "march/cii.xml": ("cii", 1),
        "march/hybrid.pdf": ("facturx", 1),
        "facturae.xsig": ("facturae", 1),
        "list.csv": ("csv", 1),
    }
    assert {name: result.error.code for name, result in found.items() if result.error} == {
        "broken.xml": "broken_xml",
        "again.zip": "nested_archive",
    }
    assert run.exit_code == 2
    assert set(Invoice.objects.filter(entity=cast.entity).values_list("number", flat=True)) == {
        "C-1",
        "C-2",
        "F-9",
        "L-1",
    }
    assert ImportBatch.objects.filter(file_name="hybrid.pdf").exists()
    assert InvoiceFile.objects.filter(name="hybrid.pdf").exists()
    again = run_intake(paths=[path], how=HowToRead(), at=AT, entity_code=cast.entity.code)
    assert sum(result.unchanged for result in again.files) == 4


def test_a_dry_run_of_an_archive_writes_nothing(cast: Cast, tmp_path: Path) -> None:
    path = packed(tmp_path, ("cii.xml", cii()))
    run = run_intake(paths=[path], how=HowToRead(), at=AT, entity_code=cast.entity.code, dry_run=True)
    assert [result.created for result in run.files] == [1]
    assert not Invoice.objects.exists()
    assert not list((tmp_path / "kept").rglob("*"))


def link() -> zipfile.ZipInfo:
    """An entry that is a symbolic link."""
    info = zipfile.ZipInfo("link.xml")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


@pytest.mark.parametrize(
    ("name", "code"),
    [("../../etc/x.xml", "archive_unsafe"), ("/abs.xml", "archive_unsafe"), ("C:\\x.xml", "archive_unsafe")],
)
def test_names_that_lead_outside_are_refused(tmp_path: Path, name: str, code: str) -> None:
    with pytest.raises(Unreadable) as caught:
        list(members(packed(tmp_path, ("good.xml", "<a/>"), (name, "<a/>"))))
    assert caught.value.code == code


def test_links_locks_and_emptiness_are_refused(tmp_path: Path) -> None:
    locked = packed(tmp_path, ("x.xml", "<a/>"))
    data = bytearray(locked.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    locked.write_bytes(bytes(data))
    for path, code in (
        (locked, "archive_encrypted"),
        (packed(tmp_path, (link(), "/etc/passwd"), name="l.zip"), "archive_unsafe"),
        (packed(tmp_path, name="e.zip"), "archive_empty"),
        (packed(tmp_path, (".hidden", "x"), name="h.zip"), "archive_empty"),
    ):
        with pytest.raises(Unreadable) as caught:
            list(members(path))
        assert caught.value.code == code


def test_a_bomb_is_refused_by_what_it_promises_and_by_what_it_gives(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "FREE", 1 << 16)
    path = packed(tmp_path, ("bomb.xml", b"\x00" * (1 << 22)))
    with pytest.raises(Unreadable) as caught:
        list(members(path))
    assert caught.value.code == "archive_too_large"
    lying = path.read_bytes().replace((1 << 22).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(lying)
    with pytest.raises(Unreadable):
        list(members(path))


def test_too_many_files_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "MAX_MEMBERS", 3)
    with pytest.raises(Unreadable) as caught:
        list(members(packed(tmp_path, *((f"{n}.xml", "<a/>") for n in range(4)))))
    assert caught.value.code == "archive_too_many"


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    path = packed(tmp_path, ("x.xml", cii() * 20))
    data = path.read_bytes()
    for cut in (data[: len(data) // 2], data[:200] + b"\x00" * 50 + data[250:]):
        path.write_bytes(cut)
        with pytest.raises(Unreadable) as caught:
            list(members(path))
        assert caught.value.code == "archive_broken"


def test_files_are_gone_from_the_folder_once_the_next_is_asked_for(tmp_path: Path) -> None:
    seen = [member.path for member in members(packed(tmp_path, ("a.xml", "<a/>"), ("b.xml", "<b/>")))]
    assert [path.exists() for path in seen] == [False, False]


def test_a_workbook_is_no_archive(tmp_path: Path) -> None:
    book = packed(tmp_path, ("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<x/>"), name="b.xlsx")
    assert not is_archive(book)
    assert is_archive(packed(tmp_path, ("a.xml", "<a/>")))


def test_an_uploaded_archive_is_one_import_per_file(cast: Cast, tmp_path: Path) -> None:
    client = Client()
    client.force_login(cast.alice, backend=conf.AUTHENTICATION_BACKENDS[0])
    data = packed(tmp_path, ("one.xml", cii()), ("two.zip", inner("<a/>"))).read_bytes()
    answer = client.post(
        reverse("ledger:imports"), {"entity": cast.entity.pk, "upload": SimpleUploadedFile("all.zip", data)}
    )
    assert answer.status_code == 302
    one, two = ImportBatch.objects.order_by("pk")
    assert (one.file_name, one.status, one.created) == ("all.zip/one.xml", BatchStatus.PREVIEWED, 1)
    assert (two.file_name, two.status, two.error) == (
        "all.zip/two.zip",
        BatchStatus.UNREADABLE,
        "nested_archive",
    )
    client.post(reverse("ledger:import_confirm", args=[one.pk]))
    assert InvoiceFile.objects.get(invoice__number="C-1").name == "one.xml"


def test_an_uploaded_archive_that_is_not_to_be_trusted_leaves_its_reason(cast: Cast, tmp_path: Path) -> None:
    _token, key = people.make_token(user=cast.alice, name="tests", at=AT)
    client = Client(headers={"Authorization": f"Token {key}", "Accept-Language": "en"})

    def sent(data: bytes) -> Any:
        body = {"entity": cast.entity.pk, "file": SimpleUploadedFile("all.zip", data), "dry_run": "false"}
        answer = client.post("/api/v1/imports/", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    good = packed(tmp_path, ("a.xml", cii()), ("b.xml", cii(number="C-2"))).read_bytes()
    assert [row["created"] for row in sent(good)["results"]] == [1, 1]
    bad = sent(packed(tmp_path, ("a.xml", cii()), ("../b.xml", "<a/>")).read_bytes())
    assert bad["status"] == BatchStatus.UNREADABLE
    assert "outside" in bad["reason"]
    assert not ImportBatch.objects.filter(file_name="all.zip/b.xml", created=0).exists()
