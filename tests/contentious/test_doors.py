"""The pages and the API of legal files: what each role sees and may do, and nothing for strangers."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import User
from collections_app.models import LegalFile
from collections_app.services import dunning
from disputes import services as disputes
from disputes.models import Reason
from lib import clock
from tests.contentious.conftest import D, Desk, moment
from tests.factories import ON

pytestmark = pytest.mark.django_db


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def url(name: str, *args: object) -> str:
    return reverse(f"collections_app:{name}", args=args)


@pytest.fixture(autouse=True)
def on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda zone=None: ON)


def test_a_file_is_opened_on_the_customers_page_and_taken_to_the_agency(desk: Desk) -> None:
    client, norte = signed_in(desk.cast.alice), desk.cast.norte
    invoice, disputed = desk.bill("400.00"), desk.bill("90.00")
    page = client.get(url("legal_file_new", norte.pk))
    assert invoice.number in page.content.decode()
    page = client.post(
        url("legal_file_new", norte.pk),
        {"currency": "EUR", "law": "ES", "invoice": [invoice.pk]},
        follow=True,
    )
    file = LegalFile.objects.get()
    assert "CT-2026-0001" in page.content.decode()
    assert disputed.pk not in file.lines.values_list("invoice_id", flat=True)
    page = client.get(url("legal_notice", file.pk))
    assert page.status_code == 200
    sent = {"deadline": ON + timedelta(days=10), "channels": ["email"]}
    page = client.post(url("legal_notice", file.pk), sent | {"seen": "1.00"})
    assert page.status_code == 409
    seen = page.context["draft"].claim.total
    client.post(url("legal_notice", file.pk), sent | {"seen": str(seen)})
    file.refresh_from_db()
    assert file.status == "notified"
    page = client.post(url("legal_act", file.pk, "hand_over"), {"agency": ""})
    assert page.status_code == 422
    paper = SimpleUploadedFile("poder.pdf", b"%PDF-1.4 poder")
    client.post(url("legal_act", file.pk, "hand_over"), {"agency": "Recobros", "commission": "12.5"})
    client.post(url("legal_act", file.pk, "report"), {"note": "Se fue", "document": paper, "amount": "10"})
    file.refresh_from_db()
    assert (file.status, file.commission, file.steps.last().amount) == ("agency", D("12.50"), D("10.00"))
    answer = client.get(url("legal_document", file.pk, file.steps.last().seq))
    assert b"".join(answer.streaming_content) == b"%PDF-1.4 poder"  # type: ignore[attr-defined]


def test_facts_are_asked_for_on_the_page_and_the_court_file_comes(desk: Desk) -> None:
    client, file = signed_in(desk.cast.alice), desk.notified()
    page = client.get(url("legal_court_pdf", file.pk), follow=True)
    assert "Missing for the court file: Court" in page.content.decode()
    given = {name: f"{name} 28013" for name in page.context["facts_form"].fields}
    client.post(url("legal_facts", file.pk), given)
    answer = client.get(url("legal_court_pdf", file.pk))
    assert answer["Content-Type"] == "application/pdf"
    for name in ("legal_interest_pdf", "legal_notice_pdf", "legal_notice_body"):
        assert client.get(url(name, file.pk)).status_code == 200


def test_who_may_not_is_refused_and_a_stranger_finds_nothing(desk: Desk) -> None:
    file = desk.notified()
    pages = ("legal_file", "legal_notice", "legal_court_pdf", "legal_interest_pdf")
    mallory, carl, fin, sam = (
        signed_in(one) for one in (desk.cast.mallory, desk.cast.carl, desk.cast.fin, desk.cast.sam)
    )
    for name in pages:
        assert mallory.get(url(name, file.pk)).status_code == 404
        assert sam.get(url(name, file.pk)).status_code == 404
    assert mallory.post(url("legal_act", file.pk, "report"), {"note": "x"}).status_code == 404
    assert carl.get(url("legal_notice", file.pk)).status_code == 403
    assert carl.post(url("legal_act", file.pk, "file"), {"court": "x"}).status_code == 403
    assert carl.get(url("legal_file_new", desk.cast.norte.pk)).status_code == 403
    assert fin.get(url("legal_file", file.pk)).status_code == 200
    assert fin.post(url("legal_act", file.pk, "report"), {"note": "x"}).status_code == 403
    assert fin.get(url("legal_reports")).status_code == 403
    carl.post(url("legal_act", file.pk, "report"), {"note": "They called"})
    assert file.steps.count() == 3


def test_the_pages_cost_the_same_queries_however_long(desk: Desk) -> None:
    client = signed_in(desk.cast.alice)
    file = desk.notified(desk.bill("400.00"))
    urls = (url("legal_files"), url("legal_file", file.pk), url("legal_panel", desk.cast.norte.pk))

    def cost(address: str) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get(address).status_code == 200
        return len(seen)

    before = [cost(one) for one in urls]
    for number in range(4):
        desk.open(desk.bill(), desk.bill())
        desk.act(file, "report", note=f"news {number}")
    assert [cost(one) for one in urls] == before


def test_who_had_the_last_step_in_vain_is_ripe_on_the_list_and_the_worklist(desk: Desk) -> None:
    invoice = desk.bill("400.00", late=61)
    days: list[date] = [ON - timedelta(days=one) for one in (60, 45, 30, 20)]
    for on in days:
        run = dunning.decide(entity=desk.cast.entity, on=on, at=moment(on))
        dunning.send_batch(notice_ids=dunning.waiting(run=run), at=moment(on))
    client = signed_in(desk.cast.alice)
    page: Any = client.get(url("legal_files"), {"state": "ripe"})
    assert [(one.customer_id, one.amount) for one in page.context["page"]] == [
        (invoice.customer_id, D("400.00"))
    ]
    work = client.get(url("worklist"), {"whose": "all"}).content.decode()
    assert "Plan exhausted" in work
    # What was granted stands in the way until it is booked or refused.
    opened = disputes.open_dispute(
        customer=invoice.customer,
        lines=[disputes.LineInput(invoice_id=invoice.pk, amount=D("100.00"))],
        reason=Reason.objects.filter(entity=desk.cast.entity).order_by("pk")[0],
        by=desk.cast.alice,
        at=moment(days[0]),
    )
    closing = {"verdict": "partly", "resolution": "credit", "told": True, "by": desk.cast.alice}
    disputes.close_dispute(dispute=opened, at=moment(days[0]), **closing)
    page = client.get(url("legal_files"), {"state": "ripe"})
    assert not page.context["page"].object_list
    request = opened.credit_requests.get()
    disputes.refuse_request(request_id=request.pk, by=desk.cast.alice, at=moment(ON), note="No")
    page = client.get(url("legal_files"), {"state": "ripe"})
    assert page.context["page"].object_list
    desk.open(invoice)
    page = client.get(url("legal_files"), {"state": "ripe"})
    assert not page.context["page"].object_list
    assert "Comercial Norte" not in client.get(url("worklist"), {"whose": "all"}).content.decode()


def test_the_agencys_file_takes_good_rows_lists_bad_ones_and_twice_is_once(desk: Desk) -> None:
    file = desk.notified()
    desk.act(file, "hand_over", agency="Recobros", agency_reference="RN-7")
    csv = (
        "Referencia;Estado;Fecha;Cobrado;Nota\n"
        f"{file.ref};En gestión;16/03/2026;;Llamado\n"
        "rn-7;Cobrado;2026-03-16;1.100,50;Primer pago\n"
        "CT-2026-0099;En gestión;16/03/2026;;\n"
        f"{file.ref};Perdido;16/03/2026;;\n"
        f"{file.ref};Acuerdo;31/12/2026;;Mañana\n"
        f"{file.ref};Cobrado;16/03/2026;mucho;\n"
    )
    client = signed_in(desk.cast.carl)
    for taken, known in ((2, 0), (0, 2)):
        upload = SimpleUploadedFile("agencia.csv", csv.encode())
        done = client.post(url("legal_reports"), {"upload": upload}).context["done"]
        assert (done.taken, done.known) == (taken, known)
        assert [(one.line, one.code) for one in done.rejects] == [
            (4, "unknown_file"),
            (5, "unknown_status"),
            (6, "file_day"),
            (7, "not_an_amount"),
        ]
    assert [step.amount for step in file.steps.filter(act="report")] == [None, D("1100.50")]
    page = client.post(url("legal_reports"), {"upload": SimpleUploadedFile("x.csv", b"a;b\n1;2\n")})
    assert page.status_code == 409
