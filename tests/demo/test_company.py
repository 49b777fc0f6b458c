"""The company that `demo` makes: believable, and complete."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.storage import default_storage
from django.db.models import Count, F, Q, Sum
from django.test import Client
from stdnum.es import cif, nif
from stdnum.fr import siren
from stdnum.iban import is_valid as iban_is_valid

from accounts.events import Event, verify_chain
from accounts.models import LegalEntity, User
from chat.models import Message, Participant, Pin, Reaction, Room
from chat.selectors import messages_for, rooms_for, standing
from chat.talk.quoted import text_of
from collections_app.models import Hold, Notice, Promise
from demo.cast import PASSWORD
from demo.claims import REASONS
from demo.company import Made
from demo.plans import invent
from disputes.models import (
    Dispute,
    DisputeLine,
    Evidence,
    Macro,
    Mass,
    Offer,
    Question,
    Stage,
    Stay,
)
from disputes.selectors import open_questions_for
from ledger.models import Allocation, BankTransaction, Customer, Invoice, InvoiceLine, Payment
from lib.money import ZERO
from tests.demo.conftest import FRAME

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("company")]


def test_another_seed_makes_another_company(company: Made) -> None:
    house = company.houses[0]
    other = invent(type(FRAME)(FRAME.size, FRAME.on, seed=8), house, [("price", "ask_sales")])
    mine = set(Customer.objects.filter(entity=house.entity).values_list("name", flat=True))
    assert {buyer.name for buyer in other.buyers} != mine


def test_every_stage_of_every_route_has_a_live_dispute() -> None:
    """A route exists once per house; a stage must be live in one of them."""
    stages = Stage.objects.filter(version__current=True)
    wanted = set(stages.values_list("version__route__code", "code"))
    live = Dispute.objects.filter(closed_at=None)
    assert wanted
    assert wanted - set(live.values_list("stage__version__route__code", "stage__code")) == set()


def test_live_disputes_are_of_all_kinds() -> None:
    live = Dispute.objects.filter(closed_at=None)
    assert set(live.values_list("reason__code", flat=True)) == set(REASONS)
    assert set(live.values_list("holder_side", flat=True)) == {"ours", "customer"}
    now = max(Message.objects.values_list("created_at", flat=True))
    late = live.filter(due_at__lt=now).count()
    assert 0 < late < live.count() / 2
    assert live.annotate(n=Count("lines")).filter(n__gt=1).exists()
    assert live.filter(lines__amount__lt=F("lines__invoice__amount")).exists()


def test_closed_disputes_have_their_outcomes_and_causes() -> None:
    closed = Dispute.objects.exclude(closed_at=None)
    assert closed.count() == FRAME.size.closed
    assert len(set(closed.values_list("outcome__resolution", flat=True)) - {None}) >= 3
    assert closed.filter(root_cause=None).count() <= closed.count() / 4


def test_each_salesperson_is_asked_something_and_the_first_one_three_things_at_least(
    company: Made,
) -> None:
    for house in company.houses:
        counts = [open_questions_for(person).count() for person in house.sales]
        assert all(counts)
    mine = open_questions_for(company.houses[0].sales[0])
    assert mine.count() >= 3
    kinds = set(mine.values_list("kind", flat=True))
    assert {"choice", "amount"} <= kinds
    reasons = set(mine.values_list("dispute__reason__code", flat=True))
    assert {"price", "delivery"} <= reasons


def test_time_runs_forward_and_ends_before_the_day_it_is_made_for() -> None:
    for stream in {(e.stream, e.object_id) for e in Event.objects.only("stream", "object_id")}:
        moments = list(
            Event.objects.filter(stream=stream[0], object_id=stream[1]).order_by("seq").values_list("at")
        )
        assert moments == sorted(moments), stream
    for room in Room.objects.all():
        said = list(room.messages.order_by("seq").values_list("created_at", flat=True))
        assert said == sorted(said), room
    assert not Event.objects.filter(at__date__gte=FRAME.on).exists()
    assert not Stay.objects.filter(started_at__date__gte=FRAME.on).exists()
    assert not Payment.objects.filter(received_on__gte=FRAME.on).exists()
    assert not Allocation.objects.filter(allocated_on__gte=FRAME.on).exists()


def test_numbers_of_disputes_follow_their_opening() -> None:
    for entity in LegalEntity.objects.all():
        days = list(
            Dispute.objects.filter(entity=entity).order_by("number").values_list("opened_on", flat=True)
        )
        assert days == sorted(days)


def test_what_people_did_is_told_in_chains_that_nobody_touched() -> None:
    for dispute in Dispute.objects.all()[:20]:
        assert verify_chain("dispute", dispute.pk)


def test_the_books_add_up() -> None:
    placed = Invoice.objects.filter(kind="invoice").annotate(total=Sum("allocations__amount"))
    assert not placed.exclude(Q(total=F("allocated")) | Q(total=None, allocated=0)).exists()
    paid = Payment.objects.annotate(total=Sum("allocations__amount"))
    assert not paid.exclude(Q(total=F("allocated")) | Q(total=None, allocated=0)).exists()
    lines = InvoiceLine.objects.values("invoice").annotate(n=Sum("net")).exclude(n=F("invoice__net"))
    assert not lines.exists()
    assert not Invoice.objects.exclude(amount=F("net") + F("tax")).exists()


def test_what_is_disputed_is_still_open() -> None:
    live = DisputeLine.objects.filter(closed_on=None).values("invoice").annotate(disputed=Sum("amount"))
    for row in live:
        invoice = Invoice.objects.get(pk=row["invoice"])
        assert row["disputed"] <= invoice.amount - invoice.allocated


def test_credited_disputes_have_their_credit_note() -> None:
    credited = Dispute.objects.filter(outcome__resolution="credit", closed_at__isnull=False)
    assert credited
    for dispute in credited:
        notes = Allocation.objects.filter(invoice__dispute_lines__dispute=dispute, kind="credit_note")
        total = sum(notes.distinct().values_list("amount", flat=True), ZERO)
        assert total == dispute.outcome.amount


def test_some_pay_late_some_badly_and_some_money_waits_to_be_placed() -> None:
    late = Invoice.objects.open_as_of(FRAME.on).filter(due_on__lt=FRAME.on)
    assert late.filter(due_on__lt=FRAME.on - timedelta(days=60)).exists()
    total = Invoice.objects.open_as_of(FRAME.on).aggregate(total=Sum("open_amount"))["total"]
    share = late.aggregate(total=Sum("open_amount"))["total"] / total
    assert Decimal("0.1") < share < Decimal("0.6")
    assert Payment.objects.filter(allocated=0).count() == 4


def test_some_payments_wait_on_the_page_of_payments() -> None:
    for entity in LegalEntity.objects.all():
        rows = BankTransaction.objects.filter(entity=entity, amount__gt=0)
        waiting = {row.text.split()[0]: row.status for row in rows}
        assert len(waiting) >= 3
        assert set(waiting.values()) == {"proposed", "unmatched"}
        assert all(row.booked_on < FRAME.on for row in rows)


def test_customers_have_well_formed_numbers_and_invented_addresses() -> None:
    for customer in Customer.objects.all():
        assert customer.email.endswith(".example")
        if customer.country == "ES":
            assert cif.is_valid(customer.tax_id)
        if customer.country == "FR":
            assert siren.is_valid(customer.tax_id)
        assert customer.contacts.filter(is_billing=True).count() == 1
    for entity in LegalEntity.objects.all():
        assert iban_is_valid(entity.iban)
    assert nif.is_valid(LegalEntity.objects.get(country="ES").tax_id)
    assert siren.is_valid(LegalEntity.objects.get(country="FR").tax_id)


def test_old_talk_is_read_and_some_of_the_new_is_not(company: Made) -> None:
    manager = company.houses[0].manager
    for room in rooms_for(manager).filter(dispute__closed_at__isnull=False):
        mark = room.read_marks.filter(user=manager).first()
        assert mark is None or mark.seq == room.last_seq
    behind = [
        r for r in Room.objects.filter(dispute__closed_at=None) if r.read_marks.filter(seq__lt=r.last_seq)
    ]
    assert behind


def test_people_are_asked_to_pay_and_promise_and_some_keep_their_word() -> None:
    assert Notice.objects.filter(status="sent").count() > 5
    assert set(Notice.objects.values_list("status", flat=True)) <= {"sent", "withdrawn"}
    assert set(Promise.objects.values_list("status", flat=True)) >= {"kept", "made"}
    assert Hold.objects.count() == 2
    assert not Notice.objects.filter(on__gte=FRAME.on).exists()


def test_questions_were_answered_through_all_doors() -> None:
    answered = Question.objects.filter(status="answered")
    assert set(answered.values_list("answer__via", flat=True)) >= {"popup", "page"}


def test_files_an_offer_macros_and_a_mass_dispute_lie_on_the_desk() -> None:
    for entity in LegalEntity.objects.all():
        files = Evidence.objects.filter(dispute__entity=entity)
        assert set(files.values_list("media_type", flat=True)) == {"text/plain", "message/rfc822"}
        assert all(default_storage.exists(one.stored_as) for one in files)
        assert Macro.objects.filter(entity=entity, shared=True).count() == 2
        assert Offer.objects.filter(dispute__entity=entity).count() == 1
    assert all(mass.children.count() > 1 for mass in Mass.objects.all())
    assert Mass.objects.exists()


def test_a_carrier_takes_part_in_a_dispute_and_reads_its_own_side_only(company: Made) -> None:
    stays = Participant.objects.filter(side="partner", left_at=None, party__outside=True)
    assert {stay.party.name for stay in stays if stay.party} >= {"Transportes Ebro"}
    for stay in stays.select_related("user", "room__dispute__reason"):
        assert stay.user is not None
        assert stay.user.is_demo
        place = standing(stay.user, stay.room_id)
        assert place is not None
        seen = messages_for(place).filter(kind="text")
        all_said = stay.room.messages.filter(kind="text")
        assert set(seen.values_list("side", flat=True)) == {"partner"}
        assert set(all_said.values_list("side", flat=True)) == {"internal", "partner"}
        assert seen.filter(reply_to__isnull=False).exists()
        mailed = seen.get(client_token__startswith="mail:")
        assert ">" not in mailed.body
        assert text_of(mailed)
        assert Pin.objects.filter(message__room=stay.room).count() == 1
        assert set(Reaction.objects.filter(message__room=stay.room).values_list("emoji", flat=True)) >= {"👍"}
    assert Room.objects.filter(kind="team").count() == len(company.houses)


@pytest.mark.parametrize("language", ["es", "fr"])
def test_each_person_can_sign_in_and_open_their_first_page(company: Made, language: str) -> None:
    for person in User.objects.filter(is_demo=True):
        User.objects.filter(pk=person.pk).update(language=language)
        client = Client()
        answer = client.post("/accounts/login/", {"login": person.email, "password": PASSWORD}, follow=True)
        assert answer.status_code == 200, person.email
        assert answer.wsgi_request.user == person
        assert f'lang="{language}"' in answer.content.decode()
