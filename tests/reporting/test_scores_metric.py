"""Points from facts: what an answer earns, when it goes back, and that nothing can be gamed."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reporting.metrics.scores import (
    DAY_CAP,
    DISPUTE_CAP,
    HELD,
    LATE,
    QUICK,
    Ended,
    Facts,
    Given,
    Why,
    entries,
    held,
    score,
)

START = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
FIRST, LAST = date(2026, 3, 1), date(2026, 3, 31)


def day_of(at: datetime) -> date:
    """UTC days."""
    return at.date()


def answer(number: int = 1, **changes: object) -> Given:
    """An answer one hour after the question, of four hours, in working time, to somebody else's question."""
    facts: dict[str, object] = {
        "question": number, "dispute": number, "person": 1, "asked_by": 9, "about": f"field{number}",
        "asked_at": START, "answered_at": START + HOUR, "took": HOUR, "had": 8 * HOUR, "working": True,
    }  # fmt: skip
    return Given(**(facts | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "points", "why"),
    [
        ({}, HELD + QUICK, Why.QUICK),
        ({"took": 2 * HOUR}, HELD + QUICK, Why.QUICK),
        ({"took": 2 * HOUR + timedelta(seconds=1)}, HELD, Why.IN_TIME),
        ({"took": 8 * HOUR}, HELD, Why.IN_TIME),
        ({"took": 8 * HOUR + timedelta(seconds=1)}, LATE, Why.LATE),
        ({"working": False}, HELD, Why.IN_TIME),
        ({"had": None, "took": 2 * HOUR}, HELD + QUICK, Why.QUICK),
        ({"had": None, "took": 9 * HOUR}, LATE, Why.LATE),
    ],
)
def test_what_an_answer_earns(changes: dict[str, object], points: int, why: Why) -> None:
    (entry,) = entries(Facts([answer(**changes)]), day_of)  # type: ignore[arg-type]
    assert (entry.points, entry.why) == (points, why)


def test_ones_own_question_earns_nothing() -> None:
    assert entries(Facts([answer(asked_by=1)]), day_of) == []


def test_reopening_takes_back_what_was_earned_before_it_and_on_that_day() -> None:
    opened = START + timedelta(days=40)
    facts = Facts([answer(1), answer(2, answered_at=opened + HOUR, dispute=1)], reopened=[(1, opened)])
    made = entries(facts, day_of)
    assert [(one.question, one.points, one.why) for one in made] == [
        (1, 15, Why.QUICK),
        (1, -15, Why.REOPENED),
        (2, 15, Why.QUICK),
    ]
    assert score(facts, {1}, FIRST, LAST, day_of).points == 15, "the month in which it was earned keeps it"
    assert score(facts, {1}, date(2026, 4, 1), date(2026, 4, 30), day_of).points == 0
    assert score(facts, {1}, FIRST, LAST, day_of).held == 0


def test_asking_the_same_again_takes_it_back_and_asking_something_else_does_not() -> None:
    later = START + 5 * HOUR
    same = Facts([answer(1)], asked=[(1, "field1", START), (1, "field1", later)])
    other = Facts([answer(1)], asked=[(1, "field1", START), (1, "field2", later), (2, "field1", later)])
    assert [one.points for one in entries(same, day_of)] == [15, -15]
    assert [one.points for one in entries(other, day_of)] == [15]


def test_many_small_questions_are_no_way_to_many_points() -> None:
    one_day = [answer(n, answered_at=START + n * timedelta(minutes=1)) for n in range(1, 21)]
    assert sum(one.points for one in entries(Facts(one_day), day_of)) == DAY_CAP
    one_dispute = [answer(n, dispute=7, answered_at=START + n * timedelta(days=1)) for n in range(1, 21)]
    assert sum(one.points for one in entries(Facts(one_dispute), day_of)) == DISPUTE_CAP


