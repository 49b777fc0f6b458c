"""Answers of customers' systems: kept as they came, attached to their invoice whenever it comes, harmless twice."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from accounts.events import Event
from accounts.models import LegalEntity
from ledger import answer_words
from ledger.answers.attach import attach_waiting
from ledger.answers.cdar import read_cdar
from ledger.answers.peppol import read_peppol
from ledger.answers.take_answers import entity_of_answer
from ledger.errors import LedgerError
from ledger.intake.documents import NoticeBook, Unreadable
from ledger.intake.formats import format_of
from ledger.intake.results import FileResult
from ledger.intake.undo import undo_import
from ledger.models import ImportBatch, InvoiceAnswer
from tests.disputes.race import both
from tests.factories import AT, Cast, make_invoice
from tests.ledger.answer_files import MLR, cdar, document, motive, peppol, reason, response, write
from tests.ledger.intake_helpers import bring, bring_rows, codes, numbers


def events_of(invoice: int) -> list[dict[str, Any]]:
    rows = Event.objects.filter(stream="invoice", object_id=invoice, kind="invoice.answered").order_by("seq")
    return [event.data for event in rows]


def test_an_invoice_response_is_kept_with_all_it_says(cast: Cast, tmp_path: Path) -> None:
    invoice = make_invoice(cast.norte, number="F-1", issued_on=date(2026, 1, 15))
    text = peppol(
        response(
            "F-1",
            "UQ",
            reason("REF", "Order number missing", BT_13="PO-77"),
            reason("PIN", "Send it", scheme="OPStatusAction"),
        )
    )
    result = bring(cast.entity, write(tmp_path, text))
    assert (result.format, numbers(result), result.notices) == ("peppol_response", (1, 0, 0, 0), [])
    answer = InvoiceAnswer.objects.get()
    assert (answer.invoice, answer.standard, answer.status_code) == (invoice, "peppol", "UQ")
    assert (answer.sender, answer.message_id, answer.position) == ("9915:test", "MSG-1", 1)
    assert (answer.effective_on, answer.document_issued_on) == (date(2026, 3, 10), date(2026, 1, 15))
    assert answer.reasons == [
        {
            "code": "REF",
            "scheme": "OPStatusReason",
            "text": "Order number missing",
            "values": [["BT-13", "PO-77"]],
        },
        {"code": "PIN", "scheme": "OPStatusAction", "text": "Send it"},
    ]
    (told,) = events_of(invoice.pk)
    assert (told["status"], told["amount"], told["answer"]) == ("UQ", None, answer.pk)


def test_the_same_message_twice_is_one_row_and_one_event(cast: Cast, tmp_path: Path) -> None:
    invoice = make_invoice(cast.norte, number="F-1")
    path = write(tmp_path, peppol(response("F-1", "RE", reason("PRI"))))
    bring(cast.entity, path)
    assert numbers(bring(cast.entity, path)) == (0, 0, 1, 0)
    assert len(events_of(invoice.pk)) == 1
    other = bring(cast.entity, write(tmp_path, peppol(response("F-1", "AP"))))
    assert codes(other) == [(1, "answer_differs")]
    assert InvoiceAnswer.objects.get().status_code == "RE"
    assert numbers(bring(cast.entity, write(tmp_path, peppol(response("F-1", "AP"), sender="9915:b")))) == (
        1,
        0,
        0,
        0,
    )


def test_the_message_itself_is_kept(
    cast: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    path = write(tmp_path, peppol(response("F-1", "AB")))
    with django_capture_on_commit_callbacks(execute=True):
        bring(cast.entity, path)
    kept = Path(settings.MEDIA_ROOT) / InvoiceAnswer.objects.get().stored_as
    assert kept.read_bytes() == path.read_bytes()


def test_an_answer_before_its_invoice_waits_for_it(
    cast: Cast, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    result = bring(cast.entity, write(tmp_path, peppol(response("F-9", "RE", reason("QTY")))))
    assert [(notice.code, notice.params) for notice in result.notices] == [
        ("answer_invoice_unknown", {"number": "F-9"})
    ]
    assert InvoiceAnswer.objects.get().invoice is None
    with django_capture_on_commit_callbacks(execute=True):
        bring_rows(cast.entity, tmp_path, "F-9;C-001;Comercial Norte;2026-01-15;2026-02-15;1000.00;EUR;")
    answer = InvoiceAnswer.objects.get()
    assert answer.invoice is not None
    assert len(events_of(answer.invoice.pk)) == 1
    assert attach_waiting(entity_id=None, at=AT) == 0


@pytest.mark.django_db(transaction=True)
def test_two_who_attach_at_once_tell_it_once(cast: Cast, tmp_path: Path) -> None:
    """Without the lock on the answer both give it to the invoice, and its stream says it twice."""
    bring(cast.entity, write(tmp_path, peppol(response("F-9", "RE"))))
    invoice = make_invoice(cast.norte, number="F-8")
    InvoiceAnswer.objects.update(document_number="F-8")
    answer = InvoiceAnswer.objects.get()

    def attempt() -> int:
        return attach_waiting(entity_id=cast.entity.pk, at=AT)

    assert sorted(both("ledger_invoiceanswer", answer.pk, attempt, attempt)) == [0, 1]
    assert len(events_of(invoice.pk)) == 1


def test_the_only_entity_that_has_the_invoice_is_the_one_that_is_meant(cast: Cast, tmp_path: Path) -> None:
    make_invoice(cast.foreign, number="F-1")
    path = write(tmp_path, peppol(response("F-1", "AB")))
    assert entity_of_answer(path, "auto") == cast.other
    make_invoice(cast.norte, number="F-1")
    assert entity_of_answer(path, "auto") is None


def test_a_message_sent_to_another_of_our_companies_is_refused_with_its_code(
    cast: Cast, tmp_path: Path
) -> None:
    LegalEntity.objects.filter(pk=cast.other.pk).update(tax_id="FR12345678901")
    seller = "<cac:PartyLegalEntity><cbc:RegistrationName>Seller"
    named = f"<cac:PartyTaxScheme><cbc:CompanyID>FR12345678901</cbc:CompanyID></cac:PartyTaxScheme>{seller}"
    text = peppol(response("F-1", "RE")).replace(seller, named)
    result = bring(cast.entity, write(tmp_path, text))
    assert codes(result) == [(1, "answer_other_entity")]
    assert "OTH" in result.rejects[0].as_json()["message"]


def test_an_answer_does_not_go_to_the_invoice_of_another_entity(cast: Cast, tmp_path: Path) -> None:
    make_invoice(cast.foreign, number="F-1")
    bring(cast.entity, write(tmp_path, peppol(response("F-1", "AP"))))
    assert InvoiceAnswer.objects.get().invoice is None


def test_a_message_level_response_is_told_apart(cast: Cast, tmp_path: Path) -> None:
    make_invoice(cast.norte, number="F-1")
    bring(cast.entity, write(tmp_path, peppol(response("F-1", "AP"), custom=MLR)))
    assert InvoiceAnswer.objects.get().standard == "peppol_mlr"


def test_a_life_cycle_message_has_several_documents_reasons_and_amounts(cast: Cast, tmp_path: Path) -> None:
    first, second = make_invoice(cast.norte, number="F-1"), make_invoice(cast.norte, number="F-2")
    text = cdar(
        document(
            "F-1",
            "207",
            motive("QTE_ERR", "2 manquants", "CNP", MNA="200.00", MNATTC="242.00"),
            motive("PU_ERR"),
        ),
        document("F-2", "206", motive("REM_ERR", MAPTTC="900.00")),
        document("F-3", "210", motive("DOUBLON")),
    )
    result = bring(cast.entity, write(tmp_path, text))
    assert (result.format, numbers(result)) == ("cdar", (3, 0, 0, 0))
    one, two, three = InvoiceAnswer.objects.order_by("position")
    assert (one.invoice, two.invoice, three.invoice) == (first, second, None)
    assert (one.amount, one.currency, one.sender) == (Decimal("242.00"), "EUR", "0002:123456789")
    assert [entry["code"] for entry in one.reasons] == ["QTE_ERR", "CNP", "PU_ERR"]
    assert (one.document_issued_on, one.effective_on) == (date(2026, 1, 15), date(2026, 3, 11))
    assert two.amount is None
    assert events_of(first.pk)[0]["amount"] == "242.00"
    # What is approved leaves the rest in question.
    assert events_of(second.pk)[0]["amount"] == "100.00"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (peppol(response("F-1", "RE"))[:400], "broken_xml"),
        (peppol(), "answer_without_document"),
        (cdar(), "answer_without_document"),
        (peppol(response("F-1", "RE")).replace("?>", '?><!DOCTYPE a [<!ENTITY b "c">]>', 1), "xml_doctype"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(cast: Cast, tmp_path: Path, text: str, code: str) -> None:
    result = bring(cast.entity, write(tmp_path, text))
    assert result.error is not None
    assert result.error.code == code
    assert not InvoiceAnswer.objects.exists()


def test_what_names_no_invoice_or_no_status_is_listed_and_the_rest_goes_in(
    cast: Cast, tmp_path: Path
) -> None:
    result = bring(
        cast.entity, write(tmp_path, peppol(response("", "RE"), response("F-1", ""), response("F-2", "AB")))
    )
    assert [code for _line, code in codes(result)] == ["answer_names_no_invoice", "answer_without_status"]
    assert InvoiceAnswer.objects.get().document_number == "F-2"


def test_a_message_without_a_number_is_known_again_by_its_content(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, peppol(response("F-1", "AB"), id=""))
    assert numbers(bring(cast.entity, path)) == (1, 0, 0, 0)
    assert numbers(bring(cast.entity, path)) == (0, 0, 1, 0)


def test_one_inside_a_standard_business_document_is_found(cast: Cast, tmp_path: Path) -> None:
    inner = peppol(response("F-1", "AB")).partition("?>")[2]
    name = "StandardBusinessDocument"
    text = (
        f'<{name} xmlns="http://www.unece.org/cefact/namespaces/{name}Header"><{name}Header/>{inner}</{name}>'
    )
    assert numbers(bring(cast.entity, write(tmp_path, text))) == (1, 0, 0, 0)


def test_a_rehearsal_leaves_nothing(cast: Cast, tmp_path: Path) -> None:
    path = write(tmp_path, peppol(response("F-1", "AB")))
    assert format_of(path).name == "peppol_response"
    with pytest.raises(Unreadable):
        format_of(path, "cdar")


def test_every_code_has_words_in_three_languages_and_unknown_ones_are_not_hidden() -> None:
    assert answer_words.status_words("peppol", "UQ") == "Under query"
    assert "ZZ" in answer_words.status_words("peppol", "ZZ")
    told = answer_words.reasons_told(
        "cdar",
        [
            {"code": "NIN", "scheme": "OPStatusAction", "text": ""},
            {"code": "QTE_ERR", "scheme": "CDAR", "text": "2 short"},
            {"code": "XX", "scheme": "CDAR", "text": ""},
        ],
    )
    assert [str(one) for one in told] == [
        "Invoiced quantity incorrect · 2 short",
        "XX",
        "We are asked for a new invoice",
    ]


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.integers(0, 900),
    st.binary(max_size=6),
    st.sampled_from(
        [peppol(response("F", "RE", reason("PRI"))), cdar(document("F", "207", motive("PU_ERR", MNA="1")))]
    ),
)
def test_any_damage_is_read_or_refused_with_a_sentence(
    tmp_path: Path, at: int, junk: bytes, text: str
) -> None:
    data = text.encode()
    path = tmp_path / "damaged.xml"
    path.write_bytes(data[: 300 + at] + junk + data[300 + at + len(junk) :])
    for read in (read_peppol, read_cdar):
        with contextlib.suppress(Unreadable):
            message = read(path, NoticeBook())
            assert all(one.number and one.status for one in message.answers)


def test_a_result_lists_notices(cast: Cast, tmp_path: Path) -> None:
    result: FileResult = bring(cast.entity, write(tmp_path, peppol(response("F-1", "AB"))))
    assert "F-1" in result.notices_json()[0]["message"]


def test_an_import_of_answers_cannot_be_undone(cast: Cast, tmp_path: Path) -> None:
    result = bring(cast.entity, write(tmp_path, peppol(response("F-1", "AB"))))
    with pytest.raises(LedgerError, match="cannot be unsaid"):
        undo_import(batch=ImportBatch.objects.get(pk=result.batch_id), by=None, at=AT)
    assert InvoiceAnswer.objects.count() == 1
