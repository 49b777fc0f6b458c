"""The wait-time ledger is exact: every minute once, whatever happens, across clock changes and holidays."""

from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts import services as people
from accounts.selectors import Offices
from disputes import selectors, services
from disputes.clocks import working_time
from disputes.models import Dispute
from disputes.services.timing import office_of
from lib.errors import DomainError
from tests.disputes.conftest import settle_constraints
from tests.disputes.test_properties import act, undone
from tests.factories import AT, Cast

MADRID = ZoneInfo("Europe/Madrid")


def madrid(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=MADRID)  # type: ignore[misc,arg-type]


def test_the_sums_by_hand(dispute: Dispute, catalogue: Cast) -> None:
    """Alice from Monday 9:00 to 11:00, the customer until Tuesday 10:00, Alice until Tuesday 12:00, Eva on."""
    at = madrid(2026, 3, 16, 11)
    services.make_move(dispute=dispute, move_code="ask_customer", by=catalogue.alice, at=at)
    dispute.refresh_from_db()
    back = madrid(2026, 3, 17, 10)
    services.make_move(
        dispute=dispute, move_code="customer_insists", by=catalogue.alice, at=back, fields={"note": "x"}
    )
    dispute.refresh_from_db()
    services.assign(dispute=dispute, user=catalogue.eva, by=catalogue.alice, at=madrid(2026, 3, 17, 12))
    dispute.refresh_from_db()
    waited = selectors.waits_of(dispute, madrid(2026, 3, 17, 21))
    hours = timedelta(hours=1)
    sides = {
        share.key: (share.calendar / hours, share.working / hours)
        for share in selectors.add_up(waited, "side")
    }
    assert sides == {"customer": (23, 8), "ours": (13, 10)}
    holders = {s.label: s.calendar / hours for s in selectors.add_up(waited, "holder")}
    assert holders == {"": 23, "Eva": 9, "Alice": 4}
    teams = {s.key: s.calendar / hours for s in selectors.add_up(waited, "department")}
    assert teams == {"": 27, "logistics": 9}
    assert waited[-1].goes_on
    assert [one.goes_on for one in waited[:-1]] == [False] * 3


KINDS = [
    "move",
    "move",
    "customer",
    "assign",
    "close",
    "reopen",
    "classify",
    "hand",
    "delegate",
    "back",
    "away",
]
KINDS += ["jobs"]
# A step: what happens, which of its possibilities, and how much later. Some cross a clock change and Easter.
steps = st.lists(
    st.tuples(
        st.sampled_from(KINDS),
        st.integers(0, 5),
        st.sampled_from([0, 1, 45, 60 * 7, 60 * 24, 60 * 24 * 6]),
    ),
    max_size=14,
)


def live_on(dispute: Dispute, cast: Cast, what: str, which: int, at: datetime) -> None:
    """One thing that can happen to a dispute; what the rules refuse changes nothing."""
    team = [cast.alice, cast.carl, cast.sam, cast.eva, cast.sofia, cast.bill]
    if what == "customer":
        move = dispute.stage.moves.filter(to_stage__clock_stops=True).first()
        if move is not None:
            fields = {"note": "x", "credit_amount": "1", "credit_note_number": "C"}
            services.make_move(dispute=dispute, move_code=move.code, by=cast.adam, at=at, fields=fields)
    elif what == "hand":
        services.hand_over(dispute=dispute, to=team[which], by=cast.adam, at=at)
    elif what == "delegate":
        services.hand_over(
            dispute=dispute, to=team[which], by=cast.adam, at=at, until=at + timedelta(hours=30)
        )
    elif what == "back":
        services.give_back(dispute=dispute, by=cast.adam, at=at)
    elif what == "away":
        deputy = team[which - 1]
        people.report_absence(
            user=team[which],
            starts_on=at.date(),
            ends_on=at.date() + timedelta(days=3),
            deputy=deputy,
            by=cast.adam,
            at=at,
        )
    elif what == "jobs":
        services.hand_over_for_the_absent(at=at)
        services.end_delegations(at=at)
    else:
        act(dispute, cast, what, which, at)


def odd_hours(cast: Cast) -> None:
    """Sam works at night in the Canaries, every day; the whole company is closed for two days."""
    wanted = people.CalendarInput(
        "Sam",
        "ES",
        "Atlantic/Canary",
        subdivision="CN",
        week=[[[0, 300], [1200, 1440]]] * 7,
        user=cast.sam,
    )
    people.save_calendar(entity=cast.entity, wanted=wanted, by=cast.alice, at=AT)
    first, last = date(2026, 3, 19), date(2026, 3, 20)
    calendar = cast.entity.calendars.get(user=None)
    people.add_closure(calendar=calendar, starts_on=first, ends_on=last, name="Fallas", by=cast.alice, at=AT)


def worked(dispute: Dispute, end: datetime) -> timedelta:
    """The working time of the stays, each measured by itself."""
    offices, total = Offices(dispute.entity), timedelta()
    for stay in dispute.stays.order_by("seq"):
        office = office_of(
            offices,
            stay.holder_side,
            stay.holder_user_id,
            stay.holder_department_id,
            dispute.customer.country,
        )
        total += working_time(stay.started_at, stay.ended_at or end, office)
    return total


@pytest.mark.django_db
@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=steps)
def test_every_minute_has_one_stage_one_holder_one_side_one_department(
    catalogue: Cast, dispute: Dispute, sequence: list[tuple[str, int, int]]
) -> None:
    with undone():
        odd_hours(catalogue)
        at = AT
        for what, which, minutes in sequence:
            at += timedelta(minutes=minutes)
            dispute.refresh_from_db()
            try:
                with transaction.atomic():
                    live_on(dispute, catalogue, what, which, at)
            except DomainError:
                continue
        dispute = Dispute.objects.get(pk=dispute.pk)
        settle_constraints()
        end = dispute.closed_at or at + timedelta(days=17)
        waited = selectors.waits_of(dispute, end)
        assert (waited[0].start, waited[-1].end) == (dispute.opened_at, end)
        assert all(one.end == other.start for one, other in pairwise(waited))
        for by in selectors.WAIT_DIMENSIONS:
            shares = selectors.add_up(waited, by)
            assert sum((s.calendar for s in shares), timedelta()) == end - dispute.opened_at
            assert sum((s.working for s in shares), timedelta()) == worked(dispute, end)


def test_the_api_tells_the_ledger_and_a_stranger_nothing(dispute: Dispute, catalogue: Cast) -> None:
    client = Client()
    client.force_login(catalogue.alice)
    data = client.get(f"/api/v1/dispute-waits/{dispute.pk}/").json()
    assert [stay["holder_name"] for stay in data["stays"]] == ["Alice"]
    assert [s["calendar_minutes"] for s in data["sums"]["side"]] == [data["stays"][0]["calendar_minutes"]]
    client.force_login(catalogue.mallory)
    assert client.get(f"/api/v1/dispute-waits/{dispute.pk}/").status_code == 404
    assert client.get("/api/v1/dispute-waits/x/").status_code == 404
