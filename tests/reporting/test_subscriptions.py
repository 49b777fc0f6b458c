"""Subscriptions: who may have what sent to whom, and what the database refuses whoever asks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import override

from accounts.events import Event
from accounts.models import Calendar, Closure
from lib.errors import FieldErrors
from reporting.errors import ReportError
from reporting.models import ReportCopy, ReportSending, Subscription
from reporting.subscriptions import services
from reporting.subscriptions.contents import Wanted
from reporting.subscriptions.services import Shape
from tests.reporting.company import Company

MADRID = ZoneInfo("Europe/Madrid")
MONDAY = datetime(2026, 3, 16, 9, tzinfo=MADRID)
EIGHT = Shape(every="workday", hour=8, day_of="sent", form="xlsx")


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with override("en"):
        yield


def subscribe(
    company: Company, *readers: str, who: str = "alice", report: str = "aging", shape: Shape = EIGHT,
    at: datetime = MONDAY, **filters: str,
) -> Subscription:  # fmt: skip
    """A report that somebody of the cast has sent to themselves, and to others."""
    ids = tuple(getattr(company.cast, name).pk for name in readers)
    wanted = Wanted(report, company.cast.entity, filters)
    return services.subscribe(
        wanted=wanted, shape=replace(shape, readers=ids), by=getattr(company.cast, who), at=at
    )


def test_it_is_due_next_at_its_hour_in_the_zone_of_the_company(company: Company) -> None:
    row = subscribe(company, "sam", segment="key")
    assert row.next_due_at == datetime(2026, 3, 17, 8, tzinfo=MADRID)
    assert row.filters == {"segment": "key"}
    assert {reader.user.name for reader in row.readers.all()} == {"Alice", "Sam"}
    said = Event.objects.get(kind="report.subscribed")
    assert said.data["readers"] == sorted([company.cast.alice.pk, company.cast.sam.pk])


@pytest.mark.parametrize("who", ["eva", "mallory"])
def test_who_may_see_no_figures_here_has_none_sent(company: Company, who: str) -> None:
    with pytest.raises(PermissionDenied):
        subscribe(company, who=who)


@pytest.mark.parametrize("reader", ["eva", "mallory"])
def test_it_goes_to_colleagues_who_may_see_figures_and_to_nobody_else(company: Company, reader: str) -> None:
    with pytest.raises(FieldErrors, match="Choose colleagues"):
        subscribe(company, "sam", reader)
    assert not Subscription.objects.exists()


def test_what_could_never_be_made_is_refused_at_once(company: Company) -> None:
    with pytest.raises(ReportError, match="cannot be split"):
        subscribe(company, by="nonsense")
    with pytest.raises(FieldErrors, match="Choose a report"):
        subscribe(company, report="nonsense")
    assert not Subscription.objects.exists()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"every": "month", "number": 0}, "number"),
        ({"every": "month", "number": 32}, "number"),
        ({"every": "week", "number": 7}, "number"),
        ({"hour": 24}, "hour"),
        ({"every": "hourly"}, "every"),
        ({"form": "docx"}, "form"),
        ({"day_of": "tomorrow"}, "day_of"),
    ],
)
def test_impossible_rhythms_are_refused_by_the_service_and_by_the_database(
    company: Company, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(FieldErrors) as wrong:
        subscribe(company, shape=replace(EIGHT, **change))
    assert field in wrong.value.fields
    row = subscribe(company)
    with pytest.raises(IntegrityError, match="subscription_"), transaction.atomic():
        Subscription.objects.filter(pk=row.pk).update(**change)


def test_a_calendar_without_working_days_is_told(company: Company) -> None:
    calendar = Calendar.objects.get(entity=company.cast.entity, user=None, department=None, side="ours")
    for year in (2026, 2027):
        Closure.objects.create(
            calendar=calendar, name="Closed", starts_on=date(year, 3, 1), ends_on=date(year + 1, 3, 1)
        )
    with pytest.raises(FieldErrors, match="no working day"):
        subscribe(company)


def test_a_change_of_rhythm_counts_from_now_any_other_leaves_it_due(company: Company) -> None:
    row = subscribe(company, "sam")
    later = MONDAY + timedelta(hours=5)
    services.change(
        subscription=row, shape=replace(EIGHT, form="csv", readers=(company.cast.carl.pk,)),
        by=company.cast.alice, at=later,
    )  # fmt: skip
    row.refresh_from_db()
    assert (row.form, row.since, row.next_due_at) == ("csv", MONDAY, datetime(2026, 3, 17, 8, tzinfo=MADRID))
    assert {reader.user.name for reader in row.readers.all()} == {"Alice", "Carl"}
    weekly = replace(EIGHT, every="week", number=4)
    services.change(subscription=row, shape=weekly, by=company.cast.alice, at=later)
    row.refresh_from_db()
    assert (row.since, row.next_due_at) == (later, datetime(2026, 3, 20, 8, tzinfo=MADRID))


def test_while_paused_nothing_is_due_and_afterwards_only_what_comes(company: Company) -> None:
    row = subscribe(company)
    services.pause(subscription=row, by=company.cast.alice, at=MONDAY)
    services.change(
        subscription=row, shape=replace(EIGHT, hour=10), by=company.cast.alice, at=MONDAY + timedelta(hours=1)
    )
    row.refresh_from_db()
    assert (row.paused_at, row.next_due_at, row.hour) == (MONDAY, None, 10)
    week = MONDAY + timedelta(days=7)
    services.go_on(subscription=row, by=company.cast.alice, at=week)
    row.refresh_from_db()
    assert (row.paused_at, row.next_due_at) == (None, datetime(2026, 3, 23, 10, tzinfo=MADRID))
    with pytest.raises(IntegrityError, match="subscription_due_unless_paused"), transaction.atomic():
        Subscription.objects.filter(pk=row.pk).update(next_due_at=None)


def test_only_its_owner_changes_it(company: Company) -> None:
    row, sam = subscribe(company, "sam"), company.cast.sam
    for act in (services.pause, services.go_on, services.end, services.send_now):
        with pytest.raises(PermissionDenied):
            act(subscription=row, by=sam, at=MONDAY)
    with pytest.raises(PermissionDenied):
        services.change(subscription=row, shape=EIGHT, by=sam, at=MONDAY)
    assert Subscription.objects.count() == 1


def test_who_left_stays_left_when_the_owner_names_them_again(company: Company) -> None:
    row = subscribe(company, "sam")
    services.leave(reader=row.readers.get(user=company.cast.sam), at=MONDAY)
    services.change(
        subscription=row,
        shape=replace(EIGHT, readers=(company.cast.sam.pk,)),
        by=company.cast.alice,
        at=MONDAY,
    )
    reader = row.readers.get(user=company.cast.sam)
    assert reader.left_at == MONDAY
    services.come_back(reader=reader)
    assert row.readers.get(user=company.cast.sam).left_at is None


def test_the_database_knows_one_sending_per_due_moment_and_one_copy_per_reader(company: Company) -> None:
    row = subscribe(company)
    sending = ReportSending.objects.create(subscription=row, due_at=MONDAY, day=date(2026, 3, 16))
    with pytest.raises(IntegrityError, match="report_sent_once_per_due_moment"), transaction.atomic():
        ReportSending.objects.create(subscription=row, due_at=MONDAY, day=date(2026, 3, 16))
    copy = {"sending": sending, "user": company.cast.alice}
    with pytest.raises(IntegrityError, match="report_copy_is_a_letter_or_says_why"), transaction.atomic():
        ReportCopy.objects.create(**copy)
    ReportCopy.objects.create(**copy, trouble="no_access")
    with pytest.raises(IntegrityError, match="report_copy_once_per_reader"), transaction.atomic():
        ReportCopy.objects.create(**copy, trouble="no_access")


def test_to_send_it_twice_within_a_minute_is_once(company: Company) -> None:
    row = subscribe(company)
    first = services.send_now(subscription=row, by=company.cast.alice, at=MONDAY)
    again = services.send_now(subscription=row, by=company.cast.alice, at=MONDAY + timedelta(seconds=50))
    assert (first.pk, first.asked_by) == (again.pk, company.cast.alice)
    later = services.send_now(subscription=row, by=company.cast.alice, at=MONDAY + timedelta(minutes=1))
    assert later.pk != first.pk


def test_an_ended_one_is_gone_for_everybody(company: Company) -> None:
    row = subscribe(company, "sam")
    services.end(subscription=row, by=company.cast.alice, at=MONDAY)
    services.end(subscription=row, by=company.cast.alice, at=MONDAY)
    assert not Subscription.objects.exists()
    assert Event.objects.filter(kind="report.subscription_ended").count() == 1
