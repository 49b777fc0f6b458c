"""What customers' systems say: one dispute per matter, its reason from the table of codes, nothing lost or doubled."""

from __future__ import annotations

import itertools
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from accounts.events import Event, emit, relay
from disputes import services
from disputes.choices import CodeKind, Deed, Effect, Standard, Status, Via
from disputes.errors import FieldErrors, RoleMayNot
from disputes.models import Dispute, DisputeLine, ExternalCode, Reason, Told
from disputes.words import tell
from ledger.models import Invoice
from tests.disputes.conftest import open_one, settle_constraints
from tests.disputes.race import both
from tests.factories import AT, Cast, make_invoice, pay

_ids = itertools.count(1)


def say(
    invoice: Invoice,
    status: str,
    *codes: str,
    text: str = "",
    amount: str | None = None,
    standard: str = "peppol",
) -> Event:
    """The fact that the ledger writes for one answer, heard."""
    scheme = "CDAR" if standard == "cdar" else "OPStatusReason"
    event = emit(
        stream="invoice",
        object_id=invoice.pk,
        entity_id=invoice.entity_id,
        kind="invoice.answered",
        actor=None,
        at=AT,
        data={
            "invoice": invoice.pk,
            "number": invoice.number,
            "answer": next(_ids),
            "standard": standard,
            "status": status,
            "reasons": [{"code": code, "scheme": scheme, "text": ""} for code in codes],
            "text": text,
            "amount": amount,
            "currency": invoice.currency,
            "effective_on": None,
        },
    )
    assert relay(event.pk, at=AT)
    return event


def only() -> Dispute:
    dispute: Dispute = Dispute.objects.get()
    return dispute


@pytest.mark.parametrize(
    ("standard", "status", "code", "expected"),
    [
        ("peppol", "UQ", "PRI", "price"),
        ("peppol", "RE", "QUA", "quality"),
        ("peppol", "CA", "DEL", "delivery"),
        ("peppol", "RE", "PAY", "invoice_data"),
        ("cdar", "207", "QTE_ERR", "quantity"),
        ("cdar", "208", "JUSTIF_ABS", "delivery"),
        ("cdar", "210", "DOUBLON", "duplicate"),
        ("cdar", "206", "REM_ERR", "price"),
        ("peppol_mlr", "RE", "SV", "invoice_data"),
    ],
)
def test_a_refusal_opens_a_dispute_with_the_mapped_reason(
    catalogue: Cast, standard: str, status: str, code: str, expected: str
) -> None:
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "300.00")
    say(invoice, status, code, text="please check", standard=standard)
    dispute = only()
    assert (dispute.reason.code, dispute.amount) == (expected, Decimal("700.00"))
    assert (dispute.opened_via, dispute.opened_by) == (Via.ANSWER, None)
    assert "please check" in dispute.statement
    settle_constraints()


def test_the_first_code_that_has_a_reason_counts_and_no_issue_is_none(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "RE", "NON", "XXX", "QTY", "PRI")
    assert only().reason.code == "quantity"


@pytest.mark.parametrize(("status", "codes"), [("RE", ("XYZ",)), ("ZZ", ()), ("RE", ())])
def test_what_nobody_knows_is_to_classify_and_not_lost(
    catalogue: Cast, status: str, codes: tuple[str, ...]
) -> None:
    say(make_invoice(catalogue.norte), status, *codes)
    assert only().reason.code == "to_classify"
    expected = {"RE": "peppol:reason:XYZ" if codes else "", "ZZ": "peppol:status:ZZ"}[status]
    assert Told.objects.get().unmapped == expected


def test_hearing_it_twice_changes_nothing(catalogue: Cast) -> None:
    event = say(make_invoice(catalogue.norte), "RE", "PRI")
    Event.objects.filter(pk=event.pk).update(dispatched_at=None)
    assert relay(event.pk, at=AT)
    assert Told.objects.count() == Dispute.objects.count() == 1


def test_a_second_message_goes_into_the_same_dispute(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "UQ", text="one")
    say(invoice, "RE", "QTY", text="two pallets short", amount="150.00")
    dispute = only()
    assert dispute.statement.startswith("one")
    assert "two pallets short" in dispute.statement
    assert (dispute.reason.code, dispute.amount) == ("quantity", Decimal("150.00"))
    assert list(Told.objects.order_by("pk").values_list("deed", flat=True)) == [Deed.OPENED, Deed.UPDATED]
    lines = [tell(event).text for event in Event.objects.filter(kind="dispute.told").order_by("seq")]
    assert lines[0].endswith(": Under query")
    assert lines[1].endswith(": Rejected")
    settle_constraints()


