"""The simulation from the database: disputes that really lived, read in a constant number of queries."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given

from accounts.models import Event
from disputes import editing, services
from disputes.models import Dispute, Route, RouteVersion, Stay
from disputes.services.route_editing import start_draft
from disputes.simulation import Source, reading
from disputes.simulation.run import simulate
from tests.disputes.conftest import open_one
from tests.disputes.test_properties import live, slow_but_thorough, steps, undone
from tests.factories import AT, Cast, make_invoice

SINCE, UNTIL = date(2026, 1, 1), date(2026, 12, 31)
LATER = AT + timedelta(days=120)


def run(version: RouteVersion, **more: Any) -> Any:
    return simulate(version=version, since=SINCE, until=UNTIL, now=more.pop("now", LATER))


def really_late(dispute: Dispute) -> list[str]:
    """The stages it left (or still has) past the deadline that was announced on entering, from the events alone."""
    entered = ("dispute.opened", "dispute.moved", "dispute.reopened")
    events = list(Event.objects.filter(stream="dispute", object_id=dispute.pk).order_by("seq"))
    late = []
    for number, event in enumerate(events):
        if event.kind in entered and event.data["due_at"]:
            ends = (one for one in events[number + 1 :] if one.kind in (*entered[1:], "dispute.closed"))
            left = next(ends, None)
            if (left.at if left else LATER) > datetime.fromisoformat(event.data["due_at"]):
                late.append(event.data["to"]["code"])
    return late


@slow_but_thorough
@given(sequence=steps)
def test_the_edition_they_followed_reproduces_their_own_lateness(
    catalogue: Cast, sequence: list[tuple[str, int, int]]
) -> None:
    with undone():
        dispute = open_one(catalogue)
        live(dispute, catalogue, sequence)
        found = run(dispute.route_version)
        if Stay.objects.filter(dispute=dispute).exclude(stage__version=dispute.route_version_id).exists():
            return  # It changed its route on its way.
        (row,) = found.rows
        assert not row.replay.stopped
        assert row.before == row.after
        assert [p.stage for p in row.replay.passages if p.is_late] == really_late(dispute)
        assert {p.source for p in row.replay.passages} == {Source.OWN}
        assert [(p.start, p.end) for p in row.replay.passages] == [
            (v.start, v.end) for v in row.replay.past.visits
        ]
        assert row.replay.end == dispute.closed_at
        whole = found.comparison
        assert (whole.late_before, whole.late_by_before) == (whole.late_after, whole.late_by_after)
        assert whole.before == whole.after


def settled(cast: Cast, hours: int = 20) -> Dispute:
    """A price dispute that took one hour to triage and `hours` on the clock with sales, then a credit note."""
    dispute = open_one(cast, invoice=make_invoice(cast.norte))
    moves = [("ask_sales", 1), ("customer_price_agreed", hours), ("credit_sent", 2)]
    at = AT
    fields = {"credit_amount": "10", "credit_note_number": "CN-1"}
    for code, later in moves:
        at += timedelta(hours=later)
        dispute.refresh_from_db()
        services.make_move(dispute=dispute, move_code=code, by=cast.adam, at=at, fields=fields)
    dispute.refresh_from_db()
    return dispute


@pytest.fixture
def route(catalogue: Cast) -> Route:
    return Route.objects.get(entity=catalogue.entity, code="price")


def test_a_draft_with_half_the_time_makes_more_of_them_late(
    route: Route, catalogue: Cast, at: datetime
) -> None:
    dispute = settled(catalogue, hours=3)
    draft = start_draft(route=route, by=catalogue.alice, at=at)
    data = services.read_route(draft)
    shorter = editing.put_stage(data, "ask_sales", {"labels": {"en": "Ask"}, "deadline_minutes": 60})
    version = services.write_version(route=route, data=shorter, by=catalogue.alice, at=at)
    found = run(version)
    assert (found.comparison.late_before, found.comparison.late_after) == (0, 1)
    assert found.comparison.late_by_after == timedelta(hours=2)
    row = found.row(dispute.pk)
    assert row is not None
    assert row.replay.end == dispute.closed_at
    asked = [pair for p in row.replay.passages for pair in p.asked]
    assert [who for who, _question in asked] == ["Sam"]
    dispute.refresh_from_db()
    assert dispute.route_version.current


def test_reading_takes_the_same_queries_however_many_there_are(route: Route, catalogue: Cast) -> None:
    current = route.versions.select_related("route__entity").get(current=True)
    settled(catalogue)
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(run(current).rows) == 1
    for _each in range(4):
        settled(catalogue)
    with CaptureQueriesContext(connection) as many:
        assert len(run(current).rows) == 5
    assert len(few) == len(many) <= 16


def test_only_this_route_and_these_days_count_and_never_too_many(
    route: Route, catalogue: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    current = route.versions.select_related("route__entity").get(current=True)
    open_one(catalogue, reason="delivery", invoice=make_invoice(catalogue.norte))
    late = settled(catalogue)
    assert [row.replay.past.pk for row in run(current).rows] == [late.pk]
    assert simulate(version=current, since=date(2026, 4, 1), until=UNTIL, now=LATER).rows == []
    newest = settled(catalogue)
    monkeypatch.setattr(reading, "MOST", 1)
    found = run(current)
    assert found.more
    assert [row.replay.past.pk for row in found.rows] == [newest.pk]
