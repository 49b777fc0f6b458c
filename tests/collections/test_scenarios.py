"""The mistakes of other systems, by the letters of their list: each must not happen here."""

from datetime import timedelta
from decimal import Decimal

from collections_app.choices import NoticeStatus, Reason, Why
from collections_app.models import Notice, NoticeLine
from collections_app.services import dunning
from disputes import services as disputes
from ledger import services as ledger
from ledger.models import Contact, Invoice
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay

DAY = timedelta(days=1)


def due(house: House, days_late: int, amount: str = "1000.00") -> Invoice:
    """An invoice to Norte that is so many days late on ON."""
    return make_invoice(
        house.cast.norte,
        amount,
        issued_on=ON - timedelta(days=days_late + 30),
        due_on=ON - timedelta(days=days_late),
    )


def test_a_create_process_create_process_on_one_day_climbs_one_level_at_most(house: House) -> None:
    due(house, 16)
    house.dun()
    house.dun()
    assert Notice.objects.count() == 1
    assert house.notice().step.days == 15


def test_b_run_twice_with_nothing_changed_makes_no_row_and_no_mail(house: House) -> None:
    due(house, 2)
    house.dun()
    again = house.dun()
    assert again.decided == 0
    assert (Notice.objects.count(), NoticeLine.objects.count(), Letter.objects.count()) == (1, 1, 1)
    assert len(house.mails()) == 1


def test_c_one_of_five_paid_between_decision_and_sending_is_not_in_the_mail(house: House) -> None:
    invoices = [due(house, 2, f"{n}00.00") for n in range(1, 6)]
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    pay(invoices[2])
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    notice = house.notice()
    assert (notice.decided_amount, notice.asked) == (Decimal("1500.00"), Decimal("1200.00"))
    assert invoices[2].number not in house.texts()[0]
    assert "1.200,00" in house.texts()[0]
    assert notice.lines.get(invoice=invoices[2]).why == Why.PAID


def test_e_oldest_paid_then_the_level_follows_the_next_oldest(house: House) -> None:
    oldest, next_oldest = due(house, 31), due(house, 16)
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    assert house.notice().step.days == 30
    pay(oldest)
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    assert house.notice().step.days == 15
    assert NoticeLine.objects.get(counts=True).invoice == next_oldest


def test_f_one_disputed_then_the_others_are_reminded_and_after_it_the_next_regular_level(
    house: House,
) -> None:
    disputed, other = due(house, 14), due(house, 14, "70.00")
    house.dun(ON)
    dispute = house.dispute(disputed)
    house.dun(ON + DAY * 5)
    assert disputed.number not in house.texts()[1]
    assert other.number in house.texts()[1]
    assert "70,00" in house.texts()[1]
    disputes.withdraw_dispute(dispute=dispute, by=house.cast.alice, at=AT + DAY * 6)
    house.dun(ON + DAY * 7)
    assert len(house.mails()) == 2, "the missed second reminder is not made up for"
    house.dun(ON + DAY * 16)
    line = NoticeLine.objects.filter(invoice=disputed, counts=True).latest("id")
    assert (line.step_days, line.asked) == (30, Decimal("1000.00"))


def test_f_when_no_regular_level_is_left_the_lowest_unsent_one_follows_after_a_cool_down(
    house: House,
) -> None:
    invoice = due(house, 1)
    house.dun(ON)
    dispute = house.dispute(invoice)
    closed = ON + DAY * 40
    disputes.withdraw_dispute(dispute=dispute, by=house.cast.alice, at=AT + DAY * 40)
    house.dun(closed + DAY)
    assert len(house.mails()) == 1, "not the day after the dispute ended"
    house.dun(closed + DAY * 5)
    assert NoticeLine.objects.filter(counts=True).latest("id").step_days == 15


def test_g_no_usable_address_fails_with_a_sentence_and_the_others_are_sent(house: House) -> None:
    due(house, 2)
    Contact.objects.filter(customer=house.cast.norte).update(email="")
    make_invoice(house.cast.sur, issued_on=ON - DAY * 60, due_on=ON - DAY * 2)
    house.dun()
    failed = Notice.objects.get(customer=house.cast.norte)
    assert (failed.status, failed.reason) == (NoticeStatus.FAILED, Reason.NO_ADDRESS)
    assert Notice.objects.get(customer=house.cast.sur).status == NoticeStatus.SENT
    assert len(house.mails()) == 1


def test_g_an_address_mended_later_gets_the_reminder_the_same_day(house: House) -> None:
    due(house, 2)
    contact = Contact.objects.get(customer=house.cast.norte)
    Contact.objects.filter(pk=contact.pk).update(email="nobody")
    house.dun()
    ledger.record_contact(customer=house.cast.norte, name="Ana", email="ana@norte.example")
    house.dun()
    assert house.mails()[0]["To"].addresses[0].addr_spec == "ana@norte.example"


def test_h_server_down_on_the_due_day_is_caught_up_once_at_the_latest_step(house: House) -> None:
    due(house, 0)
    for days in (17, 17, 18):
        house.dun(ON + DAY * days)
    line = NoticeLine.objects.get(counts=True)
    assert (line.step_days, line.skipped_days) == (15, [-5, 1])
    assert len(house.mails()) == 1


def test_h_a_worker_dead_for_days_sends_one_message_and_says_why_the_old_one_did_not_go(house: House) -> None:
    due(house, 0)
    dunning.decide(entity=house.cast.entity, on=ON + DAY, at=AT + DAY)
    house.dun(ON + DAY * 17)
    old, new = Notice.objects.order_by("on")
    assert (old.status, old.reason) == (NoticeStatus.WITHDRAWN, Reason.SUPERSEDED)
    assert (new.status, new.step.days) == (NoticeStatus.SENT, 15)
    assert len(house.mails()) == 1


def test_i_due_thirty_days_ago_is_at_the_thirty_day_step_and_the_day_before_is_not(house: House) -> None:
    due(house, 30)
    make_invoice(house.cast.sur, issued_on=ON - DAY * 60, due_on=ON - DAY * 29)
    house.dun()
    assert Notice.objects.get(customer=house.cast.norte).step.days == 30
    assert Notice.objects.get(customer=house.cast.sur).step.days == 15


def test_j_first_mail_of_an_invoice_today_then_no_reminder_tomorrow(house: House) -> None:
    make_invoice(house.cast.norte, issued_on=ON, due_on=ON)
    house.dun(ON + DAY)
    assert house.mails() == []
    house.dun(ON + DAY * 5)
    assert NoticeLine.objects.get(counts=True).step_days == 1


def test_j_a_late_courtesy_note_puts_the_reminder_off(house: House) -> None:
    make_invoice(house.cast.norte, issued_on=ON - DAY * 30, due_on=ON + DAY)
    house.dun(ON)
    house.dun(ON + DAY * 2)
    assert len(house.mails()) == 1
    house.dun(ON + DAY * 5)
    assert [line.step_days for line in NoticeLine.objects.filter(counts=True).order_by("id")] == [-5, 1]
