"""The evidence pack that proves itself offline, the hand-over to an agency, and the API of all of it."""

from __future__ import annotations

import csv
import json
import zipfile
from datetime import timedelta
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from accounts.events import timeline
from collections_app.contentious.claim import claim_of
from collections_app.contentious.pack import letters_of
from collections_app.models import LegalFile
from collections_app.services import dunning
from collections_app.services.contentious_notice import send_formal_notice
from collections_app.services.contentious_pack import hand_over_zip, make_pack
from disputes import services as disputes
from disputes.evidence.pack.verify_pack import main, verify
from disputes.models import Reason
from ledger.models import Customer, Invoice
from lib import clock
from lib.errors import NotAllowed
from mailroom import services as mailroom
from mailroom.models import Letter
from tests.contentious.conftest import D, Desk, moment
from tests.factories import AT, ON

pytestmark = pytest.mark.django_db
API = "/api/v1/legal-files/"


def reminded(desk: Desk) -> LegalFile:
    """An invoice that was disputed without reason, reminded, and got a formal notice."""
    invoice = desk.bill("400.00")
    early, day = ON - timedelta(days=20), ON - timedelta(days=30)
    run = dunning.decide(entity=desk.cast.entity, on=day, at=moment(day))
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=moment(day))
    reason = Reason.objects.filter(entity=desk.cast.entity).order_by("pk").first()
    dispute = disputes.open_dispute(
        customer=desk.cast.norte,
        lines=[disputes.LineInput(invoice_id=invoice.pk, amount=D("400.00"))],
        reason=reason,
        by=desk.cast.alice,
        at=moment(early),
        statement="Late delivery",
    )
    facts = {"by": desk.cast.alice, "at": moment(early), "note": "Delivered in time"}
    disputes.close_dispute(dispute=dispute, verdict="unjustified", resolution="rejected", **facts)
    file = desk.open(invoice)
    send_formal_notice(
        file_id=file.pk,
        deadline=ON + timedelta(days=10),
        channels=["email"],
        by=desk.cast.alice,
        on=ON,
        at=AT,
    )
    mailroom.deliver_due(at=AT)
    return file


def test_the_pack_holds_everything_and_verifies_offline(desk: Desk, tmp_path: Path) -> None:
    file = reminded(desk)
    made = make_pack(file_id=file.pk, by=desk.cast.alice, on=ON, at=AT)
    path = tmp_path / made.name
    path.write_bytes(made.file.read())
    index, problems = verify(path, made.root)
    assert not problems
    assert index is not None
    kinds = [entry["kind"] for entry in index["entries"]]
    assert kinds.count("letter") == len(letters_of(file, claim_of(file, ON))) == 2
    assert {"statement", "interest", "invoice_data", "dispute", "events", "timeline", "claim"} <= set(kinds)
    assert main([str(path), made.root]) == 0
    with zipfile.ZipFile(path) as archive:
        events = json.loads(archive.read("events.json"))
        told = json.loads(archive.read("timeline.json"))
        inner = next(name for name in archive.namelist() if name.startswith("disputes/"))
        assert not verify(BytesIO(archive.read(inner)))[1]
        letter = next(name for name in archive.namelist() if "contentious.notice" in name)
        assert b"REQUERIMIENTO" in archive.read(letter)
    assert [one["kind"] for one in events] == ["contentious.open", "contentious.notify"]
    assert "notice.sent" in {one["kind"] for one in told}
    assert timeline("legal_file", file.pk).last().data["root"] == made.root  # type: ignore[union-attr]

    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "bad.zip", "w") as new:
        for name in old.namelist():
            new.writestr(name, b"{}" if name == "claim.json" else old.read(name))
    assert [name for name, _why in verify(tmp_path / "bad.zip")[1]] == ["claim.json"]


