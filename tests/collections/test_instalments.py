"""Agreements on instalments: exact sums, approval, the customer's yes, reminders that follow, and a broken word."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from accounts.choices import Role
from accounts.events import Event
from chat.models import Notification
from chat.reach.hearing import word_broken
from collections_app.agreed import agreed_parts
from collections_app.errors import PromiseError
from collections_app.models import Instalment, InstalmentInvoice, InstalmentPlan, Promise
from collections_app.schedules import MONTH, WEEK, Share, equal, placed, standing
from collections_app.services import agreement, instalments, limits, promises, reviewing
from collections_app.services.limits import Limit
from collections_app.services.promises import Said
from ledger.models import Invoice
from lib import clock
from lib.errors import NotAllowed
from lib.money import ZERO
from mailroom.models import Letter
from tests.collections.conftest import House
from tests.factories import AT, ON, make_invoice, pay

DAY = timedelta(days=1)
cents = st.integers(min_value=60, max_value=10**9).map(lambda n: Decimal(n) / 100)


@given(
    cents, st.integers(1, 60), st.dates(date(2020, 1, 1), date(2030, 12, 31)), st.sampled_from([WEEK, MONTH])
)
def test_equal_instalments_add_up_to_the_cent_on_days_that_rise(
    total: Decimal, count: int, first: date, every: str
) -> None:
    shares = equal(total, count, first, every)
    assert sum(share.amount for share in shares) == total
    assert len({share.amount for share in shares[:-1]}) <= 1
    assert abs(shares[-1].amount - shares[0].amount) < Decimal("0.01") * count
    days = [share.due_on for share in shares]
    assert days == sorted(set(days))
    assert days[0] == first


@given(st.lists(cents, min_size=1, max_size=12), st.lists(cents, min_size=1, max_size=6), st.integers(0, 120))
def test_instalments_are_placed_on_invoices_to_the_cent_and_stand_as_a_whole(
    amounts: list[Decimal], sizes: list[Decimal], percent: int
) -> None:
    total = sum(amounts, ZERO)
    invoices = [(n, size) for n, size in enumerate(sizes, start=1) if size]
    invoices[-1] = (invoices[-1][0], total)
    while sum((size for _n, size in invoices), ZERO) > total and len(invoices) > 1:
        invoices.pop(0)
    shares = [Share(ON + DAY * n, amount) for n, amount in enumerate(amounts)]
    rows = placed(shares, invoices)
    assert sum((row[2] for row in rows), ZERO) == total
    paid = (total * percent / 100).quantize(Decimal("0.01"))
    for day in (ON, ON + DAY * len(amounts), ON + DAY * (len(amounts) // 2)):
        now = standing(shares, paid, day)
        due = sum((share.amount for share in shares if share.due_on < day), ZERO)
        assert now.short == max(due - min(paid, total), ZERO)
        assert now.paid + now.left == total
        assert (now.next_on is None) == (now.left == 0)


def test_a_month_without_that_day_has_its_last_one_and_the_next_month_has_it_again() -> None:
    days = [share.due_on for share in equal(Decimal("100"), 4, date(2026, 1, 31), MONTH)]
    assert days == [date(2026, 1, 31), date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 30)]


def shares(*pairs: tuple[int, str]) -> list[Share]:
    return [Share(ON + DAY * days, Decimal(amount)) for days, amount in pairs]


def made(house: House, *rows: Share, invoices: list[Invoice] | None = None, by: Any = None) -> InstalmentPlan:
    chosen = invoices or [make_invoice(house.cast.norte)]
    return instalments.make_plan(
        parts=[(one, one.amount) for one in chosen],
        shares=list(rows) or shares((10, "500.00"), (40, "500.00")),
        by=by or house.cast.carl,
        on=ON,
        at=AT,
    )


def running(house: House, *rows: Share, invoices: list[Invoice] | None = None) -> InstalmentPlan:
    plan = made(house, *rows, invoices=invoices)
    return instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT)


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (shares((10, "500.00"), (40, "499.99")), "instalments_sum"),
        (shares((40, "500.00"), (10, "500.00")), "instalments_days"),
        (shares((10, "500.00"), (10, "500.00")), "instalments_days"),
        (shares((-1, "500.00"), (10, "500.00")), "instalments_days"),
        (shares((1, "1000.00"), (10, "0.00")), "instalments_amount"),
    ],
)
def test_what_does_not_add_up_or_has_odd_days_is_refused(house: House, rows: list[Share], code: str) -> None:
    with pytest.raises(PromiseError) as refused:
        made(house, *rows)
    assert refused.value.code == code
    assert not InstalmentPlan.objects.exists()


def test_only_what_is_due_of_it_is_asked_for_and_the_letter_follows_the_instalment(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.dun()
    assert house.notice().asked == Decimal("1000.00")
    running(house, *shares((10, "300.00"), (40, "700.00")), invoices=[invoice])
    house.dun(ON + DAY * 10)
    assert len(house.mails()) == 1
    house.dun(ON + DAY * 11)
    notice = house.cast.norte.notices.latest("pk")
    line = notice.lines.get()
    assert (line.asked, line.promised, line.days_late) == (Decimal("300.00"), Decimal("700.00"), 1)
    assert line.due_on == ON + DAY * 10
    assert (line.step_days, notice.status) == (1, "sent")
    assert "€300.00" in house.texts()[-1].replace("\xa0", " ") or "300,00" in house.texts()[-1]


def test_a_paid_instalment_is_not_asked_for_and_the_next_one_starts_at_the_first_step(house: House) -> None:
    limits.set_rules(
        entity=house.cast.entity, grace_days=3, whole_comes_back=False, limits={}, by=house.cast.alice, at=AT
    )
    invoice = make_invoice(house.cast.norte)
    running(house, *shares((10, "300.00"), (40, "700.00")), invoices=[invoice])
    for day in (11, 25):
        house.dun(ON + DAY * day)
    pay(invoice, "300.00", on=ON + DAY * 26)
    house.dun(ON + DAY * 30)
    house.dun(ON + DAY * 41)
    lines = [(line.step_days, line.due_on - ON, line.asked) for line in _lines(invoice)]
    assert lines == [
        (1, DAY * 10, Decimal("300.00")),
        (15, DAY * 10, Decimal("300.00")),
        (1, DAY * 40, Decimal("700.00")),
    ]


def _lines(invoice: Invoice) -> Any:
    return invoice.notice_lines.filter(counts=True).order_by("on")


def test_payment_for_another_invoice_of_the_agreement_counts_as_well(house: House) -> None:
    old = make_invoice(house.cast.norte, "400.00", issued_on=ON - DAY * 90)
    new = make_invoice(house.cast.norte, "600.00")
    running(house, *shares((10, "400.00"), (40, "600.00")), invoices=[old, new])
    pay(new, "400.00", on=ON + DAY * 5)
    house.dun(ON + DAY * 11)
    assert house.mails() == []


def test_what_no_instalment_covers_is_late_by_the_invoices_own_date(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    plan = instalments.make_plan(
        parts=[(invoice, Decimal("600.00"))],
        shares=shares((10, "600.00")),
        by=house.cast.carl,
        on=ON,
        at=AT,
    )
    instalments.agree_plan(plan_id=plan.pk, by=house.cast.carl, on=ON, at=AT)
    house.dun()
    line = house.notice().lines.get()
    assert (line.asked, line.due_on) == (Decimal("400.00"), invoice.due_on)


@pytest.mark.parametrize("whole", [True, False])
def test_a_missed_instalment_is_told_and_may_bring_back_the_whole(house: House, whole: bool) -> None:
    limits.set_rules(
        entity=house.cast.entity, grace_days=2, whole_comes_back=whole, limits={}, by=house.cast.alice, at=AT
    )
    plan = running(house)
    reviewing.review(entity=house.cast.entity, on=ON + DAY * 12, at=AT)
    assert not Event.objects.filter(kind="instalment.missed").exists()
    for _twice in range(2):
        reviewing.review(entity=house.cast.entity, on=ON + DAY * 13, at=AT + DAY * 13)
    plan.refresh_from_db()
    assert plan.status == ("broken" if whole else "running")
    event = Event.objects.get(kind="instalment.missed")
    word_broken(event)
    assert {row.user for row in Notification.objects.all()} == {house.cast.carl}
    house.dun(ON + DAY * 14)
    assert house.notice().asked == Decimal("1000.00" if whole else "500.00")


def test_paid_in_full_it_is_fulfilled_and_its_invoices_are_free(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    plan = running(house, invoices=[invoice])
    pay(invoice)
    reviewing.review(entity=house.cast.entity, on=ON + DAY, at=AT)
    plan.refresh_from_db()
    assert (plan.status, plan.invoices.get().live) == ("fulfilled", False)


def test_nothing_waits_for_a_yes_for_ever(house: House) -> None:
    plan = made(house)
    reviewing.review(entity=house.cast.entity, on=ON + DAY * 11, at=AT)
    plan.refresh_from_db()
    assert (plan.status, plan.reason) == ("cancelled", "Nobody agreed before the first instalment.")


def test_beyond_the_limit_somebody_else_approves_first(house: House) -> None:
    limits.set_rules(
        entity=house.cast.entity,
        grace_days=3,
        whole_comes_back=True,
        limits={Role.COLLECTOR: Limit(30, None)},
        by=house.cast.alice,
        at=AT,
    )
    plan = made(house)
    assert plan.status == "waiting"
    facts: dict[str, Any] = {"plan_id": plan.pk, "on": ON, "at": AT}
    with pytest.raises(PromiseError):
        instalments.agree_plan(by=house.cast.carl, **facts)
    with pytest.raises(NotAllowed):
        instalments.decide_plan(agree=True, by=house.cast.carl, **facts)
    instalments.decide_plan(agree=True, by=house.cast.alice, **facts)
    assert instalments.agree_plan(by=house.cast.carl, **facts).status == "running"


def test_it_replaces_promises_and_no_promise_is_made_beside_it(house: House) -> None:
    invoice = make_invoice(house.cast.norte)
    house.promise(invoice, "100.00", 3)
    running(house, invoices=[invoice])
    assert Promise.objects.get().status == "replaced"
    with pytest.raises(PromiseError, match="already paid in instalments"):
        house.promise(invoice, "100.00", 3)
    with pytest.raises(PromiseError, match="already paid in instalments"):
        made(house, invoices=[invoice])


def test_cancelled_it_says_why_and_everything_is_asked_for_again(house: House) -> None:
    plan = running(house)
    facts: dict[str, Any] = {"plan_id": plan.pk, "by": house.cast.alice, "on": ON, "at": AT}
    with pytest.raises(PromiseError, match="Say why"):
        instalments.cancel_plan(**facts, reason="")
    instalments.cancel_plan(**facts, reason="They pay at once")
    house.dun()
    assert house.notice().asked == Decimal("1000.00")


def test_the_parts_agreed_on_a_day_have_their_days(house: House) -> None:
    old = make_invoice(house.cast.norte, "400.00", issued_on=ON - DAY * 90)
    new = make_invoice(house.cast.norte, "600.00")
    plan = running(house, *shares((10, "500.00"), (40, "500.00")), invoices=[old, new])
    rows = [(part.invoice_id, part.due_on - ON, part.amount) for part in agreed_parts([old.pk, new.pk], ON)]
    assert rows == [
        (old.pk, DAY * 10, Decimal("400.00")),
        (new.pk, DAY * 10, Decimal("100.00")),
        (new.pk, DAY * 40, Decimal("500.00")),
    ]
    assert [part.invoice_id for part in agreed_parts([old.pk], ON)] == [old.pk]
    assert agreed_parts([old.pk], ON - DAY) == []
    instalments.cancel_plan(plan_id=plan.pk, by=house.cast.alice, on=ON + DAY * 5, at=AT, reason="x")
    assert agreed_parts([old.pk], ON + DAY * 5) == []
    assert len(agreed_parts([old.pk], ON + DAY * 4)) == 1


@pytest.mark.parametrize(
    ("language", "words"), [("es", "plazos"), ("fr", "échéances"), ("en", "instalments")]
)
def test_the_confirmation_is_written_in_the_contacts_language_and_goes_once(
    house: House, language: str, words: str
) -> None:
    house.cast.norte.contacts.update(language=language)
    plan = running(house)
    letter = agreement.mail_agreement(plan_id=plan.pk, at=AT)
    assert words in letter.subject
    assert letter.to_address == "payables@c-001.example"
    assert "500" in letter.body_text
    with pytest.raises(PromiseError, match="already sent"):
        agreement.mail_agreement(plan_id=plan.pk, at=AT)
    assert Letter.objects.filter(kind="instalments.agreed").count() == 1


def refused(name: str, act: Any) -> None:
    def both() -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            act()
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")

    with pytest.raises(IntegrityError, match=name):
        both()


def test_the_database_keeps_sums_days_and_states(house: House) -> None:
    plan = running(house)
    more = {"number": 3, "due_on": ON + DAY * 90, "amount": Decimal("1.00"), "upto": Decimal("1001.00")}
    refused("instalments_add_up", lambda: Instalment.objects.create(plan=plan, **more))
    refused("instalment_stays_as_agreed", lambda: plan.instalments.update(amount=Decimal("1.00")))
    refused("instalment_stays_as_agreed", lambda: plan.instalments.all().delete())
    refused("instalment_stays_as_agreed", lambda: plan.invoices.update(live=False))
    refused("instalments_stay_as_made", lambda: InstalmentPlan.objects.update(amount=Decimal("9.00")))
    refused("instalments_status_moves_forward", lambda: InstalmentPlan.objects.update(status="proposed"))
    gone = "DELETE FROM collections_app_instalmentplan"
    refused("instalments_are_never_removed", lambda: connection.cursor().execute(gone))
    row = plan.invoices.get()
    twice = {"invoice": row.invoice, "amount": row.amount, "open_before": row.open_before}
    facts = {
        "entity": plan.entity,
        "customer": plan.customer,
        "currency": "EUR",
        "made_on": ON,
        "made_at": AT,
    }

    def cover_again() -> None:
        other = InstalmentPlan.objects.create(amount=1, **facts)
        InstalmentInvoice.objects.create(plan=other, **twice)

    refused("instalments_one_live_per_invoice", cover_again)
    beside = {"entity": plan.entity, "customer": plan.customer, "invoice": row.invoice, "made_at": AT}
    beside |= {"amount": 1, "open_before": 1, "promised_on": ON, "made_on": ON}
    refused("promise_not_beside_instalments", lambda: Promise.objects.create(**beside))


def in_house(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_pages_lay_out_propose_agree_and_hide_it_from_strangers(house: House) -> None:
    today = clock.today("Europe/Madrid")
    invoice = make_invoice(house.cast.norte, issued_on=today - DAY * 40, due_on=today - DAY * 5)
    url = f"/collections/customers/{house.cast.norte.pk}/instalments/"
    carl = in_house(house.cast.carl)
    data = {"invoice": invoice.pk, "count": "3", "every": "month", "first_on": today.isoformat()}
    page = carl.post(url, data | {"act": "calculate"}).content.decode()
    assert page.count('name="share"') == 3
    assert 'value="333.34"' in page
    rows = {"due_on": [today.isoformat(), (today + DAY * 9).isoformat()], "share": ["400.00", "600.00"]}
    wrong = carl.post(url, data | rows | {"share": ["400.00", "1.00"], "act": "propose"})
    assert (wrong.status_code, InstalmentPlan.objects.count()) == (422, 0)
    assert carl.post(url, data | rows | {"act": "propose"}).status_code == 302
    plan = InstalmentPlan.objects.get()
    page_url, act = f"/collections/instalments/{plan.pk}/", f"/collections/instalments/{plan.pk}/act/"
    for who in (house.cast.mallory, house.cast.sofia, house.cast.eva):
        assert in_house(who).get(page_url).status_code == 404
        assert in_house(who).post(act, {"act": "agree"}).status_code == 404
        assert in_house(who).get(url).status_code == 404
    assert in_house(house.cast.fin).post(act, {"act": "agree"}).status_code == 403
    carl.post(act, {"act": "agree", "mail": "1"})
    plan.refresh_from_db()
    assert plan.status == "running"
    assert plan.letter is not None
    assert "To come" in carl.get(page_url).content.decode()


def test_the_api_proposes_agrees_and_cancels(house: House) -> None:
    today = clock.today("Europe/Madrid")
    invoice = make_invoice(house.cast.norte, issued_on=today - DAY * 40, due_on=today - DAY * 5)
    rows = [{"due_on": (today + DAY * n).isoformat(), "amount": "500.00"} for n in (3, 9)]
    body = {"invoice": invoice.pk, "instalments": rows}
    json: dict[str, Any] = {"content_type": "application/json"}
    assert in_house(house.cast.fin).post("/api/v1/instalment-plans/", body, **json).status_code == 403
    carl = in_house(house.cast.carl)
    plan = carl.post("/api/v1/instalment-plans/", body, **json).json()
    assert (plan["status"], plan["amount"], plan["short"]) == ("proposed", "1000.00", "0.00")
    url = f"/api/v1/instalment-plans/{plan['id']}/"
    assert in_house(house.cast.mallory).get(url).status_code == 404
    assert carl.post(f"{url}agree/", {"mail": False}, **json).json()["status"] == "running"
    assert [row["state"] for row in carl.get(url).json()["instalments"]] == ["to_come", "to_come"]
    assert carl.post(f"{url}agree/", {}, **json).status_code == 409
    assert carl.post(f"{url}cancel/", {"reason": "A mistake"}, **json).json()["status"] == "cancelled"


def test_who_said_it_is_kept(house: House) -> None:
    contact = house.cast.norte.contacts.get()
    invoice = make_invoice(house.cast.norte)
    plan = instalments.make_plan(
        parts=[(invoice, invoice.amount)],
        shares=shares((10, "1000.00")),
        by=house.cast.sam,
        on=ON,
        at=AT,
        said=Said("visit", contact, "", "At the fair"),
    )
    assert (plan.source, plan.speaker, plan.note) == ("visit", contact.name, "At the fair")
    assert promises.Promise.objects.count() == 0