def test_what_people_decided_is_not_changed_by_a_later_message(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "UQ", "PRI")
    delivery = Reason.objects.get(entity=catalogue.entity, code="delivery")
    services.classify(dispute=only(), reason=delivery, by=catalogue.alice, at=AT + timedelta(minutes=1))
    say(invoice, "RE", "QTY", amount="10.00")
    assert (only().reason.code, only().amount) == ("delivery", Decimal("1000.00"))


def test_a_part_that_the_message_names_is_disputed_and_never_more_than_is_open(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "206", "QTE_ERR", amount="242.00", standard="cdar")
    assert only().amount == Decimal("242.00")
    other = make_invoice(catalogue.norte, "100.00")
    say(other, "206", amount="5000.00", standard="cdar")
    assert DisputeLine.objects.get(invoice=other).amount == Decimal("100.00")


def test_acceptance_ends_what_only_their_answers_made(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "UQ", "PRI")
    say(invoice, "AP")
    assert only().status == Status.WITHDRAWN
    assert Told.objects.latest("pk").deed == Deed.WITHDRAWN
    say(invoice, "RE", "PRI")
    assert Dispute.objects.count() == 2
    settle_constraints()


def test_acceptance_is_only_noted_where_people_have_worked_or_opened_it_themselves(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "207", "PU_ERR", standard="cdar")
    services.make_move(
        dispute=only(), move_code="ask_sales", by=catalogue.alice, at=AT + timedelta(minutes=1)
    )
    say(invoice, "205", standard="cdar")
    assert only().is_open
    mine = open_one(catalogue)
    say(mine.lines.get().invoice, "AP")
    mine.refresh_from_db()
    assert mine.is_open
    assert Told.objects.latest("pk").deed == Deed.NOTED


def test_a_file_that_can_be_read_accepts_nothing(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, "UQ")
    say(invoice, "AP", standard="peppol_mlr")
    assert only().is_open


@pytest.mark.parametrize(("standard", "status"), [("peppol", "PD"), ("peppol", "IP"), ("cdar", "211")])
def test_progress_is_a_note_in_the_open_dispute_and_opens_none(
    catalogue: Cast, standard: str, status: str
) -> None:
    invoice = make_invoice(catalogue.norte)
    say(invoice, status, standard=standard)
    assert not Dispute.objects.exists()
    open_one(catalogue, invoice=invoice)
    say(invoice, status, standard=standard)
    assert Told.objects.latest("pk").deed == Deed.NOTED


