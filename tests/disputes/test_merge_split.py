"""Two disputes become one, one becomes two: the cents stay, both timelines say so, the database watches."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import transaction

from accounts import events
from chat.lines import words as chat_words
from disputes import services, words
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, DisputeLine, Outcome, Question, Reason
from disputes.services import Part
from disputes.services.common import start_stay
from lib import books
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.disputes.test_guards import refuses
from tests.factories import AT, Cast, make_invoice, pay

BOOKS = ["dispute.amount", "dispute.stays", "dispute.outcome", "dispute.counter"]
LATER = AT + timedelta(hours=1)


def live_total() -> Decimal:
    return sum(DisputeLine.objects.filter(closed_on=None).values_list("amount", flat=True), Decimal(0))


def said(dispute: Dispute) -> list[str]:
    return [words.tell(event).text for event in events.timeline("dispute", dispute.pk)]


def test_merging_moves_lines_and_people_and_closes_the_other(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue, amount="120.50", by=catalogue.sam, statement="Wrong price again")
    services.make_move(dispute=other, move_code="ask_sales", by=catalogue.alice, at=AT)
    services.involve(dispute=other, user=catalogue.eva, by=catalogue.alice, at=AT)
    merged = services.merge_disputes(into=dispute, other=other, by=catalogue.carl, at=LATER)
    settle_constraints()
    other.refresh_from_db()
    assert (merged.pk, merged.amount) == (dispute.pk, Decimal("420.50"))
    assert (other.status, other.merged_into_id, other.amount) == ("withdrawn", dispute.pk, Decimal("120.50"))
    assert other.outcome.resolution == "duplicate"
    assert not Question.objects.filter(dispute=other, status="open").exists()
    assert live_total() == Decimal("420.50")
    people = set(dispute.participations.values_list("user__name", flat=True))
    assert people >= {"Sam", "Eva", "Alice"}
    assert f"{other.ref} was merged into this dispute: €120.50 more" in said(dispute)
    assert f"Merged into {dispute.ref}, which goes on with €120.50" in said(other)
    event = events.timeline("dispute", dispute.pk).get(kind="dispute.merged")
    line = chat_words(event.kind, {**event.data, "actor": "Carl"})
    assert line == f"Carl merged {other.ref} into {dispute.ref}: €120.50"
    assert list(books.run(BOOKS)) == []


def test_a_merged_dispute_reopens_only_on_what_nobody_disputes(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue, amount="1000.00")
    services.merge_disputes(into=dispute, other=other, by=catalogue.alice, at=LATER)
    with pytest.raises(IllegalAct, match="Nothing is open"), transaction.atomic():
        services.reopen_dispute(dispute=other, by=catalogue.alice, at=LATER)
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=LATER)
    again = services.reopen_dispute(dispute=other, by=catalogue.alice, at=LATER)
    settle_constraints()
    assert (again.merged_into, again.amount, live_total()) == (None, Decimal("1000.00"), Decimal("1000.00"))


@pytest.mark.parametrize("what", ["itself", "customer", "currency", "closed", "role", "approval"])
def test_what_cannot_be_merged_changes_nothing(dispute: Dispute, catalogue: Cast, what: str) -> None:
    by, other = catalogue.alice, open_one(catalogue)
    if what == "itself":
        other = dispute
    elif what == "customer":
        other = open_one(catalogue, invoice=make_invoice(catalogue.sur))
    elif what == "currency":
        other = open_one(catalogue, invoice=make_invoice(catalogue.norte, currency="USD"))
    elif what == "closed":
        services.withdraw_dispute(dispute=other, by=by, at=AT)
    elif what == "approval":
        other.status = "to_approve"
        other.save()
        start_stay(other, AT)
    else:
        by = catalogue.sam
    before = live_total()
    with pytest.raises((FieldErrors, IllegalAct, RoleMayNot)), transaction.atomic():
        services.merge_disputes(into=dispute, other=other, by=by, at=LATER)
    assert live_total() == before
    dispute.refresh_from_db()
    assert (dispute.amount, dispute.is_open) == (Decimal("300.00"), True)


def test_splitting_takes_a_line_and_a_part_and_keeps_the_sum(catalogue: Cast) -> None:
    first, second = make_invoice(catalogue.norte), make_invoice(catalogue.norte)
    dispute = open_one(catalogue, invoice=first)
    services.change_lines(
        dispute=dispute,
        lines=[services.LineInput(first.pk, Decimal(300)), services.LineInput(second.pk, Decimal(80))],
        by=catalogue.alice,
        at=AT,
    )
    big, small = dispute.lines.filter(closed_on=None).order_by("-amount")
    reason = Reason.objects.get(entity=catalogue.entity, code="delivery")
    new = services.split_dispute(
        dispute=dispute,
        lines=[Part(small.pk), Part(big.pk, Decimal("99.99"))],
        by=catalogue.carl,
        at=LATER,
        reason=reason,
    )
    settle_constraints()
    dispute.refresh_from_db()
    assert (dispute.amount, new.amount) == (Decimal("200.01"), Decimal("179.99"))
    assert (new.split_from, new.reason, new.coordinator) == (dispute, reason, dispute.coordinator)
    assert new.route_version.route == reason.route
    assert f"€179.99 became a dispute of its own: {new.ref}" in said(dispute)
    opened = words.tell(events.timeline("dispute", new.pk).get(kind="dispute.opened"))
    assert f"split from {dispute.ref}" in opened.detail
    assert list(books.run(BOOKS)) == []


def test_a_partly_paid_invoice_is_split_without_asking_what_is_open(
    dispute: Dispute, catalogue: Cast
) -> None:
    line = dispute.lines.get()
    pay(line.invoice, "900.00")
    new = services.split_dispute(
        dispute=dispute, lines=[Part(line.pk, Decimal(100))], by=catalogue.alice, at=LATER
    )
    settle_constraints()
    assert (live_total(), new.reason) == (Decimal("300.00"), dispute.reason)


@pytest.mark.parametrize(
    ("amount", "field"),
    [("300", "lines"), (None, "lines"), ("0", "lines.0.amount"), ("-1", "lines.0.amount"),
     ("300.01", "lines.0.amount"), ("0.001", "lines.0.amount")],
)  # fmt: skip
def test_what_cannot_be_split_is_told_where_it_is(
    dispute: Dispute, catalogue: Cast, amount: str | None, field: str
) -> None:
    part = Part(dispute.lines.get().pk, Decimal(amount) if amount else None)
    with pytest.raises(FieldErrors) as wrong, transaction.atomic():
        services.split_dispute(dispute=dispute, lines=[part], by=catalogue.alice, at=LATER)
    assert field in wrong.value.fields
    assert Dispute.objects.count() == 1


def test_a_line_that_is_not_there_or_named_twice_is_not_split(dispute: Dispute, catalogue: Cast) -> None:
    line = dispute.lines.get()
    other = open_one(catalogue).lines.get()
    for parts in ([Part(other.pk)], [Part(line.pk, Decimal(1)), Part(line.pk, Decimal(1))], []):
        with pytest.raises(FieldErrors), transaction.atomic():
            services.split_dispute(dispute=dispute, lines=parts, by=catalogue.alice, at=LATER)
    with pytest.raises(RoleMayNot), transaction.atomic():
        services.split_dispute(dispute=dispute, lines=[Part(line.pk, Decimal(1))], by=catalogue.sam, at=LATER)
    assert live_total() == Decimal("600.00")


def test_the_database_keeps_merged_and_split_disputes_in_order(dispute: Dispute, catalogue: Cast) -> None:
    other = open_one(catalogue)
    stranger = open_one(catalogue, invoice=make_invoice(catalogue.sur))
    these = Dispute.objects.filter(pk=other.pk)
    refuses("dispute_merged_is_closed", lambda: these.update(merged_into=dispute))
    refuses("dispute_merges_into_its_like", lambda: these.update(merged_into=stranger))
    refuses("dispute_split_is_final", lambda: these.update(split_from=dispute))
    services.withdraw_dispute(dispute=other, by=catalogue.alice, at=AT)
    refuses("dispute_duplicate_names_the_other", lambda: these.update(merged_into=dispute))
    refuses("dispute_merged_is_closed|dispute_merges_into_its_like", lambda: these.update(merged_into=other))
    outcome = Outcome.objects.filter(dispute=other)
    refuses("dispute_duplicate_names_the_other", lambda: outcome.update(resolution="duplicate"))
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    refuses("dispute_merges_into_its_like", lambda: these.update(merged_into=dispute))
    dispute.pk, dispute.number, dispute.split_from = None, 99, stranger
    refuses("dispute_splits_from_its_like", lambda: dispute.save(force_insert=True))
    dispute.pk = these.get().pk - 1


def test_nobody_closes_by_hand_as_a_duplicate(dispute: Dispute, catalogue: Cast) -> None:
    with pytest.raises(FieldErrors):
        services.close_dispute(
            dispute=dispute, verdict="partly", resolution="duplicate", by=catalogue.alice, at=LATER
        )


def test_the_root_cause_is_set_at_any_time_and_taken_back(dispute: Dispute, catalogue: Cast) -> None:
    cause = Reason.objects.get(entity=catalogue.entity, code="delivery")
    services.withdraw_dispute(dispute=dispute, by=catalogue.alice, at=AT)
    for wanted in (cause, cause, None):
        services.set_cause(dispute=dispute, cause=wanted, by=catalogue.carl, at=LATER)
        dispute.refresh_from_db()
        assert dispute.root_cause == wanted
    assert said(dispute)[-2:] == [f"Root cause: {cause.label}", "The root cause was taken back"]
    foreign = Reason.objects.filter(entity=catalogue.other).first()
    if foreign is None:
        services.catalogue.install(catalogue.other)
        foreign = Reason.objects.filter(entity=catalogue.other).first()
    with pytest.raises(FieldErrors), transaction.atomic():
        services.set_cause(dispute=dispute, cause=foreign, by=catalogue.carl, at=LATER)
    with pytest.raises(RoleMayNot), transaction.atomic():
        services.set_cause(dispute=dispute, cause=cause, by=catalogue.sam, at=LATER)


@pytest.mark.django_db(transaction=True)
class TestRaces:
    """The locks of the invoices, then of the disputes: either is enough where both are taken."""

    def test_merged_both_ways_at_once_goes_one_way(self, catalogue: Cast) -> None:
        one, two = open_one(catalogue), open_one(catalogue)
        low, high = sorted([one, two], key=lambda dispute: dispute.pk)
        results = both(
            "disputes_dispute",
            low.pk,
            lambda: services.merge_disputes(into=low, other=high, by=catalogue.alice, at=LATER),
            lambda: services.merge_disputes(into=high, other=low, by=catalogue.carl, at=LATER),
        )
        assert sorted(type(one).__name__ for one in results) == ["Dispute", "IllegalAct"]
        assert live_total() == Decimal("600.00")
        assert Dispute.objects.active().count() == 1

    def test_split_twice_at_once_takes_once(self, catalogue: Cast) -> None:
        dispute = open_one(catalogue)
        line = dispute.lines.get()

        def attempt() -> Dispute:
            part = Part(line.pk, Decimal(200))
            return services.split_dispute(dispute=dispute, lines=[part], by=catalogue.alice, at=LATER)

        results = both("ledger_invoice", line.invoice_id, attempt, attempt)
        assert sorted(type(one).__name__ for one in results) == ["Dispute", "FieldErrors"]
        assert live_total() == Decimal("300.00")

    def test_closed_and_split_at_once_does_one_of_both(self, catalogue: Cast) -> None:
        dispute = open_one(catalogue)
        part = Part(dispute.lines.get().pk, Decimal(200))
        results = both(
            "disputes_dispute",
            dispute.pk,
            lambda: services.split_dispute(dispute=dispute, lines=[part], by=catalogue.alice, at=LATER),
            lambda: services.withdraw_dispute(dispute=dispute, by=catalogue.carl, at=LATER),
        )
        split, closed = results
        assert isinstance(closed, Dispute)
        assert isinstance(split, (Dispute, IllegalAct))
        assert live_total() == (Decimal("200.00") if isinstance(split, Dispute) else Decimal(0))
