"""Random lives of disputes: the stays tile them, and any past day can be told."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from disputes import selectors, services
from disputes.models import Dispute, Reason
from disputes.services.common import day_of
from ledger.models import Invoice
from lib.errors import DomainError
from tests.disputes.conftest import settle_constraints
from tests.factories import AT, ON, Cast, make_invoice, pay

slow_but_thorough = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
# A step: which act, which of its possibilities, and how much later (none, minutes, or days).
steps = st.lists(
    st.tuples(
        st.sampled_from(["move", "move", "move", "assign", "classify", "lines", "close", "reopen"]),
        st.integers(0, 5),
        st.sampled_from([0, 0, 1, 90, 60 * 24, 60 * 24 * 6]),
    ),
    max_size=14,
)


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside is taken back: each example starts from the same rows."""
    mark = transaction.savepoint()
    try:
        yield
    finally:
        transaction.savepoint_rollback(mark)


def act(dispute: Dispute, cast: Cast, what: str, which: int, at: datetime) -> None:
    """One act by a manager; what the rules refuse changes nothing."""
    everything: dict[str, Any] = {
        "note": "as agreed",
        "credit_amount": "10",
        "credit_note_number": "CN-1",
    }
    people = [cast.alice, cast.carl, cast.sam, cast.eva]
    invoice = dispute.lines.first().invoice  # type: ignore[union-attr]
    reasons = list(Reason.objects.filter(entity=cast.entity))
    moves = list(dispute.stage.moves.all())
    if what == "move":
        code = moves[which % len(moves)].code
        services.make_move(dispute=dispute, move_code=code, by=cast.adam, at=at, fields=everything)
    elif what == "assign" and which == 5:
        services.assign(dispute=dispute, by=cast.adam, at=at, department=cast.billing)
    elif what == "assign":
        services.assign(dispute=dispute, by=cast.adam, at=at, user=people[which % 4])
    elif what == "classify":
        services.classify(dispute=dispute, by=cast.adam, at=at, reason=reasons[which % len(reasons)])
    elif what == "lines":
        lines = [services.LineInput(invoice.pk, Decimal(50 * (which + 1)))]
        services.change_lines(dispute=dispute, by=cast.adam, at=at, lines=lines)
    elif what == "close":
        services.close_dispute(dispute=dispute, verdict="partly", resolution="credit", by=cast.adam, at=at)
    else:
        services.reopen_dispute(dispute=dispute, by=cast.adam, at=at)


def live(dispute: Dispute, cast: Cast, sequence: list[tuple[str, int, int]]) -> list[datetime]:
    """Let the dispute live through the sequence; the moments of its acts."""
    at, moments = AT, [AT]
    for what, which, minutes in sequence:
        at += timedelta(minutes=minutes)
        moments.append(at)
        dispute.refresh_from_db()
        try:
            with transaction.atomic():
                act(dispute, cast, what, which, at)
        except DomainError:
            continue
    dispute.refresh_from_db()
    settle_constraints()
    return moments


@pytest.mark.django_db
@slow_but_thorough
@given(sequence=steps)
def test_stays_tile_the_life_of_a_dispute(
    catalogue: Cast, dispute: Dispute, sequence: list[tuple[str, int, int]]
) -> None:
    with undone():
        end = live(dispute, catalogue, sequence)[-1] + timedelta(days=1)
        stays = list(dispute.stays.order_by("seq"))
        assert stays[0].started_at == dispute.opened_at
        assert stays[-1].ended_at == dispute.closed_at
        for before, after in pairwise(stays):
            assert before.ended_at == after.started_at
        held = sum(((stay.ended_at or end) - stay.started_at for stay in stays), timedelta())
        assert held == (dispute.closed_at or end) - dispute.opened_at
        assert dispute.is_open is (stays[-1].ended_at is None)


Snapshot = tuple[datetime, dict[int, Decimal]]


def disputed_by_hand(
    history: list[Snapshot], cast: Cast, on: date, known_at: datetime | None
) -> dict[int, Decimal]:
    """The state after the last act that happened by the end of `on` and was known by `known_at`."""
    state: dict[int, Decimal] = {}
    for at, after in history:
        if day_of(at, cast.entity) <= on and (known_at is None or at <= known_at):
            state = after
    return state


@pytest.mark.django_db
@slow_but_thorough
@given(sequence=steps)
@example(sequence=[("move", 0, 0)] * 3 + [("lines", 0, 0), ("move", 0, 0), ("reopen", 0, 0)])
def test_disputed_as_of_any_day_equals_a_replay(
    catalogue: Cast, dispute: Dispute, sequence: list[tuple[str, int, int]]
) -> None:
    with undone():
        history: list[Snapshot] = [(AT, {dispute.lines.get().invoice_id: Decimal("300.00")})]
        at = AT
        for what, which, minutes in sequence:
            at += timedelta(minutes=minutes)
            dispute.refresh_from_db()
            try:
                with transaction.atomic():
                    act(dispute, catalogue, what, which, at)
            except DomainError:
                continue
            lines = dispute.lines.filter(closed_on=None).values_list("invoice_id", "amount")
            history.append((at, dict(lines)))
        days = sorted(
            {
                day_of(moment, catalogue.entity) + timedelta(days=d)
                for moment, _ in history
                for d in (-1, 0, 1)
            }
        )
        for on in days:
            for known_at in [None, history[len(history) // 2][0]]:
                told = {row["invoice"]: row["disputed"] for row in selectors.disputed_as_of(on, known_at)}
                assert told == disputed_by_hand(history, catalogue, on, known_at)
                with_sums = Invoice.objects.annotate(disputed=selectors.disputed_subquery(on, known_at))
                assert {i.pk: i.disputed for i in with_sums if i.disputed} == told  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_the_disputed_part_never_exceeds_what_is_open(catalogue: Cast, dispute: Dispute) -> None:
    invoice = dispute.lines.get().invoice
    other = make_invoice(catalogue.norte, "50.00")
    pay(invoice, "900.00")
    rows = selectors.with_disputed(Invoice.objects.filter(customer=catalogue.norte).open_as_of(ON), ON)
    assert {row.pk: row.disputed for row in rows} == {
        invoice.pk: Decimal("100.00"),
        other.pk: Decimal("0.00"),
    }  # type: ignore[attr-defined]
