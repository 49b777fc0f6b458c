"""Deadlines: on the holder's calendar, standing still while the customer has it, moved when a calendar changes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts import services as people
from disputes import services
from disputes.clocks import Office, working_time
from disputes.models import Dispute
from disputes.runs import Held, reached, run_of
from tests.factories import AT, Cast

MADRID = ZoneInfo("Europe/Madrid")
EVERYTHING = {"note": "as agreed", "credit_amount": "10", "credit_note_number": "CN-1"}


def madrid(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=MADRID)  # type: ignore[misc,arg-type]


def move(dispute: Dispute, code: str, at: datetime, cast: Cast) -> Dispute:
    dispute.refresh_from_db()
    services.make_move(dispute=dispute, move_code=code, by=cast.adam, at=at, fields=EVERYTHING)
    dispute.refresh_from_db()
    return dispute


def test_the_rest_of_the_time_goes_on_when_the_customer_gives_it_back(
    dispute: Dispute, catalogue: Cast
) -> None:
    """240 minutes: one hour used on Monday, a week with the customer, three hours left."""
    assert dispute.due_at == madrid(2026, 3, 16, 13)
    move(dispute, "ask_customer", madrid(2026, 3, 16, 10), catalogue)
    assert dispute.due_at is None
    assert dispute.stage.clock_stops
    move(dispute, "customer_insists", madrid(2026, 3, 23, 10), catalogue)
    assert dispute.stage.code == "to_triage"
    assert dispute.due_at == madrid(2026, 3, 23, 13)


def test_another_stage_in_between_starts_the_time_afresh(dispute: Dispute, catalogue: Cast) -> None:
    move(dispute, "ask_sales", madrid(2026, 3, 16, 10), catalogue)
    move(dispute, "back_to_triage", madrid(2026, 3, 16, 11), catalogue)
    move(dispute, "ask_sales", madrid(2026, 3, 16, 12), catalogue)
    assert dispute.due_at == madrid(2026, 3, 16, 16)


def test_whoever_gets_it_goes_on_with_the_time_that_is_left_on_their_own_calendar(
    dispute: Dispute, catalogue: Cast
) -> None:
    """Carl works afternoons only: two of four hours are left at 11, his begin at 15."""
    wanted = people.CalendarInput(
        "Carl", "ES", "Europe/Madrid", week=[[[900, 1080]]] * 5 + [[], []], user=catalogue.carl
    )
    people.save_calendar(entity=catalogue.entity, wanted=wanted, by=catalogue.alice, at=AT)
    assert dispute.due_at == madrid(2026, 3, 16, 13)
    services.assign(dispute=dispute, user=catalogue.carl, by=catalogue.alice, at=madrid(2026, 3, 16, 11))
    dispute.refresh_from_db()
    assert dispute.due_at == madrid(2026, 3, 16, 17)
    # Whoever gets it after its time has gone by gets no new time.
    services.assign(dispute=dispute, user=catalogue.sam, by=catalogue.alice, at=madrid(2026, 3, 18, 11))
    dispute.refresh_from_db()
    assert dispute.due_at == madrid(2026, 3, 16, 17)


SPAIN, PARIS = (
    Office("ES", "Europe/Madrid"),
    Office("FR", "Europe/Paris", week=(((480, 720),),) * 5 + ((), ())),
)
START = datetime(2026, 3, 1, tzinfo=UTC)
lives = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 6000), st.sampled_from([SPAIN, PARIS]), st.booleans()),
    min_size=1,
    max_size=12,
)


def stays_of(life: list[tuple[int, int, Office, bool]]) -> list[Held]:
    """Stage 3 is the customer's: its clock stands still. The last stay goes on."""
    at, stays = START, []
    for stage, minutes, office, closed in life:
        end = at + timedelta(minutes=minutes)
        stays.append(Held(stage, "solved" if closed and stage == 2 else "open", stage == 3, at, end, office))
        at = end
    last = stays[-1]
    return [*stays[:-1], Held(last.stage, "open", last.stops, last.start, None, last.office)]


@settings(max_examples=200, deadline=None)
@given(life=lives, budget=st.integers(0, 4000))
def test_at_the_deadline_exactly_the_budget_was_worked(
    life: list[tuple[int, int, Office, bool]], budget: int
) -> None:
    run = run_of(stays_of(life))
    assert run[-1].end is None
    assert {stay.stage for stay in run} == {run[-1].stage}
    due = reached(run, budget)
    worked = sum(
        (working_time(stay.start, max(stay.start, min(stay.end or due, due)), stay.office) for stay in run),
        timedelta(),
    )
    assert worked == timedelta(minutes=budget)
    assert due <= reached(run, budget + 1)


def test_a_run_ends_at_a_closed_time_and_at_another_stage() -> None:
    def stay(stage: int, hour: int, *, stops: bool = False, status: str = "open", last: bool = False) -> Held:
        at = START + timedelta(hours=hour)
        return Held(stage, status, stops, at, None if last else at + timedelta(hours=1), SPAIN)

    assert [s.start.hour for s in run_of([stay(1, 0), stay(2, 1), stay(1, 2, last=True)])] == [2]
    assert [s.start.hour for s in run_of([stay(1, 0), stay(3, 1, stops=True), stay(1, 2, last=True)])] == [
        0,
        2,
    ]
    assert [s.start.hour for s in run_of([stay(1, 0, status="solved"), stay(1, 1, last=True)])] == [1]


@pytest.mark.django_db
def test_a_question_is_due_by_the_calendar_of_the_person_asked(dispute: Dispute, catalogue: Cast) -> None:
    wanted = people.CalendarInput(
        "Sam", "ES", "Europe/Madrid", week=[[[900, 1080]]] * 5 + [[], []], user=catalogue.sam
    )
    people.save_calendar(entity=catalogue.entity, wanted=wanted, by=catalogue.alice, at=AT)
    move(dispute, "ask_sales", madrid(2026, 3, 16, 10), catalogue)
    assert dispute.questions.get().due_at == madrid(2026, 3, 17, 16)
