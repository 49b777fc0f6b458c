"""After a dispute ends the customer is told the outcome before anything of it is asked for again."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from rest_framework.test import APIClient

from accounts.models import User
from collections_app.after_dispute import Ending, foresee
from collections_app.choices import Why
from collections_app.models import Notice
from disputes import services as disputes
from disputes.errors import IllegalAct
from disputes.models import Dispute, Route
from lib import clock
from mailroom.models import Letter
from mailroom.services import deliver
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice

HOUR = timedelta(hours=1)


def ended(house: House, resolution: str = "credit", **more: Any) -> Dispute:
    """A dispute about 400 of 1 000, 20 days late, that ended before the day's run; its route writes letters."""
    Route.objects.update(writes_to_customers=True)
    due_on = ON - timedelta(days=20)
    invoice = make_invoice(house.cast.norte, "1000.00", issued_on=due_on - timedelta(days=30), due_on=due_on)
    dispute = house.dispute(invoice, "400.00", at=AT - HOUR * 30)
    verdict = "unjustified" if resolution in ("rejected", "withdrawn") else "partly"
    at = AT - HOUR * 2
    return disputes.close_dispute(
        dispute=dispute, verdict=verdict, resolution=resolution, by=house.cast.alice, at=at, **more
    )


def why(house: House, on: Any = ON) -> str:
    """Why the invoice is asked for or not when the day is run."""
    house.dun(on)
    line = Notice.objects.filter(on=on).first()
    if line is not None:
        return line.lines.get().why
    return str(house.day(on)[0].why)


def test_the_letter_goes_by_itself_and_nothing_is_asked_before_it_is_sent(house: House) -> None:
    dispute = ended(house, amount=Decimal(100))
    letter = dispute.outcome.letter
    assert letter is not None
    assert (letter.kind, letter.status) == ("dispute.outcome", "queued")
    assert "100,00" in letter.body_text
    assert "300,00" in letter.body_text
    assert why(house) == Why.UNTOLD
    assert Notice.objects.count() == 0
    deliver(letter_id=letter.pk, at=AT)
    assert why(house, ON + timedelta(days=1)) == Why.AFTER_DISPUTE


@pytest.mark.parametrize(
    ("resolution", "more", "after"),
    [
        ("withdrawn", {}, Why.AFTER_DISPUTE),
        ("paid", {}, Why.AFTER_DISPUTE),
        ("rejected", {"told": True}, Why.AFTER_DISPUTE),
        ("rejected", {}, Why.UNTOLD),
    ],
)
def test_what_needs_no_telling_is_asked_on_and_a_rejection_waits_for_a_person(
    house: House, resolution: str, more: dict[str, Any], after: str
) -> None:
    ended(house, resolution, **more)
    assert why(house) == after
    assert not Letter.objects.exclude(kind="dispute.received").exists()


def test_a_letter_that_announced_the_credit_note_has_told_it(house: House) -> None:
    due_on = ON - timedelta(days=20)
    invoice = make_invoice(house.cast.norte, "1000.00", issued_on=due_on - timedelta(days=30), due_on=due_on)
    dispute = house.dispute(invoice, "400.00", at=AT - HOUR * 30)
    Letter.objects.create(
        entity=house.cast.entity, key=f"dispute:{dispute.pk}:1:dispute.credit_announced:customer",
        kind="dispute.credit_announced", to_address="a@b.example", language="es", subject="A", body_text="A",
        message_id="1@b", status="sent", sent_at=AT - HOUR * 5, next_try_at=AT, created_at=AT - HOUR * 6,
        about_stream="dispute", about_id=dispute.pk, from_address="c@d.example",
    )  # fmt: skip
    closing: dict[str, Any] = {"by": house.cast.alice, "at": AT - HOUR * 2}
    done = disputes.close_dispute(dispute=dispute, verdict="justified", resolution="credit", **closing)
    assert done.outcome.letter is not None
    assert Letter.objects.exclude(kind="dispute.received").count() == 1
    assert why(house) == Why.AFTER_DISPUTE


