"""The document of an invoice is kept with it: stored once, seen by whoever sees the invoice, always a download."""

import base64
import hashlib
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as conf
from django.test import Client
from django.urls import reverse

from accounts import services as people
from accounts.models import User
from ledger.intake.batch import rehearse
from ledger.intake.files import path_of
from ledger.intake.job import Job
from ledger.models import Customer, Invoice, InvoiceFile
from tests.factories import AT, ON, Cast
from tests.ledger.einvoice_builders import cii, facturae, pdf
from tests.ledger.intake_helpers import FILES, bring

ENVELOPE = '<?xml version="1.0" encoding="UTF-8"?><Batch>{}</Batch>'


@pytest.fixture(autouse=True)
def own_folder(settings: Any, tmp_path: Path) -> None:
    """The files of a test are kept in its own folder."""
    settings.MEDIA_ROOT = tmp_path / "kept"


def brought(cast: Cast, folder: Path, content: bytes | str, name: str) -> list[InvoiceFile]:
    """Import the content; the files kept."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    bring(cast.entity, path)
    return list(InvoiceFile.objects.all())


def browser(user: User) -> Client:
    """A browser in which the person is signed in."""
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(user, backend=conf.AUTHENTICATION_BACKENDS[0])
    return client


def stored(folder: Path) -> list[Path]:
    """Everything on disk."""
    return [path for path in (folder / "kept").rglob("*") if path.is_file()]


def test_the_pdf_is_the_document_of_its_invoice(cast: Cast, tmp_path: Path) -> None:
    data = pdf(("factur-x.xml", cii()))
    (file,) = brought(cast, tmp_path, data, "Factura Río.pdf")
    assert (file.name, file.media_type, file.kind, file.size) == (
        "Factura Río.pdf",
        "application/pdf",
        "PDF",
        len(data),
    )
    assert path_of(file).read_bytes() == data
    assert file.sha256 == hashlib.sha256(data).hexdigest()
    assert file.batch is not None


def test_the_same_file_again_is_the_same_row_and_the_same_bytes(cast: Cast, tmp_path: Path) -> None:
    brought(cast, tmp_path, cii(), "a.xml")
    assert len(brought(cast, tmp_path, cii(), "b.xml")) == 1
    assert len(stored(tmp_path)) == 1


def test_an_invoice_known_from_a_list_gets_its_document_later(cast: Cast, tmp_path: Path) -> None:
    brought(cast, tmp_path, cii(), "a.xml")
    InvoiceFile.objects.all().delete()
    brought(cast, tmp_path, pdf(("factur-x.xml", cii())), "a.pdf")
    assert InvoiceFile.objects.get().invoice.number == "C-1"


def test_a_rehearsal_and_a_refused_document_keep_nothing(cast: Cast, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_text(cii(), encoding="utf-8")
    rehearse([Job(path, cast.entity, AT, ON)])
    assert not stored(tmp_path)
    brought(cast, tmp_path, cii(), "a.xml")
    other = cii(lines=(("Chairs", "11", "15.00"),))
    assert len(brought(cast, tmp_path, other, "b.xml")) == 1
    assert len(stored(tmp_path)) == 1


def test_the_document_of_another_customer_is_not_put_to_an_invoice_of_the_same_number(
    cast: Cast, tmp_path: Path
) -> None:
    brought(cast, tmp_path, cii(), "a.xml")
    other = cii(buyer="Mar", tax_id="ESB12345674").replace('"9920">ESB76543214', '"9920">ESB12345674')
    assert [file.name for file in brought(cast, tmp_path, other, "b.xml")] == ["a.xml"]


def test_a_file_with_several_customers_is_cut_so_that_each_sees_its_own(cast: Cast, tmp_path: Path) -> None:
    first, second = (
        cii(number=number, buyer=buyer, tax_id=tax_id).partition("?>")[2].replace("9920", scheme)
        for number, buyer, tax_id, scheme in (
            ("C-1", "Río", "ESB76543214", "1"),
            ("C-2", "Mar", "ESB12345674", "2"),
        )
    )
    files = brought(cast, tmp_path, ENVELOPE.format(first + second), "both.xml")
    assert sorted(file.name for file in files) == ["C-1.xml", "C-2.xml"]
    text = path_of(next(file for file in files if file.invoice.number == "C-1")).read_text()
    assert "C-1" in text
    assert "C-2" not in text


def test_a_file_with_several_customers_that_cannot_be_cut_is_not_kept(cast: Cast, tmp_path: Path) -> None:
    both = "".join(
        facturae(invoices=(("", number, "100.00"),), nif=nif).partition("?>")[2]
        for number, nif in (("1", "B76543214"), ("2", "B12345674"))
    )
    assert brought(cast, tmp_path, ENVELOPE.format(both), "both.xml") == []
    assert Invoice.objects.filter(number__in=("1", "2")).count() == 2


def test_attachments_that_people_can_open_are_kept_beside_it(cast: Cast, tmp_path: Path) -> None:
    def node(name: str, kind: str, data: bytes) -> str:
        return (
            "<ram:AdditionalReferencedDocument><ram:AttachmentBinaryObject "
            f'filename="{name}" mimeCode="{kind}">{base64.b64encode(data).decode()}</ram:AttachmentBinaryObject>'
            "</ram:AdditionalReferencedDocument>"
        )

    inside = (
        node("../../hours.csv", "text/csv", b"day;hours\n")
        + node("page.html", "text/html", b"<script>alert(1)</script>")
        + node("fake.pdf", "application/pdf", b"MZ not a pdf")
        + node("sketch.png", "image/png", b"\x89PNG\r\n\x1a\n...")
    )
    files = brought(cast, tmp_path, cii(agreement=inside), "a.xml")
    assert [file.name for file in files] == ["a.xml", "hours.csv", "sketch.png"]


def test_the_attachment_of_a_facturae_is_kept(cast: Cast, tmp_path: Path) -> None:
    data = base64.b64encode(pdf()).decode()
    more = (
        "<AdditionalData><RelatedDocuments><Attachment><AttachmentFormat>pdf</AttachmentFormat>"
        "<AttachmentEncoding>BASE64</AttachmentEncoding><AttachmentDescription>Albarán 7</AttachmentDescription>"
        f"<AttachmentData>{data}</AttachmentData></Attachment></RelatedDocuments></AdditionalData>"
    )
    files = brought(cast, tmp_path, facturae(more=more), "f.xsig")
    assert [(file.name, file.media_type) for file in files] == [
        ("f.xsig", "application/xml"),
        ("Albarán 7.pdf", "application/pdf"),
    ]


def test_whoever_sees_the_invoice_can_take_the_document_home(cast: Cast, tmp_path: Path) -> None:
    (file,) = brought(cast, tmp_path, cii(), 'a"<b>.xml')
    page = browser(cast.alice).get(reverse("ledger:invoice", args=[file.invoice_id]))
    url = reverse("ledger:invoice_file", args=[file.invoice_id, file.pk])
    assert url in page.content.decode()
    answer = browser(cast.alice).get(url)
    assert b"".join(answer.streaming_content) == cii().encode()  # type: ignore[arg-type]
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]


def test_a_stranger_finds_neither_invoice_nor_document(cast: Cast, tmp_path: Path) -> None:
    (file,) = brought(cast, tmp_path, cii(), "a.xml")
    Customer.objects.filter(pk=file.invoice.customer_id).update(salesperson=cast.sam)
    url = reverse("ledger:invoice_file", args=[file.invoice_id, file.pk])
    assert browser(cast.sam).get(url).status_code == 200
    assert browser(cast.sofia).get(url).status_code == 404
    assert browser(cast.mallory).get(url).status_code == 404
    assert Client().get(url).status_code == 302
    other = Invoice.objects.exclude(pk=file.invoice_id).first()
    wrong = other.pk if other else file.invoice_id + 1
    assert browser(cast.alice).get(reverse("ledger:invoice_file", args=[wrong, file.pk])).status_code == 404


def test_a_document_that_is_lost_is_a_404_with_a_remedy(cast: Cast, tmp_path: Path) -> None:
    (file,) = brought(cast, tmp_path, cii(), "a.xml")
    path_of(file).unlink()
    answer = browser(cast.alice).get(reverse("ledger:invoice_file", args=[file.invoice_id, file.pk]))
    assert answer.status_code == 404
    brought(cast, tmp_path, cii(), "a.xml")
    assert path_of(file).exists()


def test_the_api_gives_the_same(cast: Cast, tmp_path: Path) -> None:
    (file,) = brought(cast, tmp_path, (FILES / "invoice.xml").read_bytes(), "a.xml")
    clients = {}
    for user in (cast.alice, cast.mallory):
        _token, key = people.make_token(user=user, name="tests", at=AT)
        clients[user] = Client(headers={"Authorization": f"Token {key}"})
    address = f"/api/v1/invoices/{file.invoice_id}/files/"
    answer = clients[cast.alice].get(address)
    (row,) = answer.json()["results"]
    assert (row["name"], row["size"], row["media_type"]) == ("a.xml", file.size, "application/xml")
    content = clients[cast.alice].get(row["content"])
    assert content["Content-Disposition"].startswith("attachment")
    assert b"".join(content.streaming_content) == (FILES / "invoice.xml").read_bytes()  # type: ignore[arg-type]
    for path in (address, row["content"], f"{address}{file.pk}/"):
        assert clients[cast.mallory].get(path).status_code == 404
