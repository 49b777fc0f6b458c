"""The pages and the API of answers, of the code table, and what an invoice and a dispute show of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from accounts.models import User
from disputes import services
from disputes.models import Dispute, ExternalCode, Told
from ledger.models import ImportBatch, Invoice, InvoiceAnswer
from tests.factories import AT, PASSWORD, Cast, make_invoice
from tests.ledger.answer_files import cdar, document, motive, peppol, reason, response, write
from tests.ledger.intake_helpers import bring


def as_user(client: Client, user: User) -> Client:
    client.login(username=user.email, password=PASSWORD)
    return client


@pytest.fixture
def answered(catalogue: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any) -> Invoice:
    """An invoice of Comercial Norte that its system contests, with a code nobody has mapped."""
    invoice = make_invoice(catalogue.norte, number="F-1")
    text = peppol(response("F-1", "RE", reason("XYZ", "Not as agreed", BT_13="PO-77")))
    with django_capture_on_commit_callbacks(execute=True):
        bring(catalogue.entity, write(tmp_path, text))
    return invoice


def test_a_file_becomes_a_dispute_that_tells_what_the_customer_said(
    client: Client, answered: Invoice, catalogue: Cast
) -> None:
    dispute = Dispute.objects.get()
    assert dispute.reason.code == "to_classify"
    page = as_user(client, catalogue.alice).get(f"/disputes/{dispute.pk}/").content.decode()
    for words in ("Rejected", "Not as agreed", "BT-13: PO-77", "says of invoice F-1"):
        assert words in page
    piece = client.get(f"/disputes/of-invoice/{answered.pk}/").content.decode()
    for words in ("Rejected", "Not as agreed", dispute.ref, "Dispute opened"):
        assert words in piece


def test_the_message_can_be_taken_home_by_who_may_see_the_invoice(
    client: Client, answered: Invoice, catalogue: Cast
) -> None:
    answer = InvoiceAnswer.objects.get()
    address = f"/answers/{answer.pk}/original/"
    for user in (catalogue.alice, catalogue.fin, catalogue.sam):
        found = as_user(client, user).get(address)
        assert found.status_code == 200
        assert b"Not as agreed" in b"".join(found.streaming_content)  # type: ignore[attr-defined]
        assert "attachment" in found["Content-Disposition"]
    for stranger in (catalogue.mallory, catalogue.sofia, catalogue.eva):
        assert as_user(client, stranger).get(address).status_code == 404
        assert client.get(f"/disputes/of-invoice/{answered.pk}/").status_code == 404


def test_an_expert_sees_what_was_said_but_no_link_to_the_message(
    client: Client, answered: Invoice, catalogue: Cast
) -> None:

    dispute = Dispute.objects.get()
    services.involve(dispute=dispute, user=catalogue.eva, by=catalogue.alice, at=AT)
    page = as_user(client, catalogue.eva).get(f"/disputes/{dispute.pk}/").content.decode()
    assert "Not as agreed" in page
    assert "/original/" not in page


def test_the_list_shows_everything_with_a_constant_number_of_queries(
    client: Client,
    answered: Invoice,
    catalogue: Cast,
    tmp_path: Path,
    django_assert_max_num_queries: Any,
    django_capture_on_commit_callbacks: Any,
) -> None:
    as_user(client, catalogue.alice).get("/answers/")
    with django_assert_max_num_queries(14) as few:
        client.get("/answers/")
    for number in range(2, 7):
        make_invoice(catalogue.norte, number=f"F-{number}")
    documents = [document(f"F-{number}", "207", motive("PU_ERR", "trop cher")) for number in range(2, 9)]
    with django_capture_on_commit_callbacks(execute=True):
        bring(catalogue.entity, write(tmp_path, cdar(*documents)))
    with django_assert_max_num_queries(14) as more:
        page = client.get("/answers/").content.decode()
    assert len(few) == len(more)
    assert "Unit price incorrect · trop cher" in page
    assert "not recorded" in page
    assert page.count("Dispute opened") == 6
    waiting = client.get("/answers/?state=waiting").content.decode()
    assert "F-8" in waiting
    assert "F-2" not in waiting
    assert "F-7" in client.get("/answers/?q=F-7").content.decode()
    assert "F-1" not in as_user(client, catalogue.mallory).get("/answers/").content.decode()


def test_an_unknown_code_is_mapped_with_one_click_and_reaches_its_dispute(
    client: Client, answered: Invoice, catalogue: Cast
) -> None:
    page = as_user(client, catalogue.alice).get("/answers/codes/").content.decode()
    assert "XYZ" in page
    posted = {"entity": catalogue.entity.pk, "standard": "peppol", "code": "XYZ", "reason": "quality"}
    done = client.post("/answers/codes/map/", posted, follow=True).content.decode()
    assert "now means" in done
    assert Dispute.objects.get().reason.code == "quality"
    assert not Told.objects.exclude(unmapped="").exists()
    assert client.post("/answers/codes/map/", posted | {"reason": "nonsense"}).status_code == 404


def test_a_code_is_changed_added_and_taken_out(client: Client, catalogue: Cast) -> None:
    as_user(client, catalogue.adam)
    row = ExternalCode.objects.get(entity=catalogue.entity, standard="peppol", kind="reason", code="PRI")
    quality = catalogue.entity.dispute_reasons.get(code="quality")
    fields = {"standard": "peppol", "kind": "reason", "code": "PRI", "effect": "open", "active": "on"}
    assert client.get(f"/answers/codes/{row.pk}/").status_code == 200
    assert client.post(f"/answers/codes/{row.pk}/", fields | {"reason": quality.pk}).status_code == 302
    row.refresh_from_db()
    assert row.reason == quality
    taken = client.post(f"/answers/codes/{row.pk}/", fields | {"code": "QTY"})
    assert taken.status_code == 422
    assert "in the table already" in taken.content.decode()
    assert client.post("/answers/codes/new/", fields | {"code": "NEW", "reason": ""}).status_code == 302
    assert client.post(f"/answers/codes/{row.pk}/drop/").status_code == 302
    assert not ExternalCode.objects.filter(pk=row.pk).exists()


def test_who_decides_nowhere_does_not_see_the_table(client: Client, catalogue: Cast) -> None:
    row = ExternalCode.objects.filter(entity=catalogue.entity).first()
    assert row is not None
    for user in (catalogue.carl, catalogue.sam, catalogue.fin):
        assert as_user(client, user).get("/answers/codes/").status_code == 403
        assert client.get(f"/answers/codes/{row.pk}/").status_code == 404
        assert client.post(f"/answers/codes/{row.pk}/drop/").status_code == 404
    as_user(client, catalogue.mallory)
    assert client.get(f"/answers/codes/?entity={catalogue.entity.pk}").status_code == 404
    assert client.get(f"/answers/codes/{row.pk}/").status_code == 404


def test_the_api_lists_answers_and_gives_the_message(answered: Invoice, catalogue: Cast) -> None:
    api = APIClient()
    api.force_authenticate(catalogue.alice)
    listed = api.get("/api/v1/invoice-answers/", headers={"accept-language": "en"}).json()["results"]
    assert [(row["status_code"], row["status"], row["invoice"]) for row in listed] == [
        ("RE", "Rejected", answered.pk)
    ]
    found = api.get(f"/api/v1/invoice-answers/{listed[0]['id']}/original/")
    assert b"Not as agreed" in b"".join(found.streaming_content)
    api.force_authenticate(catalogue.mallory)
    assert api.get("/api/v1/invoice-answers/").json()["results"] == []
    assert api.get(f"/api/v1/invoice-answers/{listed[0]['id']}/").status_code == 404


def test_the_api_changes_the_table(answered: Invoice, catalogue: Cast) -> None:
    api = APIClient()
    api.force_authenticate(catalogue.alice)
    body = {"entity": catalogue.entity.pk, "standard": "peppol", "code": "XYZ", "reason": "delivery"}
    made = api.post("/api/v1/external-codes/", body, format="json")
    assert (made.status_code, made.json()["reason"]) == (201, "delivery")
    assert Dispute.objects.get().reason.code == "delivery"
    one = f"/api/v1/external-codes/{made.json()['id']}/"
    changed = api.put(one, {"standard": "peppol", "code": "XYZ", "effect": "none"}, format="json")
    assert (changed.status_code, changed.json()["reason"]) == (200, None)
    wrong = {"standard": "peppol", "kind": "status", "code": "QQ", "reason": "price"}
    assert api.put(one, wrong, format="json").status_code == 422
    assert api.delete(one).status_code == 204
    api.force_authenticate(catalogue.carl)
    assert api.get("/api/v1/external-codes/").json()["results"] == []
    assert api.post("/api/v1/external-codes/", body, format="json").status_code in (400, 403)


def test_a_message_goes_through_the_page_of_the_imports_like_any_file(
    client: Client, catalogue: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    make_invoice(catalogue.norte, number="F-1")
    as_user(client, catalogue.carl)
    text = peppol(response("F-1", "RE", reason("PRI")), response("", "RE"), response("F-77", "AB"))
    upload = SimpleUploadedFile("answer.xml", text.encode(), "application/xml")
    posted = {"entity": catalogue.entity.pk, "upload": upload}
    page = client.post("/imports/", posted, follow=True)
    assert page.status_code == 200
    assert not InvoiceAnswer.objects.exists()
    (batch,) = ImportBatch.objects.all()
    with django_capture_on_commit_callbacks(execute=True):
        done = client.post(f"/imports/{batch.pk}/confirm/", follow=True).content.decode()
    assert InvoiceAnswer.objects.count() == 2
    assert Dispute.objects.get().reason.code == "price"
    assert "F-77" in done
    rejects = client.get(f"/imports/{batch.pk}/rejects/").content.decode()
    assert "does not name the invoice" in rejects
