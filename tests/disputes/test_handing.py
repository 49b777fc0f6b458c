"""Handing over, delegating, giving back; what the absent have goes to their deputies."""

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from accounts import services as people
from accounts.choices import Role
from accounts.events import Event
from accounts.models import Absence, User
from disputes import services
from disputes.errors import FieldErrors, IllegalAct, RoleMayNot
from disputes.models import Dispute, HandOver, Question
from disputes.services.holding import replacement, stand_in
from tests.disputes.race import both
from tests.factories import AT, ON, Cast, make_person

MADRID = ZoneInfo("Europe/Madrid")
LATER = AT + timedelta(hours=1)


def away(user: User, deputy: User | None, by: User, days: int = 5, on: date = ON) -> Absence:
    return people.report_absence(
        user=user, starts_on=on, ends_on=on + timedelta(days=days), deputy=deputy, by=by, at=AT
    )


def told(dispute: Dispute, kind: str) -> list[Event]:
    return list(Event.objects.filter(stream="dispute", object_id=dispute.pk, kind=kind).order_by("seq"))


@pytest.fixture
def with_sam(question: Question) -> Dispute:
    """The dispute, held by Sam, who is also asked its question."""
    dispute = question.dispute
    dispute.refresh_from_db()
    return dispute


def test_the_holder_hands_over_with_a_note_and_may_take_back(with_sam: Dispute, catalogue: Cast) -> None:
    dispute = services.hand_over(
        dispute=with_sam, to=catalogue.sofia, by=catalogue.sam, at=LATER, note=" on the road "
    )
    assert (dispute.holder_user, dispute.due_at) == (catalogue.sofia, with_sam.due_at)
    event = told(dispute, "dispute.handed_over")[0]
    assert (event.data["why"], event.data["from_name"], event.data["holder"]) == ("hand_over", "Sam", "Sofia")
    assert event.data["note"] == "on the road"
    assert HandOver.objects.get(dispute=dispute).ended_at is None
    services.give_back(dispute=dispute, by=catalogue.sam, at=LATER + timedelta(hours=1))
    dispute.refresh_from_db()
    assert dispute.holder_user == catalogue.sam
    assert told(dispute, "dispute.given_back")[0].data["how"] == "taken"
    with pytest.raises(IllegalAct, match="nothing to give back"):
        services.give_back(dispute=dispute, by=catalogue.sam, at=LATER + timedelta(hours=2))


def test_the_question_of_the_stage_goes_along_only_when_it_was_put_to_the_holder(
    question: Question, catalogue: Cast
) -> None:
    """The price route asks the salesperson, whoever holds the dispute: the question stays with Sam."""
    services.hand_over(dispute=question.dispute, to=catalogue.sofia, by=catalogue.sam, at=LATER)
    question.refresh_from_db()
    assert question.asked_of == catalogue.sam
    assert not told(question.dispute, "question.passed_on")


@pytest.mark.parametrize("who", ["eva", "sofia", "bill"])
def test_only_the_holder_or_the_office_hands_over_and_nothing_changes(
    with_sam: Dispute, catalogue: Cast, who: str
) -> None:
    before = (with_sam.stays.count(), with_sam.holder_user)
    with pytest.raises(RoleMayNot, match="Only who has the dispute"):
        services.hand_over(dispute=with_sam, to=catalogue.carl, by=getattr(catalogue, who), at=LATER)
    with_sam.refresh_from_db()
    assert (with_sam.stays.count(), with_sam.holder_user) == before
    assert services.hand_over(dispute=with_sam, to=catalogue.carl, by=catalogue.alice, at=LATER)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"to": "sam"}, "to"),
        ({"to": "fin"}, "to"),
        ({"to": "mallory"}, "to"),
        ({"to": "carl", "note": "x" * 1001}, "note"),
        ({"to": "carl", "until": AT}, "until"),
        ({"to": "carl", "until": AT + timedelta(days=100)}, "until"),
    ],
)
def test_a_wrong_hand_over_names_its_field(
    with_sam: Dispute, catalogue: Cast, changes: dict[str, Any], field: str
) -> None:
    given = changes | {"to": getattr(catalogue, changes["to"])}
    with pytest.raises(FieldErrors) as wrong:
        services.hand_over(dispute=with_sam, by=catalogue.alice, at=LATER, **given)
    assert set(wrong.value.fields) == {field}
    assert not HandOver.objects.exists()


def test_a_delegation_comes_back_by_itself_once(with_sam: Dispute, catalogue: Cast) -> None:
    until = AT + timedelta(days=2)
    services.hand_over(dispute=with_sam, to=catalogue.sofia, by=catalogue.sam, at=LATER, until=until)
    assert services.end_delegations(at=until - timedelta(minutes=1)) == 0
    assert services.end_delegations(at=until) == 1
    with_sam.refresh_from_db()
    assert with_sam.holder_user == catalogue.sam
    assert told(with_sam, "dispute.given_back")[0].data["how"] == "time"
    assert services.end_delegations(at=until + timedelta(days=1)) == 0


def test_a_delegation_of_a_dispute_that_went_on_ends_quietly(with_sam: Dispute, catalogue: Cast) -> None:
    until = AT + timedelta(days=2)
    services.hand_over(dispute=with_sam, to=catalogue.sofia, by=catalogue.sam, at=LATER, until=until)
    with_sam.refresh_from_db()
    services.make_move(
        dispute=with_sam, move_code="back_to_triage", by=catalogue.alice, at=LATER, fields={"note": "x"}
    )
    holder = Dispute.objects.get(pk=with_sam.pk).holder_user
    assert services.end_delegations(at=until) == 0
    assert Dispute.objects.get(pk=with_sam.pk).holder_user == holder
    assert HandOver.objects.get().ended_at == until


