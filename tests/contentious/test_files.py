"""Legal files: the table of their life, who may, what the database guards, and what reminders leave alone."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.events import Event, timeline, verify_chain
from collections_app.choices import Why
from collections_app.choices_contentious import FileAct, FileStatus
from collections_app.contentious import lifecycle
from collections_app.contentious.claim import claim_of
from collections_app.decision.open_items import open_items
from collections_app.errors import ContentiousError
from collections_app.models import LegalFile, LegalFileLine, LegalStep, NoticeLine
from collections_app.services import dunning
from collections_app.services.promises import make_promise
from collections_app.timeline import timeline_of
from disputes import services as disputes
from disputes.models import Reason
from lib.errors import NotAllowed
from tests.contentious.conftest import D, Desk, moment
from tests.factories import AT, ON, Cast, pay

pytestmark = pytest.mark.django_db
A, S = FileAct, FileStatus


# --- the table -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(S))
@pytest.mark.parametrize("act", [one for one in A if one != A.OPEN])
def test_every_cell_of_the_table(status: FileStatus, act: FileAct) -> None:
    """An act is possible exactly where the table says, and leads where it says."""
    move = lifecycle.MOVES[act]
    if status in move.sources:
        assert lifecycle.check(status, act) is move
        assert act in lifecycle.available(status, {move.action})
    else:
        with pytest.raises(ContentiousError, match="not possible"):
            lifecycle.check(status, act)
    assert act not in lifecycle.available(status, set())


def test_nothing_leaves_a_closed_file_and_everything_else_can_be_closed() -> None:
    assert not lifecycle.available(S.CLOSED, {lifecycle.ACT, lifecycle.FOLLOW})
    assert all(A.CLOSE in lifecycle.available(one, {lifecycle.ACT}) for one in lifecycle.OPEN)
    # Every state is reached by some act.
    assert {move.target for move in lifecycle.MOVES.values()} == {*S, None} - {S.PREPARED}


def test_the_agency_and_the_court_come_after_the_notice() -> None:
    assert lifecycle.available(S.PREPARED, {lifecycle.ACT}) == [A.NOTIFY, A.SECOND, A.CLOSE]


# --- opening -------------------------------------------------------------------------------------------


def test_a_file_claims_what_is_open_and_tells_the_customers_timeline(desk: Desk) -> None:
    one, two = desk.bill("400.00"), desk.bill("350.00", late=20)
    pay(one, "100.00")
    file = desk.open(one, two)
    assert (file.ref, file.principal, file.status) == ("CT-2026-0001", D("650.00"), S.PREPARED)
    assert file.steps.get().act == A.OPEN
    said = timeline_of(desk.cast.norte, desk.cast.alice).moments[0]
    assert "CT-2026-0001" in said.words
    assert "650.00" in said.words
    verify_chain("legal_file", file.pk)
    assert desk.open(desk.bill()).ref == "CT-2026-0002"


def test_disputed_promised_and_undue_invoices_stay_out(desk: Desk) -> None:
    reason = Reason.objects.filter(entity=desk.cast.entity).order_by("pk").first()
    disputed, promised, undue = desk.bill(), desk.bill(), desk.bill(late=-5)
    line = disputes.LineInput(invoice_id=disputed.pk, amount=D("10.00"))
    disputes.open_dispute(
        customer=desk.cast.norte, lines=[line], reason=reason, by=desk.cast.alice, at=AT, statement="No"
    )
    make_promise(
        invoice=promised,
        amount=D("1000.00"),
        promised_on=ON + timedelta(days=3),
        by=desk.cast.carl,
        on=ON,
        at=AT,
    )
    for invoice, code in (
        (disputed, "file_invoice_disputed"),
        (promised, "file_invoice_promised"),
        (undue, "file_invoices"),
        (desk.bill(customer=desk.cast.sur), "file_invoices"),
    ):
        with pytest.raises(ContentiousError) as refused:
            desk.open(desk.bill(), invoice)
        assert refused.value.code == code
    assert not LegalFile.objects.exists()


def test_what_a_file_has_is_open_but_no_caller_and_no_panel_asks_for_it(desk: Desk) -> None:
    pursued, other = desk.bill("400.00"), desk.bill("50.00")
    file = desk.open(pursued)
    asked = {item.invoice_id: (item.free, item.overdue) for item in open_items(desk.cast.norte, ON)}
    assert asked == {pursued.pk: (D("400.00"), D("0.00")), other.pk: (D("50.00"), D("50.00"))}
    desk.act(file, A.CLOSE, end="mistake", note="The wrong invoice")
    assert {item.overdue for item in open_items(desk.cast.norte, ON)} == {D("400.00"), D("50.00")}


def test_an_invoice_is_in_one_open_file_and_may_come_into_another_when_that_is_closed(desk: Desk) -> None:
    invoice = desk.bill()
    file = desk.open(invoice)
    with pytest.raises(ContentiousError, match=file.ref):
        desk.open(invoice)
    desk.act(file, A.CLOSE, end="mistake", note="The wrong customer")
    assert desk.open(invoice).number == 2


# --- taking it further ---------------------------------------------------------------------------------


def test_the_way_to_the_agency_and_back_to_the_court(desk: Desk) -> None:
    file = desk.notified()
    desk.act(file, A.HAND_OVER, agency="Recobros Norte", agency_reference="RN-7", commission=D("12.50"))
    desk.act(file, A.RETURN, note="No answer")
    file = desk.act(file, A.FILE, court="Juzgado de Primera Instancia de Madrid")
    file = desk.act(file, A.ORDER, court_reference="123/2026")
    assert (file.status, file.commission, file.court_reference) == (S.ORDERED, D("12.50"), "123/2026")
    assert list(file.steps.values_list("act", flat=True)) == [
        "open",
        "notify",
        "hand_over",
        "return",
        "file",
        "order",
    ]
    kinds = timeline("legal_file", file.pk).values_list("kind", flat=True)
    assert list(kinds)[-1] == "contentious.order"


@pytest.mark.parametrize(
    ("act", "code"), [(A.HAND_OVER, "file_agency"), (A.FILE, "file_court"), (A.REPORT, "file_note")]
)
def test_an_act_says_what_it_cannot_do_without(desk: Desk, act: str, code: str) -> None:
    file = desk.notified()
    with pytest.raises(ContentiousError) as refused:
        desk.act(file, act)
    assert refused.value.code == code
    assert file.steps.count() == 2


def test_a_collector_follows_but_does_not_hand_over(desk: Desk) -> None:
    file, carl = desk.notified(), desk.cast.carl
    for act in (A.HAND_OVER, A.FILE, A.CLOSE):
        with pytest.raises(NotAllowed):
            desk.act(file, act, by=carl, agency="X", court="X", end="paid")
    desk.act(file, A.REPORT, by=carl, note="They called")
    with pytest.raises(NotAllowed):
        desk.act(file, A.REPORT, by=desk.cast.sam, note="I know them")


def test_above_the_limit_a_second_person_agrees_first(desk: Desk) -> None:
    """The limits are those of *Limits and rules*: 500 alone, above 5,000 an administrator."""
    file = desk.notified(desk.bill("8000.00"))
    with pytest.raises(NotAllowed) as refused:
        desk.act(file, A.FILE, court="Madrid")
    assert refused.value.code == "file_needs_second"
    with pytest.raises(NotAllowed, match="Who opened"):
        desk.act(file, A.SECOND)
    desk.act(file, A.SECOND, by=desk.cast.adam)
    assert desk.act(file, A.FILE, court="Madrid").status == S.COURT


def test_a_paid_file_is_seen_and_closed_as_paid_only_then(desk: Desk) -> None:
    invoice = desk.bill("400.00")
    file = desk.notified(invoice)
    with pytest.raises(ContentiousError, match="still open"):
        desk.act(file, A.CLOSE, end="paid")
    pay(invoice, "400.00")
    assert claim_of(file, ON).is_paid
    file = desk.act(file, A.CLOSE, end="paid")
    assert file.lines.get().closed_on == ON
    with pytest.raises(ContentiousError):
        desk.act(file, A.REPORT, note="late news")


def test_the_claim_follows_payments_and_new_disputes(desk: Desk) -> None:
    one, two = desk.bill("400.00", late=45), desk.bill("300.00", late=45)
    file = desk.open(one, two)
    pay(one, "150.00")
    reason = Reason.objects.filter(entity=desk.cast.entity).order_by("pk").first()
    disputes.open_dispute(
        customer=desk.cast.norte,
        lines=[disputes.LineInput(invoice_id=two.pk, amount=D("50.00"))],
        reason=reason,
        by=desk.cast.alice,
        at=AT,
        statement="No",
    )
    claim = claim_of(file, ON)
    assert (claim.principal, claim.disputed, claim.costs) == (D("500.00"), D("50.00"), D("80.00"))
    assert claim.interest > 0
    assert claim.total == claim.principal + claim.interest + claim.costs


# --- the database ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"status": "closed"}, "legal_file_closed_says_how"),
        ({"status": "lost"}, "legal_file_status_is_known"),
        ({"status": "agency", "agency": ""}, "legal_file_with_an_agency_names_it"),
        ({"status": "court"}, "legal_file_at_court_names_it"),
        ({"principal": 0}, "legal_file_claims_something"),
        ({"commission": 101}, "legal_file_commission_is_a_percentage"),
        ({"deadline": None}, "legal_file_goes_on_after_its_notice"),
        ({"law": "DE"}, "legal_file_law_is_known"),
    ],
)
def test_the_database_refuses(desk: Desk, change: dict[str, Any], constraint: str) -> None:
    file = desk.notified()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        LegalFile.objects.filter(pk=file.pk).update(**change)


def test_the_database_keeps_people_steps_and_ends(desk: Desk) -> None:
    file = desk.notified()
    steps, files = LegalStep.objects.filter(file=file), LegalFile.objects.filter(pk=file.pk)
    with pytest.raises(IntegrityError, match="legal_file_second_is_somebody_else"), transaction.atomic():
        files.update(second_by=file.opened_by, second_at=AT)
    with pytest.raises(IntegrityError, match="legal_step_is_never_changed"), transaction.atomic():
        steps.update(note="other")
    other = desk.open(desk.bill())
    with pytest.raises(IntegrityError, match="legal_line_one_open_file"), transaction.atomic():
        LegalFileLine.objects.create(
            file=other, invoice_id=file.lines.get().invoice_id, principal=1, opened_on=ON
        )
    with pytest.raises(IntegrityError, match="legal_file_unpaid_end_says_why"), transaction.atomic():
        files.update(status="closed", end="given_up", closed_on=ON, closed_at=AT)
    desk.act(file, A.CLOSE, end="given_up", note="Too small")
    with pytest.raises(IntegrityError, match="legal_file_closed_is_final"), transaction.atomic():
        files.update(end_note="")


# --- reminders -----------------------------------------------------------------------------------------


def _dun(cast: Cast, on: date) -> None:
    run = dunning.decide(entity=cast.entity, on=on, at=moment(on))
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=moment(on))


def test_reminders_leave_the_files_invoices_out_and_only_them(desk: Desk) -> None:
    pursued, other = desk.bill("400.00"), desk.bill("90.00")
    file = desk.open(pursued)
    _dun(desk.cast, ON)
    lines = {line.invoice_id: (line.why, line.asked) for line in NoticeLine.objects.all()}
    assert lines == {pursued.pk: (Why.CONTENTIOUS, 0), other.pk: (Why.ASKED, D("90.00"))}
    mail = next(desk.mail_dir.glob("*.eml")).read_text()
    assert other.number in mail
    assert pursued.number not in mail
    desk.act(file, A.CLOSE, end="mistake", note="The wrong one")
    day = ON + timedelta(days=30)
    _dun(desk.cast, day)
    assert NoticeLine.objects.filter(invoice=pursued, why=Why.ASKED, on=day).exists()


def test_a_file_opened_after_the_decision_keeps_its_invoice_out_of_the_letter(desk: Desk) -> None:
    """The decision of the morning named it; at the moment of sending it is in a file."""
    pursued, other = desk.bill("400.00"), desk.bill("90.00")
    run = dunning.decide(entity=desk.cast.entity, on=ON, at=AT)
    desk.open(pursued)
    dunning.send_batch(notice_ids=dunning.waiting(run=run), at=AT)
    assert pursued.number not in next(desk.mail_dir.glob("*.eml")).read_text()
    assert NoticeLine.objects.get(invoice=other).why == Why.ASKED
    assert Event.objects.filter(kind="notice.sent").count() == 1
