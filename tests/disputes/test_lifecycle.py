"""The table of the lifecycle, cell by cell."""

import pytest

from accounts.choices import Role
from disputes.choices import ACTIVE, CLOSED, Status
from disputes.errors import IllegalAct, RoleMayNot
from disputes.lifecycle import Act, available, check, check_step

OFFICE = {Role.ADMIN, Role.CREDIT_MANAGER, Role.COLLECTOR}
STAFF = OFFICE | {Role.SALES, Role.EXPERT}
MANAGERS = {Role.ADMIN, Role.CREDIT_MANAGER}
FREE = (Status.OPEN, Status.IN_PROGRESS, Status.WAITING_CUSTOMER)
# Written out again by hand: the test would be worth nothing if it read the table it tests.
EXPECTED = {
    Act.MOVE: (ACTIVE, STAFF),
    Act.ASK: (ACTIVE, STAFF),
    Act.ANSWER: (ACTIVE, STAFF | {Role.PARTNER}),
    Act.WITHDRAW_QUESTION: (ACTIVE, STAFF),
    Act.CHANGE_LINES: (ACTIVE, OFFICE),
    Act.CHANGE_REASON: (ACTIVE, OFFICE),
    Act.ASSIGN: (ACTIVE, OFFICE),
    Act.INVOLVE: (ACTIVE, STAFF),
    Act.HAND_OVER: (ACTIVE, STAFF),
    Act.GIVE_BACK: (ACTIVE, STAFF),
    Act.CLOSE: (ACTIVE, MANAGERS),
    Act.WITHDRAW: (ACTIVE, OFFICE),
    Act.REOPEN: (CLOSED, MANAGERS),
    Act.ADD_EVIDENCE: (ACTIVE + CLOSED, STAFF | {Role.PARTNER}),
    Act.SHARE_EVIDENCE: (ACTIVE + CLOSED, OFFICE),
    Act.REDACT_EVIDENCE: (ACTIVE + CLOSED, OFFICE),
    Act.MAKE_PACK: (ACTIVE + CLOSED, OFFICE | {Role.FINANCE}),
    Act.SET_CAUSE: ((*ACTIVE, *CLOSED), OFFICE),
    Act.FINISH_BRANCH: (FREE, STAFF),
    Act.MERGE: (FREE, OFFICE),
    Act.SPLIT: (FREE, OFFICE),
    Act.GROUP: (ACTIVE, OFFICE),
    Act.SNOOZE: (ACTIVE, OFFICE),
    Act.APPROVE: ((Status.TO_APPROVE,), STAFF | {Role.FINANCE}),
    Act.FOLLOW_CREDIT: (ACTIVE + CLOSED, OFFICE | {Role.EXPERT}),
    Act.OFFER: (ACTIVE, OFFICE | {Role.SALES}),
    Act.PROMISE: (ACTIVE + CLOSED, STAFF),
    Act.TELL_OUTCOME: ((Status.SOLVED, Status.REJECTED), OFFICE),
}


def test_the_table_covers_every_act() -> None:
    assert set(EXPECTED) == set(Act)


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("role", Role)
def test_every_cell_allows_exactly_what_it_should(act: Act, status: Status, role: Role) -> None:
    statuses, roles = EXPECTED[act]
    allowed = status in statuses and role in roles
    assert (act in available(status, {role})) is allowed
    if allowed:
        check(status, act, {role})
    else:
        with pytest.raises(RoleMayNot if role not in roles else IllegalAct):
            check(status, act, {role})


@pytest.mark.parametrize("before", Status)
@pytest.mark.parametrize("after", Status)
def test_a_route_never_leaves_a_closed_status(before: Status, after: Status) -> None:
    if before in CLOSED:
        with pytest.raises(IllegalAct):
            check_step(before, after)
    else:
        check_step(before, after)