def test_what_is_to_be_told_has_a_view_of_its_own(house: House, client: Client) -> None:
    dispute = ended(house, "rejected")
    client.force_login(house.cast.alice)
    queue, day = reverse("disputes:list"), reverse("collections_app:notices")

    def shown() -> list[int]:
        page: Any = client.get(queue, {"view": "to_tell"})
        return [row.pk for row in page.context["page"].rows]

    assert shown() == [dispute.pk]
    assert f"{queue}?view=to_tell" in client.get(day, {"on": ON.isoformat()}).content.decode()
    api_rows = api(house.cast.alice).get("/api/v1/dispute-queue/", {"view": "to_tell"}).json()
    assert [row["id"] for row in api_rows["results"]] == [dispute.pk]
    disputes.tell_otherwise(dispute=dispute, how="otherwise", by=house.cast.alice, at=AT)
    assert shown() == []
    assert "view=to_tell" not in client.get(day, {"on": ON.isoformat()}).content.decode()
    client.force_login(house.cast.mallory)
    ended(house, "rejected")
    assert shown() == []


def test_reopening_takes_a_waiting_letter_back(house: House) -> None:
    dispute = ended(house)
    disputes.reopen_dispute(dispute=dispute, by=house.cast.alice, at=AT - HOUR)
    assert Letter.objects.get(kind="dispute.outcome").status == "withdrawn"


def api(user: User) -> APIClient:
    made = APIClient(headers={"Accept-Language": "en"})
    made.force_login(user)
    return made


def test_over_the_api_it_is_told_by_letter_or_otherwise(house: House) -> None:
    dispute = ended(house, "rejected")
    path, alice = f"/api/v1/disputes/{dispute.pk}", api(house.cast.alice)
    assert api(house.cast.mallory).get(f"{path}/outcome-letter/").status_code == 404
    assert api(house.cast.sam).post(f"{path}/outcome-told/", {"how": "otherwise"}).status_code in (403, 404)
    draft = alice.get(f"{path}/outcome-letter/").data
    assert draft["to"]
    told = alice.post(f"{path}/outcome-told/", {"how": "otherwise"})
    assert (told.data["outcome"]["telling"], told.data["outcome"]["untold"]) == ("otherwise", False)
    words = {name: draft[name] for name in ("to", "subject", "body")}
    assert alice.post(f"{path}/outcome-letter/", words).status_code == 200
    again = alice.post(f"{path}/outcome-letter/", words)
    assert again.status_code == 409
    assert Letter.objects.exclude(kind="dispute.received").count() == 1
    with pytest.raises(IllegalAct):
        disputes.tell_otherwise(dispute=dispute, how="unneeded", by=house.cast.alice, at=clock.now())


def test_closing_shows_what_comes_next_and_the_day_comes_so(house: House) -> None:
    dispute = ended(house, "withdrawn")
    invoice = dispute.lines.get().invoice
    disputes.reopen_dispute(dispute=dispute, by=house.cast.alice, at=AT - HOUR)
    dispute.refresh_from_db()
    found = foresee(dispute, Ending("credit", Decimal(100)), ON)
    (one,) = found.invoices
    assert (found.letter, one.number, one.given) == ("today", invoice.number, Decimal("100.00"))
    assert (one.on, one.amount) == (ON + timedelta(days=10), Decimal("900.00"))
    assert foresee(dispute, Ending("rejected"), ON).letter == "person"
    assert foresee(dispute, Ending("credit", waits=True), ON).invoices == []
    disputes.withdraw_dispute(dispute=dispute, by=house.cast.alice, at=AT)
    for days in range(1, 11):
        house.dun(ON + timedelta(days=days))
    assert one.step is not None
    assert (Notice.objects.get().on, Notice.objects.get().step) == (one.on, one.step)


def test_the_slot_and_the_api_tell_it_and_strangers_nothing(house: House, client: Client) -> None:
    invoice = make_invoice(house.cast.norte, "1000.00", due_on=clock.today() - timedelta(days=20))
    dispute = house.dispute(invoice, "400.00", at=clock.now())
    url = reverse("collections_app:after_dispute", args=[dispute.pk])
    client.force_login(house.cast.alice)
    asked = {"resolution": "credit", "credit_amount": "100"}
    page = client.get(url, asked).content.decode()
    assert invoice.number in page
    assert "900" in page
    assert client.get(reverse("disputes:close", args=[dispute.pk])).content.decode().count(url) == 1
    assert client.get(url, {"resolution": "x"}).content == b""
    path = f"/api/v1/after-dispute/{dispute.pk}/"
    told = api(house.cast.alice).get(path, {"resolution": "credit", "amount": "100"}).data
    assert told["invoices"][0]["amount"] == "900.00"
    client.force_login(house.cast.mallory)
    assert client.get(url, asked).status_code == 404
    assert api(house.cast.mallory).get(path, {"resolution": "credit"}).status_code == 404