def test_a_paid_invoice_gives_no_dispute_but_a_word(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    pay(invoice, "1000.00")
    say(invoice, "RE", "PRI")
    assert not Dispute.objects.exists()
    assert (Told.objects.get().deed, Told.objects.get().why) == (Deed.NOTHING, "nothing_open")


def test_a_dispute_of_the_same_reason_is_the_same_matter(catalogue: Cast) -> None:
    invoice = make_invoice(catalogue.norte)
    known = open_one(catalogue, invoice=invoice, amount="100.00", reason="price")
    say(invoice, "RE", "PRI")
    assert only() == known
    say(invoice, "RE", "QTY")
    assert Dispute.objects.exclude(pk=known.pk).get().amount == Decimal("900.00")


def code(cast: Cast, value: str, reason: str = "", **more: Any) -> ExternalCode:
    found = Reason.objects.get(entity=cast.entity, code=reason) if reason else None
    wanted = services.CodeInput(
        more.pop("standard", Standard.PEPPOL), more.pop("kind", CodeKind.REASON), value, found, **more
    )
    return services.set_code(entity=cast.entity, wanted=wanted, by=cast.alice, at=AT + timedelta(minutes=5))


def test_mapping_a_code_reaches_the_disputes_that_wait_for_it(catalogue: Cast) -> None:
    waiting, decided = make_invoice(catalogue.norte), make_invoice(catalogue.norte)
    say(waiting, "RE", "XYZ")
    say(decided, "RE", "XYZ")
    second = DisputeLine.objects.get(invoice=decided).dispute
    services.classify(
        dispute=second,
        reason=Reason.objects.get(entity=catalogue.entity, code="price"),
        by=catalogue.alice,
        at=AT + timedelta(minutes=1),
    )
    code(catalogue, "XYZ", "quality")
    first = DisputeLine.objects.get(invoice=waiting).dispute
    second.refresh_from_db()
    assert (first.reason.code, second.reason.code) == ("quality", "price")
    assert not Told.objects.exclude(unmapped="").exists()
    say(make_invoice(catalogue.norte), "RE", "XYZ")
    assert Dispute.objects.latest("pk").reason.code == "quality"


def test_a_changed_effect_holds_from_then_on(catalogue: Cast) -> None:
    code(catalogue, "UQ", kind=CodeKind.STATUS, effect=Effect.NONE)
    say(make_invoice(catalogue.norte), "UQ", "PRI")
    assert not Dispute.objects.exists()


def test_only_who_decides_disputes_changes_the_table(catalogue: Cast) -> None:
    wanted = services.CodeInput(Standard.PEPPOL, CodeKind.REASON, "XYZ")
    for stranger in (catalogue.carl, catalogue.mallory, catalogue.sam):
        with pytest.raises(RoleMayNot):
            services.set_code(entity=catalogue.entity, wanted=wanted, by=stranger, at=AT)
    assert not ExternalCode.objects.filter(code="XYZ").exists()


def test_the_table_refuses_what_makes_no_sense(catalogue: Cast) -> None:
    with pytest.raises(FieldErrors):
        code(catalogue, " ")
    with pytest.raises(FieldErrors):
        code(catalogue, "AA", "price", kind=CodeKind.STATUS)
    with pytest.raises(FieldErrors):
        code(catalogue, "AA", effect=Effect.WITHDRAW)
    row = ExternalCode.objects.get(entity=catalogue.entity, standard="peppol", kind="reason", code="PRI")
    with pytest.raises(IntegrityError, match="external_code_unique_per_entity"), transaction.atomic():
        ExternalCode.objects.filter(code="QTY", standard="peppol").update(code=row.code)
    with pytest.raises(IntegrityError, match="external_code_effect_fits_its_kind"), transaction.atomic():
        ExternalCode.objects.filter(pk=row.pk).update(effect=Effect.WITHDRAW)


def test_the_catalogue_is_installed_once_and_leaves_changes_alone(catalogue: Cast) -> None:
    code(catalogue, "PRI", "quality")
    before = ExternalCode.objects.filter(entity=catalogue.entity).count()
    services.catalogue.install(catalogue.entity)
    assert ExternalCode.objects.filter(entity=catalogue.entity).count() == before
    row = ExternalCode.objects.get(entity=catalogue.entity, standard="peppol", kind="reason", code="PRI")
    assert row.reason is not None
    assert row.reason.code == "quality"


def test_an_approval_that_leaves_nothing_out_disputes_nothing(catalogue: Cast) -> None:
    say(make_invoice(catalogue.norte), "206", amount="0.00", standard="cdar")
    assert not Dispute.objects.exists()
    assert Told.objects.get().why == "nothing_contested"


def test_the_database_keeps_one_row_per_source_and_invoice(catalogue: Cast) -> None:
    say(make_invoice(catalogue.norte), "RE", "PRI")
    told = Told.objects.get()
    told.pk = None
    with pytest.raises(IntegrityError, match="told_once_per_source_and_invoice"), transaction.atomic():
        told.save(force_insert=True)
    with pytest.raises(IntegrityError, match="told_names_the_dispute_it_touched"), transaction.atomic():
        Told.objects.update(deed=Deed.NOTHING)


@pytest.mark.django_db(transaction=True)
def test_two_people_who_add_the_same_code_at_once_both_get_their_way(catalogue: Cast) -> None:
    """Without the lock on the entity both find no row, and the second breaks on the unique code."""

    def attempt(reason: str) -> ExternalCode:
        return code(catalogue, "NEW", reason)

    results = both(
        "accounts_legalentity", catalogue.entity.pk, lambda: attempt("price"), lambda: attempt("quality")
    )
    assert [type(result) for result in results] == [ExternalCode, ExternalCode]
    assert ExternalCode.objects.filter(code="NEW").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_messages_at_once_make_one_dispute(catalogue: Cast) -> None:
    """Without `lock_invoices` both find no dispute yet; each opens one, and the second asks for more than is open."""
    invoice = make_invoice(catalogue.norte)

    def attempt(answer: int) -> Told | None:
        heard = services.Heard(
            answer, invoice.pk, "peppol", "RE", [{"code": "PRI", "scheme": "", "text": ""}]
        )
        return services.take_answer(heard=heard, at=AT)

    results = both("ledger_invoice", invoice.pk, lambda: attempt(1), lambda: attempt(2))
    assert sorted(told.deed for told in results) == [Deed.OPENED, Deed.UPDATED]
    assert only().amount == Decimal("1000.00")
