"""The life of a dispute as one table: which act, in which status, by which role. Pure: no database, no request.

Routes are data on top of it: a route's move is the act `move`, and its status change must be in `STEPS`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from accounts.choices import Role
from accounts.policy import ACTIONS, OFFICE
from disputes.choices import ACTIVE, CLOSED, Status
from disputes.errors import IllegalAct, RoleMayNot

MOVERS, ASKERS, ANSWERERS = ACTIONS["dispute.move"], ACTIONS["question.ask"], ACTIONS["question.answer"]
DECIDERS = ACTIONS["dispute.decide"]
LIVE = frozenset(ACTIVE)
ENDED = frozenset(CLOSED)
# What an approval was asked for stays as it was asked.
FREE = LIVE - {Status.TO_APPROVE}


class Act(StrEnum):
    """Everything a person can do to a dispute."""

    MOVE = "move"
    ASK = "ask"
    ANSWER = "answer"
    WITHDRAW_QUESTION = "withdraw_question"
    CHANGE_LINES = "change_lines"
    CHANGE_REASON = "change_reason"
    ASSIGN = "assign"
    INVOLVE = "involve"
    HAND_OVER = "hand_over"
    GIVE_BACK = "give_back"
    SNOOZE = "snooze"
    CLOSE = "close"
    WITHDRAW = "withdraw"
    REOPEN = "reopen"
    ADD_EVIDENCE = "add_evidence"
    SHARE_EVIDENCE = "share_evidence"
    REDACT_EVIDENCE = "redact_evidence"
    MAKE_PACK = "make_pack"
    SET_CAUSE = "set_cause"
    FINISH_BRANCH = "finish_branch"
    MERGE = "merge"
    SPLIT = "split"
    GROUP = "group"
    APPROVE = "approve"
    FOLLOW_CREDIT = "follow_credit"
    OFFER = "offer"
    PROMISE = "promise"
    TELL_OUTCOME = "tell_outcome"


@dataclass(frozen=True, slots=True)
class Rule:
    """An act is allowed in these statuses, to these roles."""

    statuses: frozenset[Status]
    roles: frozenset[Role]


ACTS: dict[Act, Rule] = {
    Act.MOVE: Rule(LIVE, MOVERS),
    Act.ASK: Rule(LIVE, ASKERS),
    Act.ANSWER: Rule(LIVE, ANSWERERS),
    Act.WITHDRAW_QUESTION: Rule(LIVE, ASKERS),
    Act.CHANGE_LINES: Rule(LIVE, OFFICE),
    Act.CHANGE_REASON: Rule(LIVE, OFFICE),
    Act.ASSIGN: Rule(LIVE, OFFICE),
    Act.INVOLVE: Rule(LIVE, MOVERS),
    Act.HAND_OVER: Rule(LIVE, MOVERS),
    Act.GIVE_BACK: Rule(LIVE, MOVERS),
    Act.SNOOZE: Rule(LIVE, OFFICE),
    Act.CLOSE: Rule(LIVE, DECIDERS),
    Act.WITHDRAW: Rule(LIVE, OFFICE),
    Act.REOPEN: Rule(ENDED, DECIDERS),
    # Papers arrive late, and personal data must go, whether the dispute is open or not.
    Act.ADD_EVIDENCE: Rule(LIVE | ENDED, ACTIONS["evidence.add"]),
    Act.SHARE_EVIDENCE: Rule(LIVE | ENDED, ACTIONS["evidence.keep"]),
    Act.REDACT_EVIDENCE: Rule(LIVE | ENDED, ACTIONS["evidence.keep"]),
    Act.MAKE_PACK: Rule(LIVE | ENDED, ACTIONS["evidence.pack"]),
    Act.FINISH_BRANCH: Rule(FREE, MOVERS),
    Act.SET_CAUSE: Rule(LIVE | ENDED, OFFICE),
    Act.MERGE: Rule(FREE, OFFICE),
    Act.SPLIT: Rule(FREE, OFFICE),
    Act.GROUP: Rule(LIVE, OFFICE),
    Act.APPROVE: Rule(frozenset({Status.TO_APPROVE}), ACTIONS["approval.vote"]),
    Act.FOLLOW_CREDIT: Rule(LIVE | ENDED, ACTIONS["credit.follow"]),
    Act.OFFER: Rule(LIVE, ACTIONS["offer.make"]),
    Act.PROMISE: Rule(LIVE | ENDED, MOVERS),
    Act.TELL_OUTCOME: Rule(frozenset({Status.SOLVED, Status.REJECTED}), OFFICE),
}

# From a status to the statuses a route may lead to. A closed dispute comes back by `reopen` only.
STEPS: dict[Status, frozenset[Status]] = {
    **dict.fromkeys(ACTIVE, LIVE | ENDED),
    **{status: frozenset() for status in CLOSED},
}

REFUSALS = {
    Act.MOVE: _("This dispute is closed: it cannot move any more."),
    Act.REOPEN: _("This dispute is open: there is nothing to reopen."),
    Act.MERGE: _("Only open disputes that wait for no approval can be merged."),
    Act.FINISH_BRANCH: _("The branches of a dispute that is closed or waits for an approval do not go on."),
    Act.TELL_OUTCOME: _("Only the outcome of a closed claim is told."),
    Act.SPLIT: _("Only an open dispute that waits for no approval can be split."),
}


def check(status: str, act: Act, roles: Iterable[str]) -> Rule:
    """The rule that allows `act`; raises IllegalAct (state) or RoleMayNot (person) with a sentence."""
    rule = ACTS[act]
    if not rule.roles & {Role(role) for role in roles}:
        raise RoleMayNot(_("Your role does not allow this."), code="role_may_not")
    check_status(status, act)
    return rule


def check_status(status: str, act: Act) -> None:
    """Refuse an act the status does not allow, whoever asks; raises IllegalAct."""
    if Status(status) not in ACTS[act].statuses:
        fallback = _("This dispute is closed.")
        raise IllegalAct(REFUSALS.get(act, fallback), code="illegal_act")


def check_step(before: str, after: str) -> None:
    """Refuse a status change that is not in the table; raises IllegalAct."""
    if Status(after) not in STEPS[Status(before)]:
        raise IllegalAct(_("The dispute cannot go from this status to that one."), code="illegal_step")


def available(status: str, roles: Iterable[str]) -> list[Act]:
    """What somebody with these roles may do now: the buttons of the page and the `actions` of the API."""
    mine = {Role(role) for role in roles}
    return [act for act, rule in ACTS.items() if Status(status) in rule.statuses and rule.roles & mine]
