"""Branches, their deadlines and hand-overs: calendars that change, a dispute that is passed on and comes back."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from accounts import services as people
from accounts.events import Event
from disputes import services
from disputes.models import BranchRun, Dispute, HandOver, Question
from tests.disputes.conftest import open_one, settle_constraints
from tests.factories import AT, ON, Cast

MADRID = ZoneInfo("Europe/Madrid")
HOUR = timedelta(hours=1)


@pytest.fixture
def parallel(catalogue: Cast) -> Dispute:
    """Monday at nine: logistics has a working day, sales two."""
    dispute = open_one(catalogue, reason="delivery")
    return services.make_move(dispute=dispute, move_code="ask_both", by=catalogue.alice, at=AT)


def dues(dispute: Dispute) -> dict[str, datetime | None]:
    return dict(BranchRun.objects.filter(dispute=dispute).values_list("branch__code", "due_at"))


def holders(dispute: Dispute) -> dict[str, str]:
    return {
        run.branch.code: run.holder_name for run in BranchRun.objects.filter(dispute=dispute, state="open")
    }


def moved(dispute: Dispute) -> int:
    return Event.objects.filter(stream="dispute", object_id=dispute.pk, kind="dispute.due_moved").count()


def monday(day: int, hour: int) -> datetime:
    return datetime(2026, 3, day, hour, tzinfo=MADRID)


def test_a_closure_moves_the_deadlines_of_branches_once(parallel: Dispute, catalogue: Cast) -> None:
    assert dues(parallel) == {"logistics": monday(16, 18), "sales": monday(17, 18)}
    calendar = catalogue.entity.calendars.get()
    people.add_closure(
        calendar=calendar, starts_on=ON, ends_on=ON, name="Fallas", by=catalogue.alice, at=AT + HOUR
    )
    assert services.due_again(entity=catalogue.entity, at=AT + HOUR) == 1
    assert dues(parallel) == {"logistics": monday(17, 18), "sales": monday(18, 18)}
    parallel.refresh_from_db()
    assert (parallel.due_at, moved(parallel)) == (monday(17, 18), 1)
    assert services.due_again(entity=catalogue.entity, at=AT + 2 * HOUR) == 0
    settle_constraints()


def test_the_dispute_goes_to_who_has_the_branch_that_is_due_first_now(
    parallel: Dispute, catalogue: Cast
) -> None:
    """Logistics is closed for the week: its branch is due after that of sales."""
    wanted = people.CalendarInput("Warehouse", "ES", "Europe/Madrid", department=catalogue.logistics)
    calendar = people.save_calendar(entity=catalogue.entity, wanted=wanted, by=catalogue.alice, at=AT)
    people.add_closure(
        calendar=calendar, starts_on=ON, ends_on=date(2026, 3, 20), name="Stock", by=catalogue.alice, at=AT
    )
    assert services.due_again(entity=catalogue.entity, at=AT + HOUR) == 1
    parallel.refresh_from_db()
    assert (parallel.holder_user, parallel.due_at) == (catalogue.sam, monday(17, 18))
    assert dues(parallel)["logistics"] == monday(23, 18)
    settle_constraints()


def test_a_hand_over_takes_the_branches_of_the_holder_along_and_no_others(
    parallel: Dispute, catalogue: Cast
) -> None:
    services.hand_over(dispute=parallel, to=catalogue.sam, by=catalogue.eva, at=AT + HOUR)
    assert holders(parallel) == {"logistics": "Sam", "sales": "Sam"}
    settle_constraints()
    parallel.refresh_from_db()
    services.give_back(dispute=parallel, by=catalogue.sam, at=AT + 2 * HOUR)
    parallel.refresh_from_db()
    # His own branch, which he had before, stays his.
    assert holders(parallel) == {"logistics": catalogue.logistics.name, "sales": "Sam"}
    assert parallel.holder_department == catalogue.logistics
    settle_constraints()


def test_what_was_passed_on_and_is_done_does_not_come_back(parallel: Dispute, catalogue: Cast) -> None:
    services.hand_over(dispute=parallel, to=catalogue.sam, by=catalogue.eva, at=AT + HOUR)
    services.finish_branch(
        dispute=parallel, branch="logistics", result="x", by=catalogue.sam, at=AT + 2 * HOUR
    )
    parallel.refresh_from_db()
    assert (services.open_hand_over(parallel), holders(parallel)) == (None, {"sales": "Sam"})
    assert HandOver.objects.get().branches == [BranchRun.objects.get(branch__code="logistics").pk]


def test_both_branches_of_one_person_go_together_with_their_questions(
    parallel: Dispute, catalogue: Cast
) -> None:
    services.give_branch(dispute=parallel, branch="logistics", user=catalogue.sam, by=catalogue.alice, at=AT)
    parallel.refresh_from_db()
    services.hand_over(dispute=parallel, to=catalogue.sofia, by=catalogue.sam, at=AT + HOUR)
    assert holders(parallel) == {"logistics": "Sofia", "sales": "Sofia"}
    asked = Question.objects.get(dispute=parallel, template__code="both_missing_goods")
    assert asked.asked_of == catalogue.sofia
    settle_constraints()


def test_a_branch_that_is_given_is_due_by_the_hours_of_who_got_it(parallel: Dispute, catalogue: Cast) -> None:
    week = [[[540, 840]]] * 5 + [[], []]
    wanted = people.CalendarInput("Mornings", "ES", "Europe/Madrid", user=catalogue.bill, week=week)
    people.save_calendar(entity=catalogue.entity, wanted=wanted, by=catalogue.alice, at=AT)
    services.give_branch(
        dispute=parallel, branch="logistics", user=catalogue.bill, by=catalogue.alice, at=AT + HOUR
    )
    assert services.due_again(entity=catalogue.entity, at=AT + 2 * HOUR) == 0
    settle_constraints()
