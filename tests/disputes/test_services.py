"""What the services do, and what they refuse."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from accounts import events
from accounts import services as people
from accounts.models import Event, User
from disputes import services
from disputes.choices import Status
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, Question, Reason
from disputes.selectors import disputes_for
from ledger import services as ledger
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast, make_customer, make_invoice, make_person, pay

HOUR = timedelta(hours=1)


def kinds(dispute: Dispute) -> list[str]:
    return list(events.timeline("dispute", dispute.pk).values_list("kind", flat=True))


def reason(cast: Cast, code: str) -> Reason:
    return Reason.objects.get(entity=cast.entity, code=code)


def test_opening_puts_the_dispute_at_the_start_of_its_route(dispute: Dispute, catalogue: Cast) -> None:
    assert (dispute.ref, dispute.status, dispute.stage.code) == ("D-000001", Status.OPEN, "to_triage")
    assert (dispute.amount, dispute.currency) == (Decimal("300.00"), "EUR")
    assert dispute.coordinator == dispute.holder_user == catalogue.alice
    assert (dispute.opened_on, dispute.due_at) == (ON, AT + 4 * HOUR)
    assert kinds(dispute) == ["dispute.opened"]
    assert events.verify_chain("dispute", dispute.pk)


def test_a_dispute_may_cover_parts_of_several_invoices(catalogue: Cast) -> None:
    first, second = make_invoice(catalogue.norte), make_invoice(catalogue.norte, "500.00")
    dispute = services.open_dispute(
        customer=catalogue.norte,
        lines=[
            services.LineInput(first.pk, Decimal("100")),
            services.LineInput(first.pk, Decimal("50.5")),
            services.LineInput(second.pk, Decimal("500.00")),
        ],
        reason=reason(catalogue, "delivery"),
        by=catalogue.sam,
        at=AT,
    )
    assert dispute.amount == Decimal("650.50")
    assert dispute.coordinator == catalogue.alice


@pytest.mark.parametrize("amount", ["0", "-1", "1000.01", "0.001"])
def test_an_amount_outside_what_is_open_is_refused_at_its_line(catalogue: Cast, amount: str) -> None:
    with pytest.raises(FieldErrors) as refusal:
        open_one(catalogue, amount=amount)
    assert set(refusal.value.fields) == {"lines.0.amount"}
    assert not Dispute.objects.exists()


def test_what_is_disputed_or_paid_already_cannot_be_disputed_again(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "500.00")
    open_one(catalogue, invoice=invoice, amount="300.00")
    with pytest.raises(FieldErrors):
        open_one(catalogue, invoice=invoice, amount="200.01")
    assert open_one(catalogue, invoice=invoice, amount="200.00").amount == Decimal("200.00")


def test_invoices_of_another_customer_or_currency_are_refused(catalogue: Cast) -> None:
    mine, other = make_invoice(catalogue.norte), make_invoice(catalogue.sur)
    dollars = make_invoice(catalogue.norte, currency="USD")
    for stray in (other, dollars):
        with pytest.raises(FieldErrors) as refusal:
            services.open_dispute(
                customer=catalogue.norte,
                lines=[services.LineInput(mine.pk, Decimal(1)), services.LineInput(stray.pk, Decimal(1))],
                reason=reason(catalogue, "price"),
                by=catalogue.alice,
                at=AT,
            )
        assert set(refusal.value.fields) == {"lines.1.invoice"}


@pytest.mark.parametrize("who", ["eva", "fin", "mallory"])
def test_a_role_that_may_not_open_disputes_is_refused(catalogue: Cast, who: str) -> None:
    with pytest.raises(RoleMayNot):
        open_one(catalogue, by=getattr(catalogue, who))


def test_without_anybody_in_credit_the_opener_coordinates(catalogue: Cast) -> None:
    services.catalogue.install(catalogue.other)
    customer = make_customer(catalogue.other, "F-2", "Deux", country="FR")
    seller = make_person("Solo", catalogue.other, "sales")  # type: ignore[arg-type]
    catalogue.mallory.is_active = False
    catalogue.mallory.save()
    invoice = make_invoice(customer)
    dispute = services.open_dispute(
        customer=customer,
        lines=[services.LineInput(invoice.pk, Decimal(10))],
        reason=Reason.objects.get(entity=catalogue.other, code="price"),
        by=seller,
        at=AT,
    )
    assert dispute.coordinator == dispute.holder_user == seller


def test_a_move_changes_stage_holder_deadline_and_asks(
    question: Question, dispute: Dispute, catalogue: Cast
) -> None:
    dispute.refresh_from_db()
    assert (dispute.stage.code, dispute.status, dispute.holder_user) == (
        "ask_sales",
        "in_progress",
        catalogue.sam,
    )
    assert (question.asked_of, question.fallback, question.text) == (
        catalogue.sam,
        catalogue.alice,
        "Which price did you agree?",
    )
    assert question.due_at == AT + 4 * HOUR
    assert [option["value"] for option in question.options] == ["invoice", "customer", "other"]
    assert kinds(dispute) == ["dispute.opened", "dispute.moved", "question.asked"]


def test_a_closing_move_demands_its_fields(question: Question, dispute: Dispute, catalogue: Cast) -> None:
    services.answer_question(question_id=question.pk, value="customer", by=catalogue.sam, at=AT + HOUR)
    dispute.refresh_from_db()
    with pytest.raises(FieldErrors) as refusal:
        services.make_move(
            dispute=dispute,
            move_code="credit_sent",
            by=catalogue.bill,
            at=AT,
            fields={"credit_amount": "300,01"},
        )
    assert set(refusal.value.fields) == {"credit_amount", "credit_note_number"}
    fields = {"credit_amount": "250,00", "credit_note_number": "CN-7", "root_cause": "price"}
    services.make_move(
        dispute=dispute, move_code="credit_sent", by=catalogue.bill, at=AT + 2 * HOUR, fields=fields
    )
    dispute.refresh_from_db()
    assert (dispute.status, dispute.closed_on, dispute.amount) == ("solved", ON, Decimal("300.00"))
    assert (dispute.outcome.verdict, dispute.outcome.resolution, dispute.outcome.amount) == (
        "justified",
        "credit",
        Decimal("250.00"),
    )
    assert dispute.root_cause == reason(catalogue, "price")
    assert dispute.facts["credit_note_number"] == "CN-7"
    assert not dispute.lines.filter(closed_on=None).exists()


@pytest.mark.parametrize("who", ["sam", "eva", "fin", "mallory"])
def test_a_role_the_move_does_not_name_is_refused_and_nothing_changes(
    dispute: Dispute, catalogue: Cast, who: str
) -> None:
    with pytest.raises(RoleMayNot):
        services.make_move(dispute=dispute, move_code="ask_sales", by=getattr(catalogue, who), at=AT)
    dispute.refresh_from_db()
    assert dispute.stage.code == "to_triage"
    assert kinds(dispute) == ["dispute.opened"]


def test_a_move_the_stage_does_not_have_or_seen_too_late_is_refused(
    dispute: Dispute, catalogue: Cast
) -> None:
    with pytest.raises(IllegalAct, match="triage"):
        services.make_move(dispute=dispute, move_code="credit_sent", by=catalogue.alice, at=AT)
    services.make_move(dispute=dispute, move_code="ask_customer", by=catalogue.alice, at=AT)
    with pytest.raises(IllegalAct, match="Waiting for customer"):
        services.make_move(dispute=dispute, move_code="ask_sales", by=catalogue.carl, at=AT)


def test_the_clock_stops_while_the_customer_has_it(dispute: Dispute, catalogue: Cast) -> None:
    dispute = services.make_move(dispute=dispute, move_code="ask_customer", by=catalogue.alice, at=AT)
    assert (dispute.holder_side, dispute.holder_user, dispute.due_at) == ("customer", None, None)


def test_a_clock_a_little_behind_does_not_break_the_stays(dispute: Dispute, catalogue: Cast) -> None:
    services.make_move(dispute=dispute, move_code="ask_customer", by=catalogue.alice, at=AT - HOUR)
    settle_constraints()
    assert [stay.started_at for stay in dispute.stays.all()] == [AT, AT]


def test_assigning_gives_it_to_one_person_or_department(dispute: Dispute, catalogue: Cast) -> None:
    services.assign(dispute=dispute, user=catalogue.eva, by=catalogue.alice, at=AT + HOUR)
    dispute.refresh_from_db()
    assert dispute.holder_user == catalogue.eva
    services.assign(dispute=dispute, department=catalogue.logistics, by=catalogue.carl, at=AT + 2 * HOUR)
    dispute.refresh_from_db()
    dispute = Dispute.objects.get(pk=dispute.pk)
    assert dispute.holder_department == catalogue.logistics
    assert dispute.holder_user_id is None
    assert dispute.stays.count() == 3
    foreign = people.add_department(entity=catalogue.other, code="foreign", name="Foreign")
    for wrong in ({}, {"user": catalogue.mallory}, {"user": catalogue.fin}, {"department": foreign}):
        with pytest.raises(FieldErrors):
            services.assign(dispute=dispute, by=catalogue.alice, at=AT, **wrong)  # type: ignore[arg-type]


def test_another_reason_starts_the_dispute_on_its_route(dispute: Dispute, catalogue: Cast) -> None:
    dispute = services.classify(
        dispute=dispute, reason=reason(catalogue, "quality"), by=catalogue.alice, at=AT
    )
    assert (dispute.route_version.route.code, dispute.stage.code) == ("quality", "to_triage")
    assert kinds(dispute) == ["dispute.opened", "dispute.classified", "dispute.moved"]


def test_the_catalogue_is_installed_once_and_is_sound(catalogue: Cast) -> None:
    assert services.catalogue.install(catalogue.entity) == []
    assert [r.code for r in Reason.objects.filter(entity=catalogue.entity)] == [
        "price", "delivery", "quantity", "quality", "invoice_data", "duplicate", "already_paid", "to_classify",
    ]  # fmt: skip
    for entry in services.catalogue.reasons():
        assert services.check_route(entry["route"], entity=catalogue.entity, people=False) == []
        for labelled in (entry, entry["route"], *entry["route"]["stages"]):
            assert set(labelled["labels"]) == {"es", "fr", "en"}


def test_changing_lines_closes_the_old_ones_and_tells_the_difference(
    dispute: Dispute, catalogue: Cast
) -> None:
    line = dispute.lines.get()
    lines = [services.LineInput(line.invoice_id, Decimal("450.00"))]
    dispute = services.change_lines(dispute=dispute, lines=lines, by=catalogue.alice, at=AT + 24 * HOUR)
    assert dispute.amount == Decimal("450.00")
    assert dispute.lines.filter(closed_on=date(2026, 3, 17)).get() == line
    with pytest.raises(FieldErrors):
        services.change_lines(dispute=dispute, lines=[], by=catalogue.alice, at=AT)


def test_paying_every_invoice_closes_the_dispute_by_itself(
    catalogue: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    with django_capture_on_commit_callbacks(execute=True):
        pay(invoice, "400.00")
    dispute.refresh_from_db()
    assert dispute.is_open
    with django_capture_on_commit_callbacks(execute=True):
        pay(invoice)
    dispute.refresh_from_db()
    assert (dispute.status, dispute.outcome.resolution, dispute.outcome.decided_by) == (
        "solved",
        "paid",
        None,
    )
    assert not services.settle_if_paid(dispute_id=dispute.pk, at=AT)


def test_a_credit_note_closes_it_as_justified(
    catalogue: Cast, django_capture_on_commit_callbacks: Any
) -> None:
    invoice = make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=invoice)
    with django_capture_on_commit_callbacks(execute=True):
        ledger.allocate(invoice=invoice, amount=Decimal("300.00"), on=ON, at=AT, kind="adjustment")
        pay(invoice, "700.00")
    dispute.refresh_from_db()
    assert (dispute.outcome.verdict, dispute.outcome.resolution, dispute.outcome.amount) == (
        "justified",
        "credit",
        Decimal("300.00"),
    )


def test_reopening_takes_up_what_is_still_open(dispute: Dispute, catalogue: Cast, at: datetime) -> None:
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT + HOUR, note="No claim")
    pay(dispute.lines.get().invoice, "900.00")
    dispute = services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=AT + 48 * HOUR)
    assert (dispute.is_open, dispute.amount, dispute.stage.code) == (True, Decimal("100.00"), "to_triage")
    assert [(s.status, s.holder_side) for s in dispute.stays.order_by("seq")] == [
        ("open", "ours"), ("withdrawn", "system"), ("open", "ours"),
    ]  # fmt: skip
    with pytest.raises(IllegalAct):
        services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=AT + 49 * HOUR)


def test_nothing_is_reopened_when_all_is_paid(dispute: Dispute, catalogue: Cast) -> None:
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    pay(dispute.lines.get().invoice)
    with pytest.raises(IllegalAct, match="Nothing is open"):
        services.reopen_dispute(dispute=dispute, by=catalogue.alice, at=AT)


def test_the_chain_of_events_reveals_a_changed_row(
    dispute: Dispute, catalogue: Cast, question: Question
) -> None:
    assert events.verify_chain("dispute", dispute.pk)
    assert Event.objects.filter(stream="dispute", object_id=dispute.pk).count() == 3


def test_calling_somebody_in_lets_them_see_it(dispute: Dispute, catalogue: Cast) -> None:
    eva = User.objects.get(pk=catalogue.eva.pk)
    assert not disputes_for(eva).exists()
    services.involve(dispute=dispute, user=eva, by=catalogue.alice, at=AT)
    services.involve(dispute=dispute, user=eva, by=catalogue.alice, at=AT)
    assert disputes_for(eva).get() == dispute
    assert kinds(dispute).count("dispute.joined") == 1
