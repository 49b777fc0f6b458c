"""What one person gives up of one matter counts together, however many disputes it is split into."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.test import Client

from accounts.choices import Role
from disputes import services
from disputes.models import Approval, Dispute, Offer
from disputes.services import Part
from lib import clock
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.factories import AT, ON, PASSWORD, Cast, make_invoice, make_person

HOUR = timedelta(hours=1)


@pytest.fixture
def halves(catalogue: Cast) -> tuple[Dispute, Dispute]:
    """A dispute of 800 that was split in two of 400: each half is below Alice's limit of 500."""
    make_person("Berta", catalogue.entity, Role.CREDIT_MANAGER)
    whole = open_one(catalogue, amount="800.00", invoice=make_invoice(catalogue.norte, "20000.00"))
    part = Part(whole.lines.get().pk, Decimal("400.00"))
    new = services.split_dispute(dispute=whole, lines=[part], by=catalogue.alice, at=AT)
    whole.refresh_from_db()
    return whole, new


def credit(
    dispute: Dispute, cast: Cast, who: str = "alice", days: int = 0, resolution: str = "credit"
) -> Dispute:
    return services.close_dispute(
        dispute=dispute,
        verdict="justified",
        resolution=resolution,
        by=getattr(cast, who),
        at=AT + timedelta(days=days, hours=1),
    )


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("resolution", ["credit", "write_off"])
def test_the_second_half_of_a_split_dispute_needs_a_yes(
    halves: tuple[Dispute, Dispute], catalogue: Cast, first: int, resolution: str
) -> None:
    assert credit(halves[first], catalogue, resolution=resolution).status == "solved"
    second = credit(halves[1 - first], catalogue)
    assert second.status == "to_approve"
    approval = Approval.objects.get()
    assert (approval.amount, approval.weighed) == (Decimal("400.00"), Decimal("800.00"))
    settle_constraints()


def test_parts_of_parts_belong_to_the_matter(halves: tuple[Dispute, Dispute], catalogue: Cast) -> None:
    whole, new = halves
    part = Part(new.lines.get().pk, Decimal("200.00"))
    third = services.split_dispute(dispute=new, lines=[part], by=catalogue.alice, at=AT)
    assert credit(third, catalogue).status == "solved"
    assert credit(whole, catalogue).status == "to_approve"


def test_several_disputes_about_one_invoice_count_together(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte, "20000.00")
    disputes = [open_one(catalogue, amount="300.00", invoice=invoice) for _ in range(2)]
    assert [credit(one, catalogue).status for one in disputes] == ["solved", "to_approve"]


def test_what_waits_and_what_is_offered_counts_and_the_offer_may_still_be_accepted(
    halves: tuple[Dispute, Dispute], catalogue: Cast
) -> None:
    whole, new = halves
    offer = services.make_offer(
        dispute=new, amount=Decimal("400"), valid_until=ON + timedelta(9), by=catalogue.alice, at=AT
    )
    assert credit(whole, catalogue).status == "to_approve"
    services.accept_offer(offer_id=offer.pk, by=catalogue.sam, at=AT + 2 * HOUR)
    assert Offer.objects.get().state == "accepted"
    third = open_one(catalogue, amount="90.00", invoice=whole.lines.first().invoice)
    asked = credit(third, catalogue)
    assert (asked.status, asked.approvals.get().weighed) == ("to_approve", Decimal("890.00"))


@pytest.mark.parametrize(
    "case", ["another person", "after 31 days", "another invoice", "rejected", "new invoice"]
)
def test_what_is_not_the_same_persons_of_the_same_matter_lately_does_not_count(
    halves: tuple[Dispute, Dispute], catalogue: Cast, case: str
) -> None:
    whole, new = halves
    resolution = {"rejected": "rejected", "new invoice": "rebill"}.get(case, "credit")
    credit(whole, catalogue, resolution=resolution)
    if case == "another invoice":
        new = open_one(catalogue, amount="400.00", invoice=make_invoice(catalogue.norte, "20000.00"))
    days = 31 if case == "after 31 days" else 0
    who = "adam" if case == "another person" else "alice"
    assert credit(new, catalogue, who, days=days).status == "solved"


@pytest.mark.django_db(transaction=True)
def test_both_halves_closed_at_once_are_counted_one_after_the_other(
    halves: tuple[Dispute, Dispute], catalogue: Cast
) -> None:
    """Without the lock of the person neither sees the other: nobody waits, and both close."""
    results = both("accounts_user", catalogue.alice.pk, *[lambda d=d: credit(d, catalogue) for d in halves])
    assert sorted(one.status for one in results) == ["solved", "to_approve"]


def test_the_page_says_what_counts_before_and_what_was_weighed_after(
    halves: tuple[Dispute, Dispute], catalogue: Cast
) -> None:
    whole, new = halves
    client = Client()
    assert client.login(username=catalogue.alice.email, password=PASSWORD)
    url = f"/disputes/{new.pk}/close/"
    assert "of the same matter" not in client.get(url).content.decode()
    services.close_dispute(
        dispute=whole, verdict="justified", resolution="credit", by=catalogue.alice, at=clock.now()
    )
    assert "You gave up €400.00 of the same matter" in client.get(url).content.decode()
    client.post(url, {"verdict": "justified", "resolution": "credit"})
    page = client.get(f"/disputes/{new.pk}/").content.decode()
    assert "Weighed as" in page
    assert "800.00" in page
