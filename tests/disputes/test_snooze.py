"""Disputes put aside: out of the way, back by themselves, at once when something happens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from accounts.models import Event
from chat import services as talk
from disputes import queue, queue_sums, services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute
from disputes.tasks import wake_due
from lib import clock
from tests.disputes.conftest import open_one
from tests.disputes.race import both
from tests.factories import AT, Cast, make_cast

LATER = AT + timedelta(days=2)


def shown(cast: Cast, view: str, at: datetime) -> list[int]:
    return [row.pk for row in queue.page(cast.alice, queue.Filters(view=view), at).rows]


def put_aside(dispute: Dispute, cast: Cast, until: datetime = LATER, **more: Any) -> Dispute:
    return services.snooze(dispute=dispute, until=until, by=cast.alice, at=more.pop("at", AT), **more)


def test_it_leaves_the_views_of_work_and_comes_back_without_any_job(
    dispute: Dispute, catalogue: Cast
) -> None:
    put_aside(dispute, catalogue)
    hour = AT + timedelta(hours=1)
    for view in ("triage", "mine", "late", "sales", "customer"):
        assert shown(catalogue, view, hour) == []
    assert shown(catalogue, "snoozed", hour) == [dispute.pk]
    assert shown(catalogue, "all", hour) == [dispute.pk]
    assert queue_sums.counts(catalogue.alice, hour)["snoozed"] == 1
    assert shown(catalogue, "triage", LATER) == [dispute.pk]
    assert shown(catalogue, "snoozed", LATER) == []


def test_the_job_says_so_once(dispute: Dispute, catalogue: Cast) -> None:
    put_aside(dispute, catalogue)
    assert services.wake_due(at=LATER - timedelta(seconds=1)) == 0
    wake_due()
    dispute.refresh_from_db()
    assert dispute.snoozed_until is None
    assert services.wake_due(at=clock.now()) == 0
    woken = Event.objects.get(kind="dispute.woken", object_id=dispute.pk)
    assert (woken.data["why"], woken.actor) == ("time", None)


@pytest.mark.parametrize("until", [AT, AT - timedelta(days=1), AT + timedelta(days=400)])
def test_only_until_a_moment_to_come_within_a_year(
    dispute: Dispute, catalogue: Cast, until: datetime
) -> None:
    with pytest.raises(FieldErrors):
        put_aside(dispute, catalogue, until)


@pytest.mark.parametrize("who", ["sam", "eva", "fin"])
def test_only_the_office_puts_aside(dispute: Dispute, catalogue: Cast, who: str) -> None:
    with pytest.raises(RoleMayNot):
        services.snooze(dispute=dispute, until=LATER, by=getattr(catalogue, who), at=AT)
    dispute.refresh_from_db()
    assert dispute.snoozed_until is None


def test_closing_wakes_and_a_closed_one_cannot_sleep(dispute: Dispute, catalogue: Cast) -> None:
    put_aside(dispute, catalogue)
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    assert dispute.snoozed_until is None
    with pytest.raises(IllegalAct):
        put_aside(dispute, catalogue)
    with pytest.raises(IntegrityError, match="dispute_sleeps_only_while_open"), transaction.atomic():
        Dispute.objects.filter(pk=dispute.pk).update(snoozed_until=LATER)


def test_what_happens_to_it_wakes_it(
    dispute: Dispute, catalogue: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        put_aside(dispute, catalogue)
        services.assign(dispute=dispute, user=catalogue.sam, by=catalogue.carl, at=AT)
    dispute.refresh_from_db()
    assert dispute.snoozed_until is None


def test_who_puts_it_aside_after_the_event_knew_of_it(
    dispute: Dispute, catalogue: Cast, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    steps = [{"do": "assign", "user": catalogue.carl.pk}, {"do": "snooze", "for": "week"}]
    with django_capture_on_commit_callbacks(execute=True):
        services.change(dispute=dispute, steps=steps, by=catalogue.alice, at=AT)
    dispute.refresh_from_db()
    assert dispute.snoozed_until is not None


def test_a_message_of_the_customer_wakes_it_and_one_of_ours_does_not(
    dispute: Dispute, catalogue: Cast
) -> None:
    put_aside(dispute, catalogue)
    room = talk.room_for_dispute(dispute=dispute, at=AT)
    talk.post_message(room=room, by=catalogue.carl, body="Noted", client_token="a-token-a", at=AT)
    dispute.refresh_from_db()
    assert dispute.snoozed_until == LATER
    payables = catalogue.norte.contacts.get()
    talk.post_from_contact(room=room, contact=payables, body="Well?", client_token="b-token-b", at=AT)
    dispute.refresh_from_db()
    assert dispute.snoozed_until is None


@pytest.mark.parametrize(
    ("nap", "expected"),
    [
        ("later", datetime(2026, 4, 2, 11, 0, tzinfo=UTC)),
        ("tomorrow", datetime(2026, 4, 6, 7, 0, tzinfo=UTC)),
        ("week", datetime(2026, 4, 9, 7, 0, tzinfo=UTC)),
    ],
)
def test_naps_end_at_the_opening_of_a_working_day(cast: Cast, nap: str, expected: datetime) -> None:
    holy_thursday = datetime(2026, 4, 2, 8, 0, tzinfo=UTC)
    assert services.end_of(nap, holy_thursday, cast.entity) == expected


def test_a_stale_nap_is_told(dispute: Dispute, catalogue: Cast) -> None:
    seen = Event.objects.filter(object_id=dispute.pk, stream="dispute").count()
    services.assign(dispute=dispute, user=catalogue.sam, by=catalogue.carl, at=AT)
    with pytest.raises(IllegalAct, match="Carl changed this dispute meanwhile"):
        put_aside(dispute, catalogue, seen=seen)
    put_aside(dispute, catalogue, seen=seen + 1)


@pytest.mark.django_db(transaction=True)
def test_of_two_who_act_at_once_on_the_same_picture_one_is_told() -> None:
    cast = make_cast()
    services.catalogue.install(cast.entity)
    dispute = open_one(cast)
    seen = Event.objects.filter(object_id=dispute.pk, stream="dispute").count()

    def by(who: str) -> Any:
        person = getattr(cast, who)
        return lambda: services.snooze(dispute=dispute, until=LATER, by=person, at=AT, seen=seen)

    results = both("disputes_dispute", dispute.pk, by("alice"), by("carl"))
    assert sorted(type(one).__name__ for one in results) == ["Dispute", "IllegalAct"]