def test_freed_counts_each_dispute_once_at_its_last_end() -> None:
    answers = [answer(1, dispute=1), answer(2, dispute=1, person=2), answer(3, dispute=2)]
    ended = [
        Ended(1, START + 2 * HOUR, Decimal("400.00"), "EUR"),
        Ended(2, START + 3 * HOUR, Decimal("50.00"), "EUR"),
        Ended(3, START + 3 * HOUR, Decimal("999.00"), "EUR"),
    ]
    facts = Facts(answers, ended=ended, reopened=[(2, START + 4 * HOUR)])
    assert score(facts, {1, 2}, FIRST, LAST, day_of).freed == {"EUR": Decimal("400.00")}
    again = Facts(answers, ended=[*ended, Ended(2, START + 9 * HOUR, Decimal("30.00"), "USD")],
                  reopened=[(2, START + 4 * HOUR)])  # fmt: skip
    assert score(again, {1}, FIRST, LAST, day_of).freed == {"EUR": Decimal("400.00"), "USD": Decimal("30.00")}


def test_a_month_without_answers() -> None:
    empty = score(Facts([]), {1}, FIRST, LAST, day_of)
    assert (empty.points, empty.answers, empty.share_in_time, empty.median, empty.freed) == (
        0,
        0,
        None,
        None,
        {},
    )


minutes = st.integers(0, 60 * 24 * 60)
answers = st.lists(
    st.builds(
        lambda dispute, person, asker, asked, wait, had, working: (dispute, person, asker, asked, wait, had, working),
        st.integers(1, 4), st.integers(1, 3), st.integers(1, 4), minutes, st.integers(0, 6000),
        st.none() | st.integers(1, 6000), st.booleans(),
    ),
    max_size=15,
)  # fmt: skip


@given(
    rows=answers,
    opened=st.lists(st.tuples(st.integers(1, 4), minutes), max_size=5),
    asked=st.lists(st.tuples(st.integers(1, 4), st.integers(1, 15), minutes), max_size=5),
)
def test_whatever_happens(
    rows: list[tuple[int, int, int, int, int, int | None, bool]],
    opened: list[tuple[int, int]],
    asked: list[tuple[int, int, int]],
) -> None:
    def at(minute: int) -> datetime:
        return START + timedelta(minutes=minute)

    given_answers = [
        answer(
            number,
            dispute=dispute, person=person, asked_by=asker, asked_at=at(since), answered_at=at(since + wait),
            took=timedelta(minutes=wait), had=timedelta(minutes=had) if had else None, working=working,
        )
        for number, (dispute, person, asker, since, wait, had, working) in enumerate(rows, 1)
    ]  # fmt: skip
    facts = Facts(
        given_answers,
        asked=[(dispute, f"field{about}", at(minute)) for dispute, about, minute in asked],
        reopened=[(dispute, at(minute)) for dispute, minute in opened],
    )
    made = entries(facts, day_of)
    assert made == entries(Facts(given_answers[::-1], facts.asked, facts.ended, facts.reopened[::-1]), day_of)
    sums: dict[int, int] = {}
    for one in made:
        sums[one.question] = sums.get(one.question, 0) + one.points
        assert sums[one.question] >= 0, "nothing is taken back that was not earned"
    for person in (1, 2, 3):
        days: dict[date, int] = {}
        for one in made:
            if one.person == person and one.points > 0:
                days[day_of(one.at)] = days.get(day_of(one.at), 0) + one.points
        assert all(points <= DAY_CAP for points in days.values())
    kept = {one.question for one in held(facts, made)}
    assert all(sums[question] == 0 for question in sums if question not in kept)
    own = {one.question for one in given_answers if one.person == one.asked_by}
    assert not own & sums.keys()
    long = (date(2026, 1, 1), date(2027, 12, 31))
    parts = sum(score(facts, {person}, *long, day_of).points for person in (1, 2, 3))
    assert parts == score(facts, {1, 2, 3}, *long, day_of).points == sum(sums.values())
