"""What is asked of whom, and why not."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.events import timeline, verify_chain
from collections_app.choices import NoticeStatus, Reason, Why
from collections_app.errors import PromiseError, UnknownPlan
from collections_app.models import Notice, NoticeLine, Plan, Promise, Segment
from collections_app.services import dunning, holds, plans, reviewing
from collections_app.services.day import preview
from ledger.choices import InvoiceKind
from ledger.models import Contact, Customer, Invoice
from mailroom.models import Letter, Template
from mailroom.providers import FileProvider
from tests.collections.conftest import House
from tests.factories import AT, ON, make_customer, make_invoice, pay

DAY = timedelta(days=1)


def why(house: House, invoice: Invoice) -> str:
    """Why the invoice is asked for or left alone on ON."""
    rows = preview(entity=house.cast.entity, on=ON)
    return next((item.why for row in rows for item in row.items if item.number == invoice.number), "")


def test_a_partly_disputed_invoice_is_asked_for_the_rest_and_the_letter_says_so(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.dispute(invoice, "400.00")
    house.dun()
    line = NoticeLine.objects.get()
    assert (line.open, line.disputed, line.asked) == (
        Decimal("1000.00"),
        Decimal("400.00"),
        Decimal("600.00"),
    )
    text = house.texts()[0]
    assert "600,00" in text
    assert "en revisión" in text
    assert house.notice().asked == Decimal("600.00")


def test_a_fully_disputed_invoice_is_never_named_but_its_line_is_kept_with_the_reason(house: House) -> None:
    disputed = make_invoice(house.cast.norte, number="SECRET-1")
    make_invoice(house.cast.norte, "50.00")
    house.dispute(disputed)
    house.dun()
    assert "SECRET-1" not in house.mails()[0].as_string()
    assert NoticeLine.objects.get(invoice=disputed).why == Why.DISPUTED
    assert house.notice().asked == Decimal("50.00")


def test_a_customer_whose_invoices_are_all_disputed_gets_nothing(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.dispute(invoice)
    house.dun()
    assert house.mails() == []
    assert why(house, invoice) == Why.DISPUTED


def test_a_dispute_opened_after_the_letter_was_queued_changes_the_letter(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    assert dunning._claim(house.notice().pk, AT, dunning.Desk()) is not None, "queued, then the worker dies"
    assert "1.000,00" in Letter.objects.get().body_text
    house.dispute(invoice, "300.00")
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    assert "700,00" in house.texts()[0]
    assert "1.000,00" in house.texts()[0], "the open amount stands beside it"
    assert house.notice().asked == Decimal("700.00")


def test_everything_paid_after_the_letter_was_queued_withdraws_it(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    dunning._claim(house.notice().pk, AT, dunning.Desk())
    pay(invoice)
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    notice = house.notice()
    assert (notice.status, notice.reason) == (NoticeStatus.WITHDRAWN, Reason.NOTHING_LEFT)
    assert (notice.letter.status, house.mails()) == ("withdrawn", [])
    assert [event.kind for event in timeline("customer", house.cast.norte.pk)][-1] == "notice.withdrawn"


def test_a_sent_notice_stands_in_the_customers_chained_timeline(house: House) -> None:
    make_invoice(house.cast.norte)
    house.dun()
    last = list(timeline("customer", house.cast.norte.pk))[-1]
    assert (last.kind, last.data["asked"]) == ("notice.sent", "1000.00")
    assert verify_chain("customer", house.cast.norte.pk)


def test_a_promise_pauses_its_part_until_its_day_and_its_breach_resumes(house: House) -> None:
    invoice = make_invoice(house.cast.norte, issued_on=ON - DAY * 40, due_on=ON - DAY * 10)
    house.promise(invoice, "700.00", 10)
    house.dun()
    assert house.notice().asked == Decimal("300.00")
    house.dun(ON + DAY * 11)
    assert Notice.objects.latest("id").asked == Decimal("1000.00")


def test_what_was_paid_since_the_promise_fulfils_it_first(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.promise(invoice, "600.00", 10)
    pay(invoice, "600.00")
    house.dun()
    assert house.notice().asked == Decimal("400.00")
    assert Promise.objects.get().status == "kept"


def test_a_promise_is_broken_only_after_its_day_and_grace(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.promise(invoice, "600.00", 1)
    reviewing.review(entity=house.cast.entity, on=ON + DAY * 4, at=AT)
    assert Promise.objects.get().status == "made"
    reviewing.review(entity=house.cast.entity, on=ON + DAY * 5, at=AT)
    assert Promise.objects.get().status == "broken"


@pytest.mark.parametrize(("amount", "days"), [("0.00", 5), ("1000.01", 5), ("10.00", -1), ("10.00", 400)])
def test_a_promise_that_cannot_be_is_refused_and_nothing_is_written(
    house: House, amount: str, days: int
) -> None:
    invoice = make_invoice(house.cast.norte)
    with pytest.raises(PromiseError):
        house.promise(invoice, amount, days)
    assert not Promise.objects.exists()


def test_a_new_promise_replaces_the_running_one(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.promise(invoice, "600.00", 10)
    house.promise(invoice, "1000.00", 20)
    assert sorted(Promise.objects.values_list("status", flat=True)) == ["made", "replaced"]
    assert why(house, invoice) == Why.PROMISED


def test_holds_on_a_customer_or_an_invoice_are_respected_and_end(house: House) -> None:
    held, free = make_invoice(house.cast.norte), make_invoice(house.cast.norte, "80.00")
    other = make_invoice(house.cast.sur)
    facts = {"by": house.cast.alice, "on": ON, "at": AT}
    holds.set_hold(customer=house.cast.norte, invoice=held, reason="Merger talks", **facts)
    hold = holds.set_hold(customer=house.cast.sur, reason="Flood", until=ON + DAY, **facts)
    assert (why(house, held), why(house, free), why(house, other)) == (Why.HELD, Why.ASKED, Why.HELD)
    holds.lift_hold(hold=hold, by=house.cast.alice, at=AT)
    assert why(house, other) == Why.ASKED


def test_below_the_minimum_nothing_goes_and_the_reason_is_shown(house: House) -> None:
    make_invoice(house.cast.norte, "4.99")
    rows = preview(entity=house.cast.entity, on=ON)
    assert [(row.outcome, row.why) for row in rows] == [("skip", Reason.BELOW_MINIMUM)]
    house.dun()
    assert not Notice.objects.exists()


def test_a_segment_without_a_plan_is_left_to_a_person(house: House) -> None:
    Segment.objects.filter(entity=house.cast.entity, code="standard").update(plan=None)
    invoice = make_invoice(house.cast.norte)
    assert why(house, invoice) == Why.NO_PLAN


def test_strategic_customers_never_get_the_formal_notice(house: House) -> None:
    Customer.objects.filter(pk=house.cast.norte.pk).update(segment="strategic")
    make_invoice(house.cast.norte, issued_on=ON - DAY * 200, due_on=ON - DAY * 170)
    house.dun()
    assert house.notice().step.kind == "dunning.friendly"


def test_one_plan_only_leaves_the_customers_of_other_plans_alone(house: House) -> None:
    make_invoice(house.cast.norte)
    assert preview(entity=house.cast.entity, on=ON, plan="gentle") == []
    with pytest.raises(UnknownPlan, match="nothing"):
        dunning.decide(entity=house.cast.entity, on=ON, at=AT, plan="nothing")


def test_each_currency_has_its_own_message(house: House) -> None:
    make_invoice(house.cast.norte)
    make_invoice(house.cast.norte, "200.00", currency="GBP")
    house.dun()
    assert sorted(Notice.objects.values_list("currency", "asked")) == [
        ("EUR", Decimal("1000.00")),
        ("GBP", Decimal("200.00")),
    ]
    assert any("200,00 GBP" in text.replace("\xa0", " ") for text in house.texts())


def test_a_message_of_the_day_in_one_currency_does_not_stop_another_one_decided_later(house: House) -> None:
    make_invoice(house.cast.norte)
    first = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    make_invoice(house.cast.norte, "90.00", currency="USD")
    make_invoice(house.cast.norte, "10.00")
    second = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    assert (first.decided, second.decided) == (1, 1)
    stored = Notice.objects.order_by("pk").values_list("currency", "decided_amount")
    assert list(stored) == [("EUR", Decimal("1000.00")), ("USD", Decimal("90.00"))]


def test_credit_notes_and_other_entities_are_not_asked_for(house: House) -> None:
    make_invoice(house.cast.norte, kind=InvoiceKind.CREDIT_NOTE)
    make_invoice(house.cast.foreign)
    house.dun()
    assert not Notice.objects.exists()


@pytest.mark.parametrize(("language", "words"), [("es", "Estimado"), ("fr", "Bonjour"), ("en", "Dear")])
def test_the_letter_is_in_the_language_of_the_contact(house: House, language: str, words: str) -> None:
    Contact.objects.filter(customer=house.cast.norte).update(language=language)
    make_invoice(house.cast.norte, issued_on=ON - DAY * 40, due_on=ON - DAY * 2)
    house.dun()
    assert words in house.texts()[0]
    assert house.mails()[0]["Content-Language"] == language


def test_a_new_version_of_a_plan_asks_no_step_twice(house: House) -> None:
    make_invoice(house.cast.norte, issued_on=ON - DAY * 40, due_on=ON - DAY * 2)
    house.dun()
    plan = Plan.objects.get(entity=house.cast.entity, code="standard")
    steps = [plans.StepInput(days=1, kind="dunning.friendly"), plans.StepInput(days=20, kind="dunning.firm")]
    plans.publish_version(plan=plan, steps=steps, by=house.cast.alice, at=AT)
    house.dun(ON + DAY * 6)
    assert len(house.mails()) == 1
    house.dun(ON + DAY * 18)
    assert len(house.mails()) == 2


def test_deciding_takes_the_same_number_of_queries_for_one_customer_as_for_twenty(house: House) -> None:
    def count() -> int:
        with transaction.atomic(), CaptureQueriesContext(connection) as queries:
            dunning.decide(entity=house.cast.entity, on=ON, at=AT)
            preview(entity=house.cast.entity, on=ON)
            transaction.set_rollback(True)
        return len(queries)

    make_invoice(house.cast.norte)
    few = count()
    for number in range(20):
        make_invoice(make_customer(house.cast.entity, f"X-{number:03d}", f"Cliente {number}"))
    assert count() == few


def test_one_text_that_cannot_be_used_fails_its_notice_and_the_others_are_sent(house: House) -> None:
    facts = {
        "kind": "dunning.formal",
        "language": "fr",
        "subject": "{{ nobody }}",
        "body": "x",
        "changed_at": AT,
    }
    Template.objects.create(entity=house.cast.entity, **facts)
    Contact.objects.filter(customer=house.cast.norte).update(language="fr")
    make_invoice(house.cast.norte)
    make_invoice(house.cast.sur)
    house.dun()
    failed = Notice.objects.get(customer=house.cast.norte)
    assert (failed.status, failed.reason) == (NoticeStatus.FAILED, Reason.NOT_WRITTEN)
    assert Notice.objects.get(customer=house.cast.sur).status == NoticeStatus.SENT


def test_each_letter_of_a_batch_takes_the_same_few_queries(house: House) -> None:
    for number in range(4):
        make_invoice(make_customer(house.cast.entity, f"X-{number:03d}", f"Cliente {number}"))
    ids = dunning.waiting(run=dunning.decide(entity=house.cast.entity, on=ON, at=AT))
    desk, counts = dunning.Desk(FileProvider(house.mail_dir)), []
    for pk in ids:
        with CaptureQueriesContext(connection) as queries:
            dunning.send_notice(notice_id=pk, at=AT, desk=desk)
        counts.append(len(queries))
    assert len(house.mails()) == 4
    assert counts[1:] == [counts[1]] * 3
    assert counts[1] <= 26
