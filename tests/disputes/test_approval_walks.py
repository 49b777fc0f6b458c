"""Random walks of everybody over everything that gives something up: never above a limit without the votes."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from accounts import policy
from accounts.choices import Role
from accounts.models import Absence, User
from disputes import services
from disputes.models import Approval, Dispute, Offer, Outcome
from disputes.services.limits import book_of
from lib.errors import DomainError
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.test_properties import undone
from tests.factories import AT, ON, Cast, make_invoice, make_person
from tests.plays import plays

PEOPLE = ("alice", "berta", "carl", "sam", "bill", "adam", "fin")
ACTS = (
    "close",
    "move",
    "vote",
    "vote",
    "no",
    "back",
    "offer",
    "theirs",
    "accept",
    "lines",
    "reopen",
    "write_off",
)
steps = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.sampled_from(PEOPLE),
        st.sampled_from(["10", "500", "500.01", "900", "5000", "5000.01", "7000"]),
    ),
    max_size=14,
)


def act(dispute: Dispute, cast: Cast, berta: User, what: str, by: User, amount: Decimal, at: Any) -> None:
    """One attempt; what the rules refuse raises."""
    common: dict[str, Any] = {"by": by, "at": at}
    approval = Approval.objects.filter(dispute=dispute).first()
    offer = Offer.objects.filter(dispute=dispute).first()
    if what in ("close", "write_off"):
        resolution = "credit" if what == "close" else "write_off"
        services.close_dispute(
            dispute=dispute, verdict="partly", resolution=resolution, amount=amount, **common
        )
    elif what == "move":
        moves = [move.code for move in dispute.stage.moves.all()]
        code = next((one for one in ("credit_sent", "prepare_credit") if one in moves), moves[0])
        fields = {"credit_amount": str(amount), "credit_note_number": "CN-1", "note": "so"}
        services.make_move(dispute=dispute, move_code=code, fields=fields, **common)
    elif what in ("vote", "no") and approval:
        services.vote(approval_id=approval.pk, yes=what == "vote", note="so", **common)
    elif what == "back" and approval:
        services.take_back(approval_id=approval.pk, **common)
    elif what in ("offer", "theirs"):
        side = "ours" if what == "offer" else "customer"
        services.make_offer(dispute=dispute, amount=amount, valid_until=ON, side=side, **common)
    elif what == "accept" and offer:
        services.accept_offer(offer_id=offer.pk, **common)
    elif what == "lines":
        lines = [services.LineInput(dispute.lines.first().invoice_id, amount)]  # type: ignore[union-attr]
        services.change_lines(dispute=dispute, lines=lines, **common)
    elif what == "reopen":
        services.reopen_dispute(dispute=dispute, **common)


def check(dispute: Dispute) -> None:
    """What is given up is within what its decider may alone, or has every vote, each by somebody else."""
    outcome = Outcome.objects.filter(dispute=dispute).first()
    if outcome is None or outcome.resolution not in ("credit", "write_off"):
        return
    decider = outcome.decided_by
    assert decider is not None
    book = book_of(dispute.entity)
    roles = policy.scope(decider).roles_in(dispute.entity_id)
    if outcome.amount <= book.alone(decider, roles):
        return
    approval = outcome.approval
    assert approval is not None
    votes = list(approval.votes.all())
    assert [vote.yes for vote in votes] == [True] * len(approval.steps)
    assert len(approval.steps) == len(book.steps(outcome.resolution, outcome.amount))
    voices = [pk for vote in votes for pk in {vote.user_id, vote.counts_as_id}]
    assert len(voices) == len(set(voices))
    assert approval.asked_by_id not in voices


@pytest.mark.django_db
@settings(
    max_examples=plays(20),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sequence=steps)
@example(sequence=[("close", "alice", "7000"), ("vote", "berta", "10"), ("vote", "adam", "10")])
@example(sequence=[("theirs", "sam", "7000"), ("accept", "carl", "10"), ("vote", "alice", "10")] * 2)
@example(sequence=[("offer", "sam", "10"), ("vote", "alice", "10"), ("accept", "sam", "10")])
@example(sequence=[("move", "alice", "10"), ("move", "bill", "7000"), ("vote", "carl", "10")])
def test_nothing_is_given_up_above_a_limit_without_the_votes(
    catalogue: Cast, sequence: list[tuple[str, str, str]]
) -> None:
    with undone():
        berta = make_person("Berta", catalogue.entity, Role.CREDIT_MANAGER)
        Absence.objects.create(user=berta, starts_on=ON, ends_on=ON, deputy=catalogue.carl)
        dispute = open_one(catalogue, amount="9000.00", invoice=make_invoice(catalogue.norte, "20000.00"))
        at = AT
        for what, who, amount in sequence:
            at += timedelta(minutes=5)
            dispute.refresh_from_db()
            by = berta if who == "berta" else getattr(catalogue, who)
            try:
                with transaction.atomic():
                    act(dispute, catalogue, berta, what, by, Decimal(amount), at)
            except DomainError:
                continue
            check(dispute)
        settle_constraints()
