"""Two partner companies in one dispute: what is for one of them does not exist for the other, whatever the door."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts import services as people
from accounts.models import Department, Event, User
from disputes import services
from disputes.errors import FieldErrors, IllegalAct
from disputes.evidence.sides import read_key
from disputes.finding import search
from disputes.models import Dispute, Evidence
from disputes.selectors import disputes_for, evidence_for, timeline
from tests.disputes import papers
from tests.factories import AT, Cast

HTMX = {"HX-Request": "true"}
LOOK = ("one", "file", "preview")


def of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def company(user: User) -> int:
    found = user.memberships.get().department_id
    assert found
    return found


@pytest.fixture
def photo(dispute: Dispute, catalogue: Cast, partner: User) -> Evidence:
    """A picture for the carrier alone."""
    return services.add_evidence(
        dispute=dispute,
        file=papers.png(),
        name="zanahoria.png",
        by=catalogue.alice,
        at=AT,
        side="partner",
        party=company(partner),
    )


def addresses(one: Evidence) -> list[str]:
    pages = [reverse(f"disputes:evidence_{name}", args=[one.dispute_id, one.pk]) for name in LOOK]
    api = [reverse(f"evidence-{name}", args=[one.pk]) for name in ("detail", "content", "preview")]
    return [*pages, *api]


def told(user: User, one: Evidence) -> set[str]:
    """Every door that lists or tells, by name, where the file comes out."""
    client, pk = of(user), one.dispute_id
    texts = {
        "card": client.get(reverse("disputes:detail", args=[pk])).content,
        "list": client.get(reverse("disputes:evidence", args=[pk])).content,
        "api": client.get(reverse("evidence-list"), {"sha256": one.sha256}).content,
        "events": client.get(reverse("dispute-events", args=[pk])).content,
        "timeline": str([event.data for event in timeline(one.dispute, user)]).encode(),
        "phone": client.get(f"/m/?dispute={pk}").content,
    }
    found = {name for name, text in texts.items() if one.name.encode() in text}
    found |= {"queries"} if evidence_for(user).filter(pk=one.pk).exists() else set()
    return found | ({"search"} if disputes_for(user).filter(search(user, one.name)).exists() else set())


EVERY = {"card", "list", "api", "events", "timeline", "queries", "search"}


def test_a_file_for_one_company_does_not_exist_for_another(
    photo: Evidence, catalogue: Cast, partner: User, lara: User
) -> None:
    for url in addresses(photo):
        statuses = {user.name: of(user).get(url).status_code for user in (catalogue.alice, partner, lara)}
        assert statuses == {"Alice": 200, "Paula": 200, "Lara": 404}, url
    for user, doors in ((catalogue.alice, EVERY), (partner, EVERY), (lara, set[str]())):
        assert told(user, photo) == doors, user.name


def test_a_file_for_all_partners_is_for_both_and_stays_so(
    photo: Evidence, catalogue: Cast, partner: User, lara: User
) -> None:
    services.share_evidence(evidence=photo, side="partner", by=catalogue.alice, at=AT)
    assert [told(user, photo) for user in (partner, lara)] == [EVERY, EVERY]
    services.share_evidence(evidence=photo, side="partner", party=company(lara), by=catalogue.alice, at=AT)
    assert {of(partner).get(url).status_code for url in addresses(photo)} == {404}
    assert told(lara, photo) == EVERY
    assert "before" not in Event.objects.filter(kind="evidence.shared").latest("pk").data
    services.share_evidence(evidence=photo, side="internal", by=catalogue.alice, at=AT)
    assert {of(lara).get(url).status_code for url in addresses(photo)} == {404}


def test_what_a_guest_adds_is_for_their_company_and_known_to_no_other(
    dispute: Dispute, partner: User, lara: User
) -> None:
    upload = reverse("disputes:evidence", args=[dispute.pk])
    for user in (partner, lara):
        file = SimpleUploadedFile("tomate.png", papers.png())
        said = of(user).post(
            upload, {"file": file, "side": "customer"}, headers={"Accept": "application/json"}
        )
        assert said.json()["files"][0]["words"] == "Added.", "that another has it is not told"
    hers, other = Evidence.objects.order_by("pk")
    assert [one.party_id for one in (hers, other)] == [company(partner), company(lara)]
    assert list(evidence_for(partner)) == [hers]
    assert list(evidence_for(lara)) == [other]


def test_who_sees_it_is_chosen_by_company(
    photo: Evidence, catalogue: Cast, partner: User, lara: User
) -> None:
    client, args = of(catalogue.alice), [photo.dispute_id, photo.pk]
    share = reverse("disputes:evidence_share", args=args)
    sheet = client.get(share, headers=HTMX).content.decode()
    for words in ("Your team and Paula", "Your team and Labs", "Your team and all partners"):
        assert words in sheet
    assert client.post(share, {"side": f"partner:{company(lara)}"}, headers=HTMX).status_code == 200
    photo.refresh_from_db()
    assert (photo.side, photo.party_id) == ("partner", company(lara))
    page = client.get(reverse("disputes:evidence_one", args=args)).content.decode()
    assert "Your team and Labs" in page
    for nonsense in ("partner:x", "partner:", "partner:999999", f"internal:{company(lara)}", ""):
        assert client.post(share, {"side": nonsense}, headers=HTMX).status_code == 422, nonsense
    add = {"file": SimpleUploadedFile("new.txt", papers.TEXT), "side": f"partner:{company(lara)}"}
    client.post(reverse("disputes:evidence", args=args[:1]), add)
    assert Evidence.objects.latest("pk").party_id == company(lara)


def test_programs_choose_it_by_number(photo: Evidence, catalogue: Cast, lara: User) -> None:
    client, url = of(catalogue.alice), reverse("evidence-share", args=[photo.pk])

    def post(**body: Any) -> int:
        return client.post(url, json.dumps(body), "application/json").status_code

    assert post(side="partner", party=company(lara)) == 200
    listed = client.get(reverse("evidence-list"), {"party": company(lara)}).json()["results"]
    assert [(one["id"], one["party"]) for one in listed] == [(photo.pk, company(lara))]
    elsewhere = people.add_department(entity=catalogue.other, code="x", name="X", outside=True)
    for wrong in (catalogue.logistics.pk, elsewhere.pk, 999_999):
        assert post(side="partner", party=wrong) == 422
    assert post(side="customer", party=company(lara)) == 422
    photo.refresh_from_db()
    assert (photo.side, photo.party_id) == ("partner", company(lara))
    assert post(side="partner") == 200
    photo.refresh_from_db()
    assert photo.party_id is None


def test_a_pack_says_for_which_company_a_file_is(photo: Evidence, catalogue: Cast, partner: User) -> None:
    made = services.make_pack(dispute=photo.dispute, by=catalogue.alice, at=AT)
    with zipfile.ZipFile(BytesIO(made.file.read())) as archive:
        entries = json.loads(archive.read("index.json"))["entries"]
    [entry] = [one for one in entries if one["kind"] == "evidence"]
    assert (entry["side"], entry["party"]) == ("partner", "Paula")


def test_the_database_refuses_what_makes_no_sense(photo: Evidence, catalogue: Cast, lara: User) -> None:
    elsewhere = people.add_department(entity=catalogue.other, code="x", name="X", outside=True)
    rows = Evidence.objects.filter(pk=photo.pk)

    def refused(guard: str, **fields: object) -> None:
        with pytest.raises(IntegrityError, match=guard), transaction.atomic():
            rows.update(**fields)

    refused("evidence_company_is_a_partner", side="internal")
    for wrong in (elsewhere, catalogue.logistics):
        refused("evidence_company_is_of_the_entity", party=wrong)
    with pytest.raises(FieldErrors):
        services.share_evidence(evidence=photo, side="partner", party=elsewhere.pk, by=catalogue.alice, at=AT)
    mine = services.add_evidence(dispute=photo.dispute, file=papers.png(), name="b.png", by=lara, at=AT)
    with pytest.raises(IllegalAct):
        services.share_evidence(
            evidence=photo, side="partner", party=mine.party_id, by=catalogue.alice, at=AT
        )
    refused("evidence_unique_per_dispute", party=Department.objects.get(pk=company(lara)))


def test_a_word_that_makes_no_sense_is_no_side() -> None:
    assert read_key("partner:7") == ("partner", 7)
    assert read_key("customer") == ("customer", None)
    for nonsense in ("partner:", "partner:x", "partner:-1", "partner:7:8"):
        assert read_key(nonsense) == (nonsense, None)
