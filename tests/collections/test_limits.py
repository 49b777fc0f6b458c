"""What keeps a message of the day back: caps, closed days, hours, money on account, old bank data, a person's look."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from threading import Thread
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.events import Event
from accounts.models import LegalEntity
from collections_app.choices import Door
from collections_app.models import Notice, Plan
from collections_app.services import dunning, plans, releasing
from collections_app.services.day import preview
from collections_app.services.plans import Rules, StepInput
from collections_app.services.windows import next_opening
from ledger import services as ledger
from ledger.models import BankStatement, Customer
from tests.collections.conftest import House
from tests.factories import AT, ON, Cast, make_cast, make_invoice, pay

DAY = timedelta(days=1)


def publish(entity: LegalEntity, *days: int, **rules: Any) -> None:
    plan = Plan.objects.get(entity=entity, code="standard")
    steps = [StepInput(days=day, kind="dunning.friendly") for day in days]
    plans.publish_version(plan=plan, steps=steps, rules=Rules(**rules), by=None, at=AT)


def late(customer: Customer, days: int = 20, amount: str = "300.00", **more: Any) -> Any:
    due_on = ON - timedelta(days=days)
    return make_invoice(customer, amount, issued_on=due_on - timedelta(days=60), due_on=due_on, **more)


def on_account(customer: Customer, amount: str) -> None:
    """Money that came and was not placed on an invoice."""
    ledger.record_payment(
        customer=customer,
        received_on=ON,
        amount=Decimal(amount),
        currency="EUR",
        identity=f"ON-ACCOUNT-{amount}",
        at=AT,
    )


def reasons(house: House, on: Any = ON) -> dict[str, str]:
    return {row.customer.name: row.why.value for row in preview(entity=house.cast.entity, on=on)}


# --- caps and days --------------------------------------------------------------------------------


def test_a_cap_counts_the_messages_of_its_days_and_then_lets_go(house: House) -> None:
    publish(house.cast.entity, 1, 8, 15, 22, gap_days=1, cap_messages=2, cap_days=20)
    late(house.cast.norte, days=1)
    for day in range(0, 29, 7):
        house.dun(ON + DAY * day)
    sent = Notice.objects.filter(status="sent").order_by("on").values_list("on", flat=True)
    assert [(on - ON).days for on in sent] == [0, 7, 21]
    publish(house.cast.entity, 1, 8, 15, 22, 35, gap_days=1, cap_messages=2, cap_days=30)
    assert reasons(house, ON + DAY * 50) == {house.cast.norte.name: ""}
    assert reasons(house, ON + DAY * 36) == {house.cast.norte.name: "capped"}


def test_nothing_goes_on_a_day_on_which_the_customers_country_rests(house: House) -> None:
    publish(house.cast.entity, 1, working_days=True)
    late(house.cast.norte)
    late(house.cast.sur)
    Customer.objects.filter(pk=house.cast.sur.pk).update(country="FR")
    saturday, bastille = date(2026, 7, 11), date(2026, 7, 14)
    assert set(reasons(house, saturday).values()) == {"closed"}
    assert reasons(house, bastille) == {house.cast.norte.name: "", house.cast.sur.name: "closed"}
    house.dun(bastille)
    house.dun(bastille + DAY)
    assert [(n.customer.name, n.on) for n in Notice.objects.order_by("on")] == [
        (house.cast.norte.name, bastille),
        (house.cast.sur.name, bastille + DAY),
    ]


# --- hours ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        ("2026-03-16T07:59", "2026-03-16T09:00"),
        ("2026-03-16T09:00", "2026-03-16T09:00"),
        ("2026-03-16T16:59", "2026-03-16T16:59"),
        ("2026-03-16T17:00", "2026-03-17T09:00"),
        # The clocks go forward in the night to the 29th.
        ("2026-03-28T23:30", "2026-03-29T09:00"),
    ],
)
def test_the_hours_are_those_of_the_wall(at: str, opens: str) -> None:
    zone = ZoneInfo("Europe/Madrid")
    moment = datetime.fromisoformat(at).replace(tzinfo=zone)
    assert next_opening(moment, 9, 17, zone) == datetime.fromisoformat(opens).replace(tzinfo=zone)


def test_what_the_daily_run_decided_waits_for_the_customers_hours(house: House) -> None:
    entity = house.cast.entity
    publish(entity, 1, hour_from=9, hour_until=17)
    late(house.cast.norte)
    late(house.cast.sur)
    Customer.objects.filter(pk=house.cast.sur.pk).update(country="MX")
    morning = datetime(2026, 3, 16, 9, 30, tzinfo=UTC)
    run = dunning.decide(entity=entity, on=ON, at=morning, door=Door.BEAT)
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=morning)
    mexican = Notice.objects.get(customer=house.cast.sur)
    assert Notice.objects.get(customer=house.cast.norte).status == "sent"
    assert (mexican.status, mexican.not_before) == ("decided", datetime(2026, 3, 16, 15, tzinfo=UTC))
    assert dunning.sweep(at=morning + timedelta(hours=2)) == []
    afternoon = morning + timedelta(hours=6)
    assert dunning.sweep(at=afternoon) == [mexican.pk]
    dunning.send_batch(notice_ids=[mexican.pk], at=afternoon)
    mexican.refresh_from_db()
    assert mexican.status == "sent"


def test_a_person_who_sends_means_now(house: House) -> None:
    publish(house.cast.entity, 1, hour_from=9, hour_until=10)
    late(house.cast.norte)
    house.dun(ON, AT.replace(hour=22))
    assert house.notice().status == "sent"


# --- money that is there --------------------------------------------------------------------------


def test_money_on_account_that_covers_it_keeps_the_message_back(house: House) -> None:
    invoice = late(house.cast.norte, amount="300.00")
    other = late(house.cast.norte, amount="50.00")
    on_account(house.cast.norte, "299.99")
    pay(other, "50.00", on=ON)
    house.dun()
    assert (house.notice().asked, house.notice().on_account) == (invoice.amount, Decimal("299.99"))
    on_account(house.cast.norte, "0.01")
    assert reasons(house, ON + DAY * 30) == {house.cast.norte.name: "covered"}


def test_money_that_comes_before_the_letter_leaves_takes_it_back(house: House) -> None:
    late(house.cast.norte, amount="300.00")
    run = dunning.decide(entity=house.cast.entity, on=ON, at=AT)
    on_account(house.cast.norte, "300.00")
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    notice = house.notice()
    assert (notice.status, notice.reason, notice.on_account) == ("withdrawn", "covered", Decimal("300.00"))
    assert house.mails() == []


def test_old_bank_data_keep_everything_back_and_none_at_all_do_not(house: House) -> None:
    publish(house.cast.entity, 1, bank_days=3)
    late(house.cast.norte)
    assert set(reasons(house).values()) == {""}
    statement = BankStatement.objects.create(
        entity=house.cast.entity,
        format="csv",
        account="ES00",
        identity="x",
        currency="EUR",
        closed_on=ON - DAY * 4,
        credits=0,
        debits=0,
        entries=0,
        status="booked",
        recorded_at=AT,
    )
    assert set(reasons(house).values()) == {"bank_stale"}
    BankStatement.objects.filter(pk=statement.pk).update(closed_on=ON - DAY * 3)
    house.dun()
    assert house.notice().bank_on == ON - DAY * 3


# --- a person looks first -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "held"),
    [
        ({"release": "always"}, {"300.00", "40.00"}),
        ({"release": "above", "release_above": Decimal("300.00")}, {"300.00"}),
        ({"release": "above", "release_above": Decimal("300.01")}, set()),
        ({"release": "sample", "release_percent": 100}, {"300.00", "40.00"}),
        ({"release": "automatic"}, set()),
    ],
)
def test_whom_a_person_looks_at(house: House, rules: dict[str, Any], held: set[str]) -> None:
    publish(house.cast.entity, 1, **rules)
    late(house.cast.norte, amount="300.00")
    late(house.cast.sur, amount="40.00")
    house.dun()
    waiting = Notice.objects.filter(status="to_approve").values_list("asked", flat=True)
    assert {str(asked) for asked in waiting} == held
    assert len(house.mails()) == 2 - len(held)


def test_a_sample_is_about_its_share_and_the_same_however_often_it_is_drawn(house: House) -> None:
    version = Plan.objects.get(entity=house.cast.entity, code="standard").versions.get(current=True)
    version.release, version.release_percent = "sample", 30
    drawn = releasing.looked_at(version, ON)
    assert drawn == releasing.looked_at(version, ON)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FILTER (WHERE {drawn}) FROM generate_series(1, 10000) customer_id")
        assert 2700 < cursor.fetchone()[0] < 3300
        other = releasing.looked_at(version, ON + DAY)
        differ = f"count(*) FILTER (WHERE ({drawn}) <> ({other}))"
        cursor.execute(f"SELECT {differ} FROM generate_series(1, 10000) customer_id")
        assert cursor.fetchone()[0] > 1000


def test_released_goes_refused_rests_and_neither_is_done_twice(house: House) -> None:
    cast = house.cast
    publish(cast.entity, 1, 15, release="always")
    late(cast.norte, days=10)
    late(cast.sur, days=10)
    house.dun()
    yes, no = Notice.objects.get(customer=cast.norte), Notice.objects.get(customer=cast.sur)
    assert releasing.release(notice_ids=[yes.pk], by=cast.alice, at=AT) == [yes.pk]
    assert releasing.refuse(notice_ids=[no.pk, yes.pk], by=cast.alice, at=AT) == [no.pk]
    assert releasing.release(notice_ids=[yes.pk, no.pk], by=cast.alice, at=AT) == []
    dunning.send_batch(notice_ids=[yes.pk, no.pk], at=AT)
    yes.refresh_from_db()
    no.refresh_from_db()
    assert (yes.status, no.status, no.reason) == ("sent", "withdrawn", "refused")
    assert len(house.mails()) == 1
    assert reasons(house)[cast.sur.name] == "refused"
    kinds = set(Event.objects.filter(stream="customer").values_list("kind", flat=True))
    assert {"notice.released", "notice.refused", "notice.sent"} <= kinds
    house.dun(ON + DAY)
    assert Notice.objects.filter(status="to_approve").get().customer == cast.sur


def test_what_nobody_released_gives_way_to_the_next_day(house: House) -> None:
    publish(house.cast.entity, 1, release="always")
    late(house.cast.norte)
    house.dun()
    house.dun(ON + DAY)
    assert [(n.status, n.reason) for n in Notice.objects.order_by("on")] == [
        ("withdrawn", "superseded"),
        ("to_approve", ""),
    ]
    assert house.mails() == []


def test_the_database_lets_nothing_go_that_nobody_released(house: House) -> None:
    publish(house.cast.entity, 1, release="always")
    late(house.cast.norte)
    house.dun()
    for change in ({"status": "decided"}, {"status": "sending"}, {"status": "sent"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Notice.objects.update(**change)
    dunning.send_batch(notice_ids=[house.notice().pk], at=AT)
    assert house.notice().status == "to_approve"


@pytest.mark.django_db(transaction=True)
def test_a_yes_and_a_no_at_once_are_one_of_them(transactional_db: None) -> None:
    """Without the row lock of `releasing._locked` both find it waiting, and the second fails at the guard."""
    cast: Cast = make_cast()
    plans.install(cast.entity, at=AT)
    publish(cast.entity, 1, release="always")
    late(cast.norte)
    run = dunning.decide(entity=cast.entity, on=ON, at=AT)
    assert run.decided == 1
    notice = Notice.objects.get()
    done: list[str] = []
    with transaction.atomic():
        assert releasing.release(notice_ids=[notice.pk], by=cast.alice, at=AT)
        thread = Thread(target=_refuse, args=(notice.pk, cast, done))
        thread.start()
        thread.join(0.5)
        assert thread.is_alive(), "the no waits for the yes"
    thread.join(10)
    notice.refresh_from_db()
    assert (done, notice.status) == (["0"], "decided")


def _refuse(notice_id: int, cast: Cast, done: list[str]) -> None:
    try:
        done.append(str(len(releasing.refuse(notice_ids=[notice_id], by=cast.alice, at=AT))))
    except Exception as error:
        done.append(repr(error))
    finally:
        connection.close()