def test_what_the_absent_have_goes_to_the_deputy_and_stays_there(with_sam: Dispute, catalogue: Cast) -> None:
    away(catalogue.sam, catalogue.sofia, catalogue.sam)
    assert services.hand_over_for_the_absent(at=LATER) == 2
    with_sam.refresh_from_db()
    assert with_sam.holder_user == catalogue.sofia
    assert Question.objects.get(dispute=with_sam).asked_of == catalogue.sofia
    assert told(with_sam, "question.passed_on")[0].data["asked_of_name"] == "Sofia"
    assert services.hand_over_for_the_absent(at=LATER) == 0
    with pytest.raises(IllegalAct, match="Sam is away"):
        services.give_back(dispute=with_sam, by=catalogue.sofia, at=LATER)
    back = AT + timedelta(days=7)
    assert services.hand_over_for_the_absent(at=back) == 0
    with_sam.refresh_from_db()
    assert with_sam.holder_user == catalogue.sofia
    services.give_back(dispute=with_sam, by=catalogue.sofia, at=back)
    with_sam.refresh_from_db()
    assert with_sam.holder_user == catalogue.sam


def test_without_a_deputy_it_goes_to_the_lead_then_to_the_coordinator(
    catalogue: Cast, dispute: Dispute
) -> None:
    services.assign(dispute=dispute, user=catalogue.eva, by=catalogue.alice, at=AT)
    away(catalogue.eva, None, catalogue.alice)
    lead = make_person("Lena", catalogue.entity, Role.EXPERT, catalogue.logistics)
    people.set_lead(department=catalogue.logistics, lead=lead, by=catalogue.alice, at=AT)
    services.hand_over_for_the_absent(at=LATER)
    dispute.refresh_from_db()
    assert dispute.holder_user == lead
    away(lead, None, catalogue.alice)
    services.hand_over_for_the_absent(at=LATER)
    dispute.refresh_from_db()
    assert dispute.holder_user == dispute.coordinator


def test_deputies_in_a_circle_are_nobodys_deputy(catalogue: Cast, dispute: Dispute) -> None:
    away(catalogue.sam, catalogue.sofia, catalogue.alice)
    away(catalogue.sofia, catalogue.carl, catalogue.alice)
    assert stand_in(catalogue.sam, ON) == catalogue.carl
    away(catalogue.carl, catalogue.sam, catalogue.alice)
    assert stand_in(catalogue.sam, ON) == catalogue.sam
    assert replacement(catalogue.sam, catalogue.entity.pk, ON, catalogue.alice) == catalogue.alice
    assert replacement(catalogue.sam, catalogue.entity.pk, ON) is None


def test_a_colleague_who_is_away_is_replaced_or_refused(with_sam: Dispute, catalogue: Cast) -> None:
    away(catalogue.sofia, catalogue.carl, catalogue.alice)
    away(catalogue.eva, None, catalogue.alice)
    with pytest.raises(FieldErrors, match="nobody stands in"):
        services.hand_over(dispute=with_sam, to=catalogue.eva, by=catalogue.sam, at=LATER)
    dispute = services.hand_over(dispute=with_sam, to=catalogue.sofia, by=catalogue.sam, at=LATER)
    assert dispute.holder_user == catalogue.carl


def test_the_database_refuses_a_hand_over_to_oneself_and_a_delegation_without_end(
    with_sam: Dispute, catalogue: Cast
) -> None:
    services.hand_over(dispute=with_sam, to=catalogue.sofia, by=catalogue.sam, at=LATER)
    rows = HandOver.objects.all()
    with pytest.raises(IntegrityError, match="hand_over_goes_to_somebody_else"), transaction.atomic():
        rows.update(to_user=catalogue.sam)
    with pytest.raises(IntegrityError, match="delegation_iff_until"), transaction.atomic():
        rows.update(kind="delegation")
    with pytest.raises(IntegrityError, match="hand_over_comes_from_one"), transaction.atomic():
        rows.update(from_user=None)


@pytest.mark.django_db(transaction=True)
def test_two_workers_pass_on_once(question: Question, catalogue: Cast) -> None:
    """Without the dispute's lock both read Sam as the holder, and the dispute is passed on twice."""
    away(catalogue.sam, catalogue.sofia, catalogue.sam)

    def attempt() -> int:
        return services.hand_over_for_the_absent(at=LATER)

    results = both("disputes_dispute", question.dispute_id, attempt, attempt)
    assert sorted(results) in ([0, 2], [1, 1])
    assert HandOver.objects.count() == 1
    assert len(told(question.dispute, "question.passed_on")) == 1


def test_a_closure_moves_the_deadline_and_says_so_once(dispute: Dispute, catalogue: Cast) -> None:
    assert dispute.due_at == datetime(2026, 3, 16, 13, tzinfo=MADRID)
    calendar = catalogue.entity.calendars.get()
    people.add_closure(calendar=calendar, starts_on=ON, ends_on=ON, name="Fallas", by=catalogue.alice, at=AT)
    assert services.due_again(entity=catalogue.entity, at=LATER) == 1
    dispute.refresh_from_db()
    assert dispute.due_at == datetime(2026, 3, 17, 13, tzinfo=MADRID)
    event = told(dispute, "dispute.due_moved")[0]
    assert event.data["due_at"] == dispute.due_at.isoformat()
    assert services.due_again(entity=catalogue.entity, at=LATER) == 0
