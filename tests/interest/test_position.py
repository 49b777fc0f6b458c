"""What the tables say becomes the rule's facts: payments, disputes and their ends, contracts, and as of which day."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from collections_app.interest import Agreed, Fee, by_customer, interest_for
from collections_app.models import InterestRate, InterestSettings, InterestTerms
from collections_app.schedules import Share
from collections_app.services import instalments
from disputes import services as disputes
from ledger.models import Invoice
from tests.factories import AT, make_invoice, pay
from tests.interest.conftest import DAY_45, DUE, Desk, noon

pytestmark = pytest.mark.django_db
D = Decimal


def test_the_worked_example_with_its_flat_sum(desk: Desk) -> None:
    one = desk.position(desk.bill())
    assert (one.interest, one.fee, one.fee_state, one.claimable) == (
        D("125.14"),
        D("40.00"),
        Fee.DUE,
        D("165.14"),
    )


def test_a_french_entity_charges_two_points_more(desk: Desk) -> None:
    assert desk.position(desk.bill(customer=desk.cast.foreign)).interest == D("149.79")


def test_an_open_dispute_suspends_its_part(desk: Desk) -> None:
    invoice = desk.bill()
    desk.contest(invoice, "4000.00")
    one = desk.position(invoice)
    assert (one.interest, one.explanation.in_dispute, one.fee) == (D("75.08"), D("50.05"), D("40.00"))


def test_a_wholly_disputed_invoice_bears_neither_interest_nor_costs_yet(desk: Desk) -> None:
    invoice = desk.bill()
    desk.contest(invoice, "10000.00")
    one = desk.position(invoice)
    assert (one.claimable, one.suspended, one.fee_state) == (D("0.00"), D("165.14"), Fee.SUSPENDED)


def test_a_rejected_dispute_brings_interest_on_the_whole_from_the_due_day(desk: Desk) -> None:
    invoice = desk.bill()
    desk.close(desk.contest(invoice, "4000.00"), "unjustified", "rejected")
    one = desk.position(invoice)
    assert (one.interest, one.suspended) == (D("125.14"), D("0.00"))
    assert one.explanation.lines[0].first == DUE + timedelta(days=1)


def test_an_accepted_one_removes_it_from_the_credited_part_backwards(desk: Desk) -> None:
    invoice = desk.bill()
    desk.close(desk.contest(invoice, "4000.00"), "justified", "credit")
    assert desk.position(invoice).interest == D("75.08")


def test_of_a_partly_accepted_one_only_the_credited_part(desk: Desk) -> None:
    invoice = desk.bill()
    desk.close(desk.contest(invoice, "4000.00"), "partly", "credit", amount="1000.00")
    (line,) = desk.position(invoice).explanation.lines
    assert line.base == D("9000.00")


def test_a_write_off_of_an_unjustified_claim_lowers_the_base_only_from_its_day(desk: Desk) -> None:
    invoice = desk.bill()
    desk.close(desk.contest(invoice, "4000.00"), "unjustified", "write_off")
    (line,) = desk.position(invoice).explanation.lines
    assert line.base == D("10000.00")


def test_as_of_a_day_before_the_dispute_ended_it_still_suspends(desk: Desk) -> None:
    invoice = desk.bill()
    desk.close(desk.contest(invoice, "4000.00"), "unjustified", "rejected", days=20)
    assert desk.position(invoice, DUE + timedelta(days=19)).explanation.lines[0].base == D("6000.00")
    assert desk.position(invoice, DUE + timedelta(days=20)).explanation.lines[0].base == D("10000.00")


def test_as_of_a_day_later_payments_are_not_known(desk: Desk) -> None:
    invoice = desk.bill()
    pay(invoice, "10000.00", on=DUE + timedelta(days=30))
    assert desk.position(invoice, DUE + timedelta(days=10)).explanation.lines[0].days == 10
    assert desk.position(invoice).explanation.lines[0].days == 30


def test_an_invoice_paid_on_its_due_day_is_not_in_the_list(desk: Desk) -> None:
    pay(desk.bill(), on=DUE)
    assert interest_for(Invoice.objects.all(), DAY_45) == {}


def test_d_paying_the_principal_only_leaves_interest_and_costs_claimable(desk: Desk) -> None:
    """Scenario d of the regressions: the fee does not vanish with the invoice."""
    invoice = desk.bill()
    pay(invoice, on=DAY_45)
    assert desk.position(invoice, DAY_45 + timedelta(days=300)).claimable == D("165.14")


def test_terms_of_the_customer_and_of_the_house(desk: Desk) -> None:
    ours = {"entity": desk.cast.entity, "set_at": AT}
    InterestTerms.objects.create(since=date(2020, 1, 1), basis="rate", value=D(5), **ours)
    InterestTerms.objects.create(customer=desk.cast.sur, since=date(2020, 1, 1), basis="none", **ours)
    found = interest_for(
        Invoice.objects.filter(pk__in=[desk.bill().pk, desk.bill(customer=desk.cast.sur).pk]), DAY_45
    )
    (one,) = found.values()
    assert one.explanation.lines[0].rate == 5


def test_an_imported_rate_goes_before_the_shipped_one(desk: Desk) -> None:
    InterestRate.objects.create(kind="reference", since=date(2026, 1, 1), value=D("3.15"), recorded_at=AT)
    assert desk.position(desk.bill()).explanation.lines[0].rate == D("11.15")


def test_invoices_due_before_the_entity_began_to_charge_bear_nothing(desk: Desk) -> None:
    invoice = desk.bill()
    habits = InterestSettings.objects.create(entity=desk.cast.entity, charge_from=DUE + timedelta(days=1))
    assert interest_for(Invoice.objects.all(), DAY_45) == {}
    habits.charge_from = DUE
    habits.save()
    assert desk.position(invoice).claimable == D("165.14")


def test_the_flat_sum_is_asked_only_in_its_currency(desk: Desk) -> None:
    invoice = make_invoice(desk.cast.norte, "10000.00", issued_on=DUE, due_on=DUE, currency="USD")
    one = desk.position(invoice)
    assert (one.interest, one.fee, one.fee_state) == (D("125.14"), D("0.00"), Fee.NONE)


def test_instalments_are_handed_in(desk: Desk) -> None:
    invoice = desk.bill()
    agreed = {invoice.pk: (Agreed(D("4000.00"), DUE + timedelta(days=60)),)}
    found = interest_for(Invoice.objects.all(), DAY_45, agreed=agreed)
    assert found[invoice.pk].interest == D("75.08")


def test_sums_of_a_customer_are_those_of_the_invoices(desk: Desk) -> None:
    for amount in ("10000.00", "10000.00"):
        desk.bill(amount)
    contested = desk.bill()
    desk.contest(contested, "4000.00")
    (row,) = by_customer(interest_for(Invoice.objects.all(), DAY_45).values())
    assert (row.invoices, row.interest, row.fees, row.total, row.suspended) == (
        3,
        D("325.36"),
        D("120.00"),
        D("445.36"),
        D("50.05"),
    )


def test_it_costs_the_same_queries_for_one_invoice_and_for_many(desk: Desk) -> None:
    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            interest_for(Invoice.objects.filter(entity=desk.cast.entity), DAY_45)
        return len(seen)

    invoice = desk.bill()
    desk.contest(invoice, "10.00")
    pay(invoice, "100.00", on=DUE + timedelta(days=3))
    one = cost()
    for number in range(12):
        more = desk.bill(customer=(desk.cast.norte, desk.cast.sur)[number % 2])
        pay(more, "50.00", on=DUE + timedelta(days=number))
        desk.contest(more, "10.00", days=number + 1)
    assert cost() == one == 9


def test_a_dispute_refused_by_billing_gives_nothing(desk: Desk) -> None:
    invoice = desk.bill()
    dispute = desk.contest(invoice, "400.00")
    desk.close(dispute, "justified", "credit")
    request = dispute.credit_requests.get()
    assert desk.position(invoice).explanation.lines[0].base == D("9600.00")
    disputes.refuse_request(
        request_id=request.pk, by=desk.cast.alice, at=noon(DUE + timedelta(days=30)), note="Not theirs"
    )
    assert desk.position(invoice).explanation.lines[0].base == D("10000.00")


def test_an_agreement_on_instalments_moves_the_days_from_then_on(desk: Desk) -> None:
    invoice = desk.bill()
    agreed_on = DUE + timedelta(days=15)
    plan = instalments.make_plan(
        parts=[(invoice, D("10000.00"))],
        shares=[Share(DUE + timedelta(days=35), D("4000.00")), Share(DUE + timedelta(days=60), D("6000.00"))],
        by=desk.cast.alice,
        on=agreed_on,
        at=noon(agreed_on),
    )
    if plan.status == "waiting":
        instalments.decide_plan(
            plan_id=plan.pk, agree=True, by=desk.cast.adam, on=agreed_on, at=noon(agreed_on)
        )
    instalments.agree_plan(plan_id=plan.pk, by=desk.cast.alice, on=agreed_on, at=noon(agreed_on))
    lines = desk.position(invoice).explanation.lines
    assert [(line.days, line.base) for line in lines] == [(15, D("10000.00")), (10, D("4000.00"))]