def test_the_hand_over_has_real_numbers_and_no_formula(desk: Desk) -> None:
    Customer.objects.filter(pk=desk.cast.norte.pk).update(name="=Norte()", tax_id="A58818501")
    file = desk.notified(desk.bill("400.00"))
    with pytest.raises(Exception, match="agency first"):
        hand_over_zip(file_id=file.pk, by=desk.cast.alice, on=ON, at=AT)
    desk.act(file, "hand_over", agency="Recobros", agency_reference="RN-7")
    with pytest.raises(NotAllowed):
        hand_over_zip(file_id=file.pk, by=desk.cast.carl, on=ON, at=AT)
    made = hand_over_zip(file_id=file.pk, by=desk.cast.alice, on=ON, at=AT)
    with zipfile.ZipFile(made.file) as archive:
        names = archive.namelist()
        rows = list(
            csv.DictReader(StringIO(archive.read(f"{file.ref}.csv").decode("utf-8-sig")), delimiter=";")
        )
        book = CalamineWorkbook.from_filelike(BytesIO(archive.read(f"{file.ref}.xlsx")))
        assert not verify(BytesIO(archive.read(f"evidence-{file.ref}.zip")), made.root)[1]
    assert names == [f"{file.ref}.csv", f"{file.ref}.xlsx", f"evidence-{file.ref}.zip"]
    assert (rows[0]["debtor"], rows[0]["principal"], rows[0]["costs"]) == ("'=Norte()", "400.00", "40.00")
    assert rows[0]["agency_reference"] == "RN-7"
    cells = [cell for row in book.get_sheet_by_index(0).to_python() for cell in row]
    assert 400.0 in cells


def test_the_api_does_what_the_pages_do(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda zone=None: ON)
    client, invoice = Client(), desk.bill("400.00")
    client.force_login(desk.cast.alice)

    def post(path: str, body: dict[str, Any], code: int = 200) -> Any:
        answer = client.post(f"{API}{path}", body, content_type="application/json")
        assert answer.status_code == code, getattr(answer, "content", b"")
        return answer

    body = {"customer": desk.cast.norte.pk, "currency": "EUR", "invoices": [invoice.pk]}
    file = post("", body, 201).json()
    assert (file["law"], file["left"], file["invoices"]) == ("ES", "400.00", [invoice.pk])
    post("", body, 409)
    one = f"{file['id']}/"
    claim = client.get(f"{API}{one}claim/").json()
    assert claim["principal"] == "400.00"
    assert "notify" in claim["acts"]
    assert "court" in claim["missing"]
    notice = {"deadline": str(ON + timedelta(days=9)), "channels": ["email"], "expected": claim["total"]}
    assert post(f"{one}notify/", notice).json()["status"] == "notified"
    assert client.get(f"{API}{one}court-file/").status_code == 409
    post(f"{one}facts/", {"facts": {name: f"{name} 28013" for name in claim["missing"]}})
    assert client.get(f"{API}{one}court-file/")["Content-Type"] == "application/pdf"
    assert client.get(f"{API}{one}interest-sheet/").status_code == 200
    assert post(f"{one}act/", {"act": "hand_over", "agency": "Recobros"}).json()["agency"] == "Recobros"
    rows = [
        {"reference": file["ref"], "status": "collected", "date": str(ON), "amount": "50.00"},
        {"reference": "?", "status": "collected", "date": str(ON)},
        {"reference": file["ref"], "status": "lost", "date": str(ON)},
    ]
    for taken in (1, 0):
        told = post("reports/", {"entity": "ACM", "reports": rows}).json()
        assert (told["taken"], [bad["line"] for bad in told["rejects"]]) == (taken, [2, 3])
    assert post(f"{one}pack/", {})["X-Pack-Root"]
    assert post(f"{one}hand-over/", {})["Content-Type"] == "application/zip"
    _others(desk, client, post, one, rows)
    assert Letter.objects.filter(about_stream="legal_file").count() == 1
    assert Invoice.objects.get(pk=invoice.pk).legal_lines.count() == 1


def _others(desk: Desk, client: Client, post: Any, one: str, rows: list[Any]) -> None:
    """A stranger finds nothing, a collector follows only."""
    client.force_login(desk.cast.mallory)
    for path in ("", "claim/", "court-file/"):
        assert client.get(f"{API}{one}{path}").status_code == 404
    post(f"{one}act/", {"act": "report", "note": "x"}, 404)
    post("reports/", {"entity": "ACM", "reports": rows}, 404)
    client.force_login(desk.cast.carl)
    post(f"{one}act/", {"act": "close", "end": "given_up", "note": "x"}, 403)
    post(f"{one}act/", {"act": "report", "note": "They called"})
